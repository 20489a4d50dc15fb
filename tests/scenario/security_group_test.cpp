// SPDX-License-Identifier: Apache-2.0
// tests/scenario/security_group_test.cpp — network security groups on the wire: NSG-8 to NSG-13, PIP-5, PIP-6, PEER-16, PEER-17.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <map>

#include "tests/scenario/lab.hpp"
#include "tests/support/eventually.hpp"

namespace test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

struct Groups {
  std::string of_subnet = {};  ///< rules, a line each
  std::string of_machine = {};
  std::string sku = "Basic";
  bool attached_to_subnet = true;
  bool attached_to_machine = false;
  bool flush_connection = false;  ///< of the subnet's
};

constexpr std::string_view kDenyAllIn = "      - {name: deny-in, priority: 4096, direction: Inbound, access: Deny, protocol: '*'}\n";
constexpr std::string_view kDenyAllOut = "      - {name: deny-out, priority: 4096, direction: Outbound, access: Deny, protocol: '*'}\n";
constexpr std::string_view kAllowWebIn =
    "      - {name: web-in, priority: 100, direction: Inbound, access: Allow, protocol: Tcp, destination_port_range: 80}\n";
constexpr std::string_view kAllowPingIn = "      - {name: ping-in, priority: 110, direction: Inbound, access: Allow, protocol: Icmp}\n";

/// Two machines in the subnet with the group, of which `server` may have one of its own, and `other` in an open subnet.
std::string lab_with(const Groups& groups) {
  return fmt::format(R"(
virtual_networks:
  - name: net
    address_space: [10.0.0.0/16]
    subnets:
      - {{name: app, address_prefixes: [10.0.0.0/24]{}}}
      - {{name: open, address_prefixes: [10.0.1.0/24]}}
network_security_groups:
  - name: subnet-nsg
    flush_connection: {}
    security_rules:
{}  - name: machine-nsg
    security_rules:
{}virtual_machines:
  - {{name: server, subnet: net/app, private_ip_address: 10.0.0.4, public_ip_address: 203.0.113.61, public_ip_address_sku: {}, web: 80{}}}
  - {{name: neighbour, subnet: net/app, private_ip_address: 10.0.0.5, web: 80}}
  - {{name: other, subnet: net/open, private_ip_address: 10.0.1.4, web: 80}}
internet:
  hosts: [{{name: laptop, ip_address: 203.0.113.200, web: 80}}]
)",
                     groups.attached_to_subnet ? ", network_security_group: subnet-nsg" : "", groups.flush_connection, groups.of_subnet,
                     groups.of_machine, groups.sku, groups.attached_to_machine ? ", network_security_group: machine-nsg" : "");
}

std::string page_of(std::string_view name, std::string_view address, std::string_view client) {
  return fmt::format("{} ({}) says hello to {}\n", name, address, client);
}

// NSG-9, NSG-11, NSG-13
TEST(NetworkSecurityGroups, FilterWhatOpensAConnectionAndSayNothing) {
  const Lab lab;
  lab.build(lab_with({.attached_to_subnet = false}));
  ASSERT_TRUE(lab.reaches("other", "10.0.0.4")) << "without a group everything passes";
  ASSERT_EQ(lab.page("other", "10.0.0.4"), page_of("server", "10.0.0.4", "10.0.1.4"));

  lab.build(lab_with({.of_subnet = std::string(kDenyAllIn)}));
  EXPECT_TRUE(lab.finds_silence("other", "10.0.0.4"));
  EXPECT_EQ(lab.page("other", "10.0.0.4"), "");
  EXPECT_EQ(lab.exec("other", {"curl", "-sS", "-m", "1", "http://10.0.0.4/"}).status, 28) << "a time-out, no refusal";
  EXPECT_TRUE(lab.reaches("server", "10.0.1.4")) << "answers to what it opened itself come in";
  EXPECT_EQ(lab.page("server", "10.0.1.4"), page_of("other", "10.0.1.4", "10.0.0.4"));

  lab.build(lab_with({.of_subnet = std::string(kAllowWebIn) + std::string(kDenyAllIn)}));
  EXPECT_EQ(lab.page("other", "10.0.0.4"), page_of("server", "10.0.0.4", "10.0.1.4"));
  EXPECT_TRUE(lab.finds_silence("other", "10.0.0.4")) << "the rule is for TCP";
}

