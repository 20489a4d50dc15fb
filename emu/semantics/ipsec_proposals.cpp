// SPDX-License-Identifier: Apache-2.0
#include "emu/semantics/ipsec_proposals.hpp"

#include <fmt/format.h>

#include "emu/model/ipsec_algorithms.hpp"

namespace emu {
namespace {

constexpr std::string_view kDefaultIke =
    "aes256-sha1-modp2048,aes256-sha2_256-modp2048,aes128-sha1-modp2048,aes128-sha2_256-modp2048,3des-sha1-modp2048,3des-sha2_256-modp2048";
constexpr std::string_view kDefaultEsp = "aes_gcm256-null,aes256-sha1,3des-sha1,aes256-sha2_256,aes128-sha1,3des-sha2_256";

std::string_view libreswan(std::span<const IpsecAlgorithm> known, std::string_view azure) {
  const auto* algorithm = find_algorithm(known, azure);
  return algorithm == nullptr ? std::string_view{} : algorithm->libreswan;
}

}  // namespace

std::string ike_proposals(const std::optional<IpsecPolicy>& policy) {
  if (!policy) return std::string(kDefaultIke);
  return fmt::format("{}-{}-{}", libreswan(kIkeEncryptions, policy->ike_encryption), libreswan(kIkeIntegrities, policy->ike_integrity),
                     libreswan(kDhGroups, policy->dh_group));
}

std::string esp_proposals(const std::optional<IpsecPolicy>& policy) {
  if (!policy) return std::string(kDefaultEsp);
  auto proposal =
      fmt::format("{}-{}", libreswan(kIpsecEncryptions, policy->ipsec_encryption), libreswan(kIpsecIntegrities, policy->ipsec_integrity));
  if (!has_pfs(policy)) return proposal;
  return fmt::format(
      "{}-{}", proposal,
      policy->pfs_group == kPfsOfMainMode ? libreswan(kDhGroups, policy->dh_group) : libreswan(kPfsGroups, policy->pfs_group));
}

bool has_pfs(const std::optional<IpsecPolicy>& policy) { return policy && policy->pfs_group != kNoPfs; }

}  // namespace emu
