// SPDX-License-Identifier: Apache-2.0
// tests/scenario/storage_firewall_test.cpp — who a storage account lets in, and how it refuses the others.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/scenario/http_client.hpp"
#include "tests/scenario/lab.hpp"
#include "tests/support/eventually.hpp"

namespace test {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::MatchesRegex;

/// Three subnets, of which two have the endpoint, and two hosts on the internet.
std::string guarded_lab(std::string_view rules, std::string_view command = "") {
  return fmt::format(R"(
virtual_networks:
  - name: net
    address_space: [10.0.0.0/16]
    subnets:
      - {{name: a, address_prefixes: [10.0.0.0/24], service_endpoints: [Microsoft.Storage]}}
      - {{name: b, address_prefixes: [10.0.1.0/24], service_endpoints: [Microsoft.Storage]}}
      - {{name: c, address_prefixes: [10.0.2.0/24]}}
  - name: far
    location: westeurope
    address_space: [10.9.0.0/16]
    subnets: [{{name: d, address_prefixes: [10.9.0.0/24]}}]
virtual_machines:
  - {{name: a, subnet: net/a}}
  - {{name: b, subnet: net/b}}
  - {{name: c, subnet: net/c, public_ip_address: 203.0.113.60}}
  - {{name: d, subnet: far/d, public_ip_address: 203.0.113.61}}
internet:
  hosts: [{{name: office, ip_address: 203.0.113.200}}, {{name: stranger, ip_address: 203.0.113.201}}]
storage_accounts:
  - {{name: data, network_rules: {{{}}}{}}}
)",
                     rules, command.empty() ? std::string() : fmt::format(", command: '{}'", command));
}

constexpr int kReset = -7;  // curl's own status: no connection

/// The HTTP status that a node gets; curl's own, negative, when it gets none.
int ask(const Lab& lab, std::string_view node) {
  const auto said = lab.exec(node, {"curl", "-s", "-m", "2", "-o", "/dev/null", "-w", "%{http_code}", "http://data/"});
  return said.status == 0 ? std::stoi(said.output) : -said.status;
}

/// Builds the lab, and waits until `node` gets `status`: a program takes a moment to listen, or to take in a new rule.
void build(const Lab& lab, const std::string& body, std::string_view node, int status) {
  lab.build(body);
  EXPECT_TRUE(eventually([&] { return ask(lab, node) == status; })) << node << " gets " << ask(lab, node) << " under " << body;
}

// SA-2, SA-4, SE-4, SE-8.
TEST(StorageFirewall, LetsInWhomARuleNamesAndNobodyElse) {
  const Lab lab;
  const auto expect = [&](std::string_view rules, const std::map<std::string, int>& statuses) {
    build(lab, guarded_lab(rules), statuses.begin()->first, statuses.begin()->second);
    for (const auto& [node, status] : statuses) EXPECT_EQ(ask(lab, node), status) << node << " under " << rules;
  };
  expect("default_action: Deny", {{"a", 403}, {"b", 403}, {"c", 403}, {"d", 403}, {"office", 403}, {"stranger", 403}});
  expect("default_action: Deny, virtual_network_subnets: [net/a]", {{"a", 200}, {"b", 403}, {"c", 403}, {"office", 403}});
  expect("default_action: Deny, ip_rules: [203.0.113.200]", {{"a", 403}, {"c", 403}, {"office", 200}, {"stranger", 403}});
  // SA-4: of two machines in Azure the rule matches the one in another region.
  expect("default_action: Deny, ip_rules: [203.0.113.0/24]", {{"a", 403}, {"c", 403}, {"d", 200}, {"office", 200}, {"stranger", 200}});
  expect("default_action: Allow, virtual_network_subnets: [net/a]", {{"a", 200}, {"b", 200}, {"c", 200}, {"stranger", 200}});
}

// SA-7, SA-8: the connection is made, and the answer is Azure's to the letter.
TEST(StorageFirewall, RefusesInAzuresWords) {
  const Lab lab;
  build(lab, guarded_lab("default_action: Deny, virtual_network_subnets: [net/a]"), "stranger", 403);
  const auto said = lab.ask("stranger", {"curl", "-s", "-i", "http://data/container/blob"});
  EXPECT_THAT(said, HasSubstr("HTTP/1.1 403 Forbidden\r\n"));
  EXPECT_THAT(said, HasSubstr("\r\nx-ms-error-code: AuthorizationFailure\r\n"));
  EXPECT_THAT(said, HasSubstr("\r\nContent-Type: application/xml\r\n"));
  EXPECT_THAT(
      said.substr(said.find("\r\n\r\n") + 4),
      MatchesRegex("<\\?xml version=\"1\\.0\" encoding=\"utf-8\"\\?><Error><Code>AuthorizationFailure</Code><Message>This request is "
                   "not authorized to perform this operation\\.\nRequestId:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\n"
                   "Time:[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{7}Z</Message></Error>"));
  for (const auto* method : {"PUT", "DELETE", "POST", "HEAD", "OPTIONS"}) {
    std::vector<std::string> curl{"curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-X", method, "http://data/x"};
    if (std::string_view(method) == "HEAD") curl = {"curl", "-s", "-I", "-o", "/dev/null", "-w", "%{http_code}", "http://data/x"};
    EXPECT_EQ(lab.ask("stranger", curl), "403") << method;
  }
}

