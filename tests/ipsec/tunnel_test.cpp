// SPDX-License-Identifier: Apache-2.0
// tests/ipsec/tunnel_test.cpp — what passes through a site-to-site VPN, and what of it anybody else sees.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "tests/ipsec/tunnel_lab.hpp"

namespace test {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST(Tunnel, CarriesInSecretWhatHadNoWayWithoutItAndCountsIt) {  // VPN-19, RT-7, VPN-27, VPN-30
  const Lab lab;
  TunnelLab file;
  file.connected = false;
  lab.build(file.text());
  EXPECT_TRUE(lab.finds_silence("server1", "10.1.0.4"));
  EXPECT_TRUE(lab.finds_silence("vm1", "192.168.1.10"));

  file.connected = true;
  lab.build(file.text());
  const auto before = connection_of(lab);
  EXPECT_EQ(before["connectionStatus"], "Connected");
  Capture on_internet{lab, "internet"};
  EXPECT_TRUE(lab.reaches("server1", "10.1.0.4"));
  EXPECT_EQ(lab.page("server1", "10.1.0.4"), "vm1 (10.1.0.4) says hello to 192.168.1.10\n");
  EXPECT_EQ(lab.page("vm1", "192.168.1.10"), "server1 (192.168.1.10) says hello to 10.1.0.4\n");
  EXPECT_THAT(on_internet.packets("esp"), AllOf(Not(IsEmpty()), Each(HasSubstr("ESP(spi="))));
  EXPECT_THAT(on_internet.packets("not esp and not udp port 500 and not arp"), IsEmpty()) << "nothing in the clear";
  EXPECT_TRUE(lab.finds_silence("vm1", "172.16.0.9")) << "nothing else has a way";
  const auto way = lazuli({"trace", "-l", lab.name(), "vm1", "server1"});
  EXPECT_EQ(way.status, 0) << way.errors;
  EXPECT_THAT(way.output, ContainsRegex(" gw +vnet > ipsec.*\n.*: in its tunnel\n.* dc +ipsec.* > host-server1\n"));

  const auto after = connection_of(lab);
  EXPECT_GT(after["ingressBytesTransferred"], before["ingressBytesTransferred"]);
  EXPECT_GT(after["egressBytesTransferred"], before["egressBytesTransferred"]);
}

/// Who the service says that asks, and which way: nothing when no answer came.
std::string asked_by(const Lab& lab, std::string_view node) {
  const auto said = lab.exec(node, {"curl", "-s", "-m", "2", "http://data/whoami"}).output;
  const auto answer = nlohmann::json::parse(said, nullptr, false);
  return answer.is_object() ? fmt::format("{} {}", answer["sourceAddress"].get<std::string>(), answer["path"].get<std::string>()) : "";
}

// SE-8: not even when the gateway's own subnet has the endpoint, and the site sends into the tunnel what is for the service.
TEST(Tunnel, IsNoWayToAServiceEndpoint) {
  const Lab lab;
  TunnelLab file;
  file.subnets = ", service_endpoints: [Microsoft.Storage]";
  const std::string account = "storage_accounts: [{name: data}]\n";
  lab.build(file.text() + account);
  ASSERT_TRUE(lab.reaches("server1", "10.1.0.4"));
  EXPECT_TRUE(eventually(kTunnelPatience, [&] { return asked_by(lab, "vm1") == "10.1.0.4 backbone"; }));
  EXPECT_EQ(asked_by(lab, "server1"), "198.51.100.10 internet") << "by the site's own edge";

  file.site = "remote_address_space: [10.1.0.0/16, 198.19.0.0/16]";
  lab.build(file.text() + account);
  ASSERT_TRUE(lab.reaches("server1", "10.1.0.4"));
  Capture in_tunnel{lab, "gw"};
  EXPECT_EQ(asked_by(lab, "server1"), "") << "the gateway has no way there";
  EXPECT_THAT(in_tunnel.packets("src host 192.168.1.10 and dst net 198.19.0.0/16"), Not(IsEmpty())) << "it came through the tunnel";
  EXPECT_EQ(asked_by(lab, "vm1"), "10.1.0.4 backbone");
}

TEST(Tunnel, LetsPolicyBasedSelectorsThroughAndNothingElse) {  // VPN-20
  const Lab lab;
  TunnelLab file;
  const std::string policy =
      "ipsec_policy: {dh_group: DHGroup14, ike_encryption: AES256, ike_integrity: SHA256, ipsec_encryption: GCMAES256,"
      " ipsec_integrity: GCMAES256, pfs_group: PFS2048, sa_lifetime: 3600}";
  file.connection = policy + "\n    use_policy_based_traffic_selectors: true";
  file.site = policy + "\n    use_policy_based_traffic_selectors: true\n    remote_address_space: [10.1.0.0/16]";
  lab.build(file.text());
  ASSERT_TRUE(becomes(lab, "Connected")) << connection_of(lab);
  EXPECT_TRUE(lab.reaches("vm1", "192.168.1.10"));
  const auto policies = lab.ask("gw", {"ip", "xfrm", "policy"});
  EXPECT_THAT(policies, HasSubstr("src 10.1.0.0/16 dst 192.168.0.0/16"));
  EXPECT_THAT(policies, Not(HasSubstr("src 0.0.0.0/0 dst 0.0.0.0/0 \n\tdir out priority")));
  EXPECT_THAT(lab.ask("gw", {"ip", "xfrm", "state"}), HasSubstr("rfc4106(gcm(aes))")) << "the policy's own algorithms";
}

TEST(Tunnel, KeepsKeysOutOfEverythingThatIsShown) {
  const Lab lab;
  TunnelLab file;
  file.key = file.key_of_site = "Hidden.Key.77";
  const auto path = lab.file(file.text());
  auto shown = lazuli({"plan", path}).output;
  const auto up = lazuli({"up", path});
  shown += up.output + up.errors;
  file.key = file.key_of_site = "Hidden.Key.78";
  const auto changed = lab.file(file.text());
  shown += lazuli({"plan", changed, "--steps"}).output;
  shown += lazuli({"status", lab.name()}).output + lazuli({"status", lab.name(), "--json"}).output;
  for (const auto& process : std::filesystem::directory_iterator("/proc")) shown += read_file(process.path() / "cmdline");
  for (const auto* hidden : {"Hidden.Key", "48696464656e2e4b6579"}) EXPECT_THAT(shown, Not(HasSubstr(hidden)));

  const std::regex secret{"Hidden\\.Key|48696464656e2e4b6579"};
  int files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator("/run/lazuli/" + lab.name())) {
    if (!entry.is_regular_file() || !std::regex_search(read_file(entry.path()), secret)) continue;
    ++files;
    EXPECT_EQ(entry.status().permissions() & std::filesystem::perms::mask,
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write)
        << entry.path();
  }
  EXPECT_EQ(files, 3) << "the model, and the secrets of the two daemons";
}

}  // namespace
}  // namespace test
