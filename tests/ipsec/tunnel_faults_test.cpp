// SPDX-License-Identifier: Apache-2.0
// tests/ipsec/tunnel_faults_test.cpp — what goes wrong with tunnels, that it is said, and how it is mended.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <regex>
#include <thread>

#include "tests/ipsec/tunnel_lab.hpp"

namespace test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(TunnelFaults, AWrongKeyNeverConnectsAndSaysWhyUntilItIsMended) {  // VPN-31, VPN-17
  const Lab lab;
  TunnelLab file;
  file.key_of_site = "Another.Key.2";
  lab.build_unconnected(file.text());
  const auto connection = connection_of(lab);
  EXPECT_EQ(connection["connectionStatus"], "NotConnected");
  EXPECT_THAT(connection.dump(), HasSubstr("keys"));
  EXPECT_TRUE(lab.finds_silence("vm1", "192.168.1.10"));

  file.key_of_site = file.key;
  EXPECT_THAT(lab.build(file.text()), HasSubstr("VPN Connected (to-dc)")) << "nothing of the old trouble, and at once";
  EXPECT_TRUE(lab.reaches("vm1", "192.168.1.10"));
}

TEST(TunnelFaults, ADaemonThatWasKilledIsNoticedAndUpMendsIt) {
  const Lab lab;
  TunnelLab file;
  file.connection = "dpd_timeout_seconds: 9";
  lab.build(file.text());
  for (const auto* node : {"gw", "dc"}) {
    ASSERT_TRUE(lab.reaches("vm1", "192.168.1.10"));
    ASSERT_EQ(::kill(daemon_of(lab, node), SIGKILL), 0);
    ASSERT_TRUE(eventually(10s, [&] { return connection_of(lab).dump().find("does not run") != std::string::npos; })) << node;
    EXPECT_EQ(connection_of(lab)["connectionStatus"], "Connected") << "packets pass as long as the kernels have the keys";
    EXPECT_TRUE(lab.reaches("vm1", "192.168.1.10"));

    EXPECT_THAT(lab.build(file.text()), AllOf(HasSubstr("start process ipsec"), HasSubstr("VPN Connected (to-dc)"))) << node;
    EXPECT_EQ(connection_of(lab)["reason"], nullptr) << connection_of(lab);
    EXPECT_TRUE(eventually(kTunnelPatience, [&] { return lab.reaches("vm1", "192.168.1.10"); })) << node;
  }

  ASSERT_EQ(::kill(daemon_of(lab, "dc"), SIGKILL), 0);
  EXPECT_TRUE(becomes(lab, "NotConnected")) << "the other end has taken it for dead";
  EXPECT_THAT(connection_of(lab).dump(), HasSubstr("'dc' does not run"));
  EXPECT_TRUE(lab.finds_silence("vm1", "192.168.1.10"));
  EXPECT_THAT(lab.build(file.text()), HasSubstr("VPN Connected (to-dc)"));
  EXPECT_TRUE(lab.reaches("vm1", "192.168.1.10"));
}

TEST(TunnelFaults, DaemonsKilledAtBothEndsAtOnceAreMendedByOneUp) {
  const Lab lab;
  const auto text = TunnelLab{}.text();
  lab.build(text);
  ASSERT_TRUE(lab.reaches("vm1", "192.168.1.10"));
  const auto keys = keys_with(lab, "gw", "198.51.100.10");
  for (const auto* node : {"gw", "dc"}) ASSERT_EQ(::kill(daemon_of(lab, node), SIGKILL), 0) << node;
  ASSERT_TRUE(eventually(10s, [&] { return connection_of(lab).dump().find("does not run") != std::string::npos; }));

  EXPECT_THAT(lab.build(text), HasSubstr("VPN Connected (to-dc)"));
  EXPECT_EQ(connection_of(lab)["reason"], nullptr) << connection_of(lab);
  EXPECT_NE(keys_with(lab, "gw", "198.51.100.10"), keys) << "nobody knew the old ones any more";
  EXPECT_TRUE(eventually(kTunnelPatience, [&] { return lab.reaches("vm1", "192.168.1.10"); }));
}

TEST(TunnelFaults, KeysThatTheKernelLostAreMissedAndUpMakesNewOnes) {
  const Lab lab;
  const auto text = TunnelLab{}.text();
  lab.build(text);
  ASSERT_TRUE(lab.reaches("vm1", "192.168.1.10"));
  lab.ask("gw", {"ip", "xfrm", "policy", "flush"});  // with a policy left, the next packet would make the daemon notice
  lab.ask("gw", {"ip", "xfrm", "state", "flush"});
  EXPECT_TRUE(lab.finds_silence("vm1", "192.168.1.10"));
  const auto connection = connection_of(lab);
  EXPECT_EQ(connection["connectionStatus"], "NotConnected");
  EXPECT_THAT(connection.dump(), HasSubstr("lost its keys"));

  lab.build(text);
  EXPECT_EQ(connection_of(lab)["connectionStatus"], "Connected");
  EXPECT_TRUE(lab.reaches("vm1", "192.168.1.10"));
}