// A new rule counts for the next request of an open connection; neither the connection nor what is stored is lost.
TEST(StorageFirewall, ChangesUnderOpenConnections) {
  const Lab lab;
  build(lab, guarded_lab("default_action: Allow"), "a", 200);
  EXPECT_EQ(lab.ask("a", {"curl", "-s", "-w", "%{http_code}", "-X", "PUT", "-d", "hello", "http://data/notes/1"}), "201");
  HttpClient office{lab.namespace_of("office"), lab.status()["storageAccounts"][0]["address"]};
  ASSERT_EQ(office.get("/notes/1").body, "hello");
  const auto processes = processes_in(namespaces_of(lab.name()));

  lab.build(guarded_lab("default_action: Deny, virtual_network_subnets: [net/a]"));
  int status = 200;
  eventually([&] { return (status = office.get("/notes/1").status) != 200; });
  EXPECT_EQ(status, 403);
  lab.build(guarded_lab("default_action: Deny, ip_rules: [203.0.113.200]"));
  eventually([&] { return (status = office.get("/notes/1").status) != 403; });
  EXPECT_EQ(status, 200);
  EXPECT_EQ(office.get("/notes/1").body, "hello");
  EXPECT_EQ(processes_in(namespaces_of(lab.name())), processes) << "it was told, not started anew";
}

// Small blobs, by any client, and no more than there is room for.
TEST(StorageAccount, KeepsSmallBlobs) {
  const Lab lab;
  build(lab, guarded_lab("default_action: Allow"), "a", 200);
  const auto curl = [&](std::vector<std::string> words, const std::string& input = {}) {
    words.insert(words.begin(), {"curl", "-s", "-w", " %{http_code}"});
    return lab.exec("a", words, input).output;
  };
  EXPECT_THAT(curl({"http://data/c/x"}), ContainsRegex("<Code>BlobNotFound</Code>.* 404"));
  EXPECT_EQ(curl({"-T", "-", "http://data/c/x"}, "one"), " 201");
  EXPECT_EQ(curl({"http://data/c/x"}), "one 200");
  EXPECT_EQ(curl({"http://data.blob.lazuli.test/c/x"}), "one 200");
  EXPECT_EQ(curl({"-T", "-", "http://data/c/x"}, "two"), " 201");
  EXPECT_EQ(curl({"http://data/c/x"}), "two 200");
  EXPECT_EQ(curl({"-X", "DELETE", "http://data/c/x"}), " 202");
  EXPECT_THAT(curl({"http://data/c/x"}), HasSubstr(" 404"));
  EXPECT_THAT(curl({"-T", "-", "http://data/c/big"}, std::string(std::size_t{2} << 20U, 'x')), HasSubstr(" 413"));
  EXPECT_THAT(curl({"http://data/c/big"}), HasSubstr(" 404"));
}

// A lab's own command serves the account; the firewall is then the kernel's, and who may not pass is reset.
TEST(StorageAccount, IsServedByACommandOfTheLabsOwn) {
  const Lab lab;
  constexpr std::string_view kCommand = "cd /usr/share/common-licenses && exec python3 -m http.server --bind \"$ADDRESS\" 80";
  build(lab, guarded_lab("default_action: Deny, virtual_network_subnets: [net/a], ip_rules: [203.0.113.0/24]", kCommand), "a", 200);
  EXPECT_EQ(ask(lab, "b"), kReset);
  EXPECT_EQ(ask(lab, "c"), kReset) << "of the same region (SA-4)";
  EXPECT_EQ(ask(lab, "d"), 200);
  EXPECT_EQ(ask(lab, "office"), 200);
  EXPECT_THAT(lab.ask("a", {"curl", "-s", "http://data/GPL-3"}), HasSubstr("GNU GENERAL PUBLIC LICENSE"));
  build(lab, guarded_lab("default_action: Deny, virtual_network_subnets: [net/b]", kCommand), "b", 200);
  EXPECT_EQ(ask(lab, "a"), kReset);
}

}  // namespace
}  // namespace test
