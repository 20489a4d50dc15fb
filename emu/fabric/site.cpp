// SPDX-License-Identifier: Apache-2.0
#include "emu/fabric/site.hpp"

#include <fmt/format.h>

#include "emu/fabric/main_routes.hpp"
#include "emu/fabric/names.hpp"
#include "emu/fabric/programs.hpp"
#include "emu/fabric/router.hpp"
#include "emu/fabric/ruleset_parts.hpp"
#include "emu/fabric/tunnel.hpp"
#include "emu/semantics/addresses.hpp"

namespace emu {
namespace {

/// The device's address on the links of its hosts: another one than the internet's, which is its own next hop.
constexpr Ipv4Address kDeviceAddress{0xa9fe0002};

/// What leaves for the internet has the device's address, also when it came through a tunnel (DEF-5): that is counted, and nothing
/// comes in that was not asked for.
netns::Ruleset site_ruleset(const OnPremises& site, const std::vector<TunnelEnd>& tunnels) {
  auto text = fmt::format(
      "table inet site {{\n"
      " counter tunnel_to_internet {{ }}\n"
      " counter internet_to_tunnel {{ }}\n"
      " chain input {{\n"
      "  type filter hook input priority 0; policy drop;\n"
      "{0}"
      "  ct state established,related accept\n"
      " }}\n"
      " chain output {{\n"
      "  type filter hook output priority 0; policy accept;\n"
      "{1}"
      " }}\n"
      " chain forward {{\n"
      "  type filter hook forward priority 0; policy accept;\n"
      "  iifname \"ipsec*\" oifname \"{2}\" counter name tunnel_to_internet\n"
      "  iifname \"{2}\" oifname \"ipsec*\" counter name internet_to_tunnel\n"
      "{3}"
      "  ct state established,related accept\n"
      "  iifname \"{2}\" drop\n"
      "  oifname \"{2}\" ct state invalid drop\n"
      " }}\n"
      " chain postrouting {{\n"
      "  type nat hook postrouting priority srcnat; policy accept;\n"
      "  oifname \"{2}\" ip saddr != {4} snat ip to {4}\n"
      " }}\n}}\n",
      tunnel_input_rules(tunnels), kSilentHop, kEdgeLink, kTunnelSegments, to_string(*site.public_ip_address));
  return netns::Ruleset::of(std::move(text));
}

}  // namespace

netns::Namespace build_site(const Model& model, const OnPremises& site, const Places& places) {
  netns::Namespace device;
  device.custody = netns::Custody::Exclusive;
  device.sysctls = forwarding_sysctls();
  add_public_leg(model, internet_to_site_name(site.name), *site.public_ip_address, fmt::format("{}/onPremises/{}", model.lab, site.name),
                 device);
  const auto tunnels = tunnels_of(model, site);
  add_tunnels(model, site.name, tunnels, places, device);
  add_unless_taken(device, main_route(kEverything, std::string(kEdgeLink), internet_address()));  // unless all goes into a tunnel
  for (const auto& host : site.hosts) {
    const auto name = site_to_host_name(host.name);
    netns::Link link;
    link.peer = netns::VethPeer{namespace_name(model.lab, host.name), std::string(kMachineLink)};
    link.forwards = true;
    link.alias = fmt::format("{}/onPremises/{}/hosts/{}", model.lab, site.name, host.name);
    link.addresses.insert({kDeviceAddress, 32, false});
    device.links.emplace(name, std::move(link));
    device.routes.insert(main_route({host.ip_address, 32}, name));
  }
  for (const auto& block : site.address_space) add_unless_taken(device, blackhole(block));
  for (const auto& range : kPrivateRanges) add_unless_taken(device, blackhole(range));
  device.ruleset = site_ruleset(site, tunnels);
  return device;
}

netns::Namespace build_site_host(const Model& model, const OnPremises& site, const OnPremisesHost& host, const Places& places) {
  netns::Namespace result;
  netns::Link link;
  link.peer = netns::VethPeer{namespace_name(model.lab, site.name), site_to_host_name(host.name)};
  link.alias = fmt::format("{}/onPremises/{}/hosts/{}", model.lab, site.name, host.name);
  link.addresses.insert({host.ip_address, 32, true});
  result.links.emplace(kMachineLink, std::move(link));
  result.routes.insert(main_route(kEverything, std::string(kMachineLink), kDeviceAddress));
  add_programs(model, {host.name, site.name, host.web, host.programs, to_string(host.ip_address)}, places, result);
  return result;
}

}  // namespace emu
