// SPDX-License-Identifier: Apache-2.0
// tests/random/growth.hpp — a lab that grows by random steps, each of which adds something that people have in theirs.
#pragma once

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <utility>

#include "tests/random/lab_generator.hpp"

namespace test {

inline constexpr std::array kBlocks{"10.0.0.0/16", "10.1.0.0/16", "10.2.0.0/16", "172.16.0.0/16", "192.168.0.0/16"};
inline constexpr std::array kSubnetNames{"one", "two", "three"};
inline constexpr std::string_view kSiteBlock = "10.9.0.0/16";

/// `10.1.0.0/16`, 2 -> `10.1.2`
inline std::string third_of(std::string_view block, int third) { return fmt::format("{}.{}", block.substr(0, block.find(".0.0/")), third); }

class Growth {
 public:
  using Json = LabValue;

  /// A new lab.
  Growth(std::uint64_t seed, const Ingredients& ingredients) : random_(seed), ingredients_(ingredients) {
    lab_ = Json{{"lab", "random"}, {"location", "westeurope"}};
    const int networks = between(1, 4);
    for (int i = 0; i < networks; ++i) attempt([&] { add_network(i); });
    lab_["internet"]["hosts"] = Json::array({Json{{"name", "laptop"}, {"ip_address", "203.0.113.200"}, {"web", 80}}});
    const int machines = between(2, 6);
    for (int i = 0; i < machines; ++i) attempt([&] { add_machine(i); });
    if (ingredients_.gateways) attempt([&] { add_site(); });
    for (int i = 0; i < networks; ++i) attempt([&] { add_peering(100 + i); });
    if (chance(60)) attempt([&] { add_appliance(); });
    const int more = between(4, 24);
    for (int i = 0; i < more; ++i) attempt([&] { add_something(i); });
  }

  Json result() && { return std::move(lab_); }

 protected:
  /// One that is there.
  Growth(Json lab, std::uint64_t seed, const Ingredients& ingredients) : random_(seed), ingredients_(ingredients), lab_(std::move(lab)) {}

  int between(int least, int most) { return std::uniform_int_distribution{least, most}(random_); }
  bool chance(int percent) { return between(1, 100) <= percent; }

  template <typename List>
  auto& one_of(List& list) {
    return list[static_cast<std::size_t>(between(0, static_cast<int>(std::size(list)) - 1))];
  }

  template <typename Step>
  void attempt(Step step) {
    auto before = lab_;
    step();
    if (!is_correct(lab_)) lab_ = std::move(before);
  }

  /// The list of that name, if it has entries to choose from.
  bool has(const char* list) const { return lab_.contains(list) && !lab_[list].empty(); }
  Json& any(const char* list) { return one_of(lab_[list]); }

  void add_network(int number) {
    // Mostly a block of its own; two networks of one block are strangers (PEER-10).
    const std::string block = chance(20) ? one_of(kBlocks) : kBlocks[static_cast<std::size_t>(number)];
    Json network{{"name", fmt::format("net{}", number)}, {"address_space", {block}}, {"subnets", Json::array()}};
    if (chance(25)) network["location"] = "eastus";
    const int subnets = between(1, 3);
    for (int i = 0; i < subnets; ++i) {
      Json subnet{{"name", kSubnetNames[static_cast<std::size_t>(i)]}, {"address_prefixes", {third_of(block, i) + ".0/24"}}};
      if (chance(10)) subnet["default_outbound_access"] = false;
      network["subnets"].push_back(std::move(subnet));
    }
    lab_["virtual_networks"].push_back(std::move(network));
  }

  std::string any_subnet() {
    const auto& network = any("virtual_networks");
    return fmt::format("{}/{}", network["name"].get<std::string>(), one_of(network["subnets"])["name"].template get<std::string>());
  }

  void add_machine(int number) {
    auto& network = any("virtual_networks");
    const auto& subnet = one_of(network["subnets"]);
    const std::string prefix = subnet["address_prefixes"][0];
    Json machine{{"name", fmt::format("vm{}", number)},
                 {"subnet", fmt::format("{}/{}", network["name"].get<std::string>(), subnet["name"].template get<std::string>())},
                 {"private_ip_address", fmt::format("{}.{}", prefix.substr(0, prefix.rfind('.')), 4 + number)}};
    if (chance(60)) machine["web"] = 80;
    if (chance(35)) {
      machine["public_ip_address"] = true;
      if (chance(50)) machine["public_ip_address_sku"] = "Basic";
    }
    if (chance(25)) machine["ip_forwarding"] = true;
    lab_["virtual_machines"].push_back(std::move(machine));
  }

