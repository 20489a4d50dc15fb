// SPDX-License-Identifier: Apache-2.0
// emu/model/ipsec_algorithms.hpp — Azure's names for algorithms, and libreswan's (VPN-13).
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string_view>

namespace emu {

struct IpsecAlgorithm {
  std::string_view azure;
  std::string_view libreswan;     ///< empty where libreswan 4.10 cannot do it, or where there is nothing to say
  std::string_view instead = {};  ///< what to use where libreswan cannot do it
};

inline constexpr std::array kDhGroups{
    IpsecAlgorithm{"DHGroup14", "modp2048"},   IpsecAlgorithm{"DHGroup2048", "modp2048"},   IpsecAlgorithm{"ECP256", "dh19"},
    IpsecAlgorithm{"ECP384", "dh20"},          IpsecAlgorithm{"DHGroup1", "", "DHGroup14"}, IpsecAlgorithm{"DHGroup2", "", "DHGroup14"},
    IpsecAlgorithm{"DHGroup24", "", "ECP256"}, IpsecAlgorithm{"None", "", "DHGroup14"},  // IKEv2 has no exchange without a group (RFC 7296)
};

inline constexpr std::array kIkeEncryptions{
    IpsecAlgorithm{"DES3", "3des"},      IpsecAlgorithm{"AES128", "aes128"},        IpsecAlgorithm{"AES192", "aes192"},
    IpsecAlgorithm{"AES256", "aes256"},  IpsecAlgorithm{"GCMAES128", "aes_gcm128"}, IpsecAlgorithm{"GCMAES256", "aes_gcm256"},
    IpsecAlgorithm{"DES", "", "AES128"},
};

/// With AES-GCM encryption this names the pseudo-random function only.
inline constexpr std::array kIkeIntegrities{
    IpsecAlgorithm{"MD5", "md5"},         IpsecAlgorithm{"SHA1", "sha1"},          IpsecAlgorithm{"SHA256", "sha2_256"},
    IpsecAlgorithm{"SHA384", "sha2_384"}, IpsecAlgorithm{"GCMAES128", "sha2_256"}, IpsecAlgorithm{"GCMAES256", "sha2_384"},
};

inline constexpr std::array kIpsecEncryptions{
    IpsecAlgorithm{"None", "null"},
    IpsecAlgorithm{"DES3", "3des"},
    IpsecAlgorithm{"AES128", "aes128"},
    IpsecAlgorithm{"AES192", "aes192"},
    IpsecAlgorithm{"AES256", "aes256"},
    IpsecAlgorithm{"GCMAES128", "aes_gcm128"},
    IpsecAlgorithm{"GCMAES192", "aes_gcm192"},
    IpsecAlgorithm{"GCMAES256", "aes_gcm256"},
    IpsecAlgorithm{"DES", "", "AES128"},
};

/// AES-GCM needs no integrity of its own, which libreswan spells `null`.
inline constexpr std::array kIpsecIntegrities{
    IpsecAlgorithm{"MD5", "md5"},        IpsecAlgorithm{"SHA1", "sha1"},      IpsecAlgorithm{"SHA256", "sha2_256"},
    IpsecAlgorithm{"GCMAES128", "null"}, IpsecAlgorithm{"GCMAES192", "null"}, IpsecAlgorithm{"GCMAES256", "null"},
};

inline constexpr std::string_view kNoPfs = "None";
inline constexpr std::string_view kPfsOfMainMode = "PFSMM";  ///< the group of dh_group

inline constexpr std::array kPfsGroups{
    IpsecAlgorithm{kNoPfs, ""},          IpsecAlgorithm{"PFS14", "modp2048"}, IpsecAlgorithm{"PFS2048", "modp2048"},
    IpsecAlgorithm{"ECP256", "dh19"},    IpsecAlgorithm{"ECP384", "dh20"},    IpsecAlgorithm{kPfsOfMainMode, ""},
    IpsecAlgorithm{"PFS1", "", "PFS14"}, IpsecAlgorithm{"PFS2", "", "PFS14"}, IpsecAlgorithm{"PFS24", "", "ECP256"},
};

/// nullptr when Azure has none of that name.
inline const IpsecAlgorithm* find_algorithm(std::span<const IpsecAlgorithm> known, std::string_view azure) {
  const auto found = std::ranges::find(known, azure, &IpsecAlgorithm::azure);
  return found == known.end() ? nullptr : &*found;
}

template <std::size_t kCount>
constexpr std::array<std::string_view, kCount> algorithm_names(const std::array<IpsecAlgorithm, kCount>& known) {
  std::array<std::string_view, kCount> names;
  std::ranges::transform(known, names.begin(), &IpsecAlgorithm::azure);
  return names;
}

inline bool is_gcm(std::string_view azure) { return azure.starts_with("GCMAES"); }

}  // namespace emu