// NSG-10
TEST(NetworkSecurityGroups, OfASubnetFilterNeighboursTwice) {
  const Lab lab;
  lab.build(lab_with({}));
  ASSERT_TRUE(lab.reaches("neighbour", "10.0.0.4")) << "the default rules allow the network";
  lab.build(lab_with({.of_subnet = std::string(kDenyAllIn)}));
  EXPECT_TRUE(lab.finds_silence("neighbour", "10.0.0.4"));
  lab.build(lab_with({.of_subnet = std::string(kDenyAllOut)}));
  EXPECT_TRUE(lab.finds_silence("neighbour", "10.0.0.4")) << "on the way out, too";
  EXPECT_TRUE(lab.reaches("other", "10.0.0.4"));
}

// NSG-8: both levels have to let it pass, either way
TEST(NetworkSecurityGroups, OfSubnetAndInterfaceBothHaveTheirSay) {
  const Lab lab;
  lab.build(lab_with({.of_machine = std::string(kDenyAllIn), .attached_to_machine = true}));
  EXPECT_TRUE(lab.finds_silence("other", "10.0.0.4"));
  EXPECT_TRUE(lab.reaches("other", "10.0.0.5")) << "the neighbour has only the subnet's";
  lab.build(lab_with({.of_subnet = std::string(kDenyAllOut),
                      .of_machine = std::string(kDenyAllIn),
                      .attached_to_subnet = false,
                      .attached_to_machine = true}));
  EXPECT_TRUE(lab.finds_silence("other", "10.0.0.4"));
  EXPECT_TRUE(lab.reaches("server", "10.0.1.4"));
  lab.build(lab_with({.of_machine = std::string(kDenyAllOut), .attached_to_subnet = false, .attached_to_machine = true}));
  EXPECT_TRUE(lab.finds_silence("server", "10.0.1.4"));
  EXPECT_TRUE(lab.reaches("other", "10.0.0.4"));
}

// NSG-12: a connection lives on when its rule goes, and no packet of it is lost on the way.
TEST(NetworkSecurityGroups, LetAConnectionLiveOnWhenItsRuleGoes) {
  const Lab lab;
  lab.build(lab_with({.of_subnet = std::string(kAllowPingIn) + std::string(kDenyAllIn)}));
  ASSERT_TRUE(lab.reaches("other", "10.0.0.4"));
  const auto log = lab.folder() / "ping.txt";
  auto ping = start({lazuli_path(), "exec", "-l", lab.name(), "other", "--", "ping", "-n", "-i", "0.01", "10.0.0.4"}, log);
  const auto answered = [&] { return lines_of(read_file(log)).size(); };
  ASSERT_TRUE(eventually([&] { return answered() > 10; }));
  lab.build(lab_with({.of_subnet = std::string(kDenyAllIn)}));
  const auto by_then = answered();
  EXPECT_TRUE(eventually([&] { return answered() > by_then + 20; })) << "it goes on";
  EXPECT_TRUE(lab.finds_silence("neighbour", "10.0.0.4")) << "a new one is dropped";
  ping.signal(SIGINT);
  ping.wait();
  EXPECT_THAT(read_file(log), HasSubstr(" 0% packet loss"));
}

/// A program in a node that writes a line whenever it hears something.
class Listener {
 public:
  Listener(const Lab& lab, std::string_view node, const std::vector<std::string>& command)
      : log_(lab.folder() / fmt::format("{}-{}.txt", node, command.front())), program_([&] {
          std::vector<std::string> arguments{lazuli_path(), "exec", "-l", lab.name(), std::string(node), "--"};
          arguments.insert(arguments.end(), command.begin(), command.end());
          return start(arguments, log_);
        }()) {}

  std::size_t heard() const { return lines_of(read_file(log_)).size(); }
  bool hears(std::size_t lines) const {
    const auto by_now = heard();
    return eventually([&] { return heard() >= by_now + lines; });
  }

 private:
  std::filesystem::path log_;
  Child program_;
};

