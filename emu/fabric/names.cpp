// SPDX-License-Identifier: Apache-2.0
#include "emu/fabric/names.hpp"

#include <fmt/format.h>

#include <cstdint>

namespace emu {
namespace {

constexpr std::size_t kLongestName = 15;  // IFNAMSIZ less its terminating zero
constexpr std::size_t kHashLetters = 7;   // 35 bits: two of 2000 long names clash in one lab of 17 000

/// FNV-1a, written in letters that are legal in a link's name.
std::string hash(std::string_view text) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz234567";
  std::uint64_t value = 14695981039346656037U;
  for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 1099511628211U;
  std::string out;
  for (std::size_t i = 0; i < kHashLetters; ++i, value >>= 5U) out += kLetters[(value ^ (value >> 35U)) & 31U];
  return out;
}

std::string link_name(std::string_view prefix, std::string_view name) {
  if (prefix.size() + name.size() <= kLongestName) return fmt::format("{}{}", prefix, name);
  return fmt::format("{}{}~{}", prefix, name.substr(0, kLongestName - prefix.size() - 1 - kHashLetters), hash(name));
}

}  // namespace

std::string namespace_name(std::string_view lab, std::string_view node) { return fmt::format("{}.{}", lab, node); }

std::string bridge_name(std::string_view subnet, unsigned shard) {
  return link_name("br-", shard == 0 ? std::string(subnet) : fmt::format("{}#{}", subnet, shard));
}

std::string port_name(std::string_view machine) { return link_name("vm-", machine); }

std::string peering_link_name(std::string_view remote_virtual_network) { return link_name(kPeeringLinkPrefix, remote_virtual_network); }

std::string transit_start_name(Ipv4Address appliance) { return link_name(kTransitStartPrefix, to_string(appliance)); }

std::string transit_end_name(std::string_view from_virtual_network, Ipv4Address appliance) {
  return link_name(kTransitEndPrefix, fmt::format("{}@{}", from_virtual_network, to_string(appliance)));
}

std::string internet_to_network_name(std::string_view virtual_network) { return link_name("vnet-", virtual_network); }

std::string services_to_network_name(std::string_view virtual_network) { return link_name("vnet-", virtual_network); }

std::string internet_to_host_name(std::string_view host) { return link_name("host-", host); }

std::string gateway_port_name(std::string_view gateway) { return link_name("gw-", gateway); }

std::string internet_to_gateway_name(std::string_view gateway) { return link_name("vpn-", gateway); }

std::string internet_to_site_name(std::string_view site) { return link_name("site-", site); }

std::string site_to_host_name(std::string_view host) { return link_name("host-", host); }

std::string short_name(std::string_view node) { return link_name("", node); }

}  // namespace emu
