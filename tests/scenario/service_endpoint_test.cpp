// SPDX-License-Identifier: Apache-2.0
// tests/scenario/service_endpoint_test.cpp — which way packets to a service go, and who the service takes their sender for.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "tests/scenario/http_client.hpp"
#include "tests/scenario/lab.hpp"
#include "tests/support/eventually.hpp"

namespace test {
namespace {

using nlohmann::json;
using testing::Contains;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// What the service says of a machine that asks; null when nothing came. A service that has just started takes a moment to listen.
json whoami(const Lab& lab, std::string_view node, const std::string& service) {
  json answer;
  eventually([&] {
    const auto said = lab.exec(node, {"curl", "-s", "-m", "1", fmt::format("http://{}/whoami", service)});
    answer = said.status == 0 ? json::parse(said.output, nullptr, false) : json();
    return answer.is_object() || said.status == 28;
  });
  return answer;
}

json over_internet(std::string_view address, std::string_view service) {
  return {{"sourceAddress", address}, {"virtualNetwork", nullptr}, {"subnet", nullptr}, {"path", "internet"}, {"account", service}};
}

json over_backbone(std::string_view address, std::string_view network, std::string_view subnet, std::string_view service) {
  return {{"sourceAddress", address}, {"virtualNetwork", network}, {"subnet", subnet}, {"path", "backbone"}, {"account", service}};
}

std::string address_of(const Lab& lab, std::size_t account = 0) { return lab.status()["storageAccounts"][account]["address"]; }

constexpr std::string_view kEndpoint = ", service_endpoints: [Microsoft.Storage]";

/// One network: a machine in a subnet with or without the endpoint, and one in another subnet.
std::string one_network(bool endpoint, std::string_view routes = "", std::string_view more = "") {
  return fmt::format(R"(
virtual_networks:
  - name: net
    address_space: [10.0.0.0/16]
    subnets:
      - {{name: app, address_prefixes: [10.0.0.0/24]{}{}}}
      - {{name: other, address_prefixes: [10.0.1.0/24]}}
      - {{name: nva, address_prefixes: [10.0.2.0/24]}}
virtual_machines:
  - {{name: app, subnet: net/app, private_ip_address: 10.0.0.4, public_ip_address: 203.0.113.61}}
  - {{name: other, subnet: net/other, private_ip_address: 10.0.1.4, public_ip_address: 203.0.113.62}}
  - {{name: nva, subnet: net/nva, private_ip_address: 10.0.2.4, ip_forwarding: true}}
storage_accounts: [{{name: data}}]
{})",
                     endpoint ? kEndpoint : "", routes.empty() ? "" : ", route_table: rt",
                     routes.empty() ? std::string(more) : fmt::format("route_tables: [{{name: rt, routes: [{}]}}]\n{}", routes, more));
}

// SE-3, SE-4, RT-8: the name means the same address; the way there and the sender's address are others.
TEST(ServiceEndpoint, TurnsThePublicAddressIntoThePrivateOneAndLeavesTheInternet) {
  const Lab lab;
  lab.build(one_network(false));
  EXPECT_EQ(whoami(lab, "app", "data"), over_internet("203.0.113.61", "data"));
  EXPECT_THAT(lazuli({"routes", "-l", lab.name(), "app"}).output, Not(HasSubstr("VirtualNetworkServiceEndpoint")));
  const auto address = address_of(lab);

  lab.build(one_network(true));
  EXPECT_EQ(address_of(lab), address);
  Capture internet{lab, "internet"};
  Capture backbone{lab, "net", "backbone"};
  EXPECT_EQ(whoami(lab, "app", "data"), over_backbone("10.0.0.4", "net", "app", "data"));
  EXPECT_THAT(internet.packets("tcp"), IsEmpty());
  EXPECT_THAT(backbone.packets("tcp[tcpflags] & tcp-syn != 0"), Contains(HasSubstr("10.0.0.4.")));
  EXPECT_THAT(lazuli({"routes", "-l", lab.name(), "app"}).output, HasSubstr("VirtualNetworkServiceEndpoint"));

  EXPECT_EQ(whoami(lab, "other", "data"), over_internet("203.0.113.62", "data")) << "only the subnet that enabled it";
  EXPECT_THAT(lazuli({"routes", "-l", lab.name(), "other"}).output, Not(HasSubstr("VirtualNetworkServiceEndpoint")));
}

// The same up again does nothing; an endpoint that comes and goes leaves the lab as it was.
TEST(ServiceEndpoint, ComesAndGoesWithoutATrace) {
  const Lab lab;
  lab.build(one_network(false));
  const auto before = kernel_state_of(lab.name());
  lab.build(one_network(true));
  EXPECT_THAT(differences(before, kernel_state_of(lab.name())), Not(IsEmpty()));
  EXPECT_THAT(lazuli({"up", lab.file(one_network(true))}).output, HasSubstr("nothing to do"));
  lab.build(one_network(false));
  auto left = differences(before, kernel_state_of(lab.name()));
  std::erase_if(left, [](const auto& line) { return line.find("ruleset comment") != std::string::npos; });  // which rulesets were loaded
  EXPECT_THAT(left, IsEmpty());
}

// SEL-4, SE-6: neither a default route, nor one for the service's tag, nor one for its very address takes its packets elsewhere.
TEST(ServiceEndpoint, BeatsEveryUserDefinedRoute) {
  const Lab lab;
  lab.build(one_network(false));
  const auto address = address_of(lab);
  const std::string appliance = "next_hop_type: VirtualAppliance, next_hop_in_ip_address: 10.0.2.4}";
  for (const auto& prefix : {std::string("0.0.0.0/0"), std::string("Storage"), address + "/32"}) {
    const auto route = fmt::format("{{name: r, address_prefix: {}, {}", prefix, appliance);
    lab.build(one_network(false, route));
    {
      Capture nva{lab, "nva"};
      lab.exec("app", {"curl", "-s", "-m", "1", "http://data/"});
      EXPECT_THAT(nva.packets("tcp"), Not(IsEmpty())) << prefix << ": without the endpoint the appliance gets it (DEF-1)";
    }
    lab.build(one_network(true, route));
    Capture nva{lab, "nva"};
    EXPECT_EQ(whoami(lab, "app", "data"), over_backbone("10.0.0.4", "net", "app", "data")) << prefix;
    EXPECT_THAT(nva.packets("tcp"), IsEmpty()) << prefix;
  }
}

std::string two_networks_with_one_space() {
  return R"(
virtual_networks:
  - name: red
    address_space: [10.0.0.0/16]
    subnets: [{name: app, address_prefixes: [10.0.0.0/24], service_endpoints: [Microsoft.Storage]}]
  - name: blue
    address_space: [10.0.0.0/16]
    subnets: [{name: web, address_prefixes: [10.0.0.0/24], service_endpoints: [Microsoft.Storage]}]
virtual_machines:
  - {name: red-vm, subnet: red/app, private_ip_address: 10.0.0.4}
  - {name: blue-vm, subnet: blue/web, private_ip_address: 10.0.0.4}
storage_accounts: [{name: data}]
)";
}