  void add_something(int number) {
    switch (between(0, ingredients_.gateways ? 9 : 8)) {
      case 0:
      case 1: return add_peering(number);
      case 2: return add_route(number);
      case 3: return attach("route_tables", "route_table", false);
      case 4:
      case 5: return add_rule(number);
      case 6: return attach("network_security_groups", "network_security_group", chance(50));
      case 7: return add_application_group();
      case 8: return add_service(number);
      default: return use_gateway();
    }
  }

  void add_peering(int number) {
    auto& networks = lab_["virtual_networks"];
    if (networks.size() < 2) return;
    const auto first = static_cast<std::size_t>(between(0, static_cast<int>(networks.size()) - 1));
    auto& near = networks[first];
    auto& far = networks[(first + static_cast<std::size_t>(between(1, static_cast<int>(networks.size()) - 1))) % networks.size()];
    const auto link = [&](Json& from, const Json& to, char side) {
      Json peering{{"name", fmt::format("peering{}{}", number, side)}, {"remote_virtual_network", to["name"]}};
      if (chance(20)) peering["allow_virtual_network_access"] = false;
      if (chance(50)) peering["allow_forwarded_traffic"] = true;
      from["peerings"].push_back(std::move(peering));
    };
    link(near, far, 'a');
    if (chance(90)) link(far, near, 'b');
  }

  std::string any_prefix() {
    switch (between(0, 5)) {
      case 0: return "0.0.0.0/0";
      case 1: return "203.0.113.200/32";
      case 2: return any("virtual_networks")["address_space"][0];
      case 3: return std::string(one_of(kBlocks));
      case 4: return any_machine_address() + "/32";
      default: return one_of(any("virtual_networks")["subnets"])["address_prefixes"][0];
    }
  }

  std::string any_machine_address() { return any("virtual_machines")["private_ip_address"]; }

  /// Mostly of a machine that passes packets on.
  std::string any_next_hop() {
    if (chance(10)) return fmt::format("{}.{}", third_of(one_of(kBlocks), between(0, 2)), between(4, 9));
    auto& machine = any("virtual_machines");
    if (chance(80)) machine["ip_forwarding"] = true;
    return machine["private_ip_address"];
  }

  void add_route(int number) {
    static constexpr std::array kTypes{"VirtualAppliance", "VirtualAppliance", "None", "Internet", "VnetLocal", "VirtualNetworkGateway"};
    if (!has("route_tables") || (chance(30) && lab_["route_tables"].size() < 3))
      lab_["route_tables"].push_back({{"name", fmt::format("table{}", number)}, {"routes", Json::array()}});
    const std::string type = one_of(kTypes);
    Json route{{"name", fmt::format("route{}", number)}, {"address_prefix", chance(8) ? "Storage" : any_prefix()}, {"next_hop_type", type}};
    if (type == "VirtualAppliance") route["next_hop_in_ip_address"] = any_next_hop();
    auto& table = any("route_tables");
    if (chance(15)) table["bgp_route_propagation_enabled"] = false;
    table["routes"].push_back(std::move(route));
    attach("route_tables", "route_table", false);
  }

  /// A machine that passes on what subnets send to one another or to the internet, as people build it: its own subnet has no such
  /// route. What is added later may break it in any way.
  void add_appliance() {
    auto& machine = any("virtual_machines");
    machine["ip_forwarding"] = true;
    const std::string address = machine["private_ip_address"];
    const std::string home = machine["subnet"];
    Json table{{"name", "by-appliance"}, {"routes", Json::array()}};
    const int routes = between(1, 3);
    for (int i = 0; i < routes; ++i)
      table["routes"].push_back(Json{{"name", fmt::format("by-appliance{}", i)},
                                     {"address_prefix", any_prefix()},
                                     {"next_hop_type", "VirtualAppliance"},
                                     {"next_hop_in_ip_address", address}});
    lab_["route_tables"].push_back(std::move(table));
    for (auto& network : lab_["virtual_networks"]) {
      for (auto& subnet : network["subnets"]) {
        const auto path = fmt::format("{}/{}", network["name"].get<std::string>(), subnet["name"].template get<std::string>());
        if (path != home && chance(60)) subnet["route_table"] = "by-appliance";
      }
      if (!network.contains("peerings")) continue;
      for (auto& peering : network["peerings"])
        if (chance(80)) peering["allow_forwarded_traffic"] = true;
    }
  }

  /// Names one of `list` in a subnet, or in a machine.
  void attach(const char* list, const char* key, bool to_machine) {
    if (!has(list)) return;
    auto& place = to_machine ? any("virtual_machines") : one_of(any("virtual_networks")["subnets"]);
    place[key] = any(list)["name"];
  }

  std::string any_side() {
    static constexpr std::array kTags{"VirtualNetwork", "Internet", "AzureLoadBalancer", "Storage", "*", "*"};
    return chance(50) ? one_of(kTags) : any_prefix();
  }

