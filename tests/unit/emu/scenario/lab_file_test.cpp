// SPDX-License-Identifier: Apache-2.0
#include "emu/scenario/lab_file.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "emu/scenario/yaml_tree.hpp"
#include "emu/semantics/validate.hpp"
#include "tests/unit/emu/sample_model.hpp"

namespace {

using emu::LabFile;
using emu::Position;
using testing::HasSubstr;

LabFile parse(std::string_view text) { return emu::parse_lab_file(text, "lab.yaml"); }

/// What is said about `text`, as it is printed.
std::string said_about(std::string_view text) { return emu::render(parse(text).diagnostics, "lab.yaml"); }

/// What can be read, or the test fails.
LabFile correct(std::string_view text) {
  auto lab = parse(text);
  EXPECT_EQ(emu::render(lab.diagnostics, lab.file), "");
  return lab;
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

/// A folder that is gone after the test.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    auto name = (std::filesystem::temp_directory_path() / "lazuli-test-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::filesystem::path write(const std::string& name, std::string_view text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
    return path_ / name;
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace

TEST(LabFile, ReadsEveryProperty) {
  const auto lab = correct(R"(
lab: contoso
location: East US 2
resource_group: myrg
virtual_networks:
  - name: hub
    location: West US
    resource_group: net
    address_space: [10.0.0.0/16, 10.9.0.0/16]
    subnets:
      - {name: default, address_prefixes: [10.0.0.0/24, 10.9.0.0/24], default_outbound_access: false}
    peerings:
      - name: hub-to-spoke
        remote_virtual_network: spoke
        allow_virtual_network_access: false
        allow_forwarded_traffic: true
        allow_gateway_transit: true
        use_remote_gateways: true
virtual_machines:
  - name: vm1
    subnet: hub/default
    private_ip_address: 10.0.0.10
    public_ip_address: 203.0.113.9
    ip_forwarding: true
    web: 8080
    run: [sleep 1, "echo: two"]
internet:
  hosts: [{name: laptop, ip_address: 203.0.113.200, web: 80, run: [sleep 2]}]
checks:
  - {from: vm1, http: 'http://laptop/', expect: 404, path: internet}
)");
  emu::Model model;
  model.lab = "contoso";
  model.location = "eastus2";
  model.resource_group = "myrg";
  auto hub = emu::sample::network("hub", {"10.0.0.0/16", "10.9.0.0/16"}, {emu::sample::subnet("default", {"10.0.0.0/24", "10.9.0.0/24"})});
  hub.resource_group = "net";
  hub.subnets[0].default_outbound_access = false;
  auto link = emu::sample::peering("hub-to-spoke", "spoke");
  link.allow_virtual_network_access = false;
  link.allow_forwarded_traffic = link.allow_gateway_transit = link.use_remote_gateways = true;
  hub.peerings = {link};
  model.virtual_networks = {hub};
  auto machine =
      emu::sample::with_public(emu::sample::with_private(emu::sample::machine("vm1", "hub", "default"), "10.0.0.10"), "203.0.113.9");
  machine.ip_forwarding = true;
  machine.web = std::uint16_t{8080};
  machine.programs.run = {"sleep 1", "echo: two"};
  model.virtual_machines = {machine};
  auto laptop = emu::sample::host("laptop", "203.0.113.200");
  laptop.web = std::uint16_t{80};
  laptop.programs.run = {"sleep 2"};
  model.internet.hosts = {laptop};
  emu::Check check;
  check.from = "vm1";
  check.kind = emu::CheckKind::Http;
  check.target = "http://laptop/";
  check.expect = emu::Outcome::Status;
  check.expected_status = 404;
  check.path = emu::Path::Internet;
  model.checks = {check};
  EXPECT_EQ(lab.model, model);
}

TEST(LabFile, GivesAzuresDefaults) {
  const auto lab = correct(R"(
lab: contoso
virtual_networks:
  - name: hub
    address_space: [10.0.0.0/16]
    subnets: [{name: default, address_prefixes: [10.0.0.0/24]}]
    peerings: [{name: hub-to-spoke, remote_virtual_network: spoke}]
virtual_machines: [{name: vm1, subnet: hub/default}]
checks: [{from: vm1, ping: vm1}]
)");
  EXPECT_EQ(lab.model.location, "westus");
  EXPECT_EQ(lab.model.resource_group, "contoso");
  const auto& hub = lab.model.virtual_networks.at(0);
  EXPECT_EQ(hub.location, "westus");
  EXPECT_EQ(hub.resource_group, "contoso");
  EXPECT_TRUE(hub.subnets.at(0).default_outbound_access);  // PIP-10: older API versions
  const auto& link = hub.peerings.at(0);
  EXPECT_TRUE(link.allow_virtual_network_access);
  EXPECT_FALSE(link.allow_forwarded_traffic || link.allow_gateway_transit || link.use_remote_gateways);
  const auto& machine = lab.model.virtual_machines.at(0);
  EXPECT_EQ(machine.private_ip_allocation_method, "Dynamic");
  EXPECT_FALSE(machine.private_ip_address || machine.has_public_ip_address || machine.ip_forwarding || machine.web);
  EXPECT_EQ(lab.model.checks.at(0).expect, emu::Outcome::Reachable);
}

TEST(LabFile, NetworkWithoutAddressSpaceGetsTheSeedsSpaceAndSubnet) {
  const auto seed = correct("{lab: a, virtual_networks: [{name: seed}]}").model.virtual_networks.at(0);
  EXPECT_EQ(seed.address_space, emu::sample::prefixes({"10.2.0.0/16"}));
  EXPECT_EQ(seed.subnets, std::vector{emu::sample::subnet("default", {"10.2.0.0/24"})});
}

TEST(LabFile, NetworkWithAddressSpaceHasOnlyTheSubnetsItNames) {
  const auto model = correct(R"(
lab: a
virtual_networks:
  - {name: none, address_space: [10.0.0.0/16]}
  - {name: own, subnets: [{name: web, address_prefixes: [10.2.1.0/24]}]}
  - {name: empty, subnets: []}
)")
                         .model;
  EXPECT_TRUE(model.virtual_networks.at(0).subnets.empty());
  EXPECT_EQ(model.virtual_networks.at(1).address_space, emu::sample::prefixes({"10.2.0.0/16"}));
  EXPECT_EQ(model.virtual_networks.at(1).subnets.size(), 1U);
  EXPECT_TRUE(model.virtual_networks.at(2).subnets.empty());
}

TEST(LabFile, PublicAddressIsAFlagOrAnAddress) {
  const auto model = correct(R"(
lab: a
virtual_machines:
  - {name: none, subnet: n/s, public_ip_address: false}
  - {name: dynamic, subnet: n/s, public_ip_address: true}
  - {name: static, subnet: n/s, public_ip_address: 203.0.113.4}
)")
                         .model;
  EXPECT_FALSE(model.virtual_machines.at(0).has_public_ip_address);
  EXPECT_TRUE(model.virtual_machines.at(1).has_public_ip_address);
  EXPECT_FALSE(model.virtual_machines.at(1).public_ip_address);
  EXPECT_EQ(model.virtual_machines.at(1).public_ip_allocation_method, "Dynamic");
  EXPECT_EQ(model.virtual_machines.at(2).public_ip_address, emu::sample::address("203.0.113.4"));
  EXPECT_EQ(model.virtual_machines.at(2).public_ip_allocation_method, "Static");
}

// PIP-6
TEST(LabFile, APublicAddressIsStandardUnlessItsMachineSaysOtherwise) {
  const auto model = correct(R"(
lab: a
virtual_machines:
  - {name: new, subnet: n/s, public_ip_address: true}
  - {name: old, subnet: n/s, public_ip_address: true, public_ip_address_sku: basic}
)")
                         .model;
  EXPECT_EQ(model.virtual_machines.at(0).public_ip_address_sku, emu::PublicIpAddressSku::Standard);
  EXPECT_EQ(model.virtual_machines.at(1).public_ip_address_sku, emu::PublicIpAddressSku::Basic);
  EXPECT_EQ(said_about("lab: a\npublic_ip_address_sku: Basic\n"),
            "lab.yaml:2:1: error: unknown key 'public_ip_address_sku'\n"
            "  each public address has its own: write public_ip_address_sku: Basic in a machine that is not to have Standard\n");
}

// NSG-3, NSG-4: one rule for every value that is one of a few, and blanks around ports.
TEST(LabFile, CaseDoesNotCountInAValueThatIsOneOfAFew) {
  const auto model = correct(R"(
lab: a
virtual_networks: [{name: n, subnets: [{name: s, address_prefixes: [10.2.0.0/24], service_endpoints: [microsoft.storage]}]}]
route_tables: [{name: t, routes: [{name: r, address_prefix: 10.0.0.0/8, next_hop_type: vnetlocal}]}]
network_security_groups:
  - name: g
    security_rules:
      - {name: r, priority: 100, direction: INBOUND, access: deny, protocol: tcp, destination_port_range: " 80 - 90 ",
         source_port_ranges: [" * "]}
virtual_network_gateways: [{name: gw, virtual_network: n, type: vpn, vpn_type: routebased, sku: vpngw2az}]
local_network_gateways: [{name: l, gateway_address: 198.51.100.10, address_space: [192.168.0.0/16]}]
virtual_network_gateway_connections:
  - name: c
    type: ipsec
    virtual_network_gateway: gw
    local_network_gateway: l
    shared_key: key-with-hyphens
    connection_protocol: ikev2
    connection_mode: initiatoronly
    ipsec_policy: {dh_group: dhgroup14, ike_encryption: aes256, ike_integrity: sha256, ipsec_encryption: gcmaes256, ipsec_integrity: GCMaes256,
                   pfs_group: none}
storage_accounts: [{name: data, network_rules: {default_action: DENY, bypass: [azureservices]}}]
services: [{name: vault, type: microsoft.keyvault}]
checks: [{from: vm, ping: vm, expect: Blocked, path: VNet}]
)")
                         .model;
  EXPECT_EQ(model.virtual_networks.at(0).subnets.at(0).service_endpoints, std::vector<std::string>{"Microsoft.Storage"});
  EXPECT_EQ(model.route_tables.at(0).routes.at(0).next_hop_type, emu::NextHopType::VnetLocal);
  const auto& rule = model.network_security_groups.at(0).security_rules.at(0);
  EXPECT_EQ(rule.direction, emu::RuleDirection::Inbound);
  EXPECT_EQ(rule.access, emu::RuleAccess::Deny);
  EXPECT_EQ(rule.protocol, emu::RuleProtocol::Tcp);
  EXPECT_EQ(rule.destination.port_ranges, (std::vector<emu::PortRange>{{80, 90}}));
  EXPECT_EQ(rule.source.port_ranges, (std::vector<emu::PortRange>{{}}));
  EXPECT_EQ(model.virtual_network_gateways.at(0).sku, "VpnGw2AZ");
  const auto& connection = model.virtual_network_gateway_connections.at(0);
  EXPECT_EQ(connection.connection_mode, emu::ConnectionMode::InitiatorOnly);
  EXPECT_EQ(connection.ipsec_policy->dh_group, "DHGroup14");
  EXPECT_EQ(connection.ipsec_policy->ipsec_integrity, connection.ipsec_policy->ipsec_encryption);
  EXPECT_EQ(connection.ipsec_policy->pfs_group, "None");
  EXPECT_EQ(model.storage_accounts.at(0).network_rules.default_action, emu::DefaultAction::Deny);
  EXPECT_EQ(model.storage_accounts.at(0).network_rules.bypass, std::vector<std::string>{"AzureServices"});
  EXPECT_EQ(model.services.at(0).type, "Microsoft.KeyVault");
  EXPECT_EQ(model.checks.at(0).expect, emu::Outcome::Blocked);
  EXPECT_EQ(model.checks.at(0).path, emu::Path::VirtualNetwork);
}

TEST(LabFile, RemembersWhereEveryPropertyStands) {
  const auto lab = correct(
      "lab: a\n"
      "virtual_networks:\n"
      "  - name: hub\n"
      "    subnets:\n"
      "      - {name: web, address_prefixes: [10.2.0.0/24, 10.2.1.0/24]}\n"
      "internet: {hosts: [{name: laptop, ip_address: 203.0.113.200}]}\n");
  const auto& positions = lab.positions;
  EXPECT_EQ(positions.find("lab"), (Position{1, 6}));
  EXPECT_EQ(positions.find("virtual_networks[0]"), (Position{3, 5}));
  EXPECT_EQ(positions.find("virtual_networks[0].name"), (Position{3, 11}));
  EXPECT_EQ(positions.find("virtual_networks[0].subnets[0]"), (Position{5, 9}));
  EXPECT_EQ(positions.find("virtual_networks[0].subnets[0].address_prefixes[1]"), (Position{5, 53}));
  EXPECT_EQ(positions.find("internet.hosts[0].ip_address"), (Position{6, 47}));
  EXPECT_EQ(positions.find("virtual_networks[0].location"), (Position{3, 5})) << "the nearest thing around it";
}

TEST(LabFile, MisspeltKeyIsReadAsTheOneThatWasMeant) {
  const auto lab = parse("{lab: a, virtual_networks: [{name: hub, adress_space: [10.7.0.0/16]}]}");
  EXPECT_EQ(lab.diagnostics.size(), 1U);
  EXPECT_EQ(lab.model.virtual_networks.at(0).address_space, emu::sample::prefixes({"10.7.0.0/16"}));
}

TEST(LabFile, ListWithAnUnreadableAddressIsLeftEmptyForTheRulesToPassOver) {
  const auto lab = parse("{lab: a, virtual_networks: [{name: hub, address_space: [10.7.0.0/16, ten]}]}");
  EXPECT_EQ(lab.diagnostics.size(), 1U);
  EXPECT_TRUE(lab.model.virtual_networks.at(0).address_space.empty());
}

TEST(LabFile, ReadsWindowsLineEndings) {
  const auto lab = correct("lab: a\r\nvirtual_machines:\r\n  - {name: vm1, subnet: n/s}\r\n");
  EXPECT_EQ(lab.model.lab, "a");
  EXPECT_EQ(lab.positions.find("virtual_machines[0].name"), (Position{3, 12}));
}

TEST(LabFile, ReadsAByteOrderMark) { EXPECT_EQ(correct("\xEF\xBB\xBFlab: a\n").positions.find("lab"), (Position{1, 6})); }

TEST(LabFile, NullIsTheSameAsNothing) {
  EXPECT_TRUE(correct("lab: a\nvirtual_machines:\ninternet: ~\nchecks: null\n").model.checks.empty());
}

TEST(LabFile, EmptyValueThatHidesADefaultIsSaid) {
  EXPECT_EQ(said_about("lab: a\nvirtual_networks:\n  - name: net\n    address_space:\n"),
            "lab.yaml:4:5: warning: 'address_space' is empty, so it counts as left out\n  write a value behind it, or take it out\n");
}

TEST(LabFile, NumbersAreWrittenInDecimalOnly) {
  for (const std::string_view wrong : {"0120", "0x50", "1_000", "1e3", "80.0", "+80", "-80", "0", "65536", "eighty", "'80'"})
    EXPECT_THAT(said_about(fmt::format("lab: a\nvirtual_machines: [{{name: v, subnet: n/s, web: {}}}]\n", wrong)),
                HasSubstr("error: 'web' must be"))
        << wrong;
  EXPECT_THAT(said_about("lab: a\nvirtual_machines: [{name: v, subnet: n/s, web: 0120}]\n"),
              HasSubstr("write a number in decimal digits: 120"));
}

TEST(LabFile, OneSlipIsOneDiagnostic) {
  for (const std::string_view slip : {
           "  net: {address_space: [10.0.0.0/16]}\n",            // the list is a mapping
           "  - net\n",                                          // its item is a word
           "  - {nme: net, location: [westus]}\n",               // two slips, and none of the machine
           "  - {name: [net], address_space: [10.0.0.0/16]}\n",  // the name is a list
           "  - {address_space: [10.0.0.0/16]}\n",               // and is not there
       }) {
    const auto lab = parse(fmt::format("lab: a\nvirtual_networks:\n{}virtual_machines: [{{name: v, subnet: net/default}}]\n", slip));
    for (const auto& found : emu::validate(lab.model, lab.positions, nullptr))
      EXPECT_NE(found.code, "InvalidResourceReference") << found.message;
    EXPECT_TRUE(emu::has_errors(lab.diagnostics));
  }
}

TEST(LabFile, WhatNothingUsesIsToldOnlyWhereNothingIsWrong) {
  const auto warnings = [](std::string_view text) {
    const auto lab = parse(text);
    return emu::render(emu::validate(lab.model, lab.positions, nullptr), "lab.yaml");
  };
  EXPECT_THAT(warnings("lab: a\nroute_tables: [{name: rt}]\n"), HasSubstr("2:23: warning: nothing uses route table 'rt'"));
  EXPECT_EQ(warnings("lab: a\nroute_tables: [{name: rt}]\ncolour: red\n"), "");
  EXPECT_THAT(warnings("lab: a\nroute_tables: [{name: rt}]\nvirtual_networks: [{name: net, subnets: [{name: s, "
                       "address_prefixes: [10.2.0.0/24], route_table: tr}]}]\n"),
              testing::Not(HasSubstr("nothing uses")))
      << "the subnet may mean rt";
}

TEST(LabFile, RefusesWhatIsNotText) {
  EXPECT_EQ(said_about(std::string_view("lab: a\nb\0c", 10)),
            "lab.yaml:2:2: error: a NUL byte: this is not a text file\n  save the file as UTF-8 text\n");
  EXPECT_EQ(said_about("lab: \xFF\n"), "lab.yaml:1:6: error: this is not UTF-8 text\n  save the file as UTF-8 text\n");
  EXPECT_THAT(said_about("lab: a\rlocation: b\n"), HasSubstr("1:7: error: a carriage return that ends no line"));
  for (const auto utf16 : {std::string_view("\xFF\xFEl\0a\0b\0", 8), std::string_view("l\0a\0b\0:\0", 8), std::string_view("\0l\0a\0b", 6)})
    EXPECT_THAT(said_about(utf16), HasSubstr("1:1: error: this file is UTF-16 text"));
  EXPECT_THAT(said_about("\x1F\x8B\x08"), HasSubstr("1:1: error: this file is compressed by gzip"));
  for (const std::string_view wrong :
       {"\x80", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE2\x82"})
    EXPECT_THAT(said_about(wrong), HasSubstr("1:1: error: this is not UTF-8 text"));
  EXPECT_EQ(said_about("lab: \xE2\x82\xAC\xF0\x9F\x98\x80\xC3\xA9"), "");
}

TEST(LabFile, QuotesAreNeverTakenForClosedAtTheEnd) {
  constexpr auto kOpen = "lab.yaml:1:6: error: a quoted text is not closed\n  write the same quote where the text ends\n";
  EXPECT_EQ(said_about("lab: \"a\n"), kOpen);
  EXPECT_EQ(said_about("lab: 'it''s\n"), kOpen);
  EXPECT_EQ(said_about("lab: \"a\\\"\n"), kOpen);
  EXPECT_EQ(said_about("lab: \"a\"\n"), "");
  EXPECT_EQ(said_about("lab: 'a'"), "");
  EXPECT_EQ(said_about("\xEF\xBB\xBFlab: 'a'\r\n"), "");
}

TEST(LabFile, AliasesCannotMakeASmallFileLarge) {
  std::string bomb = "lab: a\nlol0: &lol0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 20; ++i)
    bomb += fmt::format("lol{0}: &lol{0} [*lol{1}, *lol{1}, *lol{1}, *lol{1}, *lol{1}, *lol{1}, *lol{1}, *lol{1}, *lol{1}]\n", i, i - 1);
  EXPECT_THAT(said_about(bomb), HasSubstr("lab.yaml:3:14: error: a lab file has no YAML aliases"));
  EXPECT_EQ(parse(bomb).diagnostics.size(), 20U + 19U * 9U) << "each key and each alias once";
}

TEST(LabFile, NestingCannotExhaustTheStack) {
  constexpr std::size_t kTimes = 100'000;
  for (const std::string_view opening : {"[", "{a: ", "- ", "? ", "[a: "}) {
    SCOPED_TRACE(opening);
    EXPECT_TRUE(emu::has_errors(parse(repeated(opening, kTimes)).diagnostics));
  }
  std::string stairs;
  for (std::size_t depth = 0; depth < 1000; ++depth) stairs += std::string(depth, ' ') + "a:\n";
  EXPECT_THAT(said_about(stairs), HasSubstr("nested more than 32 levels deep"));
}

TEST(LabFile, ExplainsAFaultBehindManyLinesAtOnce) {
  EXPECT_THAT(said_about("lab: a" + repeated("\n", emu::kLargestLabFile - 100) + "  -x: y\n  z: a\n"),
              HasSubstr("a blank is missing behind '-'"));
}

TEST(LabFile, NoMessageShowsASecret) {
  for (const std::string_view written :
       {"psk: Swordfish", "sharedKey: Swordfish", "shared_key:Swordfish", "psk:Swordfish", "shared_key: [Swordfish]",
        "shared_key: @Swordfish", "shared_key: *Swordfish", "shared_key: !Swordfish", "shared_key: &Swordfish", "shared_key=Swordfish",
        "pre_shared_key: Swordfish"}) {
    for (const auto* form :
         {"{{name: dc, address_space: [192.168.0.0/16], {}}}", "name: dc\n    address_space: [192.168.0.0/16]\n    {}"}) {
      const auto text = fmt::format("lab: a\non_premises:\n  - {}\n", fmt::format(fmt::runtime(form), written));
      EXPECT_THAT(said_about(text), testing::Not(HasSubstr("Swordfish"))) << text;
      EXPECT_THAT(said_about(text), HasSubstr("error:")) << text;
    }
  }
}

TEST(LabFile, CountsTheValuesOfAFile) {
  EXPECT_THAT(said_about("lab: [" + repeated("a,", emu::kMostValues) + "]"), HasSubstr("values are too many for one lab"));
}

TEST(LabFile, RefusesALargeFileWithoutReadingItAll) {
  EXPECT_EQ(said_about(std::string(emu::kLargestLabFile + 1, ' ')), "lab.yaml: error: larger than 4 MB, too large for a lab\n");
  const auto endless = emu::read_lab_file("/dev/zero");
  EXPECT_EQ(emu::render(endless.diagnostics, endless.file), "/dev/zero: error: larger than 4 MB, too large for a lab\n");
}

TEST(LabFile, ReadsLabYamlInAFolder) {
  const TemporaryFolder folder;
  const auto file = folder.write("lab.yaml", "lab: in-a-folder\n");
  EXPECT_EQ(emu::read_lab_file(folder.path()).model.lab, "in-a-folder");
  EXPECT_EQ(emu::read_lab_file(folder.path()).file, file.string());
  EXPECT_EQ(emu::read_lab_file(file).model.lab, "in-a-folder");
}

TEST(LabFile, SaysWhyAFileCannotBeRead) {
  const TemporaryFolder folder;
  const auto said = [](const std::filesystem::path& path) {
    const auto lab = emu::read_lab_file(path);
    return emu::render(lab.diagnostics, lab.file);
  };
  const auto missing = (folder.path() / "lab.yaml").string();
  EXPECT_EQ(said(folder.path()), missing + ": error: cannot be read: No such file or directory\n");
  EXPECT_EQ(said(folder.path() / "nowhere" / "lab.yaml"),
            (folder.path() / "nowhere" / "lab.yaml").string() + ": error: cannot be read: No such file or directory\n");
  std::filesystem::create_directory(missing);
  EXPECT_EQ(said(folder.path()), missing + ": error: cannot be read: Is a directory\n");
}

TEST(LabFile, HoldsALabOfThousandsOfMachines) {
  constexpr int kMachines = 10'000;
  std::string text =
      "lab: big\nvirtual_networks:\n  - name: hub\n    address_space: [10.0.0.0/8]\n"
      "    subnets: [{name: default, address_prefixes: [10.0.0.0/16]}]\nvirtual_machines:\n";
  for (int i = 0; i < kMachines; ++i) text += fmt::format("  - {{name: vm{}, subnet: hub/default, public_ip_address: true, web: 80}}\n", i);
  const auto lab = correct(text);
  EXPECT_EQ(lab.model.virtual_machines.size(), std::size_t{kMachines});
  EXPECT_TRUE(emu::validate(lab.model, lab.positions, nullptr).empty());
}
