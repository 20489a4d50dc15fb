// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "emu/model/wording.hpp"
#include "emu/semantics/addresses.hpp"
#include "emu/semantics/prefix_index.hpp"
#include "emu/semantics/prefix_overlaps.hpp"
#include "emu/semantics/rules.hpp"

namespace emu {
namespace {

void check_blocks(const VirtualNetwork& network, std::size_t index, Findings& findings) {
  const auto path_of = [&](std::size_t i) { return fmt::format("{}.address_space[{}]", network_path(index), i); };
  std::vector<OwnedPrefix> blocks;
  for (std::size_t i = 0; i < network.address_space.size(); ++i) {
    const auto& block = network.address_space[i];
    blocks.push_back({block, i, 0});
    const auto* range = forbidden_range(block);
    if (range == nullptr) continue;
    findings.error(path_of(i),
                   fmt::format("virtual network {} cannot have {}: it {} {}, which {}", in_quotes(network.name), to_string(block),
                               range->prefix.contains(block) ? "lies in" : "holds", to_string(range->prefix), range->use));
  }
  visit_overlaps(std::move(blocks), [&](auto enclosing, const auto& inner) {
    const auto& outer = enclosing.back();
    findings.error(path_of(std::max(outer.owner, inner.owner)),
                   fmt::format("address blocks {} and {} of virtual network {} overlap", to_string(outer.prefix), to_string(inner.prefix),
                               in_quotes(network.name)));
    return false;
  });
}

/// What to do about a subnet outside a space that nobody wrote (VNET-10).
std::string hint_on_space(const VirtualNetwork& network, std::size_t index, const Ipv4Prefix& subnet, const Findings& findings) {
  constexpr int kUsualLength = 16;
  if (findings.is_written(network_path(index) + ".address_space")) return {};
  return fmt::format("{} has no address_space, so it has the default: write address_space: [{}]", in_quotes(network.name),
                     to_string(Ipv4Prefix::of(subnet.address, std::min(subnet.length, kUsualLength))));
}

void check_subnets(const VirtualNetwork& network, std::size_t index, Findings& findings) {
  const auto path_of = [&](const OwnedPrefix& p) { return fmt::format("{}.address_prefixes[{}]", subnet_path(index, p.owner), p.index); };
  const PrefixIndex blocks(network.address_space);
  std::vector<OwnedPrefix> prefixes;
  for (std::size_t i = 0; i < network.subnets.size(); ++i) {
    const auto& subnet = network.subnets[i];
    for (std::size_t j = 0; j < subnet.address_prefixes.size(); ++j) {
      const OwnedPrefix here{subnet.address_prefixes[j], i, j};
      prefixes.push_back(here);
      const auto name = subnet.name.empty() ? fmt::format("subnet {}", to_string(here.prefix))
                                            : fmt::format("subnet {} {}", in_quotes(subnet.name), to_string(here.prefix));
      if (here.prefix.length > kSmallestSubnet)
        findings.error(path_of(here), fmt::format("{} is smaller than /{}", name, kSmallestSubnet), "NetcfgInvalidSubnet",
                       "Azure keeps five addresses of every subnet");
      else if (here.prefix.length < kLargestSubnet)
        findings.error(path_of(here), fmt::format("{} is larger than /{}", name, kLargestSubnet), "NetcfgInvalidSubnet");
      if (!network.address_space.empty() && !blocks.containing(here.prefix))
        findings.error(
            path_of(here),
            fmt::format("{} lies outside the address space of {} ({})", name, in_quotes(network.name), list_of(network.address_space)),
            "NetcfgInvalidSubnet", hint_on_space(network, index, here.prefix, findings));
    }
  }
  visit_overlaps(std::move(prefixes), [&](auto enclosing, const auto& inner) {
    const auto& outer = enclosing.back();
    const bool inner_is_later = std::pair(inner.owner, inner.index) > std::pair(outer.owner, outer.index);
    const auto& later = inner_is_later ? inner : outer;
    const auto& earlier = inner_is_later ? outer : inner;
    findings.error(path_of(later),
                   fmt::format("subnet {} {} overlaps subnet {} {}", in_quotes(network.subnets[later.owner].name), to_string(later.prefix),
                               in_quotes(network.subnets[earlier.owner].name), to_string(earlier.prefix)),
                   "NetcfgSubnetRangesOverlap");
    return false;
  });
}

}  // namespace

void check_address_spaces(const Subject& subject, Findings& findings) {
  for (std::size_t i = 0; i < subject.model.virtual_networks.size(); ++i) {
    check_blocks(subject.model.virtual_networks[i], i, findings);
    check_subnets(subject.model.virtual_networks[i], i, findings);
  }
}

}  // namespace emu
