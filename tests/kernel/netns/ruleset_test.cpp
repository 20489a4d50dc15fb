// SPDX-License-Identifier: Apache-2.0
#include "netns/netlink/ruleset.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

#include "netns/base/error.hpp"
#include "netns/namespace/namespace.hpp"
#include "netns/netlink/nft_process.hpp"
#include "tests/support/command.hpp"
#include "tests/support/scratch.hpp"
#include "tests/support/topology.hpp"

using netns::Ruleset;
using testing::HasSubstr;
using testing::Not;

namespace {

constexpr const char* kRulesetText =
    "table inet t {\n"
    " set members { type ipv4_addr\n }\n"
    " chain input {\n"
    "  type filter hook input priority 0; policy accept;\n"
    "  counter comment \"all\"\n"
    " }\n}\n";
constexpr const char* kOtherText = "table inet u {\n chain c { }\n}\n";

Ruleset with_members(std::set<std::string> members) { return Ruleset::of(kRulesetText, {{"inet t members", std::move(members)}}); }

/// Of this process.
std::vector<pid_t> children() {
  std::vector<pid_t> pids;
  for (const auto& task : netns::names_in_folder("/proc/self/task")) {
    std::ifstream list{fmt::format("/proc/self/task/{}/children", task)};
    for (pid_t pid = 0; list >> pid;) pids.push_back(pid);
  }
  return pids;
}

class RulesetTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!test::may_make_namespaces()) GTEST_SKIP() << "making network namespaces needs root";
    scratch_.emplace();
    scratch_->make("a");
    name_ = scratch_->name("a");
  }

  void load(const Ruleset& ruleset) {
    scratch_->in("a", [&] { load_ruleset(ruleset, name_); });
  }
  void update(const Ruleset& loaded, const Ruleset& ruleset) {
    scratch_->in("a", [&] { update_ruleset(loaded, ruleset, name_); });
  }
  std::optional<Ruleset> observed() {
    return scratch_->in("a", [&] { return netns::observe_ruleset(name_); });
  }
  std::string nft(std::vector<std::string> arguments) {
    std::vector<std::string> argv{"ip", "netns", "exec", name_, "nft"};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    const auto result = test::run(argv);
    EXPECT_EQ(result.status, 0) << result.output;
    return result.output;
  }
  void count_two_packets() {
    ASSERT_EQ(test::run({"ip", "-n", name_, "link", "set", "lo", "up"}).status, 0);
    ASSERT_EQ(test::run({"ip", "netns", "exec", name_, "ping", "-c", "1", "-W", "2", "127.0.0.1"}).status, 0);
  }

  std::optional<test::Scratch> scratch_;
  std::string name_;
};

}  // namespace

TEST_F(RulesetTest, IsNotThereBeforeItIsLoaded) { EXPECT_EQ(observed(), std::nullopt); }

TEST_F(RulesetTest, ReadsBackAsTheOneLoaded) {
  const auto ruleset = with_members({"10.0.0.4", "10.0.0.5"});
  load(ruleset);
  EXPECT_EQ(observed(), ruleset);
  EXPECT_NE(observed(), with_members({"10.0.0.4"}));
  EXPECT_THAT(nft({"list", "set", "inet", "t", "members"}), HasSubstr("10.0.0.4, 10.0.0.5"));
}

TEST_F(RulesetTest, ReplacesWhateverWasThere) {
  nft({"add", "table", "inet", "foreign"});
  load(with_members({}));
  EXPECT_THAT(nft({"list", "tables"}), Not(HasSubstr("foreign")));
  load(Ruleset::of(kOtherText));
  EXPECT_EQ(observed(), Ruleset::of(kOtherText));
  EXPECT_THAT(nft({"list", "tables"}), Not(HasSubstr("inet t\n")));
}

TEST_F(RulesetTest, ChangedBehindOurBackIsAnotherOne) {
  const auto ruleset = with_members({"10.0.0.4"});
  const std::vector<std::vector<std::string>> changes{{"add", "element", "inet", "t", "members", "{ 10.0.0.9 }"},
                                                      {"flush", "chain", "inet", "t", "input"},
                                                      {"add", "table", "ip", "another"}};
  for (const auto& change : changes) {
    load(ruleset);
    nft(change);
    ASSERT_TRUE(observed());
    EXPECT_NE(observed(), ruleset) << testing::PrintToString(change);
  }
  nft({"flush", "ruleset"});
  EXPECT_EQ(observed(), std::nullopt);
}

