// SPDX-License-Identifier: Apache-2.0
// tests/scenario/scenarios.hpp — the folders of scenarios/, as parameters of tests.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <string>
#include <vector>

#include "tests/scenario/lab.hpp"

namespace test {

inline std::vector<std::string> scenario_names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(scenarios_folder())) names.push_back(entry.path().filename());
  std::ranges::sort(names);
  return names;
}

inline std::string lab_file_of(const std::string& scenario) { return read_file(scenarios_folder() / scenario / "lab.yaml"); }

/// The name of the scenario's lab: the folder's, or a shorter one where that is too long for a lab.
inline std::string lab_of(const std::string& scenario) {
  const auto text = lab_file_of(scenario);
  std::smatch lab;
  return std::regex_search(text, lab, std::regex{"\nlab: ([a-z0-9-]+)\n"}) ? lab[1].str() : std::string{};
}

/// Whether the scenario has tunnels, which not every kernel can encrypt.
inline bool has_tunnels(const std::string& scenario) {
  return lab_file_of(scenario).find("\nvirtual_network_gateway_connections:") != std::string::npos;
}

inline std::string test_name(const testing::TestParamInfo<std::string>& info) {
  return std::regex_replace(info.param, std::regex{"[^A-Za-z0-9]"}, "_");
}

}  // namespace test
