// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "emu/model/gateway_lookup.hpp"
#include "emu/model/wording.hpp"
#include "emu/semantics/rules.hpp"

namespace emu {
namespace {

/// VPN-8, VPN-9, and Azure's table of gateway SKUs.
std::size_t most_tunnels(const VirtualNetworkGateway& gateway) {
  constexpr std::size_t kOfSmall = 10;
  constexpr std::size_t kOfOthers = 30;
  constexpr std::size_t kOfLarge = 100;
  if (gateway.vpn_type == VpnType::PolicyBased) return 1;
  if (gateway.sku == "Basic" || gateway.sku == "Standard") return kOfSmall;
  return gateway.sku.starts_with("VpnGw4") || gateway.sku.starts_with("VpnGw5") ? kOfLarge : kOfOthers;
}

class GatewayRules {
 public:
  GatewayRules(const Subject& subject, Findings& findings) : subject_(subject), model_(subject.model), findings_(findings) {}

  void check() {
    for (std::size_t i = 0; i < model_.virtual_network_gateways.size(); ++i) {
      check_home(i);
      check_kind(i);
      check_tunnels(i);
      check_default_site(i);
    }
    for (std::size_t i = 0; i < model_.local_network_gateways.size(); ++i) check_address(i);
  }

 private:
  const VirtualNetworkGateway& gateway_at(std::size_t i) const { return model_.virtual_network_gateways[i]; }

  /// GWS-1, GWS-2, VPN-5.
  void check_home(std::size_t i) {
    const auto& gateway = gateway_at(i);
    const auto path = gateway_path(i) + ".virtual_network";
    if (gateway.virtual_network.empty()) return;
    const auto network = subject_.networks.find(gateway.virtual_network);
    if (!network)
      return findings_.missing(path, {"virtual network"},
                               fmt::format("there is no virtual network {}{}", in_quotes(gateway.virtual_network),
                                           findings_.guess(gateway.virtual_network, subject_.networks.names())));
    if (const auto* first = gateway_in(model_, gateway.virtual_network); first != &gateway)
      return findings_.error(path,
                             fmt::format("{} has a VPN gateway already: {}", in_quotes(gateway.virtual_network), in_quotes(first->name)));
    const auto& subnets = model_.virtual_networks[*network].subnets;
    const auto subnet = std::ranges::find(subnets, kGatewaySubnet, &Subnet::name);
    if (subnet != subnets.end()) return check_room(*network, static_cast<std::size_t>(subnet - subnets.begin()));
    const auto like = subject_.subnets[*network].find(kGatewaySubnet);
    const auto hint = like ? fmt::format("{} has to be spelled {}, exactly", in_quotes(subnets[*like].name), kGatewaySubnet)
                           : fmt::format("give {} a subnet named {}, of /27 or larger", in_quotes(gateway.virtual_network), kGatewaySubnet);
    findings_.missing(path, {"subnet"},
                      fmt::format("gateway {} has no place: virtual network {} has no subnet {}", in_quotes(gateway.name),
                                  in_quotes(gateway.virtual_network), in_quotes(kGatewaySubnet)),
                      hint);
  }

  void check_room(std::size_t network, std::size_t subnet) {
    constexpr int kRecommended = 27;
    constexpr int kSmallest = 29;
    const auto& prefixes = model_.virtual_networks[network].subnets[subnet].address_prefixes;
    const auto widest = std::ranges::min_element(prefixes, {}, &Ipv4Prefix::length);
    if (widest == prefixes.end() || widest->length <= kRecommended || widest->length > kSmallest) return;
    findings_.warning(subnet_path(network, subnet) + ".address_prefixes",
                      fmt::format("{} {} is small: Azure recommends /{} or larger", kGatewaySubnet, to_string(*widest), kRecommended));
  }

