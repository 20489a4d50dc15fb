// SPDX-License-Identifier: Apache-2.0
// tests/scenario/interruption_test.cpp — SIGKILL at many moments of `up` and `down`: the next command finishes what was begun.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <functional>
#include <iterator>
#include <random>
#include <thread>

#include "tests/scenario/lab.hpp"

namespace test {
namespace {

using Clock = std::chrono::steady_clock;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr int kMachinesEach = 20;
constexpr int kMoments = 15;

/// Three networks in a row of peerings, sixty machines, some of which serve a page or run something.
std::string lab_text(int first_octet) {
  std::string text = "virtual_networks:\n";
  const auto out = std::back_inserter(text);
  for (int n = 1; n <= 3; ++n) {
    fmt::format_to(out,
                   "  - name: n{0}\n    address_space: [10.{1}.0.0/16]\n    subnets: [{{name: s, address_prefixes: [10.{1}.0.0/24]}}]\n", n,
                   first_octet + n);
    text += "    peerings:\n";
    for (const int remote : {n - 1, n + 1})
      if (remote >= 1 && remote <= 3) fmt::format_to(out, "      - {{name: n{0}-to-n{1}, remote_virtual_network: n{1}}}\n", n, remote);
  }
  text += "virtual_machines:\n";
  for (int n = 1; n <= 3; ++n) {
    for (int i = 1; i <= kMachinesEach; ++i) {
      const auto* extra = i == 1   ? ", web: 80"
                          : i == 2 ? ", public_ip_address: true, public_ip_address_sku: Basic, run: ['exec sleep 600']"
                                   : "";
      fmt::format_to(out, "  - {{name: m{0}-{1}, subnet: n{0}/s{2}}}\n", n, i, extra);
    }
  }
  text += "checks:\n";
  for (int i = 1; i <= kMachinesEach; ++i) fmt::format_to(out, "  - {{from: m1-{0}, ping: m2-{0}, expect: reachable, path: peering}}\n", i);
  text += "  - {from: m3-2, http: 'http://m2-1/', expect: 200, path: peering}\n";
  text += "  - {from: m1-2, ping: m3-2.public, expect: reachable, path: internet}\n";
  return text;
}

class Interruption : public testing::Test {
 protected:
  Interruption() : file_(lab_.file(lab_text(0))) {}

  /// How long a command takes that nobody interrupts.
  static std::chrono::microseconds duration_of(const std::function<CommandStreams()>& command) {
    const auto start = Clock::now();
    EXPECT_EQ(command().status, 0);
    return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start);
  }

  /// The `moment`-th of `kMoments` slices of `duration`, at a place in it that the seed decides.
  std::chrono::microseconds delay(int moment, std::chrono::microseconds duration) {
    std::uniform_real_distribution<double> somewhere{0.0, 1.0};
    return std::chrono::microseconds{static_cast<long>((moment + somewhere(random_)) / kMoments * static_cast<double>(duration.count()))};
  }

  void kill_after(std::chrono::microseconds delay, const std::vector<std::string>& arguments) {
    std::vector<std::string> argv{lazuli_path()};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    auto program = start(argv);
    std::this_thread::sleep_for(delay);  // the moment is what is tested
    if (WIFSIGNALED(program.kill())) ++interrupted_;
  }

  void TearDown() override {
    RecordProperty("interrupted", interrupted_);
    EXPECT_GT(interrupted_, 2) << "the others had ended already: the test would prove little";
  }

  void expect_up_converges() const {
    const auto up = lazuli({"up", "--replace", file_});
    ASSERT_EQ(up.status, 0) << up.errors;
    const auto report = lab_.verify();
    EXPECT_EQ(report["failed"], 0) << report.dump(1);
    EXPECT_EQ(report["passed"], kMachinesEach + 2);
    EXPECT_THAT(lazuli({"up", file_}).output, HasSubstr("nothing to do"));
  }

