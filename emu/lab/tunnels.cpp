// SPDX-License-Identifier: Apache-2.0
#include "emu/lab/tunnels.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <thread>

#include "emu/fabric/names.hpp"
#include "emu/fabric/tunnel.hpp"
#include "emu/lab/store.hpp"
#include "emu/model/gateway_lookup.hpp"
#include "netns/ipsec/status.hpp"
#include "netns/netlink/traffic.hpp"

namespace emu {
namespace {

using State = ConnectionStatus::State;
using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kInterval{100};

/// The node at the other end of `connection`; empty when nobody is there.
std::string other_node(const Model& model, const VirtualNetworkGatewayConnection& connection) {
  if (const auto* local = find_local_network_gateway(model, connection.local_network_gateway)) {
    const auto* site = site_behind(model, *local);
    return site == nullptr ? std::string{} : site->name;
  }
  // A gateway listens to the other one only when it has a connection back (VPN-40).
  return counterpart_of(model, connection) == nullptr ? std::string{} : connection.peer_virtual_network_gateway;
}

/// VPN-33. @return why nobody starts the tunnel; empty when somebody does
std::string why_not_tried(const Model& model, const VirtualNetworkGatewayConnection& connection) {
  const auto other = mode_of_other_end(model, connection);
  if (connection.connection_mode != other || other == ConnectionMode::Default) return {};
  return other == ConnectionMode::ResponderOnly ? "both ends only respond" : "both ends only initiate";
}

/// What the IKE daemons of a lab say, each asked once.
class Daemons {
 public:
  explicit Daemons(std::string lab) : lab_(std::move(lab)), places_(places_of(lab_)), running_(records_of(lab_).running()) {}

  bool runs(const std::string& node) const {
    const auto found = running_.find(namespace_name(lab_, node));
    return found != running_.end() && found->second.contains(std::string(kDaemonProcess));
  }

  /// Of one that has just started and does not answer yet there is nothing to say.
  const netns::IpsecStatus& status(const std::string& node, const std::string& connection) {
    const auto [known, is_new] = answers_.try_emplace(node);
    if (is_new) known->second = netns::ipsec_status(daemon_folder(places_, node)).value_or(netns::IpsecStatuses{});
    return known->second[connection];
  }

 private:
  std::string lab_;
  Places places_;
  std::map<std::string, std::map<std::string, std::string>> running_;
  std::map<std::string, netns::IpsecStatuses> answers_;
};

std::string not_running(const std::string& node) {
  return fmt::format("the IKE daemon of '{}' does not run: `lazuli up` starts it again", node);
}

ConnectionStatus status_of(const Model& model, const VirtualNetworkGatewayConnection& connection, Daemons& daemons) {
  ConnectionStatus status;
  status.name = connection.name;
  const auto other = other_node(model, connection);
  if (other.empty()) {
    status.reason =
        connection.peer_virtual_network_gateway.empty() ? "nobody is at the other end's address" : "there is no connection back";
    return status;
  }
  const auto& gateway = *find_virtual_network_gateway(model, connection.virtual_network_gateway);
  for (const auto& node : {gateway.name, other}) {
    if (daemons.runs(node)) continue;
    status.connection_status = State::NotConnected;
    status.reason = not_running(node);
    return status;
  }
  const auto& here = daemons.status(gateway.name, connection.name);
  status.connection_status = here.state == netns::IpsecState::Established ? State::Connected : State::Connecting;
  status.established_since = here.established_since;
  status.ike_algorithms = here.ike_algorithms;
  status.esp_algorithms = here.esp_algorithms;
  if (status.connection_status == State::Connected) return status;

  // What went wrong may be known at one end only: the one that was asked says little to who asks.
  const auto* counterpart = counterpart_of(model, connection);
  const auto& name_there = counterpart == nullptr ? connection.name : counterpart->name;
  auto trouble = here.trouble;
  if (const auto& there = daemons.status(other, name_there).trouble; !there.empty())
    trouble += fmt::format("{}'{}' says: {}", trouble.empty() ? "" : "; ", other, there);
  if (trouble.find("computed hash does not match") != std::string::npos) trouble = "the shared keys of the two ends differ; " + trouble;
  if (trouble.empty()) trouble = why_not_tried(model, connection);
  if (!trouble.empty()) status.connection_status = State::NotConnected;
  status.reason = trouble;
  return status;
}

void read_bytes(const Model& model, const VirtualNetworkGatewayConnection& connection, ConnectionStatus& status) {
  const auto& gateway = *find_virtual_network_gateway(model, connection.virtual_network_gateway);
  for (const auto& tunnel : tunnels_of(model, gateway)) {
    if (tunnel.connection.name != connection.name) continue;
    const auto traffic = netns::link_traffic(namespace_name(model.lab, gateway.name), tunnel_interface_name(tunnel.connection.remote));
    if (!traffic) continue;
    status.ingress_bytes = traffic->received;
    status.egress_bytes = traffic->sent;
  }
}

bool waits(const ConnectionStatus& status) { return status.connection_status == State::Connecting; }

}  // namespace

std::vector<ConnectionStatus> connection_statuses(const Model& model) {
  std::vector<ConnectionStatus> statuses;
  if (model.virtual_network_gateway_connections.empty()) return statuses;
  Daemons daemons{model.lab};
  for (const auto& connection : model.virtual_network_gateway_connections) {
    statuses.push_back(status_of(model, connection, daemons));
    read_bytes(model, connection, statuses.back());
  }
  return statuses;
}

std::vector<ConnectionStatus> wait_for_connections(const Model& model, std::chrono::seconds limit, const Progress& progress) {
  const auto end = steady_clock::now() + limit;
  while (true) {
    auto statuses = connection_statuses(model);
    const auto waiting = std::ranges::find_if(statuses, waits);
    if (waiting == statuses.end() || steady_clock::now() > end) return statuses;
    if (progress) progress(fmt::format("waiting for connection {}", waiting->name));
    std::this_thread::sleep_for(kInterval);
  }
}

}  // namespace emu
