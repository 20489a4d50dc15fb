// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "emu/model/gateway_lookup.hpp"
#include "emu/model/ipsec_algorithms.hpp"
#include "emu/model/wording.hpp"
#include "emu/semantics/rules.hpp"

namespace emu {
namespace {

class PolicyRules {
 public:
  PolicyRules(std::string path, Findings& findings) : path_(std::move(path)), findings_(findings) {}

  void check(const IpsecPolicy& policy) {
    check_algorithm("dh_group", policy.dh_group, kDhGroups);
    check_algorithm("ike_encryption", policy.ike_encryption, kIkeEncryptions);
    check_algorithm("ike_integrity", policy.ike_integrity, kIkeIntegrities);
    check_algorithm("ipsec_encryption", policy.ipsec_encryption, kIpsecEncryptions);
    check_algorithm("ipsec_integrity", policy.ipsec_integrity, kIpsecIntegrities);
    check_algorithm("pfs_group", policy.pfs_group, kPfsGroups);
    check_combined_modes(policy);
    check_lifetimes(policy);
  }

 private:
  /// VPN-13.
  void check_algorithm(std::string_view key, const std::string& name, std::span<const IpsecAlgorithm> known) {
    if (name.empty()) return;
    const auto path = fmt::format("{}.{}", path_, key);
    const auto* algorithm = find_algorithm(known, name);
    if (algorithm == nullptr) {
      std::vector<std::string_view> names;
      for (const auto& one : known) {
        if (one.instead.empty()) names.push_back(one.azure);
      }
      findings_.error(path, fmt::format("{} is not a value of '{}'{}", in_quotes(name), key, findings_.guess(name, names)), "",
                      fmt::format("its values are {}", fmt::join(names, ", ")));
    } else if (!algorithm->instead.empty()) {
      findings_.error(path, fmt::format("libreswan does not do {} {}", key, in_quotes(name)), "",
                      fmt::format("use {}", algorithm->instead));
    }
  }

  /// VPN-15, and its like for IKE, where an integrity of GCM names no more than the pseudo-random function.
  void check_combined_modes(const IpsecPolicy& policy) {
    const auto differ = [](const std::string& encryption, const std::string& integrity) {
      return !encryption.empty() && !integrity.empty() && encryption != integrity;
    };
    if ((is_gcm(policy.ipsec_encryption) || is_gcm(policy.ipsec_integrity)) && differ(policy.ipsec_encryption, policy.ipsec_integrity))
      findings_.error(
          path_ + ".ipsec_integrity",
          fmt::format("AES-GCM is encryption and integrity in one: 'ipsec_encryption' {} and 'ipsec_integrity' {} have to be the same",
                      in_quotes(policy.ipsec_encryption), in_quotes(policy.ipsec_integrity)));
    if (is_gcm(policy.ike_integrity) && differ(policy.ike_encryption, policy.ike_integrity))
      findings_.error(path_ + ".ike_integrity", fmt::format("'ike_integrity' {} goes with the same 'ike_encryption' only, not with {}",
                                                            in_quotes(policy.ike_integrity), in_quotes(policy.ike_encryption)));
  }

  /// VPN-14.
  void check_lifetimes(const IpsecPolicy& policy) {
    constexpr std::uint32_t kShortest = 300;
    constexpr std::uint64_t kSmallest = 1024;
    if (policy.sa_lifetime < kShortest)
      findings_.error(path_ + ".sa_lifetime", fmt::format("'sa_lifetime' is at least {} seconds, not {}", kShortest, policy.sa_lifetime));
    if (policy.sa_datasize < kSmallest)
      findings_.error(path_ + ".sa_datasize", fmt::format("'sa_datasize' is at least {} kilobytes, not {}", kSmallest, policy.sa_datasize));
  }

  std::string path_;
  Findings& findings_;
};

template <typename Resource>
void check_policy(const Resource& resource, const std::string& path, Findings& findings) {
  if (resource.ipsec_policy) PolicyRules(path + ".ipsec_policy", findings).check(*resource.ipsec_policy);
}

/// VPN-18.
void check_sku(const Model& model, std::size_t i, Findings& findings) {
  const auto& connection = model.virtual_network_gateway_connections[i];
  const auto* gateway = find_virtual_network_gateway(model, connection.virtual_network_gateway);
  if (connection.ipsec_policy && gateway != nullptr && gateway->sku == "Basic")
    findings.error(connection_path(i) + ".ipsec_policy",
                   fmt::format("gateway {} is of SKU Basic, which has no custom policies", in_quotes(gateway->name)));
}

}  // namespace

void check_ipsec_policies(const Subject& subject, Findings& findings) {
  const auto& model = subject.model;
  for (std::size_t i = 0; i < model.virtual_network_gateway_connections.size(); ++i) {
    check_policy(model.virtual_network_gateway_connections[i], connection_path(i), findings);
    check_sku(model, i, findings);
  }
  for (std::size_t i = 0; i < model.on_premises.size(); ++i) check_policy(model.on_premises[i], site_path(i), findings);
}

}  // namespace emu