// SE-10: same address, same port, same moment.
TEST(ServiceEndpoint, TellsNetworksApartThatUseOneAddressAndOnePortAtTheSameMoment) {
  const Lab lab;
  lab.build(two_networks_with_one_space());
  ASSERT_TRUE(whoami(lab, "red-vm", "data").is_object());
  constexpr std::uint16_t kPort = 40000;
  const auto address = address_of(lab);
  HttpClient red{lab.namespace_of("red-vm"), address, kPort};
  HttpClient blue{lab.namespace_of("blue-vm"), address, kPort};
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(red.send_get("/whoami"));
    ASSERT_TRUE(blue.send_get("/whoami"));
    EXPECT_EQ(json::parse(red.receive().body), over_backbone("10.0.0.4", "red", "app", "data"));
    EXPECT_EQ(json::parse(blue.receive().body), over_backbone("10.0.0.4", "blue", "web", "data"));
  }
  EXPECT_TRUE(lab.reaches("red-vm", address));
  EXPECT_TRUE(lab.reaches("blue-vm", address));
}

// SE-8: the endpoint is the subnet's own, and not its peers'.
TEST(ServiceEndpoint, IsOfNoUseToAPeeredNetwork) {
  const Lab lab;
  lab.build(R"(
virtual_networks:
  - name: hub
    address_space: [10.0.0.0/16]
    subnets: [{name: app, address_prefixes: [10.0.0.0/24], service_endpoints: [Microsoft.Storage]}]
    peerings: [{name: to-spoke, remote_virtual_network: spoke, allow_forwarded_traffic: true}]
  - name: spoke
    address_space: [10.1.0.0/16]
    subnets: [{name: app, address_prefixes: [10.1.0.0/24]}]
    peerings: [{name: to-hub, remote_virtual_network: hub, allow_forwarded_traffic: true}]
virtual_machines:
  - {name: in-hub, subnet: hub/app}
  - {name: in-spoke, subnet: spoke/app, public_ip_address: 203.0.113.77}
storage_accounts: [{name: data}]
)");
  ASSERT_EQ(whoami(lab, "in-hub", "data"), over_backbone("10.0.0.4", "hub", "app", "data"));
  EXPECT_EQ(whoami(lab, "in-spoke", "data"), over_internet("203.0.113.77", "data"));
}

