// SPDX-License-Identifier: Apache-2.0
// tests/support/scratch.hpp — names for namespaces and a folder for files, all of it gone with the test.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "netns/namespace/namespace.hpp"

namespace test {

class Scratch {
 public:
  /// The prefix is one that no other test and no other process has, so tests may run at the same time.
  Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  /// Ends every process in namespaces of the prefix, and removes them and the folder.
  ~Scratch();

  const std::string& prefix() const { return prefix_; }
  const std::filesystem::path& folder() const { return folder_; }
  std::string name(std::string_view node) const { return prefix_ + std::string(node); }

  /// A new namespace; the calling thread stays where it is.
  void make(std::string_view node) const;

  /// Calls `work` with the calling thread inside, and returns what it returns.
  template <typename Work>
  auto in(std::string_view node, Work work) const {
    const netns::EnteredNamespace inside(name(node));
    return work();
  }

 private:
  std::string prefix_;
  std::filesystem::path folder_;
};

/// The network namespace of the calling thread, as the kernel numbers it.
unsigned long current_namespace();

/// How many processes have namespace `name` as their network namespace; those that ended and were not waited for do not count.
int processes_in(std::string_view name);

std::string read_file(const std::filesystem::path& path);

}  // namespace test
