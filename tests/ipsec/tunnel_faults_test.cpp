// SPDX-License-Identifier: Apache-2.0
// tests/ipsec/tunnel_faults_test.cpp — what goes wrong with tunnels, that it is said, and how it is mended.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>
#include <regex>
#include <set>
#include <thread>

#include "tests/ipsec/tunnel_lab.hpp"

namespace test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;

pid_t daemon_of(const Lab& lab, std::string_view node) {
  std::ifstream record{fmt::format("/run/lazuli/{0}/processes/{0}.{1}.ipsec", lab.name(), node)};
  pid_t pid = 0;
  record >> pid;
  return pid;
}

/// What identifies the keys in use.
std::set<std::string> security_parameters(const Lab& lab) {
  const auto text = lab.ask("gw", {"ip", "xfrm", "state"});
  static const std::regex kSpi{"spi 0x[0-9a-f]+"};
  return {std::sregex_token_iterator{text.begin(), text.end(), kSpi}, std::sregex_token_iterator{}};
}

TEST(TunnelFaults, AWrongKeyNeverConnectsAndSaysWhyUntilItIsMended) {  // VPN-31, VPN-17
  const Lab lab;
  TunnelLab file;
  file.key_of_site = "Another.Key.2";
  lab.build(file.text());
  const auto connection = connection_of(lab);
  EXPECT_EQ(connection["connectionStatus"], "NotConnected");
  EXPECT_THAT(connection.dump(), HasSubstr("keys"));
  EXPECT_TRUE(lab.finds_silence("vm1", "192.168.1.10"));

  file.key_of_site = file.key;
  lab.build(file.text());
  EXPECT_TRUE(becomes(lab, "Connected")) << connection_of(lab);
  EXPECT_TRUE(lab.reaches("vm1", "192.168.1.10"));
}

TEST(TunnelFaults, ADaemonThatWasKilledIsNoticedAndUpMendsIt) {
  for (const auto* node : {"gw", "dc"}) {
    const Lab lab;
    const auto text = TunnelLab{}.text();
    lab.build(text);
    ASSERT_TRUE(lab.reaches("vm1", "192.168.1.10"));

    ASSERT_EQ(::kill(daemon_of(lab, node), SIGKILL), 0);
    ASSERT_TRUE(becomes(lab, "NotConnected", 10s)) << node;
    EXPECT_THAT(connection_of(lab).dump(), HasSubstr("does not run"));

    EXPECT_THAT(lab.build(text), HasSubstr("start process ipsec"));
    EXPECT_TRUE(becomes(lab, "Connected")) << node << connection_of(lab);
    EXPECT_TRUE(eventually(kTunnelPatience, [&] { return lab.reaches("vm1", "192.168.1.10"); })) << node;
  }
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
  const auto before = security_parameters(lab);

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
  EXPECT_NE(security_parameters(lab), before) << "the keys are new";
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
