// SPDX-License-Identifier: Apache-2.0
#include "netns/features/features.hpp"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/socket.h>

#include <cerrno>
#include <functional>
#include <thread>

#include "netns/base/error.hpp"
#include "netns/base/sysctl.hpp"
#include "netns/base/unique_fd.hpp"
#include "netns/netlink/requests.hpp"
#include "netns/netlink/ruleset.hpp"

namespace netns {
namespace {

constexpr const char* kPlace = "a namespace for trying";

struct Trial {
  const char* name;
  const char* purpose;
  std::function<void()> attempt;
};

void require(bool done, const char* what) {
  const int error = errno;
  if (!done) throw KernelError(error, what);
}

void make_isolated_port() {
  Socket socket{NETLINK_ROUTE, kPlace};
  Link bridge;
  bridge.kind = LinkKind::Bridge;
  add_bridge(socket, "br0", bridge);
  const UniqueFd here{::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)};
  Link port;
  port.isolated = true;
  add_veth_pair(socket, "port", port, 0, here, "far", Link{});
  socket.flush();
  port.master = "br0";
  set_master(socket, "port", static_cast<int>(::if_nametoindex("br0")));
  set_link(socket, "port", port);
  set_link_up(socket, "br0");
  set_link_up(socket, "far");
  socket.flush();
}

void route_by_link() {
  Socket socket{NETLINK_ROUTE, kPlace};
  add_rule(socket, {.priority = 1000, .iif = "br0", .table = 1000});
  for (const auto type : {RouteType::Blackhole, RouteType::Throw})
    add_route(socket, {.table = 1000, .destination = {{0x0a000000}, 8}, .type = type, .device = {}, .gateway = {}}, 0);
  socket.flush();
}

void load(const char* ruleset) { load_ruleset(Ruleset::of(ruleset), kPlace); }

std::vector<Trial> trials() {
  return {
      {"network namespaces", "everything", [] { require(::unshare(CLONE_NEWNET) == 0, "unshare(CLONE_NEWNET)"); }},
      {"veth pairs, bridges, isolated ports", "machines on one segment", make_isolated_port},
      {"proxy ARP within a link", "routing between neighbours of one segment",
       [] { write_sysctl("ipv4/conf/br0/proxy_arp_pvlan", "1", kPlace); }},
      {"policy routing", "a table of routes for each segment", route_by_link},
      {"nftables: sets, connection tracking", "what may pass",
       [] { load("table inet t { set s { type ipv4_addr; flags interval\n }\n chain c { ct state established accept\n }\n}\n"); }},
      {"nftables: NAT by map", "public addresses",
       [] {
         load(
             "table inet t { map m { type ipv4_addr : ipv4_addr\n }\n chain c { type nat hook prerouting priority dstnat;"
             " dnat ip to ip daddr map @m\n }\n}\n");
       }},
      {"nftables: bridge family", "anti-spoofing",
       [] { load("table bridge t { chain c { type filter hook prerouting priority -300; arp saddr ip 10.0.0.4 accept\n }\n}\n"); }},
      {"packet sockets", "verify and capture",
       [] { require(static_cast<bool>(UniqueFd{::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0)}), "socket(AF_PACKET)"); }},
  };
}

}  // namespace

std::vector<Feature> probe_features() {
  std::vector<Feature> features;
  std::thread([&] {  // whose namespace goes with it
    for (const auto& trial : trials()) {
      Feature feature{trial.name, trial.purpose, true, {}};
      try {
        trial.attempt();
      } catch (const std::exception& refused) {
        feature.available = false;
        feature.refusal = refused.what();
      }
      features.push_back(std::move(feature));
      if (!features.front().available) return;  // the rest would be tried on the host
    }
  })
      .join();
  return features;
}

}  // namespace netns
