// SPDX-License-Identifier: Apache-2.0
#include "emu/model/model_json.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "tests/unit/emu/sample_model.hpp"

using emu::Model;
using emu::model_from_json;
namespace sample = emu::sample;

namespace {

/// No property has its default value.
Model full_model() {
  Model model;
  model.lab = "contoso";
  model.location = "westus";
  model.resource_group = "myrg";

  auto subnet = sample::subnet("default", {"10.0.0.0/24", "10.0.9.0/24"});
  subnet.default_outbound_access = false;
  subnet.route_table = "via-nva";
  subnet.network_security_group = "nsg";
  auto link = sample::peering("hub-to-spoke", "spoke");
  link.allow_virtual_network_access = false;
  link.allow_forwarded_traffic = link.allow_gateway_transit = link.use_remote_gateways = true;
  link.peering_state = emu::PeeringState::Disconnected;
  link.peering_sync_level = emu::PeeringSyncLevel::LocalAndRemoteNotInSync;
  link.remote_address_space = sample::prefixes({"10.1.0.0/16"});
  auto network = sample::network("hub", {"10.0.0.0/16", "10.9.0.0/16"}, {subnet});
  network.peerings = {link};
  network.default_outbound_address = sample::address("198.18.255.254");
  model.virtual_networks = {network};

  auto machine = sample::with_public(sample::with_private(sample::machine("vm1", "hub", "default"), "10.0.0.4"), "203.0.113.4");
  machine.ip_forwarding = true;
  machine.web = 65535;
  machine.network_security_group = "nsg";
  machine.application_security_groups = {"web", "db"};
  machine.programs.run = {"echo \"quoted\" \\ 'and' \t more", "echo größe"};
  model.virtual_machines = {machine};

  model.virtual_network_gateways = {
      {"gw", "hub", emu::VpnType::PolicyBased, "Basic", "Static", sample::address("203.0.113.9"), "dc", sample::address("10.0.255.4")}};
  model.local_network_gateways = {{"dc", "on_premises.dc", sample::prefixes({"192.168.0.0/16"})}};
  const emu::IpsecPolicy policy{"DHGroup14", "AES256", "SHA256", "GCMAES256", "GCMAES256", "PFS14", 3600, 1024};
  model.virtual_network_gateway_connections = {{"to-dc",
                                                "gw",
                                                "dc",
                                                "gw2",
                                                emu::Secret("Str0ng\"Key"),
                                                "key.txt",
                                                policy,
                                                true,
                                                {{sample::prefixes({"10.0.0.0/16"}), sample::prefixes({"192.168.0.0/16"})}},
                                                emu::ConnectionMode::InitiatorOnly,
                                                9}};
  model.on_premises = {{"site",
                        sample::prefixes({"192.168.0.0/16"}),
                        sample::address("198.51.100.10"),
                        emu::Secret("x"),
                        "other.txt",
                        policy,
                        true,
                        emu::ConnectionMode::ResponderOnly,
                        sample::prefixes({"10.0.0.0/16"}),
                        {{"server1", sample::address("192.168.1.10"), 80, {{"make"}, {"true"}, {{"KEY", "value"}}, "nobody", {9000}}}}}};
  auto table = sample::route_table("via-nva", {sample::route("out", "0.0.0.0/0", emu::NextHopType::VirtualAppliance, "10.0.0.4"),
                                               sample::route("storage", "Storage", emu::NextHopType::None)});
  table.location = "westus";
  table.bgp_route_propagation_enabled = false;
  model.route_tables = {table};

  model.virtual_networks[0].subnets[0].service_endpoints = {"Microsoft.Storage"};
  emu::NetworkRules rules;
  rules.default_action = emu::DefaultAction::Deny;
  rules.bypass = {"Logging", "Metrics"};
  rules.virtual_network_subnets = {{"hub", "default"}};
  rules.ip_rules = sample::prefixes({"203.0.113.200/32", "198.51.100.0/30"});
  rules.ignore_missing_vnet_service_endpoint = true;
  model.storage_accounts = {{"data", "Microsoft.Storage", "westus", rules, "", sample::address("198.19.0.4")}};
  model.services = {{"db", "Microsoft.Sql", "eastus", {}, "true", std::nullopt}};
  emu::SecurityRule rule{"allow", "why", 100, emu::RuleDirection::Outbound, emu::RuleAccess::Deny, emu::RuleProtocol::Esp, {}, {}};
  rule.source = {{{1, 2}}, {"VirtualNetwork"}, {}};
  rule.destination = {{{}}, {}, {"web"}};
  model.network_security_groups = {{"nsg", "westus", {rule}, true}};
  model.application_security_groups = {{"web", "westus"}};
  model.flow_logs = {{"audit", "hub/default", false}};

  auto host = sample::host("laptop", "203.0.113.200");
  host.web = 8080;
  host.programs.run = {"true"};
  model.internet.hosts = {host};

  model.checks = {{"vm1", emu::CheckKind::Http, "http://10.1.0.4/", emu::Outcome::Status, 403, emu::Path::Peering, "", {}, "", {}},
                  {"vm1", emu::CheckKind::Tcp, "laptop:22", emu::Outcome::Blocked, 0, emu::Path::Internet, "", {"hub", "fw"}, "", 7},
                  {"vm1", emu::CheckKind::Udp, "laptop:53", emu::Outcome::Refused, 0, {}, "dns", {}, "", {}},
                  {"vm1", emu::CheckKind::Run, "true", emu::Outcome::Status, 3, {}, "", {}, "^ok", {}},
                  {"vm1", emu::CheckKind::Ping, "vm1", emu::Outcome::Reachable, 0, std::nullopt, "", {}, "", {}}};
  return model;
}

}  // namespace

