// SPDX-License-Identifier: Apache-2.0
// emu/semantics/security_tags.hpp — what the service tags of security rules stand for (TAG-1..6).
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "emu/model/model.hpp"

namespace emu {

/// How a packet came to the interface that judges it. Whether its source is inside the tag VirtualNetwork is a matter of one list of
/// prefixes, `SecurityTags::virtual_network`; of the flags of peerings only allow_forwarded_traffic adds to it.
enum class Arrival {
  Usual,      ///< the list decides; without a group it passes
  Forwarded,  ///< over a peering with allow_forwarded_traffic: the source counts as inside, whatever it is (PEER-17)
  Foreign,    ///< over a peering without allow_virtual_network_access: the list decides; without a group it is blocked (PEER-16)
};

/// The two tags that are not the same for everybody: they depend on the network and on the subnet's routes.
struct SecurityTags {
  std::vector<Ipv4Prefix> virtual_network;  ///< TAG-1, TAG-6
  std::vector<Ipv4Prefix> internet;         ///< TAG-3: what is neither inside nor private

  bool operator==(const SecurityTags&) const = default;
};

/// For the interfaces in `subnet` of `network`. The model must be resolved. Pure.
SecurityTags security_tags(const Model& model, const VirtualNetwork& network, const Subnet& subnet);

/// The tags that a packet's source is compared with when it came by `arrival`.
SecurityTags tags_of_source(const SecurityTags& tags, Arrival arrival);

/// Whether a security rule can name `text` as a tag.
bool is_security_tag(std::string_view text);

/// The names of these tags, without regions.
std::vector<std::string_view> security_tag_names();

/// What an address of a rule stands for: `*`, a prefix, an address or a tag, which may stand for nothing; nullopt when it is none of them.
std::optional<std::vector<Ipv4Prefix>> expand(std::string_view text, const SecurityTags& tags);

/// Everything but `prefixes`, in as few prefixes as can be.
std::vector<Ipv4Prefix> complement(const std::vector<Ipv4Prefix>& prefixes);

}  // namespace emu
