// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "emu/model/wording.hpp"
#include "emu/semantics/addresses.hpp"
#include "emu/semantics/prefix_overlaps.hpp"
#include "emu/semantics/rules.hpp"

namespace emu {
namespace {

class SiteRules {
 public:
  SiteRules(const Subject& subject, Findings& findings) : sites_(subject.model.on_premises), findings_(findings) {}

  void check(std::size_t i) {
    const auto& site = sites_[i];
    check_address_space(i);
    if (site.use_policy_based_traffic_selectors && !site.ipsec_policy)
      findings_.error(site_path(i) + ".use_policy_based_traffic_selectors",
                      fmt::format("site {} needs an ipsec_policy to use policy-based traffic selectors", in_quotes(site.name)));
    holders_.clear();
    for (std::size_t j = 0; j < site.hosts.size(); ++j) check_host(i, j);
  }

 private:
  void check_address_space(std::size_t i) {
    const auto& site = sites_[i];
    const auto path_of = [&](std::size_t j) { return fmt::format("{}.address_space[{}]", site_path(i), j); };
    std::vector<OwnedPrefix> prefixes;
    for (std::size_t j = 0; j < site.address_space.size(); ++j) {
      const auto& prefix = site.address_space[j];
      prefixes.push_back({prefix, j, 0});
      if (const auto* range = forbidden_range(prefix))
        findings_.error(path_of(j),
                        fmt::format("site {} cannot have {}: it {} {}, which {}", in_quotes(site.name), to_string(prefix),
                                    range->prefix.contains(prefix) ? "lies in" : "holds", to_string(range->prefix), range->use));
    }
    visit_overlaps(std::move(prefixes), [&](auto enclosing, const auto& inner) {
      const auto& outer = enclosing.back();
      findings_.error(
          path_of(std::max(outer.owner, inner.owner)),
          fmt::format("prefixes {} and {} of site {} overlap", to_string(outer.prefix), to_string(inner.prefix), in_quotes(site.name)));
      return false;
    });
  }

  void check_host(std::size_t i, std::size_t j) {
    const auto& site = sites_[i];
    const auto& host = site.hosts[j];
    if (host.ip_address == Ipv4Address{} || site.address_space.empty()) return;
    const auto path = site_host_path({host.name, i, j}) + ".ip_address";
    const auto prefix = std::ranges::find_if(site.address_space, [&](const auto& p) { return p.contains(host.ip_address); });
    if (prefix == site.address_space.end())
      return findings_.error(path, fmt::format("{} lies outside the address space of site {} ({})", to_string(host.ip_address),
                                               in_quotes(site.name), list_of(site.address_space)));
    if (host.ip_address == device_address(*prefix))
      return findings_.error(path,
                             fmt::format("{} is the address of the device of site {}", to_string(host.ip_address), in_quotes(site.name)),
                             "", fmt::format("the device has the first address of {}", to_string(*prefix)));
    if (prefix->length < kShortestWithoutEnds && (host.ip_address == prefix->first() || host.ip_address == prefix->last()))
      return findings_.error(path, fmt::format("{} is no host's address in {}", to_string(host.ip_address), to_string(*prefix)));
    const auto [first, is_new] = holders_.emplace(host.ip_address.value, j);
    if (!is_new)
      findings_.error(path, fmt::format("{} is taken: {} has it{}", to_string(host.ip_address), in_quotes(site.hosts[first->second].name),
                                        findings_.in_line(site_host_path({{}, i, first->second}) + ".ip_address")));
  }

  static constexpr int kShortestWithoutEnds = 31;  // RFC 3021

  const std::vector<OnPremises>& sites_;
  Findings& findings_;
  std::unordered_map<std::uint32_t, std::size_t> holders_;  ///< of the addresses of one site
};

}  // namespace

void check_sites(const Subject& subject, Findings& findings) {
  SiteRules rules(subject, findings);
  for (std::size_t i = 0; i < subject.model.on_premises.size(); ++i) rules.check(i);
}

}  // namespace emu
