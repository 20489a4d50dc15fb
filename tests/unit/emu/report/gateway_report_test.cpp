// SPDX-License-Identifier: Apache-2.0
#include "emu/report/gateway_report.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "emu/report/nodes_report.hpp"
#include "emu/report/status_report.hpp"
#include "tests/unit/emu/sample_vpn.hpp"

using emu::ConnectionStatus;
namespace sample = emu::sample;

namespace {

ConnectionStatus connected() {
  ConnectionStatus status;
  status.name = "to-dc";
  status.connection_status = ConnectionStatus::State::Connected;
  status.ingress_bytes = 84;
  status.egress_bytes = 168;
  status.established_since = std::chrono::system_clock::time_point(std::chrono::seconds(1700000000));
  status.ike_algorithms = "AES_CBC_256-HMAC_SHA1-MODP2048";
  status.esp_algorithms = "AES_GCM_16_256-NONE";
  return status;
}

}  // namespace

TEST(GatewayReport, ListsGatewaysAndConnections) {
  const auto model = sample::resolved_vpn_lab();
  EXPECT_EQ(gateways_table(model),
            "  GATEWAY   VNET   VPN TYPE     SKU      PRIVATE      PUBLIC\n"
            "  gw        hub    RouteBased   VpnGw1   10.0.255.4   203.0.113.4\n");
  EXPECT_EQ(connections_table(model, {connected()}),
            "  CONNECTION   GATEWAY   TO   STATUS      BYTES IN   BYTES OUT\n"
            "  to-dc        gw        dc   Connected   84         168\n");
  const emu::Model none;
  EXPECT_EQ(gateways_table(none) + connections_table(none, {}) + connections_summary(none, {}), "");
}

// VPN-28
TEST(GatewayReport, AConnectionThatNobodyKnowsOfIsUnknownAndOneThatFailsSaysWhyBeneath) {
  const auto model = sample::resolved_vpn_lab();
  EXPECT_EQ(connections_summary(model, {}), "  gw <-> dc   VPN Unknown (to-dc)\n");
  ConnectionStatus failed;
  failed.name = "TO-DC";
  failed.connection_status = ConnectionStatus::State::NotConnected;
  failed.reason = "the other end has another key; it says so";
  const std::string why =
      "      the other end has another key\n"
      "      it says so\n";
  EXPECT_EQ(connections_summary(model, {failed}), "  gw <-> dc   VPN NotConnected (to-dc)\n" + why);
  EXPECT_EQ(connections_table(model, {failed}),
            "  CONNECTION   GATEWAY   TO   STATUS         BYTES IN   BYTES OUT\n"
            "  to-dc        gw        dc   NotConnected   0          0\n" +
                why);
}

TEST(UpSummary, ListsSitesAndTunnels) {
  EXPECT_EQ(up_summary(sample::resolved_vpn_lab(), {connected()}),
            "  NODE      SUBNET           PRIVATE        PUBLIC        SERVES\n"
            "  vm1       hub/default      10.0.0.4\n"
            "  dc        on_premises.dc                  203.0.113.5\n"
            "  server1   on_premises.dc   192.168.1.10                 http://192.168.1.10/\n"
            "\n"
            "  hub <-> spoke   peering Connected (westus - westus)\n"
            "\n"
            "  gw <-> dc   VPN Connected (to-dc)\n");
}

TEST(StatusJson, OfATunnelHasArmsPropertyNamesAndNoKey) {
  const auto text = status_json(sample::resolved_vpn_lab(), {connected()});
  EXPECT_EQ(text.find("Str0ngKey"), std::string::npos);
  const auto json = nlohmann::ordered_json::parse(text);
  EXPECT_EQ(json["virtualNetworkGateways"].dump(),
            R"([{"name":"gw","virtualNetwork":"hub","gatewayType":"Vpn","vpnType":"RouteBased","sku":"VpnGw1",)"
            R"("privateIPAddress":"10.0.255.4","publicIPAddress":"203.0.113.4"}])");
  EXPECT_EQ(json["localNetworkGateways"].dump(),
            R"([{"name":"dc-seen","gatewayIpAddress":"203.0.113.5","localNetworkAddressSpace":{"addressPrefixes":["192.168.0.0/16",)"
            R"("172.16.9.0/24"]}}])");
  EXPECT_EQ(json["connections"].dump(),
            R"([{"name":"to-dc","connectionType":"IPsec","virtualNetworkGateway1":"gw","localNetworkGateway2":"dc-seen",)"
            R"("connectionStatus":"Connected","ingressBytesTransferred":84,"egressBytesTransferred":168,)"
            R"("lastConnectionEstablishedUtcTime":"2023-11-14T22:13:20Z","ikeAlgorithms":"AES_CBC_256-HMAC_SHA1-MODP2048",)"
            R"("espAlgorithms":"AES_GCM_16_256-NONE"}])");
  EXPECT_EQ(json["onPremises"].dump(), R"([{"name":"dc","addressSpace":{"addressPrefixes":["192.168.0.0/16"]},)"
                                       R"("publicIPAddress":"203.0.113.5","hosts":[{"name":"server1","ipAddress":"192.168.1.10"}]}])");
}