// NSG-12 with `flush_connection`: also where only the other side speaks, whose packets the rules would let pass.
TEST(NetworkSecurityGroups, JudgeWhatIsEstablishedAgainWhenTheySaySo) {
  constexpr std::string_view kTicks = R"(
import socket, time
listener = socket.create_server(("10.0.0.4", 9000))
while True:
    client, _ = listener.accept()
    try:
        while True:
            client.sendall(b"tick\n")
            time.sleep(0.01)
    except OSError:
        pass
)";
  constexpr std::string_view kAllowTicksIn =
      "      - {name: ticks-in, priority: 120, direction: Inbound, access: Allow, protocol: Tcp, destination_port_range: 9000}\n";
  const Lab lab;
  const auto build = [&](bool flush, std::initializer_list<std::string_view> rules) {
    std::string text;
    for (const auto rule : rules) text += rule;
    lab.build(lab_with({.of_subnet = text + std::string(kDenyAllIn), .flush_connection = flush}));
  };
  build(true, {kAllowPingIn, kAllowTicksIn});
  const Listener server{lab, "server", {"python3", "-c", std::string(kTicks)}};
  const std::vector<std::string> listen{"bash", "-c", "exec cat < /dev/tcp/10.0.0.4/9000"};
  ASSERT_TRUE(eventually([&] { return lab.exec("other", {"bash", "-c", "exec < /dev/tcp/10.0.0.4/9000"}).status == 0; }));
  const Listener ping{lab, "other", {"ping", "-n", "-i", "0.01", "10.0.0.4"}};
  const Listener ticks{lab, "other", listen};
  ASSERT_TRUE(ping.hears(20));
  ASSERT_TRUE(ticks.hears(20));

  build(true, {kAllowTicksIn});
  ASSERT_TRUE(ticks.hears(20)) << "what is still allowed goes on";
  const auto pings = ping.heard();
  ASSERT_TRUE(ticks.hears(50));
  EXPECT_EQ(ping.heard(), pings) << "what is denied now stops";

  build(true, {kAllowPingIn});
  ASSERT_TRUE(ping.hears(20)) << "and is not denied for ever";
  const auto by_then = ticks.heard();
  ASSERT_TRUE(ping.hears(50));
  EXPECT_EQ(ticks.heard(), by_then) << "though the server's own packets would be allowed";

  build(true, {kAllowPingIn, kAllowTicksIn});
  EXPECT_TRUE(ticks.hears(20));
  build(false, {});
  EXPECT_TRUE(ticks.hears(20)) << "without the flag a change is for new connections";
  EXPECT_TRUE(ping.hears(20));
  EXPECT_TRUE(lab.finds_silence("neighbour", "10.0.0.4"));
}

// PIP-5: rules see the private address; TAG-3
TEST(NetworkSecurityGroups, SeeThePrivateAddressOfWhatComesInByThePublicOne) {
  const Lab lab;
  lab.build(lab_with({}));
  EXPECT_TRUE(lab.finds_silence("laptop", "203.0.113.61")) << "the default rules deny the internet";
  EXPECT_TRUE(lab.reaches("server", "203.0.113.200")) << "and allow the way there";
  lab.build(
      lab_with({.of_subnet = "      - {name: in, priority: 100, direction: Inbound, access: Allow, protocol: Tcp, source_address_prefix: "
                             "Internet, destination_address_prefix: 10.0.0.4, destination_port_range: 80}\n"}));
  EXPECT_EQ(lab.page("laptop", "203.0.113.61"), page_of("server", "10.0.0.4", "203.0.113.200"));
  lab.build(lab_with({.of_subnet = "      - {name: no, priority: 100, direction: Outbound, access: Deny, protocol: '*', "
                                   "source_address_prefix: 10.0.0.4, destination_address_prefix: Internet}\n"}));
  EXPECT_TRUE(lab.finds_silence("server", "203.0.113.200"));
}

