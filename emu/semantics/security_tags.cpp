// SPDX-License-Identifier: Apache-2.0
#include "emu/semantics/security_tags.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "emu/model/gateway_lookup.hpp"
#include "emu/semantics/addresses.hpp"
#include "emu/semantics/prefix_index.hpp"
#include "emu/semantics/service_tags.hpp"

namespace emu {
namespace {

constexpr Ipv4Prefix kInstanceMetadata{{0xA9FEA9FE}, 32};  // 169.254.169.254

/// Tags that stand for the same everywhere (TAG-4, NSG-15).
constexpr std::array<std::pair<std::string_view, Ipv4Prefix>, 4> kFixedTags{{{"AzureLoadBalancer", kPlatformHost},
                                                                             {"AzurePlatformDNS", kPlatformHost},
                                                                             {"AzurePlatformIMDS", kInstanceMetadata},
                                                                             {"AzurePlatformLKM", kPlatformHost}}};
constexpr std::string_view kVirtualNetwork = "VirtualNetwork";
constexpr std::string_view kInternet = "Internet";

void append_new(std::vector<Ipv4Prefix>& into, const std::vector<Ipv4Prefix>& prefixes) {
  for (const auto& prefix : prefixes)
    if (std::ranges::find(into, prefix) == into.end()) into.push_back(prefix);
}

void collect_complement(const Ipv4Prefix& within, const PrefixIndex& covered, std::vector<Ipv4Prefix>& out) {
  if (covered.containing(within)) return;
  if (!covered.overlapping(within)) return out.push_back(within);
  const auto length = within.length + 1;
  const auto half = std::uint32_t{1} << (32 - length);
  collect_complement({within.address, length}, covered, out);
  collect_complement({{within.address.value | half}, length}, covered, out);
}

}  // namespace

SecurityTags security_tags(const Model& model, const VirtualNetwork& network, const Subnet& subnet) {
  SecurityTags tags;
  auto& inside = tags.virtual_network;
  std::vector<Ipv4Prefix> private_elsewhere{kPrivateRanges.begin(), kPrivateRanges.end()};
  append_new(inside, network.address_space);
  append_new(inside, {kPlatformHost});
  for (const auto& link : network.peerings) {
    append_new(private_elsewhere, link.remote_address_space);
    if (link.peering_state == PeeringState::Connected && link.allow_virtual_network_access) append_new(inside, link.remote_address_space);
  }
  if (const auto* gateway = gateway_for(model, network)) {
    for (const auto* connection : connections_of(model, *gateway)) append_new(inside, remote_prefixes_of(model, *connection));
  }
  if (const auto* table = subnet.route_table.empty() ? nullptr : find_route_table(model, subnet.route_table)) {
    for (const auto& route : table->routes)
      if (route.address_prefix) append_new(inside, {*route.address_prefix});
  }
  append_new(private_elsewhere, inside);
  tags.internet = complement(private_elsewhere);
  return tags;
}

SecurityTags tags_of_source(const SecurityTags& tags, Arrival arrival) {
  return arrival == Arrival::Forwarded ? SecurityTags{{kEverything}, {}} : tags;
}

bool is_security_tag(std::string_view text) {
  return same_name(text, kVirtualNetwork) || same_name(text, kInternet) || is_service_tag(text) ||
         std::ranges::any_of(kFixedTags, [&](const auto& tag) { return same_name(text, tag.first); });
}

std::vector<std::string_view> security_tag_names() {
  std::vector<std::string_view> names{kVirtualNetwork, kInternet};
  for (const auto& [name, prefix] : kFixedTags) names.push_back(name);
  names.insert(names.end(), service_tag_names().begin(), service_tag_names().end());
  return names;
}

std::optional<std::vector<Ipv4Prefix>> expand(std::string_view text, const SecurityTags& tags) {
  using Prefixes = std::vector<Ipv4Prefix>;
  if (text == "*") return Prefixes{kEverything};
  if (const auto prefix = Ipv4Prefix::parse(text)) return Prefixes{prefix->normalized()};
  if (const auto address = Ipv4Address::parse(text)) return Prefixes{{*address, 32}};
  if (same_name(text, kVirtualNetwork)) return tags.virtual_network;
  if (same_name(text, kInternet)) return tags.internet;
  for (const auto& [name, prefix] : kFixedTags)
    if (same_name(text, name)) return Prefixes{prefix};
  if (const auto tag = find_service_tag(text)) return Prefixes{tag->prefix};
  return is_service_tag(text) ? std::optional(Prefixes{}) : std::nullopt;
}

std::vector<Ipv4Prefix> complement(const std::vector<Ipv4Prefix>& prefixes) {
  std::vector<Ipv4Prefix> out;
  collect_complement(kEverything, PrefixIndex(prefixes), out);
  return out;
}

}  // namespace emu
