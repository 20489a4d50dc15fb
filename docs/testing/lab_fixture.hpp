// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

struct Outcome {
  int status = -1;
  std::string output;
};

inline Outcome shell(const std::string& command) {
  Outcome outcome;
  std::FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  std::array<char, 4096> part{};
  while (std::fgets(part.data(), part.size(), pipe) != nullptr) outcome.output += part.data();
  const int status = pclose(pipe);
  outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return outcome;
}

/// A lab of ./lab.yaml for the tests of one class; that of `lazuli run`, where it runs the program.
class LabTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (std::getenv("LAZULI_LAB") != nullptr) return;
    own_lab() = "gtest-" + std::to_string(getpid());
    const auto up = shell("lazuli up --name " + own_lab());
    setenv("LAZULI_LAB", own_lab().c_str(), 1);
    ASSERT_EQ(up.status, 0) << up.output;
  }

  static void TearDownTestSuite() {
    if (own_lab().empty()) return;
    unsetenv("LAZULI_LAB");
    const auto down = shell("lazuli down " + own_lab());
    own_lab().clear();
    EXPECT_EQ(down.status, 0) << down.output;
  }

  static Outcome in_node(const std::string& node, const std::string& command) { return shell("lazuli exec " + node + " -- " + command); }

 private:
  static std::string& own_lab() {
    static std::string name;
    return name;
  }
};
