// SPDX-License-Identifier: Apache-2.0
#include "tests/random/running_lab.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <fstream>

#include "tests/scenario/lab.hpp"

namespace test {
namespace {

std::atomic<int> running_labs = 0;

std::string prefix() { return fmt::format("random-{}-", ::getpid()); }

}  // namespace

RunningLab::RunningLab() : name_(fmt::format("{}{}", prefix(), running_labs++)), folder_(std::filesystem::temp_directory_path() / name_) {
  std::filesystem::create_directory(folder_);
}

RunningLab::~RunningLab() {
  if (built_) lazuli({"down", name_});
  std::error_code none;
  std::filesystem::remove_all(folder_, none);
}

std::string RunningLab::up(const LabValue& lab) {
  built_ = true;
  auto named = lab;
  named["lab"] = name_;
  std::ofstream{file()} << to_lab_file(named);
  const auto up = lazuli({"up", file()});
  const bool lacks_tunnels = up.status == 1 && up.errors.find("not Connected; the lab is up") != std::string::npos;
  return up.status == 0 || lacks_tunnels ? "" : fmt::format("up ended with {}:\n{}{}", up.status, up.output, up.errors);
}

std::string RunningLab::plan() const {
  const auto plan = lazuli({"plan", file()});
  const bool clean = plan.status == 0 && plan.output.find("nothing to change") != std::string::npos;
  return clean ? "" : fmt::format("plan after up ended with {}:\n{}{}", plan.status, plan.output, plan.errors);
}

std::string RunningLab::matrix() const {
  const auto matrix = lazuli({"verify", name_, "--matrix"});
  return matrix.status == 0 ? "" : matrix.output + matrix.errors;
}

std::string RunningLab::down() {
  const auto down = lazuli({"down", name_});
  built_ = down.status != 0;
  return built_ ? "down failed:\n" + down.errors : "";
}

std::string left_behind() {
  std::string left;
  for (const auto* folder : {"/run/netns", "/run/lazuli"}) {
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(folder, none))
      if (entry.path().filename().string().starts_with(prefix())) left += entry.path().string() + "\n";
  }
  return left;
}

std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise) {
  const auto* text = std::getenv(name);
  return text == nullptr || *text == '\0' ? otherwise : std::stoull(text);
}

}  // namespace test
