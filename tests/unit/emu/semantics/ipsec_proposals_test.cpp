// SPDX-License-Identifier: Apache-2.0
#include "emu/semantics/ipsec_proposals.hpp"

#include <gtest/gtest.h>

using emu::IpsecPolicy;

// VPN-13: the group would be DH 2, which libreswan refuses.
TEST(IpsecProposals, DefaultsAreAzuresInAzuresOrderWithAStrongerGroup) {
  EXPECT_EQ(emu::ike_proposals({}),
            "aes256-sha1-modp2048,aes256-sha2_256-modp2048,aes128-sha1-modp2048,aes128-sha2_256-modp2048,3des-sha1-modp2048,"
            "3des-sha2_256-modp2048");
  EXPECT_EQ(emu::esp_proposals({}), "aes_gcm256-null,aes256-sha1,3des-sha1,aes256-sha2_256,aes128-sha1,3des-sha2_256");
  EXPECT_FALSE(emu::has_pfs({}));
}

// VPN-16
TEST(IpsecProposals, APolicyIsTheOnlyProposal) {
  const IpsecPolicy policy{"DHGroup14", "AES256", "SHA256", "AES128", "SHA1", "PFS2048", 27000, 102400000};
  EXPECT_EQ(emu::ike_proposals(policy), "aes256-sha2_256-modp2048");
  EXPECT_EQ(emu::esp_proposals(policy), "aes128-sha1-modp2048");
  EXPECT_TRUE(emu::has_pfs(policy));
}

// VPN-15
TEST(IpsecProposals, CombinedModesHaveNoIntegrityOfTheirOwn) {
  const IpsecPolicy policy{"ECP384", "GCMAES256", "GCMAES256", "GCMAES192", "GCMAES192", "ECP256", 27000, 102400000};
  EXPECT_EQ(emu::ike_proposals(policy), "aes_gcm256-sha2_384-dh20");
  EXPECT_EQ(emu::esp_proposals(policy), "aes_gcm192-null-dh19");
}

TEST(IpsecProposals, PerfectForwardSecrecyCanBeOffOrOfTheGroupOfMainMode) {
  IpsecPolicy policy{"ECP256", "DES3", "MD5", "None", "SHA256", "PFSMM", 27000, 102400000};
  EXPECT_EQ(emu::ike_proposals(policy), "3des-md5-dh19");
  EXPECT_EQ(emu::esp_proposals(policy), "null-sha2_256-dh19");
  policy.pfs_group = "None";
  EXPECT_EQ(emu::esp_proposals(policy), "null-sha2_256");
  EXPECT_FALSE(emu::has_pfs(policy));
}
