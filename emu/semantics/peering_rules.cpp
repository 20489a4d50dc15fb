// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <compare>
#include <map>
#include <set>
#include <utility>

#include "emu/model/gateway_lookup.hpp"
#include "emu/model/wording.hpp"
#include "emu/semantics/prefix_index.hpp"
#include "emu/semantics/prefix_overlaps.hpp"
#include "emu/semantics/rules.hpp"

namespace emu {
namespace {

/// A link by its place in the model.
struct LinkPlace {
  std::size_t network = 0;
  std::size_t peering = 0;

  auto operator<=>(const LinkPlace&) const = default;
};

class PeeringRules {
 public:
  PeeringRules(const Subject& subject, Findings& findings)
      : subject_(subject), networks_(subject.model.virtual_networks), findings_(findings) {
    if (subject.previous == nullptr) return;
    for (const auto& network : subject.previous->virtual_networks) {
      for (const auto& link : network.peerings) running_.emplace(key_of(network.name, link.name), &link);
    }
  }

  void check() {
    for (std::size_t n = 0; n < networks_.size(); ++n) {
      for (std::size_t p = 0; p < networks_[n].peerings.size(); ++p) check_remote({n, p});
      check_gateway_flags(n);
    }
    for (const auto& [pair, place] : links_) {
      check_disconnected(place, pair);
      check_overlap(place, pair);
    }
    check_overlaps_of_neighbours();
  }

 private:
  /// From one network to another, by their places in the model.
  using Pair = std::pair<std::size_t, std::size_t>;

  /// A network that is linked with the one looked at.
  struct Neighbour {
    std::string_view name;
    std::span<const Ipv4Prefix> address_space;
    LinkPlace link;
    bool pointed_at = false;  ///< by the one looked at; else only the other way
  };

  static std::string key_of(std::string_view network, std::string_view link) { return name_key(network) + '/' + name_key(link); }

  const VirtualNetworkPeering& link_at(const LinkPlace& place) const { return networks_[place.network].peerings[place.peering]; }
  static std::string path_of(const LinkPlace& place) { return peering_path(place.network, place.peering); }

  /// The link of that network and name in the running lab; nullptr when it is new.
  const VirtualNetworkPeering* running(const LinkPlace& place) const {
    const auto found = running_.find(key_of(networks_[place.network].name, link_at(place).name));
    return found == running_.end() ? nullptr : found->second;
  }

  /// What a link points at: there, not itself, not twice (PEER-9), not another network than before.
  void check_remote(const LinkPlace& place) {
    const auto& network = networks_[place.network];
    const auto& link = link_at(place);
    const auto path = path_of(place) + ".remote_virtual_network";
    if (link.remote_virtual_network.empty() || network.name.empty()) return;
    const auto* before = running(place);
    const bool moved = before != nullptr && !same_name(before->remote_virtual_network, link.remote_virtual_network);
    if (moved)
      findings_.error(
          path,
          fmt::format("peering {} of {} cannot be pointed at {}: it is a peering with {}", in_quotes(link.name), in_quotes(network.name),
                      in_quotes(link.remote_virtual_network), in_quotes(before->remote_virtual_network)),
          "ChangingRemoteVirtualNetworkNotAllowed", "give the new peering another name");
    const auto remote = subject_.networks.find(link.remote_virtual_network);
    if (!remote) return check_missing_remote(place, before != nullptr && !moved);
    if (same_name(link.remote_virtual_network, network.name))
      return findings_.error(path, fmt::format("{} cannot be peered with itself", in_quotes(network.name)));
    const auto [first, is_new] = links_.emplace(Pair{place.network, *remote}, place);
    if (!is_new)
      findings_.error(path,
                      fmt::format("{} is peered with {} by {} already", in_quotes(network.name), in_quotes(link.remote_virtual_network),
                                  in_quotes(link_at(first->second).name)),
                      "AnotherPeeringAlreadyReferencesRemoteVnet");
  }

  /// PEER-8: a link stays when its remote goes; it cannot be made to what is not there.
  void check_missing_remote(const LinkPlace& place, bool runs) {
    const auto& link = link_at(place);
    const auto path = path_of(place) + ".remote_virtual_network";
    if (runs) {
      widowed_.push_back(place);
      findings_.warning(path,
                        fmt::format("peering {} stays, Disconnected: virtual network {} is gone", in_quotes(link.name),
                                    in_quotes(link.remote_virtual_network)),
                        "", "remove the peering, too");
    } else {
      findings_.missing(path, {"virtual network"},
                        fmt::format("there is no virtual network {}{}", in_quotes(link.remote_virtual_network),
                                    findings_.guess(link.remote_virtual_network, subject_.networks.names())));
    }
  }