// PIP-6
TEST(StandardPublicAddresses, AreClosedUntilAGroupOpensThem) {
  const Lab lab;
  lab.build(lab_with({.attached_to_subnet = false}));
  ASSERT_TRUE(lab.reaches("laptop", "203.0.113.61")) << "Basic is open";
  lab.build(lab_with({.sku = "Standard", .attached_to_subnet = false}));
  EXPECT_TRUE(lab.finds_silence("laptop", "203.0.113.61"));
  EXPECT_TRUE(lab.reaches("server", "203.0.113.200")) << "and open the other way";
  lab.build(lab_with({.of_subnet = std::string(kAllowPingIn), .sku = "Standard"}));
  EXPECT_TRUE(lab.reaches("laptop", "203.0.113.61"));
}

/// A hub with an appliance between two spokes; the flags and rules are those of spoke2, which has a group.
std::string spokes(std::string_view flags, std::string_view rules) {
  return fmt::format(R"(
virtual_networks:
  - name: hub
    address_space: [10.0.0.0/16]
    subnets: [{{name: nva, address_prefixes: [10.0.2.0/24]}}]
    peerings: [{{name: hub-to-spoke1, remote_virtual_network: spoke1}}, {{name: hub-to-spoke2, remote_virtual_network: spoke2}}]
  - name: spoke1
    address_space: [10.1.0.0/16]
    subnets: [{{name: app, address_prefixes: [10.1.0.0/24], route_table: via-nva}}]
    peerings: [{{name: spoke1-to-hub, remote_virtual_network: hub}}]
  - name: spoke2
    address_space: [10.2.0.0/16]
    subnets: [{{name: app, address_prefixes: [10.2.0.0/24], route_table: via-nva, network_security_group: nsg}}]
    peerings: [{{name: spoke2-to-hub, remote_virtual_network: hub{}}}]
route_tables:
  - name: via-nva
    routes: [{{name: all, address_prefix: 10.0.0.0/8, next_hop_type: VirtualAppliance, next_hop_in_ip_address: 10.0.2.4}}]
network_security_groups:
  - name: nsg
    security_rules:
{}virtual_machines:
  - {{name: nva, subnet: hub/nva, private_ip_address: 10.0.2.4, ip_forwarding: true}}
  - {{name: app1, subnet: spoke1/app, private_ip_address: 10.1.0.4}}
  - {{name: app2, subnet: spoke2/app, private_ip_address: 10.2.0.4}}
)",
                     flags, rules);
}

/// The route of spoke2 goes: its prefix is in the tag VirtualNetwork there (TAG-1).
std::string without_route(std::string lab_file) {
  const std::string_view table = ", route_table: via-nva";
  return lab_file.erase(lab_file.find(table, lab_file.find("name: spoke2")), table.size());
}

constexpr std::string_view kAllowApp1 =
    "      - {name: app1, priority: 100, direction: Inbound, access: Allow, protocol: '*', source_address_prefix: 10.1.0.0/16}\n";
constexpr std::string_view kAllowNva =
    "      - {name: nva, priority: 100, direction: Inbound, access: Allow, protocol: '*', source_address_prefix: 10.0.2.4}\n"
    "      - {name: to-nva, priority: 100, direction: Outbound, access: Allow, protocol: '*', destination_address_prefix: 10.0.2.4}\n";

// PEER-17, TAG-1, TAG-6: what a user-defined route is for is in the tag VirtualNetwork, and so is what is forwarded where the flag says so.
TEST(NetworkSecurityGroups, ForwardedTrafficIsInTheTagByARouteOrByTheFlag) {
  const Lab lab;
  const auto arrives = [&] {
    Capture at_app2{lab, "app2"};
    lab.exec("app1", {"ping", "-n", "-c", "2", "-i", "0.2", "-W", "0.5", "10.2.0.4"});
    return !at_app2.packets("icmp and src 10.1.0.4").empty();
  };
  lab.build(without_route(spokes("", "")));
  EXPECT_FALSE(arrives());
  EXPECT_TRUE(lab.reaches("nva", "10.2.0.4")) << "the peer's own packets are inside";
  lab.build(without_route(spokes(", allow_forwarded_traffic: true", "")));
  EXPECT_TRUE(arrives());
  lab.build(without_route(spokes("", kAllowApp1)));
  EXPECT_TRUE(arrives()) << "a rule that names addresses does not depend on the flag";
  lab.build(spokes("", ""));
  EXPECT_TRUE(lab.reaches("app1", "10.2.0.4")) << "spoke2 has a route for 10.0.0.0/8";
}

