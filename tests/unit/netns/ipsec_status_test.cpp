// SPDX-License-Identifier: Apache-2.0
#include "netns/ipsec/status.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace netns {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(IpsecStatus, IsOfEachConnectionWithItsAlgorithms) {
  const auto found = parse_ipsec_status(
      "000 \"to-dc\": 0.0.0.0/0===203.0.113.4---169.254.0.1...198.51.100.20===0.0.0.0/0; erouted; eroute owner: #3\n"
      "000 \"to-dc\":   IKEv2 algorithm newest: AES_CBC_256-HMAC_SHA1-MODP2048\n"
      "000 \"to-dc\":   ESP algorithm newest: AES_GCM_16_256-NONE; pfsgroup=<N/A>\n"
      "000 #2: \"to-dc\":500 STATE_V2_ESTABLISHED_IKE_SA (established IKE SA); REKEY in 28020s; newest; idle;\n"
      "000 #3: \"to-dc\":500 STATE_V2_ESTABLISHED_CHILD_SA (established Child SA); LIVENESS in 12s; newest; eroute owner; idle;\n"
      "000 \"quiet\": 0.0.0.0/0===203.0.113.4---169.254.0.1...198.51.100.30===0.0.0.0/0; unrouted; eroute owner: #0\n"
      "000 #4: \"asked/1x2\":500 STATE_V2_PARENT_I1 (sent IKE_SA_INIT request); RETRANSMIT in 0.5s; idle;\n");
  EXPECT_EQ(found.at("to-dc"), (IpsecStatus{IpsecState::Established, "AES_CBC_256-HMAC_SHA1-MODP2048", "AES_GCM_16_256-NONE"}));
  EXPECT_EQ(found.at("quiet"), IpsecStatus{});
  EXPECT_EQ(found.at("asked").state, IpsecState::Negotiating);
}

const std::string kFailed =
    "Nov 24 18:54:23.248618: \"to-dc\" #1: initiating IKEv2 connection\n"
    "Nov 24 18:54:23.448618: \"to-dc\" #1: IKE SA authentication request rejected by peer: AUTHENTICATION_FAILED\n"
    "Nov 24 18:54:23.449618: \"other\" #2: initiating IKEv2 connection\n";

TEST(IpsecTroubles, AreTheOutcomeOfTheLastTry) {
  EXPECT_THAT(parse_ipsec_log(kFailed),
              ElementsAre(Pair("to-dc", "IKE SA authentication request rejected by peer: AUTHENTICATION_FAILED")));
  EXPECT_THAT(parse_ipsec_log(kFailed + "Nov 24 18:54:28.2: \"to-dc\" #3: initiating IKEv2 connection\n"), testing::SizeIs(1))
      << "another try has no outcome yet";
}

TEST(IpsecTroubles, EndWhenKeysAreThereOrTheConnectionIsNew) {
  EXPECT_THAT(parse_ipsec_log(kFailed + "Nov 24 18:54:29.6: \"to-dc\" #6: initiator established Child SA using #5; IPsec tunnel\n"),
              IsEmpty());
  EXPECT_THAT(parse_ipsec_log(kFailed + "Nov 24 18:54:29.2: \"to-dc\": added IKEv2 connection\n"), IsEmpty());
}

TEST(IpsecTroubles, CanBeForgottenForOneConnection) {
  const auto folder = std::filesystem::temp_directory_path() / fmt::format("ipsec-troubles-{}", ::getpid());
  forget_ipsec_trouble(folder, "to-dc");
  EXPECT_FALSE(std::filesystem::exists(folder)) << "where there is no log, none is made";

  std::filesystem::create_directory(folder);
  std::ofstream{folder / "pluto.log"} << kFailed << "1: \"other\" #2: dropped: NO_PROPOSAL_CHOSEN\n";
  ASSERT_THAT(ipsec_troubles(folder), ElementsAre(Pair("other", "dropped: NO_PROPOSAL_CHOSEN"), Pair("to-dc", testing::_)));
  forget_ipsec_trouble(folder, "to-dc");
  EXPECT_THAT(ipsec_troubles(folder), ElementsAre(Pair("other", testing::_)));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace netns