TEST(TunnelFaults, APeerThatIsStartedWithNewSettingsConnectsAgain) {  // VPN-16, VPN-17
  const Lab lab;
  TunnelLab file;
  lab.build(file.text());
  ASSERT_TRUE(lab.reaches("vm1", "192.168.1.10"));
  const auto daemon = daemon_of(lab, "gw");

  file.site =
      "ipsec_policy: {dh_group: DHGroup14, ike_encryption: AES128, ike_integrity: SHA256, ipsec_encryption: AES128, ipsec_integrity: SHA1,"
      " pfs_group: None}";
  lab.build(file.text());
  EXPECT_EQ(daemon_of(lab, "gw"), daemon) << "the other end was left alone";
  EXPECT_TRUE(becomes(lab, "Connected")) << connection_of(lab);
  EXPECT_TRUE(eventually(kTunnelPatience, [&] { return lab.reaches("vm1", "192.168.1.10"); }));
  EXPECT_THAT(lab.ask("gw", {"ip", "xfrm", "state"}), HasSubstr("cbc(aes)"));
}

TEST(TunnelFaults, ATunnelComesBackByItselfWhenTheInternetDoes) {  // VPN-12
  const Lab lab;
  TunnelLab file;
  file.connection = "dpd_timeout_seconds: 9";
  lab.build(file.text());
  ASSERT_TRUE(lab.reaches("vm1", "192.168.1.10"));

  lab.ask("internet", {"nft", "add table inet cut; add chain inet cut forward { type filter hook forward priority 0; policy drop; }"});
  const auto cut = std::chrono::steady_clock::now();
  EXPECT_TRUE(lab.finds_silence("vm1", "192.168.1.10"));
  EXPECT_TRUE(eventually(60s, [&] { return connection_of(lab)["connectionStatus"] != "Connected"; })) << "a dead peer is noticed";
  std::this_thread::sleep_until(cut + 30s);  // as long as the outage is to last, whatever the checks took
  lab.ask("internet", {"nft", "delete table inet cut"});
  EXPECT_TRUE(eventually(kTunnelPatience, [&] { return lab.reaches("vm1", "192.168.1.10"); })) << connection_of(lab);
}

TEST(TunnelFaults, NewKeysWhileTrafficFlowsLoseNoConnection) {
  const Lab lab;
  TunnelLab file;
  const std::string policy =
      "ipsec_policy: {dh_group: DHGroup14, ike_encryption: AES128, ike_integrity: SHA256, ipsec_encryption: GCMAES128,"
      " ipsec_integrity: GCMAES128, pfs_group: None, sa_lifetime: 300, sa_datasize: 1024}";
  file.connection = file.site = policy;
  lab.build(file.text());
  ASSERT_TRUE(becomes(lab, "Connected"));
  const auto before = keys_with(lab, "gw", "198.51.100.10");

  // The keys are good for 1 MiB. 2.5 MB each way go through while one TCP connection asks again and again.
  const auto log = lab.folder() / "requests";
  const auto requests = start({lazuli_path(), "exec", "-l", lab.name(), "vm1", "--", "curl", "-s", "--max-time", "60", "-o", "/dev/null",
                               "-w", "%{http_code} %{num_connects}\\n", "http://192.168.1.10/?[1-800]"},
                              log);
  const auto pings = lab.ask("vm1", {"ping", "-n", "-q", "-i", "0.005", "-s", "1200", "-c", "2000", "192.168.1.10"});
  static const std::regex kLoss{"([0-9.]+)% packet loss"};
  std::smatch loss;
  ASSERT_TRUE(std::regex_search(pings, loss, kLoss)) << pings;
  EXPECT_LT(std::stod(loss[1]), 5) << "packets in flight when the old keys go may be lost; connections are not";
  EXPECT_NE(keys_with(lab, "gw", "198.51.100.10"), before) << "the keys are new";
  ASSERT_TRUE(eventually(60s, [&] { return lines_of(read_file(log)).size() >= 800; })) << read_file(log);
  const auto lines = lines_of(read_file(log));
  EXPECT_EQ(lines.front(), "200 1");
  for (std::size_t i = 1; i < 800; ++i) ASSERT_EQ(lines[i], "200 0") << "over the same connection, " << i;
}

TEST(TunnelFaults, NothingIsLeftWhereverItWasInterrupted) {
  for (const auto after : {100ms, 400ms, 900ms, 1800ms, 3500ms}) {
    const Lab lab;
    const auto path = lab.file(TunnelLab{}.text());
    {
      auto up = start({lazuli_path(), "up", path});
      std::this_thread::sleep_for(after);  // the moment is what is tested
      up.kill();
    }
    const auto namespaces = namespaces_of(lab.name());
    lab.down();
    EXPECT_THAT(remains_of(lab.name()), IsEmpty()) << after.count();
    EXPECT_THAT(processes_in(namespaces), IsEmpty()) << after.count();
  }
}

}  // namespace
}  // namespace test