  /// PEER-20..23. That both links and the gateway are in one file makes the order of PEER-25 for them.
  void check_gateway_flags(std::size_t network) {
    std::optional<LinkPlace> first;
    for (std::size_t p = 0; p < networks_[network].peerings.size(); ++p) {
      const LinkPlace place{network, p};
      const auto& link = link_at(place);
      if (!link.use_remote_gateways) continue;
      check_remote_gateway(place);
      if (first)
        findings_.error(gateway_flag_of(place), fmt::format("{} can use remote gateways over one peering only, and {} does already",
                                                            in_quotes(networks_[network].name), in_quotes(link_at(*first).name)));
      else
        first = place;
    }
    if (!first) return;
    if (const auto* own = gateway_in(subject_.model, networks_[network].name))
      findings_.error(gateway_flag_of(*first), fmt::format("{} cannot use remote gateways: it has a gateway of its own, {}",
                                                           in_quotes(networks_[network].name), in_quotes(own->name)));
  }

  static std::string gateway_flag_of(const LinkPlace& place) { return path_of(place) + ".use_remote_gateways"; }

  /// PEER-20, PEER-21.
  void check_remote_gateway(const LinkPlace& place) {
    const auto& link = link_at(place);
    const auto remote = subject_.networks.find(link.remote_virtual_network);
    if (!remote) return;
    if (gateway_in(subject_.model, link.remote_virtual_network) == nullptr)
      return findings_.error(
          gateway_flag_of(place),
          fmt::format("peering {} cannot use remote gateways: {} has none", in_quotes(link.name), in_quotes(link.remote_virtual_network)),
          "RemoteVnetHasNoGateways");
    const auto* back = find_peering_to(networks_[*remote], networks_[place.network].name);
    if (back != nullptr && !back->allow_gateway_transit)
      findings_.error(gateway_flag_of(place),
                      fmt::format("peering {} cannot use remote gateways: {} of {} does not allow gateway transit", in_quotes(link.name),
                                  in_quotes(back->name), in_quotes(link.remote_virtual_network)),
                      "", fmt::format("add allow_gateway_transit: true to {}", in_quotes(back->name)));
  }

  /// PEER-6: no link can be made while the link back is Disconnected, or is left so by this very change.
  void check_disconnected(const LinkPlace& place, const Pair& pair) {
    if (subject_.previous == nullptr || running(place) != nullptr) return;
    const auto back = links_.find(Pair{pair.second, pair.first});
    if (back == links_.end()) return;
    const auto* before = running(back->second);
    if (before == nullptr || before->peering_state == PeeringState::Initiated) return;
    const auto& link_back = link_at(back->second);
    if (!same_name(before->remote_virtual_network, link_back.remote_virtual_network)) return;
    const auto& local = networks_[pair.first].name;
    const auto& remote = networks_[pair.second].name;
    const bool lost_now = before->peering_state == PeeringState::Connected;
    findings_.error(path_of(place),
                    fmt::format("peering {} of {} cannot be made: {} of {} {} Disconnected", in_quotes(link_at(place).name),
                                in_quotes(local), in_quotes(link_back.name), in_quotes(remote), lost_now ? "becomes" : "is"),
                    "RemotePeeringIsDisconnected", "remove both links, run `lazuli up`, add both again and run it once more");
  }

  /// PEER-10, once for two networks.
  void check_overlap(const LinkPlace& place, const Pair& pair) {
    const auto back = links_.find(Pair{pair.second, pair.first});
    if (back != links_.end() && back->second < place) return;
    const auto& local = networks_[pair.first];
    const auto& remote = networks_[pair.second];
    const bool local_is_shorter = local.address_space.size() <= remote.address_space.size();
    const auto& few = local_is_shorter ? local.address_space : remote.address_space;
    const auto& many = blocks_of(local_is_shorter ? pair.second : pair.first);
    for (const auto& block : few) {
      const auto other = many.overlapping(block);
      if (!other) continue;
      findings_.error(path_of(place),
                      fmt::format("{} and {} cannot be peered: {} overlaps {}", in_quotes(local.name), in_quotes(remote.name),
                                  to_string(local_is_shorter ? block : *other), to_string(local_is_shorter ? *other : block)),
                      "VnetAddressSpacesOverlap", hint_on_default_space(local.name, remote.name));
      return;
    }
  }

