// SPDX-License-Identifier: Apache-2.0
// tests/random/running_lab.hpp — a random lab that the real program builds, under a name of its own, since several run at once.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "tests/random/lab_generator.hpp"

namespace test {

class RunningLab {
 public:
  RunningLab();
  RunningLab(const RunningLab&) = delete;
  RunningLab& operator=(const RunningLab&) = delete;
  ~RunningLab();

  std::string namespace_of(const std::string& node) const { return name_ + '.' + node; }

  // Each says why it is a failure; nothing when it is none.

  std::string up(const LabValue& lab);
  /// Whether the lab that runs is the one it was last asked to be.
  std::string plan() const;
  std::string matrix() const;
  std::string down();

 private:
  std::string file() const { return folder_ / "lab.yaml"; }

  std::string name_;
  std::filesystem::path folder_;
  bool built_ = false;
};

/// What the labs of this process left on the machine, when none of them runs any more.
std::string left_behind();

/// A number that the environment gives, or `otherwise`.
std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise);

}  // namespace test