  /// VPN-8.
  void check_kind(std::size_t i) {
    const auto& gateway = gateway_at(i);
    const auto* before = subject_.previous == nullptr ? nullptr : find_virtual_network_gateway(*subject_.previous, gateway.name);
    if (before != nullptr && before->vpn_type != gateway.vpn_type)
      findings_.error(gateway_path(i) + ".vpn_type",
                      fmt::format("gateway {} cannot become {}: it is {}, which is for life", in_quotes(gateway.name),
                                  to_string(gateway.vpn_type), to_string(before->vpn_type)),
                      "", "remove it, run `lazuli up`, and add it anew");
    if (gateway.vpn_type != VpnType::PolicyBased) return;
    if (gateway.sku != "Basic")
      findings_.error(gateway_path(i) + ".sku",
                      fmt::format("a PolicyBased gateway is of SKU Basic, and {} is of {}", in_quotes(gateway.name), gateway.sku), "",
                      "add sku: Basic, or make it RouteBased");
    else
      findings_.warning(gateway_path(i) + ".vpn_type",
                        fmt::format("Azure's PolicyBased gateways speak IKEv1, and {} will speak IKEv2", in_quotes(gateway.name)));
  }

  /// VPN-8, VPN-9.
  void check_tunnels(std::size_t i) {
    const auto& gateway = gateway_at(i);
    const auto tunnels = connections_of(model_, gateway).size();
    if (tunnels > most_tunnels(gateway))
      findings_.error(gateway_path(i),
                      fmt::format("gateway {} has {} connections: a {} gateway of SKU {} has {} at most", in_quotes(gateway.name), tunnels,
                                  to_string(gateway.vpn_type), gateway.sku, most_tunnels(gateway)));
  }

  /// DEF-5.
  void check_default_site(std::size_t i) {
    const auto& gateway = gateway_at(i);
    const auto& site = gateway.default_local_network_gateway;
    const auto path = gateway_path(i) + ".default_local_network_gateway";
    if (site.empty()) return;
    if (!subject_.local_gateways.find(site))
      return findings_.missing(
          path, {"local network gateway"},
          fmt::format("there is no local network gateway {}{}", in_quotes(site), findings_.guess(site, subject_.local_gateways.names())));
    const auto connections = connections_of(model_, gateway);
    if (std::ranges::none_of(connections, [&](const auto* connection) { return same_name(connection->local_network_gateway, site); }))
      findings_.error(path, fmt::format("gateway {} has no connection to its default site {}", in_quotes(gateway.name), in_quotes(site)));
  }

  /// Where the other end is.
  void check_address(std::size_t i) {
    const auto& local = model_.local_network_gateways[i];
    const auto path = local_gateway_path(i) + ".gateway_address";
    if (local.gateway_address.empty()) return;
    if (const auto site = site_named_by(local.gateway_address)) {
      if (!subject_.sites.find(*site))
        findings_.missing(
            path, {"on-premises site"},
            fmt::format("there is no on-premises site {}{}", in_quotes(*site), findings_.guess(*site, subject_.sites.names())));
      return;
    }
    const auto address = Ipv4Address::parse(local.gateway_address);
    if (!address)
      return findings_.error(path, fmt::format("{} is neither an address nor a site", in_quotes(local.gateway_address)), "",
                             "write it like 198.51.100.10 or on_premises.dc");
    const auto& gateways = model_.virtual_network_gateways;
    const bool somebody = site_behind(model_, local) != nullptr ||
                          std::ranges::find(gateways, address, &VirtualNetworkGateway::public_ip_address) != gateways.end();
    if (!somebody)
      findings_.warning(path, fmt::format("nobody in this lab has the address {}: no connection to it comes up", to_string(*address)), "",
                        "give it to a site as public_ip_address, or write on_premises.<site>");
  }

  const Subject& subject_;
  const Model& model_;
  Findings& findings_;
};

}  // namespace

void check_gateways(const Subject& subject, Findings& findings) { GatewayRules(subject, findings).check(); }

}  // namespace emu
