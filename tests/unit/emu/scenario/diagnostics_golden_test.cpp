// SPDX-License-Identifier: Apache-2.0
// What is said about each lab in tests/data/diagnostics/<case>/lab.yaml is expected.txt there. A running lab is made of
// before-1.yaml, before-2.yaml and so on, brought up one after the other.
//
// LAZULI_UPDATE_GOLDEN=1 build/dev/tests/unit/unit_tests --gtest_filter='*DiagnosticsGolden*' rewrites what is expected.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "emu/lab/lab.hpp"
#include "emu/scenario/lab_file.hpp"
#include "emu/semantics/resolve.hpp"
#include "emu/semantics/validate.hpp"

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> cases() {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(fs::path(LAZULI_SOURCE_DIR) / "tests/data/diagnostics")) found.push_back(entry.path());
  std::ranges::sort(found);
  return found;
}

std::string contents(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

std::optional<emu::Model> running_lab(const fs::path& folder) {
  std::optional<emu::Model> running;
  for (int i = 1; fs::exists(folder / fmt::format("before-{}.yaml", i)); ++i) {
    const auto lab = emu::read_lab_file(folder / fmt::format("before-{}.yaml", i));
    const auto* previous = running ? &*running : nullptr;
    EXPECT_EQ(emu::render(lab.diagnostics, lab.file), "");
    EXPECT_EQ(emu::render(emu::validate(lab.model, lab.positions, previous), lab.file), "");
    running = emu::resolve(lab.model, previous).model;
  }
  return running;
}

class DiagnosticsGolden : public testing::TestWithParam<fs::path> {};

std::string name_of(const testing::TestParamInfo<fs::path>& info) {
  auto name = info.param.filename().string();
  std::ranges::replace(name, '-', '_');
  return name;
}

}  // namespace

TEST_P(DiagnosticsGolden, AreAsExpected) {
  const auto running = running_lab(GetParam());
  const auto lab = emu::read_lab_file(GetParam());
  auto diagnostics = lab.diagnostics;
  const auto more = emu::validate(lab.model, lab.positions, running ? &*running : nullptr);
  diagnostics.insert(diagnostics.end(), more.begin(), more.end());
  if (!emu::has_errors(diagnostics)) {
    const auto of_steps = emu::check_steps(lab, emu::resolve(lab.model, running ? &*running : nullptr).model);
    diagnostics.insert(diagnostics.end(), of_steps.begin(), of_steps.end());
  }
  emu::sort_by_position(diagnostics);
  const auto rendered = emu::render(diagnostics, "lab.yaml");
  const auto expected = GetParam() / "expected.txt";
  if (std::getenv("LAZULI_UPDATE_GOLDEN") != nullptr) std::ofstream(expected, std::ios::binary) << rendered;
  EXPECT_EQ(rendered, contents(expected));
}

INSTANTIATE_TEST_SUITE_P(Labs, DiagnosticsGolden, testing::ValuesIn(cases()), name_of);
