// SPDX-License-Identifier: Apache-2.0
// tests/faults/refusal_test.cpp — the kernel refuses a call of `up`: the command says so in the kernel's words and ends with 1, what ran
// before runs on, and one `up` more makes everything as if nobody had been refused anything.
//
// A call that is not needed may be refused without harm: then the command ends with 0 and its work is done.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstring>
#include <filesystem>
#include <regex>

#include "tests/faults/fault_lab.hpp"
#include "tests/support/eventually.hpp"

namespace test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

struct Refusal {
  const char* error;
  int number;
  const char* calls;
};

constexpr Refusal kRefusals[] = {
    {"ENOBUFS", ENOBUFS, "socket,sendmsg,sendto,recvmsg,setsockopt"},
    {"ENOMEM", ENOMEM, "clone,clone3,fork,unshare,mount,openat,sendmsg,socket,setns"},
    {"EMFILE", EMFILE, "openat,socket,pipe2"},
    {"ENOSPC", ENOSPC, "write,writev,openat,mkdir,mkdirat,rename,unshare,mount"},
    {"EAGAIN", EAGAIN, "clone,clone3,fork"},
    {"EINTR", EINTR, "recvmsg,sendmsg,sendto,read"},
};

/// Pings from one machine to another that no change concerns, as long as it lives.
class Pings {
 public:
  explicit Pings(const Lab& lab)
      : network_("--net=/run/netns/" + lab.namespace_of("vm1")),
        answered_before_(count_of("IcmpInEchoReps")),
        unanswered_before_(count_of("IcmpOutEchos") - answered_before_),
        ping_(start({"nsenter", network_, "ping", "-q", "-n", "-i", "0.005", "10.0.2.4"}, (lab.folder() / "pings").string())) {
    EXPECT_TRUE(eventually([&] { return count_of("IcmpInEchoReps") > answered_before_; })) << "what is to run on does not run";
  }

  /// Ends them. @return whether the machine has had an answer to each that it sent; ping itself ends before it reads the last one
  bool all_answered() {
    ping_.signal(SIGINT);
    ping_.wait();
    return eventually([&] { return count_of("IcmpOutEchos") - count_of("IcmpInEchoReps") == unanswered_before_; });
  }

 private:
  /// Of the machine's own, in nstat(8)'s words.
  long count_of(const std::string& counter) const {
    const auto line = run({"nsenter", network_, "nstat", "-asz", counter}).output;
    std::smatch found;
    return std::regex_search(line, found, std::regex{counter + " +([0-9]+)"}) ? std::stol(found[1]) : -1;
  }

  std::string network_;
  long answered_before_;
  long unanswered_before_;
  Child ping_;
};

class Refusals : public testing::Test {
 protected:
  /// Where the lab is: the file that it was built from last, or nothing.
  void prepare(const std::string& file) {
    if (is_at_ == file) return;
    const auto done = file.empty() ? faults_.lab().down() : lazuli({"up", "--replace", file});
    ASSERT_EQ(done.status, 0) << done.errors;
    is_at_ = file;
  }

  /// The other of the two files, so that each refusal is one of a change.
  const std::string& next_file() const { return is_at_ == faults_.file() ? faults_.changed_file() : faults_.file(); }
  const KernelState& whole(const std::string& file) const { return file == faults_.file() ? faults_.whole() : faults_.changed_whole(); }

  void expect_told(const CommandStreams& said, const std::vector<std::string>& words) {
    if (said.status == 127 && said.errors.find("error while loading shared libraries") != std::string::npos) return;
    if (said.status == 0) return;
    EXPECT_EQ(said.status, 1) << said.errors;
    EXPECT_THAT(said.errors, HasSubstr("error: "));
    std::vector<testing::Matcher<std::string>> any;
    for (const auto& word : words) any.emplace_back(HasSubstr(word));
    EXPECT_THAT(said.errors, testing::AnyOfArray(any)) << "the kernel's words are lost";
  }

  void expect_mended(const std::string& file) {
    const auto mended = lazuli({"up", "--replace", file});
    EXPECT_EQ(mended.status, 0) << mended.errors;
    const auto found = faults_.differences_from(whole(file));
    EXPECT_THAT(found, IsEmpty()) << text_of(found);
    is_at_ = file;
    if (mended.status == 0 && found.empty()) return;
    faults_.begin_anew();
    is_at_.clear();
  }

  /// A change that `run` carries out, or fails to.
  void try_change(const std::vector<std::string>& words, const std::function<CommandStreams(const std::string& file)>& run) {
    if (is_at_.empty()) prepare(faults_.file());
    const auto file = next_file();
    Pings pings{faults_.lab()};
    const auto said = run(file);
    EXPECT_TRUE(pings.all_answered()) << "what ran before does not run on";
    expect_told(said, words);
    if (said.status == 1 && said.errors.find("it is again what it was") != std::string::npos) {
      const auto found = faults_.differences_from(whole(is_at_));
      EXPECT_THAT(found, IsEmpty()) << "it is not what it was, as said:\n" << text_of(found) << said.errors;
    }
    expect_mended(file);
  }

  const FaultLab faults_;
  std::string is_at_;
};

using RefusedCalls = Refusals;