// PEER-16
TEST(NetworkSecurityGroups, APeerWithoutAccessGetsInWhenARuleNamesIt) {
  const Lab lab;
  lab.build(without_route(spokes(", allow_virtual_network_access: false", "")));
  EXPECT_TRUE(lab.finds_silence("nva", "10.2.0.4"));
  lab.build(without_route(spokes(", allow_virtual_network_access: false", kAllowNva)));
  EXPECT_TRUE(lab.reaches("nva", "10.2.0.4"));
  EXPECT_TRUE(lab.reaches("app2", "10.0.2.4"));
}

// SE-7: the way over the backbone is no way around the rules, which name the service by its tag (TAG-5).
TEST(NetworkSecurityGroups, StillApplyOverAServiceEndpoint) {
  const auto lab_with_rules = [](std::string_view rules) {
    return fmt::format(R"(
virtual_networks:
  - name: net
    address_space: [10.0.0.0/16]
    subnets: [{{name: app, address_prefixes: [10.0.0.0/24], service_endpoints: [Microsoft.Storage], network_security_group: nsg}}]
network_security_groups:
  - name: nsg
    security_rules:
{}virtual_machines: [{{name: vm, subnet: net/app}}]
storage_accounts: [{{name: contosodata}}]
checks: [{{from: vm, http: 'http://contosodata/', expect: 200, path: service-endpoint}}]
)",
                       rules);
  };
  constexpr std::string_view kDenyStorage =
      "      - {name: no, priority: 200, direction: Outbound, access: Deny, protocol: '*', destination_address_prefix: Storage}\n";
  constexpr std::string_view kAllowStorage =
      "      - {name: yes, priority: 100, direction: Outbound, access: Allow, protocol: Tcp, destination_address_prefix: Storage}\n";
  const Lab lab;
  lab.build(lab_with_rules(kDenyStorage));
  EXPECT_EQ(lab.verify()["checks"][0]["actual"], "blocked");
  lab.build(lab_with_rules(std::string(kAllowStorage) + std::string(kDenyStorage)));
  EXPECT_EQ(lab.verify()["failed"], 0) << "its answers need no rule";
  lab.build(lab_with_rules(""));
  EXPECT_EQ(lab.verify()["failed"], 0) << "the default rules allow the internet, which the service is part of";
}

