// SPDX-License-Identifier: Apache-2.0
// tests/ipsec/tunnel_lab.hpp — a network and a site with a tunnel between them, for tests.
#pragma once

#include <fmt/format.h>

#include <sys/types.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <string>
#include <string_view>

#include "tests/scenario/lab.hpp"
#include "tests/support/eventually.hpp"

namespace test {

inline constexpr std::chrono::seconds kTunnelPatience{90};

/// vm1 10.1.0.4 -- gw 203.0.113.10 == 198.51.100.10 dc -- server1 192.168.1.10
struct TunnelLab {
  std::string key = "Same.Key.1";
  std::string key_of_site = key;
  std::string connection;  ///< more properties: `connection_mode: ResponderOnly`
  std::string site;        ///< likewise
  std::string subnets;     ///< likewise, of both subnets: `, service_endpoints: [Microsoft.Storage]`
  bool connected = true;   ///< whether the file has gateway and connection

  std::string text() const {
    auto out = fmt::format(
        "virtual_networks:\n"
        "  - name: vnet\n"
        "    address_space: [10.1.0.0/16]\n"
        "    subnets:\n"
        "      - {{name: default, address_prefixes: [10.1.0.0/24]{0}}}\n"
        "      - {{name: GatewaySubnet, address_prefixes: [10.1.255.0/27]{0}}}\n"
        "virtual_machines: [{{name: vm1, subnet: vnet/default, web: 80}}]\n",
        subnets);
    out += fmt::format(
        "on_premises:\n"
        "  - name: dc\n"
        "    address_space: [192.168.0.0/16]\n"
        "    public_ip_address: 198.51.100.10\n"
        "    shared_key: {}\n"
        "{}"
        "    hosts: [{{name: server1, ip_address: 192.168.1.10, web: 80}}]\n",
        key_of_site, lines(site));
    if (!connected) return out;
    return out + fmt::format(
                     "virtual_network_gateways: [{{name: gw, virtual_network: vnet, public_ip_address: 203.0.113.10}}]\n"
                     "local_network_gateways: [{{name: dc-gateway, gateway_address: on_premises.dc, address_space: [192.168.0.0/16]}}]\n"
                     "virtual_network_gateway_connections:\n"
                     "  - name: to-dc\n"
                     "    virtual_network_gateway: gw\n"
                     "    local_network_gateway: dc-gateway\n"
                     "    shared_key: {}\n"
                     "{}",
                     key, lines(connection));
  }

 private:
  static std::string lines(const std::string& properties) { return properties.empty() ? "" : fmt::format("    {}\n", properties); }
};

inline nlohmann::json connection_of(const Lab& lab, std::string_view name = "to-dc") {
  const auto status = lab.status();
  for (const auto& connection : status["connections"])
    if (connection["name"] == name) return connection;
  return {};
}

inline bool becomes(const Lab& lab, std::string_view status, std::chrono::seconds limit = kTunnelPatience) {
  return eventually(limit, [&] { return connection_of(lab)["connectionStatus"] == status; });
}

/// The IKE daemon of a node.
inline pid_t daemon_of(const Lab& lab, std::string_view node) { return program_of(lab, node, "ipsec").value(); }

/// What identifies the keys that `node` has in its kernel for a tunnel whose other end is `peer`: the SPI of each direction.
inline std::set<std::string> keys_with(const Lab& lab, std::string_view node, std::string_view peer) {
  static const std::regex kAssociation{"src (\\S+) dst (\\S+)\\s+proto esp (spi 0x[0-9a-f]+)"};
  const auto text = lab.ask(node, {"ip", "xfrm", "state"});
  std::set<std::string> found;
  for (auto match = std::sregex_iterator{text.begin(), text.end(), kAssociation}; match != std::sregex_iterator{}; ++match)
    if (match->str(1) == peer || match->str(2) == peer) found.insert(match->str(3));
  return found;
}

}  // namespace test