// SE-8: a site's packets come over the internet, from its device's address, and need a rule for that.
TEST(ServiceEndpoint, IsOfNoUseToASite) {
  const Lab lab;
  lab.build(R"(
virtual_networks:
  - name: net
    address_space: [10.0.0.0/16]
    subnets: [{name: app, address_prefixes: [10.0.0.0/24], service_endpoints: [Microsoft.Storage]}]
virtual_machines:
  - {name: app, subnet: net/app}
on_premises:
  - name: dc
    address_space: [192.168.0.0/16]
    public_ip_address: 198.51.100.10
    shared_key: Str0ngKey
    hosts: [{name: server1, ip_address: 192.168.1.10}]
storage_accounts:
  - {name: data, network_rules: {default_action: Deny, virtual_network_subnets: [net/app]}}
  - {name: both, network_rules: {default_action: Deny, virtual_network_subnets: [net/app], ip_rules: [198.51.100.10]}}
)");
  ASSERT_EQ(whoami(lab, "app", "data"), over_backbone("10.0.0.4", "net", "app", "data"));
  EXPECT_EQ(lab.ask("server1", {"curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "http://data/"}), "403");
  EXPECT_EQ(whoami(lab, "server1", "both"), over_internet("198.51.100.10", "both"));
}

/// A client whose default route is an appliance, which is in a subnet with the endpoint.
std::string behind_an_appliance() {
  return R"(
virtual_networks:
  - name: net
    address_space: [10.0.0.0/16]
    subnets:
      - {name: app, address_prefixes: [10.0.0.0/24], route_table: rt}
      - {name: nva, address_prefixes: [10.0.2.0/24], service_endpoints: [Microsoft.Storage]}
virtual_machines:
  - {name: app, subnet: net/app, private_ip_address: 10.0.0.4}
  - {name: nva, subnet: net/nva, private_ip_address: 10.0.2.4, ip_forwarding: true}
storage_accounts: [{name: data}]
route_tables:
  - name: rt
    routes: [{name: out, address_prefix: 0.0.0.0/0, next_hop_type: VirtualAppliance, next_hop_in_ip_address: 10.0.2.4}]
)";
}

// SE-9: what an appliance only passes on is not its subnet's; what it sends in its own name is.
TEST(ServiceEndpoint, CountsForTheSubnetOfTheApplianceThatTranslates) {
  const Lab lab;
  lab.build(behind_an_appliance());
  ASSERT_EQ(whoami(lab, "nva", "data"), over_backbone("10.0.2.4", "net", "nva", "data"));
  {
    Capture backbone{lab, "services"};
    EXPECT_TRUE(whoami(lab, "app", "data").is_null());
    EXPECT_THAT(backbone.packets("tcp"), IsEmpty());
  }
  lab.ask("nva", {"nft", "add table ip t; add chain ip t p { type nat hook postrouting priority 100; }; add rule ip t p masquerade"});
  EXPECT_EQ(whoami(lab, "app", "data"), over_backbone("10.0.2.4", "net", "nva", "data"));
}

// Identity is the link: neither another source address, nor an appliance's freedom, nor a source route, nor words change it.
TEST(ServiceEndpoint, IdentityCannotBeForged) {
  const Lab lab;
  lab.build(behind_an_appliance() + R"(internet:
  hosts: [{name: laptop, ip_address: 203.0.113.200}]
)");
  const auto address = address_of(lab);
  ASSERT_EQ(whoami(lab, "laptop", "data"), over_internet("203.0.113.200", "data"));
  ASSERT_TRUE(lab.reaches("nva", address));

  Capture services{lab, "services"};
  for (const auto* node : {"nva", "laptop"}) {
    lab.ask(node, {"ip", "address", "add", "10.0.2.77/32", "dev", "eth0"});
    lab.ask(node, {"ip", "address", "add", "10.0.0.4/32", "dev", "eth0"});
  }
  // An appliance may use any address, its port lets it; the backbone takes only those of its subnet.
  EXPECT_TRUE(lab.finds_silence("nva", address, {"-I", "10.0.0.4"}));
  // From the internet a private source arrives over the internet's link, where its answer is lost: no connection comes of it.
  EXPECT_EQ(lab.exec("laptop", {"curl", "-s", "-m", "1", "--interface", "10.0.2.77", "http://data/whoami"}).status, 28);
  // Nor does a packet that names the way it wants to go (RFC 791, loose source route) get there by it.
  const auto source_routed = fmt::format(
      "import socket; s = socket.socket(); s.settimeout(1); "
      "s.setsockopt(socket.IPPROTO_IP, socket.IP_OPTIONS, bytes([131, 7, 4]) + socket.inet_aton('10.0.2.4') + bytes([0])); "
      "s.connect(('{}', 80))",
      address);
  EXPECT_THAT(lab.exec("app", {"python3", "-c", source_routed}).errors, ContainsRegex("timed out|TimeoutError"));
  EXPECT_THAT(services.packets("src host 10.0.0.4"), IsEmpty());

  const auto said = lab.ask("laptop", {"curl", "-s", "--interface", "203.0.113.200", "-H", "X-Forwarded-For: 10.0.2.4", "-H",
                                       "REMOTE_ADDR: 10.0.2.4", "-H", "Forwarded: for=10.0.2.4", "http://data/whoami"});
  EXPECT_EQ(json::parse(said), over_internet("203.0.113.200", "data"));
}

/// The status of the next request on a connection; 0 when it has been reset.
int next_status(HttpClient& client) { return client.get("/whoami").status; }

// SE-5: an open connection ends with the switch, in both directions; one of another subnet goes on.
TEST(ServiceEndpoint, SwitchedOnOrOffClosesTheConnectionsOfThatSubnetAlone) {
  const Lab lab;
  lab.build(one_network(false));
  ASSERT_TRUE(whoami(lab, "app", "data").is_object());
  const auto address = address_of(lab);
  HttpClient other{lab.namespace_of("other"), address};
  for (const bool endpoint : {true, false, true}) {
    HttpClient app{lab.namespace_of("app"), address};
    ASSERT_EQ(next_status(app), 200);
    ASSERT_EQ(next_status(other), 200);
    lab.build(one_network(endpoint));
    EXPECT_EQ(next_status(app), 0) << endpoint;
    EXPECT_EQ(next_status(other), 200) << endpoint;
    EXPECT_EQ(whoami(lab, "app", "data")["path"], endpoint ? "backbone" : "internet");
  }
}

// A link that somebody removed comes back with another number, and the service listens on it again.
TEST(ServiceEndpoint, WorksAgainAfterItsLinkWasDeleted) {
  const Lab lab;
  lab.build(one_network(true));
  ASSERT_EQ(whoami(lab, "app", "data")["path"], "backbone");
  run({"ip", "-n", lab.namespace_of("net"), "link", "delete", "backbone"});
  EXPECT_NE(whoami(lab, "app", "data"), over_backbone("10.0.0.4", "net", "app", "data"));
  lab.build(one_network(true));
  EXPECT_EQ(whoami(lab, "app", "data"), over_backbone("10.0.0.4", "net", "app", "data"));
}

}  // namespace
}  // namespace test