// What `ip-flow` says of a packet is what happens to it.
TEST(IpFlow, SaysWhatHappens) {
  const Lab lab;
  lab.build(lab_with({.of_subnet = std::string(kAllowWebIn) + std::string(kDenyAllIn)}));
  const auto ask = [&](const std::vector<std::string>& more) {
    std::vector<std::string> arguments{"ip-flow", "-l", lab.name(), "server", "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return nlohmann::json::parse(lazuli(arguments).output);
  };
  EXPECT_EQ(ask({"--remote", "other"}), nlohmann::json::parse(R"({"access": "Allow", "ruleName": "securityRules/web-in"})"));
  EXPECT_EQ(ask({"--remote", "other", "--local", ":81"})["ruleName"], "securityRules/deny-in");
  EXPECT_EQ(ask({"--remote", "laptop", "--direction", "Outbound"})["ruleName"], "defaultSecurityRules/AllowInternetOutBound");
  EXPECT_EQ(lab.page("other", "10.0.0.4"), page_of("server", "10.0.0.4", "10.0.1.4"));
  EXPECT_TRUE(lab.finds_silence("other", "10.0.0.4"));
}

/// What the rules of `node` decided, as packets, under `<group>/<rule>`; a default rule, which has a name for each direction, too.
std::map<std::string, std::uint64_t> counted(const Lab& lab, std::string_view node) {
  const auto answer = nlohmann::json::parse(lazuli({"rules", "-l", lab.name(), std::string(node), "--counters", "--json"}).output);
  std::map<std::string, std::uint64_t> packets;
  for (const auto& group : answer["value"]) {
    const auto id = group["networkSecurityGroup"]["id"].get<std::string>();
    for (const auto& rule : group["effectiveSecurityRules"]) {
      const auto name = rule["name"].get<std::string>();
      packets[id.substr(id.rfind('/') + 1) + name.substr(name.find('/'))] = rule["packets"];
    }
  }
  return packets;
}

// A rule counts the packets that it decides: the first of a connection, and each that is denied.
TEST(NetworkSecurityGroups, CountWhatTheirRulesDecide) {
  constexpr std::string_view kPort81 =
      "      - {name: other-in, priority: 105, direction: Inbound, access: Allow, protocol: Tcp, destination_port_range: 81}\n";
  const auto rules = [](std::string_view more) { return fmt::format("{}{}{}", kAllowWebIn, more, kDenyAllIn); };
  const Lab lab;
  lab.build(lab_with({.of_subnet = rules(""), .of_machine = std::string(kAllowWebIn), .attached_to_machine = true}));
  for (const auto& [rule, packets] : counted(lab, "server")) EXPECT_EQ(packets, 0U) << rule;

  ASSERT_TRUE(lab.finds_silence("other", "10.0.0.4"));
  ASSERT_EQ(lab.page("other", "10.0.0.4"), page_of("server", "10.0.0.4", "10.0.1.4"));
  const auto then = counted(lab, "server");
  EXPECT_EQ(then.at("subnet-nsg/deny-in"), 2U) << "each ping by itself";
  EXPECT_EQ(then.at("subnet-nsg/web-in"), 1U) << "a connection once, whatever it carries";
  EXPECT_EQ(then.at("machine-nsg/web-in"), 1U) << "both groups have their say";
  EXPECT_EQ(then.at("machine-nsg/DenyAllInBound"), 0U);
  EXPECT_EQ(then.at("subnet-nsg/AllowVnetOutBound"), 0U) << "answers need no rule";

  lab.build(lab_with({.of_subnet = rules(kPort81), .of_machine = std::string(kAllowWebIn), .attached_to_machine = true}));
  auto expected = then;
  expected["subnet-nsg/other-in"] = 0;
  EXPECT_EQ(counted(lab, "server"), expected) << "a rule that comes leaves the others' counts";
  ASSERT_EQ(lab.page("other", "10.0.0.5"), page_of("neighbour", "10.0.0.5", "10.0.1.4"));
  EXPECT_EQ(counted(lab, "server").at("subnet-nsg/web-in"), 2U) << "also those of another machine with the group";
  EXPECT_EQ(counted(lab, "server").at("machine-nsg/web-in"), 1U);
}

// Rules that are exchanged element by element, and a group that goes, leave what a new lab would have.
TEST(NetworkSecurityGroups, LeaveNothingOfTheirRules) {
  const Lab lab;
  lab.build(lab_with({.attached_to_subnet = false}));
  const auto before = kernel_state_of(lab.name());
  lab.build(lab_with({.of_subnet = std::string(kAllowWebIn), .of_machine = std::string(kDenyAllOut), .attached_to_machine = true}));
  const auto with_port_80 = kernel_state_of(lab.name());
  const auto port_81 =
      std::string("      - {name: web-in, priority: 100, direction: Inbound, access: Allow, protocol: Tcp, destination_port_range: 81}\n");
  lab.build(lab_with({.of_subnet = port_81, .of_machine = std::string(kDenyAllOut), .attached_to_machine = true}));
  EXPECT_THAT(differences(with_port_80, kernel_state_of(lab.name())), Contains(HasSubstr("tcp . 81 ")));
  EXPECT_EQ(lab.page("other", "10.0.0.5"), page_of("neighbour", "10.0.0.5", "10.0.1.4"));
  lab.build(lab_with({.of_subnet = std::string(kAllowWebIn), .of_machine = std::string(kDenyAllOut), .attached_to_machine = true}));
  auto left = differences(with_port_80, kernel_state_of(lab.name()));
  std::erase_if(left, [](const auto& line) { return line.find("ruleset comment") != std::string::npos; });  // what was loaded in between
  EXPECT_THAT(left, IsEmpty());
  lab.build(lab_with({.attached_to_subnet = false}));
  EXPECT_THAT(differences(before, kernel_state_of(lab.name())), IsEmpty());
}

}  // namespace
}  // namespace test
