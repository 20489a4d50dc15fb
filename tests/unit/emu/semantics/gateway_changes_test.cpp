// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "emu/semantics/changes.hpp"
#include "tests/unit/emu/sample_vpn.hpp"

using emu::Change;
using emu::Model;
using testing::Contains;
using testing::ElementsAre;
namespace sample = emu::sample;

namespace {

std::string line(const Change& change) {
  constexpr std::string_view kSigns = "+~-";
  return fmt::format("{} {}: {}", kSigns[static_cast<std::size_t>(change.kind)], change.resource, change.detail);
}

std::vector<std::string> lines(const Model* before, const Model& after) {
  std::vector<std::string> out;
  for (const auto& change : changes(before, after)) out.push_back(line(change));
  return out;
}

}  // namespace

TEST(GatewayChanges, ListWhatANewTunnelIsMadeOf) {
  const auto model = sample::resolved_vpn_lab();
  const auto all = lines(nullptr, model);
  for (const char* expected :
       {"+ gateway gw: RouteBased VpnGw1 in 'hub', 10.0.255.4, public 203.0.113.4",
        "+ local network gateway dc-seen: on_premises.dc, 192.168.0.0/16, 172.16.9.0/24", "+ connection to-dc: 'gw' to 'dc-seen', IPsec",
        "+ site dc: 192.168.0.0/16, public 203.0.113.5", "+ site dc / host server1: 192.168.1.10"})
    EXPECT_THAT(all, Contains(std::string(expected)));
  EXPECT_THAT(lines(&model, model), testing::IsEmpty());
}

TEST(GatewayChanges, SayThatAKeyChangedAndNeverShowIt) {
  const auto before = sample::resolved_vpn_lab();
  auto after = before;
  after.virtual_network_gateway_connections[0].shared_key = emu::Secret("An0therKey");
  after.on_premises[0].shared_key = emu::Secret("An0therKey");
  EXPECT_THAT(lines(&before, after), ElementsAre("~ connection to-dc: shared key: changed", "~ site dc: shared key: changed"));
}

TEST(GatewayChanges, NameThePolicyOfBothMoments) {
  const auto before = sample::resolved_vpn_lab();
  auto after = before;
  after.virtual_network_gateway_connections[0].ipsec_policy =
      emu::IpsecPolicy{"DHGroup14", "AES256", "SHA256", "GCMAES256", "GCMAES256", "PFS14", 27000, 102400000};
  after.virtual_network_gateway_connections[0].connection_mode = emu::ConnectionMode::InitiatorOnly;
  EXPECT_THAT(
      lines(&before, after),
      ElementsAre("~ connection to-dc: ipsec policy: Azure's defaults -> AES256/SHA256/DHGroup14, GCMAES256/GCMAES256/PFS14, 27000 s, "
                  "102400000 KB; connection mode: Default -> InitiatorOnly"));
}

// VPN-12
TEST(GatewayChanges, SayHowLongASilentPeerIsWaitedFor) {
  const auto before = sample::resolved_vpn_lab();
  auto after = before;
  after.virtual_network_gateway_connections[0].dpd_timeout_seconds = 90;
  EXPECT_THAT(lines(&before, after), ElementsAre("~ connection to-dc: dpd timeout seconds: 45 -> 90"));
}

TEST(GatewayChanges, ListTheRoutesOfANetworkOnceBelowIt) {
  const auto before = sample::resolved_vpn_lab();
  auto after = before;
  after.local_network_gateways[0].address_space.pop_back();
  const auto found = changes(&before, after);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(line(found[0]), "~ vnet hub: routes");
  EXPECT_THAT(found[0].consequences, ElementsAre(Change::Consequence{Change::Kind::Delete, "route 172.16.9.0/24 via 10.0.255.4",
                                                                     "no longer behind a connection of the gateway"}));
  EXPECT_EQ(line(found[1]), "~ vnet spoke: routes");
  EXPECT_EQ(line(found[2]), "~ local network gateway dc-seen: address space: 192.168.0.0/16, 172.16.9.0/24 -> 192.168.0.0/16");
}