TEST(ModelJson, LosesNothingOnTheWayThereAndBack) {
  EXPECT_EQ(model_from_json(to_json(full_model())), full_model());
  EXPECT_EQ(model_from_json(to_json(Model{})), Model{});
}

TEST(ModelJson, KeepsEveryEnumeratedValue) {
  Model model;
  model.virtual_networks = {sample::network("a", {"10.0.0.0/16"})};
  for (const auto state : {emu::PeeringState::Initiated, emu::PeeringState::Connected, emu::PeeringState::Disconnected}) {
    for (const auto level : {emu::PeeringSyncLevel::FullyInSync, emu::PeeringSyncLevel::RemoteNotInSync,
                             emu::PeeringSyncLevel::LocalNotInSync, emu::PeeringSyncLevel::LocalAndRemoteNotInSync}) {
      auto link = sample::peering("link", "b");
      link.peering_state = state;
      link.peering_sync_level = level;
      model.virtual_networks[0].peerings.push_back(link);
    }
  }
  for (const auto path : {emu::Path::VirtualNetwork, emu::Path::Peering, emu::Path::ServiceEndpoint, emu::Path::Ipsec, emu::Path::Internet,
                          emu::Path::Appliance})
    model.checks.push_back({"a", emu::CheckKind::Ping, "b", emu::Outcome::Reachable, 0, path, "", {}, "", {}});
  EXPECT_EQ(model_from_json(to_json(model)), model);
}

TEST(ModelJson, HasTheKeysOfALabFile) {
  const auto json = nlohmann::json::parse(to_json(full_model()));
  EXPECT_EQ(json["lab"], "contoso");
  EXPECT_EQ(json["virtual_networks"][0]["address_space"][1], "10.9.0.0/16");
  EXPECT_EQ(json["virtual_networks"][0]["subnets"][0]["address_prefixes"][0], "10.0.0.0/24");
  EXPECT_EQ(json["virtual_networks"][0]["peerings"][0]["peering_state"], "Disconnected");
  EXPECT_EQ(json["virtual_machines"][0]["subnet"], "hub/default");
  EXPECT_EQ(json["internet"]["hosts"][0]["ip_address"], "203.0.113.200");
}

TEST(ModelJson, LeavesTheDefaultForAKeyThatIsMissingAndPassesOverOthers) {
  const auto model = model_from_json(R"({"lab": "x", "of_another_version": 1, "virtual_machines": [{"name": "vm1"}]})");
  EXPECT_EQ(model.lab, "x");
  EXPECT_EQ(model.virtual_machines.at(0).private_ip_allocation_method, "Dynamic");
  EXPECT_FALSE(model.virtual_machines.at(0).web.has_value());
}

TEST(ModelJson, RefusesWhatIsNoModel) {
  for (const char* text : {"", "{", "[]", "3", R"({"lab": 3})", R"({"virtual_machines": {}})", R"({"virtual_machines": [{"subnet": "x"}]})",
                           R"({"internet": {"hosts": [{"ip_address": "10.0.0"}]}})", R"({"checks": [{"kind": "pong"}]})"})
    EXPECT_THROW(model_from_json(text), std::runtime_error) << text;
}
