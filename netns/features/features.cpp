// SPDX-License-Identifier: Apache-2.0
#include "netns/features/features.hpp"

#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/xfrm.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netlink/attr.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <functional>
#include <string_view>
#include <thread>

#include "netns/base/error.hpp"
#include "netns/base/sysctl.hpp"
#include "netns/base/unique_fd.hpp"
#include "netns/flows/flow_messages.hpp"
#include "netns/netlink/requests.hpp"
#include "netns/netlink/ruleset.hpp"

namespace netns {
namespace {

constexpr const char* kPlace = "a namespace for trying";
constexpr const char* kTunnelDaemon = "/usr/libexec/ipsec/pluto";

struct Trial {
  const char* name;
  const char* purpose;
  std::function<void()> attempt;
  bool optional = false;
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
  set_link(socket, "port", port, false);
  bridge.proxy_arp = true;
  set_link(socket, "br0", bridge, false);
  set_link(socket, "far", Link{}, false);
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

/// An algorithm and its key, as the kernel takes them: a header whose last member, the key, has no length of its own.
template <typename Header>
void put_algorithm(const Message& message, int attribute, Header header, const char* name, unsigned key_bits) {
  constexpr std::size_t kLongestKey = 64;
  std::array<char, sizeof(Header) + kLongestKey> bytes{};
  std::strncpy(header.alg_name, name, sizeof header.alg_name - 1);
  header.alg_key_len = key_bits;
  std::memcpy(bytes.data(), &header, sizeof header);
  if (nla_put(message.get(), attribute, static_cast<int>(sizeof header + key_bits / 8), bytes.data()) < 0) throw std::bad_alloc();
}

/// A state for tunnelled packets to 192.0.2.1, with a key of zeros.
Message esp_state(std::uint32_t spi) {
  auto message = make_message(XFRM_MSG_NEWSA, NLM_F_CREATE | NLM_F_EXCL);
  xfrm_usersa_info state{};
  state.id.daddr.a4 = htonl(0xc0000201);
  state.id.spi = htonl(spi);
  state.id.proto = IPPROTO_ESP;
  state.saddr.a4 = htonl(0xc0000202);
  state.family = AF_INET;
  state.mode = XFRM_MODE_TUNNEL;
  for (auto* limit : {&state.lft.soft_byte_limit, &state.lft.hard_byte_limit, &state.lft.soft_packet_limit, &state.lft.hard_packet_limit})
    *limit = XFRM_INF;
  append(message, state);
  return message;
}

void add_esp_states() {
  Socket socket{NETLINK_XFRM, kPlace};
  const auto aead = esp_state(0x1000);
  xfrm_algo_aead gcm{};
  gcm.alg_icv_len = 128;
  put_algorithm(aead, XFRMA_ALG_AEAD, gcm, "rfc4106(gcm(aes))", 256 + 32);  // key and salt
  socket.add(aead, "add ESP state with AES-GCM");
  const auto pair = esp_state(0x1001);
  put_algorithm(pair, XFRMA_ALG_CRYPT, xfrm_algo{}, "cbc(aes)", 256);
  xfrm_algo_auth hmac{};
  hmac.alg_trunc_len = 128;
  put_algorithm(pair, XFRMA_ALG_AUTH_TRUNC, hmac, "hmac(sha256)", 256);
  socket.add(pair, "add ESP state with AES-CBC and HMAC-SHA-256");
  socket.flush();
}

void add_xfrm_interface() {
  Socket socket{NETLINK_ROUTE, kPlace};
  const auto message = make_message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
  append(message, ifinfomsg{});
  auto* m = message.get();
  int failed = nla_put_string(m, IFLA_IFNAME, "xfrm0");
  auto* info = nla_nest_start(m, IFLA_LINKINFO);
  failed |= nla_put_string(m, IFLA_INFO_KIND, "xfrm");
  auto* data = nla_nest_start(m, IFLA_INFO_DATA);
  failed |= nla_put_u32(m, IFLA_XFRM_IF_ID, 1);
  if (failed != 0 || info == nullptr || data == nullptr) throw std::bad_alloc();
  nla_nest_end(m, data);
  nla_nest_end(m, info);
  socket.add(message, "add xfrm interface");
  socket.flush();
}

void find_tunnel_daemon() {
  if (::access(kTunnelDaemon, X_OK) != 0)
    throw MissingRequirement(std::string{"no program "} + kTunnelDaemon + "; it is in Debian's package libreswan");
}

std::vector<Trial> trials() {
  return {
      {"network namespaces", "everything", [] { require(::unshare(CLONE_NEWNET) == 0, "unshare(CLONE_NEWNET)"); }},
      {"veth pairs, bridges, isolated ports", "machines on one segment", make_isolated_port},
      {"proxy ARP within a link", "routing between neighbours of one segment",
       [] { write_sysctl("ipv4/conf/br0/proxy_arp_pvlan", "1", kPlace); }},
      {"policy routing", "a table of routes for each segment", route_by_link},
      {"nftables: maps that count, connection tracking", "what may pass",
       [] {
         load(
             "table inet t { map m { type ipv4_addr : verdict; flags interval; counter\n }\n chain c {\n"
             "  ct state established ct mark 0 accept\n  ip daddr vmap @m\n }\n}\n");
       }},
      {"nftables: NAT by map", "public addresses",
       [] {
         load(
             "table inet t { map m { type ipv4_addr : ipv4_addr\n }\n chain c { type nat hook prerouting priority dstnat;"
             " dnat ip to ip daddr map @m\n }\n}\n");
       }},
      {"connection tracking: flows can be read and forgotten", "public addresses that change their machine",
       [] {
         Socket{NETLINK_NETFILTER, kPlace}.dump(all_flows_request(), "read all flows");
       }},
      {"nftables: bridge family", "anti-spoofing",
       [] { load("table bridge t { chain c { type filter hook prerouting priority -300; arp saddr ip 10.0.0.4 accept\n }\n}\n"); }},
      {"packet sockets", "verify and capture",
       [] { require(static_cast<bool>(UniqueFd{::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0)}), "socket(AF_PACKET)"); }},
      {"ESP: AES-GCM, AES-CBC with HMAC-SHA-256", "encrypted tunnels", add_esp_states, true},
      {"xfrm interfaces", "encrypted tunnels that routes lead into", add_xfrm_interface, true},
      {"libreswan", "keys of encrypted tunnels", find_tunnel_daemon, true},
  };
}

/// By the kernel's words, which libnftables passes on as text.
bool is_for_want_of_rights(std::string_view refusal) {
  constexpr std::array kErrors{EPERM, EACCES, EROFS};
  return std::ranges::any_of(kErrors, [&](int error) { return refusal.find(std::strerror(error)) != std::string_view::npos; });
}

}  // namespace

std::vector<Feature> probe_features() {
  std::vector<Feature> features;
  std::thread([&] {  // whose namespace goes with it
    for (const auto& trial : trials()) {
      Feature feature{trial.name, trial.purpose, trial.optional, true, {}, false};
      try {
        trial.attempt();
      } catch (const std::exception& refused) {
        feature.available = false;
        feature.refusal = refused.what();
        feature.forbidden = is_for_want_of_rights(feature.refusal);
      }
      features.push_back(std::move(feature));
      if (!features.front().available) return;  // the rest would be tried on the host
    }
  })
      .join();
  return features;
}

std::optional<std::string> why_no_ipsec() {
  std::optional<std::string> refusal;
  std::thread([&] {
    try {
      require(::unshare(CLONE_NEWNET) == 0, "unshare(CLONE_NEWNET)");
      add_esp_states();
      add_xfrm_interface();
    } catch (const std::exception& refused) {
      refusal = refused.what();
    }
  }).join();
  return refusal;
}

}  // namespace netns
