// SPDX-License-Identifier: Apache-2.0
// tests/ipsec/tunnel_test.cpp — what passes through a site-to-site VPN, and what of it anybody else sees.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "tests/ipsec/tunnel_lab.hpp"

namespace test {
namespace {

using testing::AllOf;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST(Tunnel, CarriesInSecretWhatHadNoWayWithoutIt) {  // VPN-19, RT-7, VPN-27
  const Lab lab;
  TunnelLab file;
  file.connected = false;
  lab.build(file.text());
  EXPECT_TRUE(lab.finds_silence("server1", "10.1.0.4"));
  EXPECT_TRUE(lab.finds_silence("vm1", "192.168.1.10"));

  file.connected = true;
  lab.build(file.text());
  EXPECT_EQ(connection_of(lab)["connectionStatus"], "Connected");
  Capture on_internet{lab, "internet"};
  EXPECT_TRUE(lab.reaches("server1", "10.1.0.4"));
  EXPECT_EQ(lab.page("server1", "10.1.0.4"), "vm1 (10.1.0.4) says hello to 192.168.1.10\n");
  EXPECT_EQ(lab.page("vm1", "192.168.1.10"), "server1 (192.168.1.10) says hello to 10.1.0.4\n");
  const auto encrypted = on_internet.packets("esp");
  EXPECT_THAT(encrypted, AllOf(Not(IsEmpty()), Each(HasSubstr("ESP(spi="))));
  EXPECT_TRUE(lab.finds_silence("vm1", "172.16.0.9")) << "nothing else has a way";
}

TEST(Tunnel, ShowsNothingInTheClearOnTheInternet) {
  const Lab lab;
  lab.build(TunnelLab{}.text());
  Capture on_internet{lab, "internet"};
  ASSERT_EQ(lab.page("vm1", "192.168.1.10"), "server1 (192.168.1.10) says hello to 10.1.0.4\n");
  EXPECT_THAT(on_internet.packets("not esp and not udp port 500 and not arp"), IsEmpty());
}

TEST(Tunnel, CountsTheBytesThatItCarries) {  // VPN-30
  const Lab lab;
  lab.build(TunnelLab{}.text());
  const auto before = connection_of(lab);
  ASSERT_FALSE(lab.page("vm1", "192.168.1.10").empty());
  const auto after = connection_of(lab);
  EXPECT_GT(after["ingressBytesTransferred"], before["ingressBytesTransferred"]);
  EXPECT_GT(after["egressBytesTransferred"], before["egressBytesTransferred"]);
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

TEST(Tunnel, ConnectsTenSitesToOneGateway) {  // VPN-9
  constexpr int kSites = 10;
  const Lab lab;
  std::string sites = "on_premises:\n";
  std::string locals = "local_network_gateways:\n";
  std::string connections = "virtual_network_gateway_connections:\n";
  for (int i = 1; i <= kSites; ++i) {
    sites += fmt::format(
        "  - {{name: site{0}, address_space: [192.168.{0}.0/24], public_ip_address: 198.51.100.{1}, shared_key: Key.Of.Site.{0},"
        " hosts: [{{name: host{0}, ip_address: 192.168.{0}.10}}]}}\n",
        i, 100 + i);
    locals += fmt::format("  - {{name: local{0}, gateway_address: on_premises.site{0}, address_space: [192.168.{0}.0/24]}}\n", i);
    connections += fmt::format(
        "  - {{name: to-site{0}, virtual_network_gateway: gw, local_network_gateway: local{0}, shared_key: Key.Of.Site.{0}}}\n", i);
  }
  const auto start = std::chrono::steady_clock::now();
  lab.build(
      "virtual_networks:\n"
      "  - name: vnet\n"
      "    address_space: [10.1.0.0/16]\n"
      "    subnets:\n"
      "      - {name: default, address_prefixes: [10.1.0.0/24]}\n"
      "      - {name: GatewaySubnet, address_prefixes: [10.1.255.0/27]}\n"
      "virtual_machines: [{name: vm1, subnet: vnet/default}]\n"
      "virtual_network_gateways: [{name: gw, virtual_network: vnet, public_ip_address: 203.0.113.10}]\n" +
      locals + connections + sites);
  const auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  RecordProperty("seconds_until_all_connected", fmt::format("{:.1f}", took));
  fmt::print("ten sites: {:.1f} s\n", took);
  for (int i = 1; i <= kSites; ++i) {
    EXPECT_EQ(connection_of(lab, fmt::format("to-site{}", i))["connectionStatus"], "Connected") << i;
    EXPECT_TRUE(lab.reaches("vm1", fmt::format("192.168.{}.10", i))) << i;
  }
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
