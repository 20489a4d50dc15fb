// SPDX-License-Identifier: Apache-2.0
// tests/scenario/lab_machine_test.cpp — what `up` offers for a lab that needs encrypted tunnels, where the kernel has none, works.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/scenario/lab.hpp"
#include "tests/scenario/scenarios.hpp"

namespace test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

/// With a file in /tmp, which needs quotes in a shell.
class LabMachine : public testing::Test {
 protected:
  LabMachine() {
    std::string name = "/tmp/labs-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder in /tmp");
    folder_ = name;
    std::ofstream{folder_ / "my lab.yaml"} << lab_file_of("site-to-site");
  }
  ~LabMachine() override { fs::remove_all(folder_); }

  static CommandStreams in_shell(const fs::path& folder, const std::string& command, const std::string& input = {}) {
    return run_apart({"env", "-C", folder, "SHELL=/bin/sh", "sh", "-c", command}, input, std::chrono::minutes{5});
  }
  const std::string script_ = (scenarios_folder().parent_path() / "scripts/labvm").string();
  fs::path folder_;
};

TEST_F(LabMachine, IsOfferedByUpAsItIsTypedThere) {
  const auto up = in_shell(folder_, lazuli_path() + " up 'my lab.yaml'");
  if (up.status == 0) {  // a kernel that encrypts tunnels needs no other
    EXPECT_EQ(lazuli({"down", "site-to-site"}).status, 0);
    return;
  }
  EXPECT_EQ(up.status, 1);
  EXPECT_THAT(up.errors, AllOf(HasSubstr("this kernel cannot encrypt tunnels"), HasSubstr("\n  " + script_ + " --lab 'my lab.yaml'\n")));
  const auto clone = scenarios_folder().parent_path();
  EXPECT_THAT(in_shell(clone, lazuli_path() + " up scenarios/site-to-site").errors,
              HasSubstr("\n  scripts/labvm --lab scenarios/site-to-site/lab.yaml\n"));
  EXPECT_THAT(in_shell(clone / "scenarios/site-to-site", "cat lab.yaml | " + lazuli_path() + " up -").errors,
              HasSubstr("\n  " + script_ + " --lab FILE\n"));
}

TEST_F(LabMachine, HasTheLabAsLongAsTheShellAndTheHostsTmp) {
  const auto shell = in_shell(folder_, script_ + " --lab 'my lab.yaml'", "lazuli verify\necho of the guest >written\nls\nexit 7\n");
  EXPECT_EQ(shell.status, 7) << shell.errors;
  EXPECT_THAT(shell.output, AllOf(HasSubstr("VPN Connected (to-dc)"), HasSubstr("5 checks, 5 hold"), HasSubstr("written")));
  EXPECT_FALSE(fs::exists(folder_ / "written"));
}

}  // namespace
}  // namespace test