  void expect_down_leaves_nothing(const std::set<ino_t>& namespaces) const {
    const auto down = lab_.down();
    EXPECT_TRUE(down.status == 0 || down.errors.find("no lab") != std::string::npos) << down.status << down.errors;
    EXPECT_THAT(remains_of(lab_.name()), IsEmpty());
    EXPECT_THAT(processes_in(namespaces), IsEmpty());
  }

  Lab lab_;
  std::string file_;
  std::mt19937 random_{20240229};
  int interrupted_ = 0;
};

TEST_F(Interruption, OfUpIsMendedByTheNextUp) {
  const auto duration = duration_of([&] { return lazuli({"up", file_}); });
  ASSERT_EQ(lab_.down().status, 0);
  for (int moment = 0; moment < kMoments; ++moment) {
    const auto after = delay(moment, duration);
    SCOPED_TRACE(fmt::format("killed after {} of {} us", after.count(), duration.count()));
    kill_after(after, {"up", file_});
    expect_up_converges();
    expect_down_leaves_nothing(namespaces_of(lab_.name()));
  }
}

TEST_F(Interruption, OfUpIsClearedByTheNextDown) {
  const auto duration = duration_of([&] { return lazuli({"up", file_}); });
  ASSERT_EQ(lab_.down().status, 0);
  for (int moment = 0; moment < kMoments; ++moment) {
    const auto after = delay(moment, duration);
    SCOPED_TRACE(fmt::format("killed after {} of {} us", after.count(), duration.count()));
    kill_after(after, {"up", file_});
    expect_down_leaves_nothing(namespaces_of(lab_.name()));
  }
}

TEST_F(Interruption, OfDownIsFinishedByTheNextDownOrUndoneByTheNextUp) {
  ASSERT_EQ(lazuli({"up", file_}).status, 0);
  const auto duration = duration_of([&] { return lab_.down(); });
  for (int moment = 0; moment < kMoments; ++moment) {
    const auto after = delay(moment, duration);
    SCOPED_TRACE(fmt::format("killed after {} of {} us", after.count(), duration.count()));
    ASSERT_EQ(lazuli({"up", file_}).status, 0);
    const auto namespaces = namespaces_of(lab_.name());
    kill_after(after, {"down", lab_.name()});
    if (moment % 2 == 0) expect_up_converges();
    expect_down_leaves_nothing(namespaces);
  }
}

// From one address plan to another, and back: every router, route and machine changes.
TEST_F(Interruption, OfAChangeIsMendedByTheNextUp) {
  ASSERT_EQ(lazuli({"up", file_}).status, 0);
  const auto other = (lab_.folder() / "other.yaml").string();
  std::ofstream{other} << "lab: " << lab_.name() << '\n' << lab_text(100);
  const auto duration = duration_of([&] { return lazuli({"up", "--replace", other}); });
  for (int moment = 0; moment < kMoments; moment += 2) {
    const auto after = delay(moment, duration);
    SCOPED_TRACE(fmt::format("killed after {} of {} us", after.count(), duration.count()));
    ASSERT_EQ(lazuli({"up", "--replace", file_}).status, 0);
    kill_after(after, {"up", "--replace", other});
    expect_up_converges();
  }
}

// Killed behind the rename that says that all is done, `up` leaves what the record was before; the next one has nothing to change.
TEST(InterruptionBehindTheLastWord, LeavesNothingForEver) {
  const Lab lab;
  const auto file = lab.file("virtual_networks: [{name: n1, address_space: [10.1.0.0/16]}]\n");
  ASSERT_EQ(lazuli({"up", file}).status, 0);
  const auto record = "/run/lazuli/" + lab.name() + "/lab.json";
  std::filesystem::copy_file(record, record + ".before");
  ASSERT_EQ(lazuli({"up", file}).status, 0);
  EXPECT_FALSE(std::filesystem::exists(record + ".before"));
}

}  // namespace
}  // namespace test
