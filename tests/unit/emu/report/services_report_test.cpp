// SPDX-License-Identifier: Apache-2.0
#include "emu/report/services_report.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "emu/semantics/resolve.hpp"
#include "tests/unit/emu/sample_services.hpp"

namespace sample = emu::sample;

namespace {

emu::Model model_with_rules() {
  auto model = sample::lab_with_services({"Microsoft.Storage"});
  auto& rules = model.storage_accounts[0].network_rules;
  rules.default_action = emu::DefaultAction::Deny;
  rules.virtual_network_subnets = {{"net", "app"}};
  rules.ip_rules = sample::prefixes({"203.0.113.200/32", "198.51.100.0/30"});
  model.storage_accounts[1].network_rules.default_action = emu::DefaultAction::Deny;
  return emu::resolve(model, nullptr).model;
}

}  // namespace

TEST(ServicesTable, SaysWhomEachServiceLetsIn) {
  EXPECT_EQ(services_table(model_with_rules()),
            "  SERVICE   TYPE                LOCATION     ADDRESS       ALLOWS\n"
            "  here      Microsoft.Storage   westus       198.19.0.4    net/app, 203.0.113.200, 198.51.100.0/30\n"
            "  paired    Microsoft.Storage   eastus       198.19.0.5    nobody\n"
            "  far       Microsoft.Storage   westeurope   198.19.0.6    everybody\n"
            "  db        Microsoft.Sql       westus       198.19.64.4   everybody\n");
  EXPECT_EQ(services_table(emu::Model{}), "");
}

// SA-1.
TEST(ServicesJson, HasArmsPropertyNames) {
  const auto json = services_json(model_with_rules().storage_accounts)[0];
  EXPECT_EQ(json["name"], "here");
  EXPECT_EQ(json["address"], "198.19.0.4");
  EXPECT_EQ(json["endpoint"], "http://here.blob.lazuli.test/");
  EXPECT_EQ(json["networkAcls"].dump(),
            R"({"defaultAction":"Deny","bypass":"AzureServices",)"
            R"("virtualNetworkRules":[{"id":"net/app","action":"Allow","state":"Succeeded"}],)"
            R"("ipRules":[{"value":"203.0.113.200","action":"Allow"},{"value":"198.51.100.0/30","action":"Allow"}]})");
}
