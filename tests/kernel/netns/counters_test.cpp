// SPDX-License-Identifier: Apache-2.0
#include "netns/netlink/counters.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <optional>

#include "netns/netlink/ruleset.hpp"
#include "tests/support/command.hpp"
#include "tests/support/scratch.hpp"
#include "tests/support/topology.hpp"

using netns::Ruleset;
using netns::RulesetCounter;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

constexpr const char* kText =
    "table inet t {\n"
    " map by_address { type ipv4_addr : verdict\n  flags interval\n  counter\n }\n"
    " map by_protocol { type inet_proto . ipv4_addr : verdict\n  flags interval\n  counter\n }\n"
    " set uncounted { type ipv4_addr\n  flags interval\n }\n"
    " chain input {\n"
    "  type filter hook input priority 0; policy accept;\n"
    "  ip daddr vmap @by_address\n"
    "  meta l4proto . ip daddr vmap @by_protocol\n"
    "  ip daddr @uncounted counter accept comment \"a rule\"\n"
    "  counter accept\n"
    " }\n}\n";

Ruleset ruleset_of(std::set<std::string> by_address, std::set<std::string> by_protocol = {}) {
  return Ruleset::of(kText, {{"inet t by_address", std::move(by_address)},
                             {"inet t by_protocol", std::move(by_protocol)},
                             {"inet t uncounted", {"127.4.0.0/16 comment \"no counter\""}}});
}

const Ruleset kRuleset = ruleset_of({"127.1.0.0/16 comment \"one\" : drop", "127.2.0.0/16 comment \"two\" : drop", "127.5.0.0/16 : drop"},
                                    {"icmp . 127.3.0.0/16 comment \"three\" : drop"});

class CountersTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!test::may_make_namespaces()) GTEST_SKIP() << "making network namespaces needs root";
    scratch_.emplace();
    scratch_->make("a");
    name_ = scratch_->name("a");
    ASSERT_EQ(test::run({"ip", "-n", name_, "link", "set", "lo", "up"}).status, 0);
  }

  void update(const Ruleset& loaded, const Ruleset& ruleset) {
    scratch_->in("a", [&] { update_ruleset(loaded, ruleset, name_); });
  }
  void load(const Ruleset& ruleset) {
    scratch_->in("a", [&] { load_ruleset(ruleset, name_); });
  }
  /// An echo request of 84 bytes from the IP header on; to where rules drop it, so that no answer is counted.
  void ping(const std::string& address) { test::run({"ip", "netns", "exec", name_, "ping", "-n", "-c", "1", "-W", "0.2", address}); }
  std::vector<RulesetCounter> counters() {
    auto all = netns::read_counters(name_, "t");
    std::ranges::sort(all, {}, &RulesetCounter::comment);
    return all;
  }

  std::optional<test::Scratch> scratch_;
  std::string name_;
};

}  // namespace

TEST_F(CountersTest, AreNoneWithoutTheTable) { EXPECT_THAT(counters(), IsEmpty()); }

TEST_F(CountersTest, AreThoseOfElementsAndRulesWithAComment) {
  load(kRuleset);
  EXPECT_THAT(counters(), ElementsAre(RulesetCounter{"input", "a rule", 0, 0}, RulesetCounter{"by_address", "one", 0, 0},
                                      RulesetCounter{"by_protocol", "three", 0, 0}, RulesetCounter{"by_address", "two", 0, 0}));
  ping("127.1.0.1");
  ping("127.1.0.1");
  ping("127.3.0.1");
  ping("127.5.0.1");
  EXPECT_THAT(counters(), ElementsAre(RulesetCounter{"input", "a rule", 0, 0}, RulesetCounter{"by_address", "one", 2, 168},
                                      RulesetCounter{"by_protocol", "three", 1, 84}, RulesetCounter{"by_address", "two", 0, 0}));
  ping("127.4.0.1");
  EXPECT_GT(counters()[0].packets, 0U);
}

TEST_F(CountersTest, OfElementsThatStayGoOn) {
  load(kRuleset);
  ping("127.1.0.1");
  ping("127.2.0.1");
  ping("127.3.0.1");
  update(kRuleset, ruleset_of({"127.1.0.0/16 comment \"one\" : drop", "127.2.0.0/16 comment \"renamed\" : drop"},
                              {"icmp . 127.3.0.0/16 comment \"three\" : drop", "icmp . 127.9.0.0/16 comment \"more\" : drop"}));
  EXPECT_THAT(counters(), ElementsAre(RulesetCounter{"input", "a rule", 0, 0}, RulesetCounter{"by_protocol", "more", 0, 0},
                                      RulesetCounter{"by_address", "one", 1, 84}, RulesetCounter{"by_address", "renamed", 0, 0},
                                      RulesetCounter{"by_protocol", "three", 1, 84}));
}
