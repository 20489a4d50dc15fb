// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/lab_file_fuzz.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace fs = std::filesystem;

/// The corpus: the golden labs, the scenarios, and what the fuzzer found before.
TEST(LabFileFuzz, PromisesHoldForTheCorpus) {
  int files = 0;
  for (const auto* folder : {"tests/data/diagnostics", "tests/data/fuzz", "scenarios"}) {
    if (!fs::exists(fs::path(LAZULI_SOURCE_DIR) / folder)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(LAZULI_SOURCE_DIR) / folder)) {
      if (!entry.is_regular_file()) continue;
      std::ostringstream bytes;
      bytes << std::ifstream(entry.path(), std::ios::binary).rdbuf();
      const auto text = bytes.str();
      SCOPED_TRACE(entry.path());
      EXPECT_EQ(LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()), 0);
      ++files;
    }
  }
  EXPECT_GT(files, 50);
}
