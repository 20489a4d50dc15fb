// SPDX-License-Identifier: Apache-2.0
#include "emu/verify/path_observer.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "emu/fabric/names.hpp"
#include "netns/base/error.hpp"
#include "netns/base/unique_fd.hpp"
#include "netns/capture/packet.hpp"
#include "netns/capture/packet_tap.hpp"

namespace emu {

static_assert(Path::VirtualNetwork < Path::Peering && Path::Peering < Path::ServiceEndpoint && Path::ServiceEndpoint < Path::Internet &&
                  Path::Internet < Path::Ipsec && Path::Ipsec < Path::Appliance,
              "paths are ordered by how much they say");

Path path_of_link(std::string_view node, std::string_view link) {
  if (node == kInternetNode) return Path::Internet;
  if (link.starts_with(kTunnelLinkPrefix)) return Path::Ipsec;
  if (link == kBackboneLink) return Path::ServiceEndpoint;
  const bool leads_to_a_peer = std::ranges::any_of(std::array{kPeeringLinkPrefix, kTransitStartPrefix, kTransitEndPrefix},
                                                   [&](std::string_view prefix) { return link.starts_with(prefix); });
  return leads_to_a_peer ? Path::Peering : Path::VirtualNetwork;
}

Path further(Path a, Path b) { return std::max(a, b); }

class PathObserver::Watch {
 public:
  explicit Watch(const Model& model) : first_tag_(std::random_device{}()), stop_(::eventfd(0, EFD_CLOEXEC)) {
    if (!stop_) {
      const int error = errno;
      throw netns::KernelError(error, "open an eventfd");
    }
    const auto add = [&](const std::string& node, std::string_view only = {}) {
      taps_.push_back({node, std::string(only), netns::PacketTap(namespace_name(model.lab, node), {}, netns::requests_only())});
    };
    add(std::string(kInternetNode));
    for (const auto& network : model.virtual_networks) add(network.name);
    for (const auto& gateway : model.virtual_network_gateways) add(gateway.name, kTunnelLinkPrefix);
    for (const auto& site : model.on_premises) add(site.name, kTunnelLinkPrefix);
    for (const auto& machine : model.virtual_machines) {
      if (!machine.ip_forwarding) continue;
      const auto& network = *find_virtual_network(model, machine.subnet.virtual_network);
      appliances_.emplace(std::pair{network.name, port_name(machine.name)}, *machine.private_ip_address);
    }
    thread_ = std::thread([this] { run(); });
  }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  ~Watch() { stop(); }

  std::uint32_t issue_tag() { return first_tag_ + issued_++; }

  void stop() {
    if (!thread_.joinable()) return;
    const std::uint64_t once = 1;
    // Fails only when the counter is full, and then the thread is awake.
    [[maybe_unused]] const auto written = ::write(stop_.get(), &once, sizeof once);
    thread_.join();
  }

  std::optional<Path> path_of(std::uint32_t tag) {
    const std::lock_guard lock(mutex_);
    for (auto& tap : taps_) take_in(tap);
    const auto found = paths_.find(tag);
    return found == paths_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  struct Tap {
    std::string node;
    std::string only;  ///< what the names of links start with that count here
    netns::PacketTap packets;
  };

  void run() {
    std::vector<pollfd> waits;
    for (const auto& tap : taps_) waits.push_back({tap.packets.fd(), POLLIN, 0});
    waits.push_back({stop_.get(), POLLIN, 0});
    while (waits.back().revents == 0) {
      ::poll(waits.data(), waits.size(), -1);
      // After a stop every tap is read once more: whatever was on a link by then waits in it.
      const std::lock_guard lock(mutex_);
      for (std::size_t i = 0; i < taps_.size(); ++i) {
        if (waits[i].revents != 0 || waits.back().revents != 0) take_in(taps_[i]);
      }
    }
  }

  void take_in(Tap& tap) {
    // A tap that fails has nothing more to say; what it saw before stands.
    try {
      while (const auto packet = tap.packets.receive()) {
        const auto request = netns::parse_probe_packet(packet->frame);
        // Tags are consecutive: a stranger's sequence number is, but for one in millions, not among them.
        if (!request || request->tag - first_tag_ >= issued_) continue;
        const auto& link = tap.packets.link_name(packet->ifindex);
        if (!link.starts_with(tap.only)) continue;
        const auto path = path_on(tap.node, link, *request);
        const auto [entry, added] = paths_.try_emplace(request->tag, path);
        entry->second = further(entry->second, path);
      }
    } catch (const netns::KernelError&) {
    }
  }

  /// What an appliance gets to pass on is neither from it nor for it.
  Path path_on(const std::string& node, const std::string& link, const netns::ProbePacket& request) const {
    const auto appliance = appliances_.find({node, link});
    const bool passes = appliance != appliances_.end() && request.source != appliance->second && request.destination != appliance->second;
    return passes ? Path::Appliance : path_of_link(node, link);
  }

  const std::uint32_t first_tag_;
  std::atomic<std::uint32_t> issued_ = 0;
  std::vector<Tap> taps_;
  std::map<std::pair<std::string, std::string>, Ipv4Address> appliances_;  ///< router and link -> who is at the other end
  netns::UniqueFd stop_;
  std::mutex mutex_;  ///< of taps and paths
  std::unordered_map<std::uint32_t, Path> paths_;
  std::thread thread_;
};

PathObserver::PathObserver(const Model& model) : watch_(std::make_unique<Watch>(model)) {}
PathObserver::~PathObserver() = default;
std::uint32_t PathObserver::issue_tag() { return watch_->issue_tag(); }
void PathObserver::stop() { watch_->stop(); }
std::optional<Path> PathObserver::path_of(std::uint32_t tag) const { return watch_->path_of(tag); }

}  // namespace emu