TEST_F(RulesetTest, UpdateExchangesElementsAndKeepsTheRest) {
  const auto before = with_members({"10.0.0.4", "10.0.0.5"});
  const auto after = with_members({"10.0.0.5", "10.0.0.6"});
  load(before);
  count_two_packets();
  update(before, after);
  EXPECT_EQ(observed(), after);
  EXPECT_THAT(nft({"list", "set", "inet", "t", "members"}), HasSubstr("10.0.0.5, 10.0.0.6"));
  EXPECT_THAT(nft({"list", "chain", "inet", "t", "input"}), HasSubstr("counter packets 2 "));
}

TEST_F(RulesetTest, UpdateReplacesEverythingWhenTheTextDiffers) {
  load(with_members({}));
  update(with_members({}), Ruleset::of(kOtherText));
  EXPECT_EQ(observed(), Ruleset::of(kOtherText));
  EXPECT_THAT(nft({"list", "tables"}), Not(HasSubstr("inet t\n")));
}

TEST_F(RulesetTest, RefusedOneLeavesTheOldOneAndShowsItsLinesNumbered) {
  const auto ruleset = with_members({"10.0.0.4"});
  load(ruleset);
  const auto before = nft({"list", "ruleset"});
  try {
    load(Ruleset::of("table inet t {\n chain c {\n  goto nowhere\n }\n}\n"));
    FAIL() << "a chain that is not there was taken";
  } catch (const netns::KernelError& error) {
    EXPECT_THAT(error.what(), HasSubstr("load ruleset in " + name_));
    EXPECT_THAT(error.what(), HasSubstr("    4    goto nowhere\n")) << "counted as nft counts, from `flush ruleset` on";
  }
  EXPECT_EQ(nft({"list", "ruleset"}), before);
  EXPECT_EQ(observed(), ruleset);
}

TEST_F(RulesetTest, RefusedUpdateLeavesTheOldOne) {
  const auto before = with_members({"10.0.0.4"});
  load(before);
  EXPECT_THROW(update(before, with_members({"10.0.0.5", "no address"})), netns::KernelError);
  EXPECT_EQ(observed(), before);
}

TEST_F(RulesetTest, FlushLeavesNothing) {
  load(with_members({"10.0.0.4"}));
  scratch_->in("a", [&] { netns::flush_ruleset(name_); });
  EXPECT_EQ(nft({"list", "ruleset"}), "");
  EXPECT_EQ(observed(), std::nullopt);
}

TEST_F(RulesetTest, RemembersTheOneLoadedLastAlone) {
  auto before = with_members({"10.0.0.4"});
  load(before);
  for (int i = 5; i < 10; ++i) {
    const auto after = with_members({"10.0.0." + std::to_string(i)});
    update(before, after);
    EXPECT_EQ(observed(), after);
    before = after;
  }
  const auto state = nft({"list", "set", "inet", "state", "loaded"});
  EXPECT_EQ(std::ranges::count(state, '"'), 2) << state;
}

TEST_F(RulesetTest, LeavesTablesOfOthersWhereTheyMayStay) {
  load(with_members({}));
  nft({"add", "table", "ip", "foreign"});
  scratch_->in("a", [&] { load_ruleset(with_members({"10.0.0.4"}), name_, netns::Others::Stay); });
  EXPECT_EQ(observed(), with_members({"10.0.0.4"}));
  EXPECT_THAT(nft({"list", "tables"}), HasSubstr("table ip foreign"));
  EXPECT_THAT(nft({"list", "set", "inet", "t", "members"}), HasSubstr("10.0.0.4"));
}

// libnftables ends its process where it gets no socket: that is to be an error, and no more.
TEST_F(RulesetTest, WithoutADescriptorForNftIsAnErrorAndTheNextLoadWorks) {
  test::Child child{[&] {
    int status = 1;
    try {
      scratch_->in("a", [&] {
        netns::run_nft("add table inet first\n");
        const rlimit none{0, 0};
        for (const auto pid : children()) ::prlimit(pid, RLIMIT_NOFILE, &none, nullptr);
        try {
          load_ruleset(with_members({}), name_);
          status = 2;
        } catch (const std::runtime_error& error) {
          status = std::string{error.what()}.find("load ruleset in " + name_) == std::string::npos ? 3 : 0;
        }
        load_ruleset(with_members({}), name_);
      });
    } catch (const std::exception&) {
      status = 4;
    }
    return status;
  }};
  EXPECT_EQ(child.wait(), 0);
  EXPECT_EQ(observed(), with_members({}));
}
