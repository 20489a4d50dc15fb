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

/// Whether the scenario has tunnels, which not every kernel can encrypt.
inline bool has_tunnels(const std::string& name) {
  return read_file(scenarios_folder() / name / "lab.yaml").find("\nvirtual_network_gateway_connections:") != std::string::npos;
}

inline std::string test_name(const testing::TestParamInfo<std::string>& info) {
  return std::regex_replace(info.param, std::regex{"[^A-Za-z0-9]"}, "_");
}

}  // namespace test