TEST_F(RefusedCalls, OfAChangeAreToldAndMended) {
  for (const auto& [name, number, kinds] : kRefusals) {
    const std::string error = name;
    const std::string calls = kinds;
    const std::string words = std::strerror(number);
    prepare(faults_.file());
    const auto counted = at_syscall(faults_.lab(), {"--only", calls, "--count"}, {"up", "--replace", faults_.changed_file()});
    ASSERT_EQ(counted.streams.status, 0) << counted.streams.errors;
    is_at_ = faults_.changed_file();
    for (const auto point : points(counted.calls, 3, 0, 1)) {
      std::string struck;
      const auto refuse = [&](const std::string& file) {
        auto refused = at_syscall(faults_.lab(), {"--only", calls, "--refuse-at", std::to_string(point), error}, {"up", "--replace", file});
        struck = refused.struck;
        return refused.streams;
      };
      SCOPED_TRACE(fmt::format("{} at call {} of {}", error, point, counted.calls));
      try_change({words}, refuse);
      if (HasFailure()) fmt::print("{} at call {}: {}\n", error, point, struck);
    }
  }
}

TEST_F(RefusedCalls, OfANewLabAreToldAndMended) {
  for (const auto& [name, number, kinds] : kRefusals) {
    const std::string error = name;
    const std::string calls = kinds;
    const std::string words = std::strerror(number);
    prepare({});
    const auto counted = at_syscall(faults_.lab(), {"--only", calls, "--count"}, {"up", "--replace", faults_.file()});
    ASSERT_EQ(counted.streams.status, 0) << counted.streams.errors;
    is_at_ = faults_.file();
    for (const auto point : points(counted.calls, 2, 0, 1)) {
      prepare({});
      const auto refused =
          at_syscall(faults_.lab(), {"--only", calls, "--refuse-at", std::to_string(point), error}, {"up", "--replace", faults_.file()});
      SCOPED_TRACE(fmt::format("{} at call {} of {}: {}", error, point, counted.calls, refused.struck));
      expect_told(refused.streams, {words});
      if (refused.streams.status == 1 && refused.streams.errors.find("nothing was left behind") != std::string::npos) {
        const auto left = faults_.remains();
        EXPECT_THAT(left, IsEmpty()) << "something was left behind:\n" << text_of(left) << refused.streams.errors;
      }
      expect_mended(faults_.file());
    }
  }
}

TEST_F(RefusedCalls, OfDownAreToldAndMended) {
  for (const auto& [name, number, kinds] : kRefusals) {
    const std::string error = name;
    const std::string calls = kinds;
    const std::string words = std::strerror(number);
    prepare(faults_.file());
    const auto counted = at_syscall(faults_.lab(), {"--only", calls, "--count"}, {"down", faults_.lab().name()});
    ASSERT_EQ(counted.streams.status, 0) << counted.streams.errors;
    is_at_.clear();
    for (const auto point : points(counted.calls, 1, 0, 1)) {
      prepare(faults_.file());
      const auto refused =
          at_syscall(faults_.lab(), {"--only", calls, "--refuse-at", std::to_string(point), error}, {"down", faults_.lab().name()});
      SCOPED_TRACE(fmt::format("{} at call {} of {}: {}", error, point, counted.calls, refused.struck));
      expect_told(refused.streams, {words});
      const auto done = faults_.lab().down();
      EXPECT_EQ(done.status, 0) << done.errors;
      const auto left = faults_.remains();
      EXPECT_THAT(left, IsEmpty()) << text_of(left);
      is_at_.clear();
    }
  }
}

using Limits = Refusals;

TEST_F(Limits, OfOpenFiles) {
  for (const int most : {8, 16, 24, 32}) {
    SCOPED_TRACE(fmt::format("ulimit -n {}", most));
    try_change({std::strerror(EMFILE)}, [&](const std::string& file) {
      return run_apart({"sh", "-c", fmt::format("ulimit -n {}; exec {} up --replace {}", most, lazuli_path(), file)});
    });
  }
}

// A thread needs room for its stack: with little, none can be started.
TEST_F(Limits, OfMemory) {
  for (const int megabytes : {30, 60, 120}) {
    SCOPED_TRACE(fmt::format("{} MB of address space", megabytes));
    try_change({std::strerror(ENOMEM), std::strerror(EAGAIN)}, [&](const std::string& file) {
      return run_apart({"sh", "-c", fmt::format("ulimit -v {}; exec {} up --replace {}", megabytes * 1024, lazuli_path(), file)});
    });
  }
}

/// /run is the test's own file system (tests/support/alone).
bool limit_run(const std::string& size) { return run({"mount", "-o", "remount,size=" + size, "/run"}).status == 0; }

/// No less than what is in use may be given, which programs of the lab may add to meanwhile.
void leave_in_run(long kilobytes) {
  ASSERT_TRUE(eventually([&] {
    const auto used = std::stol(lines_of(run({"df", "--output=used", "-k", "/run"}).output).at(1));
    return limit_run(fmt::format("{}k", used + kilobytes)) || limit_run(fmt::format("{}k", used + kilobytes + 4));
  }));
}

TEST_F(Limits, OfRoomInRun) {
  for (const int kilobytes : {0, 8, 24, 64}) {
    SCOPED_TRACE(fmt::format("{} kB left in /run", kilobytes));
    try_change({std::strerror(ENOSPC)}, [&](const std::string& file) {
      leave_in_run(kilobytes);
      auto said = lazuli({"up", "--replace", file});
      EXPECT_TRUE(limit_run("50%"));
      return said;
    });
  }
}

}  // namespace
}  // namespace test