  void add_rule(int number) {
    static constexpr std::array kProtocols{"Tcp", "Icmp", "*", "Udp"};
    static constexpr std::array kPorts{"*", "80", "0-79", "4", "50-5000"};
    if (!has("network_security_groups") || (chance(25) && lab_["network_security_groups"].size() < 3))
      lab_["network_security_groups"].push_back({{"name", fmt::format("group{}", number)}, {"security_rules", Json::array()}});
    const std::string protocol = one_of(kProtocols);
    Json rule{{"name", fmt::format("rule{}", number)},
              {"priority", between(100, 130)},
              {"direction", chance(60) ? "Inbound" : "Outbound"},
              {"access", chance(50) ? "Allow" : "Deny"},
              {"protocol", protocol}};
    for (const auto* side : {"source", "destination"}) {
      if (has("application_security_groups") && chance(20)) {
        rule[fmt::format("{}_application_security_group_ids", side)] = {any("application_security_groups")["name"]};
      } else if (chance(70)) {
        rule[fmt::format("{}_address_prefix", side)] = any_side();
      }
    }
    if (protocol != "Icmp" && chance(60)) rule["destination_port_range"] = std::string(one_of(kPorts));
    any("network_security_groups")["security_rules"].push_back(std::move(rule));
    attach("network_security_groups", "network_security_group", chance(40));
  }

  void add_application_group() {
    if (!has("application_security_groups"))
      lab_["application_security_groups"] = Json::array({Json{{"name", "red"}}, Json{{"name", "blue"}}});
    any("virtual_machines")["application_security_groups"] = {any("application_security_groups")["name"]};
  }

  void add_service(int number) {
    if (has("storage_accounts") && chance(60)) {
      auto& subnet = one_of(any("virtual_networks")["subnets"]);
      subnet["service_endpoints"] = {chance(80) ? "Microsoft.Storage" : "Microsoft.Storage.Global"};
      if (chance(50)) any("storage_accounts")["network_rules"]["virtual_network_subnets"].push_back(any_subnet());
      return;
    }
    Json account{{"name", fmt::format("account{}", number)}};
    if (chance(30)) account["location"] = "eastus";
    if (chance(70)) {
      account["network_rules"] = {{"default_action", chance(80) ? "Deny" : "Allow"}, {"virtual_network_subnets", Json::array()}};
      if (chance(40)) account["network_rules"]["ip_rules"] = {"203.0.113.200"};
    }
    lab_["storage_accounts"].push_back(std::move(account));
  }

  void add_site() {
    auto& network = any("virtual_networks");
    const std::string block = network["address_space"][0];
    const std::string name = network["name"];
    network["subnets"].push_back({{"name", "GatewaySubnet"}, {"address_prefixes", {third_of(block, 255) + ".0/27"}}});
    lab_["virtual_network_gateways"].push_back({{"name", "gw"}, {"virtual_network", name}});
    if (chance(25)) lab_["virtual_network_gateways"][0]["default_local_network_gateway"] = "dc-gateway";
    lab_["local_network_gateways"].push_back(
        {{"name", "dc-gateway"}, {"gateway_address", "on_premises.dc"}, {"address_space", {std::string(kSiteBlock)}}});
    lab_["virtual_network_gateway_connections"].push_back(
        {{"name", "to-dc"}, {"virtual_network_gateway", "gw"}, {"local_network_gateway", "dc-gateway"}, {"shared_key", "Random.Key.1"}});
    Json site{{"name", "dc"},
              {"address_space", {std::string(kSiteBlock)}},
              {"public_ip_address", "198.51.100.10"},
              {"shared_key", "Random.Key.1"},
              {"hosts", Json::array({Json{{"name", "server1"}, {"ip_address", "10.9.1.10"}, {"web", 80}}})}};
    if (chance(30)) site["remote_address_space"] = {"0.0.0.0/0"};
    lab_["on_premises"].push_back(std::move(site));
  }

  /// Gateway transit over one of the peerings of the gateway's network.
  void use_gateway() {
    if (!has("virtual_network_gateways")) return;
    const auto hub = lab_["virtual_network_gateways"][0]["virtual_network"];
    for (auto& network : lab_["virtual_networks"]) {
      if (!network.contains("peerings")) continue;
      for (auto& peering : network["peerings"]) {
        if (network["name"] == hub) peering["allow_gateway_transit"] = true;
        if (peering["remote_virtual_network"] == hub && chance(60)) peering["use_remote_gateways"] = true;
      }
    }
  }

  std::mt19937_64 random_;
  Ingredients ingredients_;
  Json lab_;  ///< a new key moves all that it holds: no reference into it outlives one
};

}  // namespace test