  /// Whether the network has the addresses that it gets by itself (VNET-10).
  bool has_default_space(std::string_view name) const {
    const auto network = subject_.networks.find(name);
    return network && !findings_.is_written(network_path(*network) + ".address_space");
  }

  /// What to do about an overlap to which a default led; empty when none did.
  std::string hint_on_default_space(std::string_view a, std::string_view b) const {
    const bool first = has_default_space(a);
    const bool second = has_default_space(b);
    if (!first && !second) return {};
    const auto who = first && second ? fmt::format("neither {} nor {} has", in_quotes(a), in_quotes(b))
                                     : fmt::format("{} does not have", in_quotes(first ? a : b));
    return fmt::format("{} an address_space, and the default is 10.2.0.0/16: write address_space: [10.3.0.0/16] or another that is free",
                       who);
  }

  /// The address space of a network, sorted once.
  const PrefixIndex& blocks_of(std::size_t network) { return blocks_.try_emplace(network, networks_[network].address_space).first->second; }

  std::vector<std::vector<Neighbour>> neighbours() const {
    std::vector<std::vector<Neighbour>> found(networks_.size());
    for (const auto& [pair, place] : links_) {
      const auto back = links_.find(Pair{pair.second, pair.first});
      const auto first = back == links_.end() ? place : std::min(place, back->second);
      const auto& local = networks_[pair.first];
      const auto& remote = networks_[pair.second];
      found[pair.first].push_back({remote.name, remote.address_space, first, true});
      if (back == links_.end()) found[pair.second].push_back({local.name, local.address_space, first, false});
    }
    for (const auto& place : widowed_) {
      const auto* before = running(place);
      found[place.network].push_back({before->remote_virtual_network, before->remote_address_space, place, true});  // PEER-7
    }
    return found;
  }

  /// PEER-11: two networks that one is peered with may not overlap each other.
  void check_overlaps_of_neighbours() {
    const auto all = neighbours();
    for (std::size_t n = 0; n < networks_.size(); ++n) {
      const auto& around = all[n];
      if (around.size() < 2) continue;
      std::vector<OwnedPrefix> blocks;
      for (std::size_t i = 0; i < around.size(); ++i) {
        for (const auto& block : around[i].address_space) blocks.push_back({block, i, 0});
      }
      std::set<Pair> reported;
      visit_overlaps(std::move(blocks), [&](auto enclosing, const auto& inner) {
        const auto clash = std::find_if(enclosing.rbegin(), enclosing.rend(), [&](const auto& outer) {
          return outer.owner != inner.owner && (around[outer.owner].pointed_at || around[inner.owner].pointed_at);
        });
        if (clash == enclosing.rend() || !reported.insert(std::minmax(clash->owner, inner.owner)).second) return false;
        report_neighbours(networks_[n].name, around, *clash, inner);
        return false;
      });
    }
  }

  /// The peering that comes later in the file is the one that cannot be.
  void report_neighbours(std::string_view middle, const std::vector<Neighbour>& around, const OwnedPrefix& a, const OwnedPrefix& b) {
    const auto& [earlier, later] = around[a.owner].link < around[b.owner].link ? std::pair(a, b) : std::pair(b, a);
    findings_.error(path_of(around[later.owner].link),
                    fmt::format("{} and {} cannot be peered: {} overlaps {} of {}, which is peered with {} already",
                                in_quotes(around[later.owner].name), in_quotes(middle), to_string(later.prefix), to_string(earlier.prefix),
                                in_quotes(around[earlier.owner].name), in_quotes(middle)),
                    "VnetAddressSpaceOverlapsWithAlreadyPeeredVnet",
                    hint_on_default_space(around[later.owner].name, around[earlier.owner].name));
  }

  const Subject& subject_;
  const std::vector<VirtualNetwork>& networks_;
  Findings& findings_;
  std::unordered_map<std::string, const VirtualNetworkPeering*> running_;  ///< of the running lab, by key_of
  std::map<std::size_t, PrefixIndex> blocks_;
  std::map<Pair, LinkPlace> links_;  ///< the first of each pair
  std::vector<LinkPlace> widowed_;   ///< run already, and their remote is gone
};

}  // namespace

void check_peerings(const Subject& subject, Findings& findings) { PeeringRules(subject, findings).check(); }

}  // namespace emu
