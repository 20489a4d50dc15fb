// SPDX-License-Identifier: Apache-2.0
#include "tests/scenario/user.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "tests/scenario/lab.hpp"
#include "tests/support/eventually.hpp"

namespace test {

namespace fs = std::filesystem;

User::User(uid_t number) : number_(number) {
  std::array<char, 32> name{"/var/tmp/rootless-XXXXXX"};
  folder_ = ::mkdtemp(name.data());
  for (const auto* program : kPrograms) {
    fs::create_directories((folder_ / program).parent_path());
    fs::copy_file(prefix_of_lazuli() / program, folder_ / program);
  }
  EXPECT_EQ(run({"chown", "-R", fmt::format("{0}:{0}", number), folder_}).status, 0);
}

User::~User() {
  end_all();
  fs::remove_all(folder_);
}

std::vector<std::string> User::command(const std::vector<std::string>& arguments) const {
  const auto number = std::to_string(number_);
  std::vector<std::string> argv{"setpriv", "--reuid", number, "--regid", number, "--clear-groups"};
  for (const auto& word : {std::string("env"), std::string("-i"), std::string("-C"), folder_.string(), "HOME=" + folder_.string(),
                           std::string("PATH=/usr/sbin:/usr/bin:/sbin:/bin"), (folder_ / "bin/lazuli").string()})
    argv.push_back(word);
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return argv;
}

std::string User::scenario(const std::string& name) const {
  fs::copy(scenarios_folder() / name, folder_ / name, fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  EXPECT_EQ(run({"chown", "-R", fmt::format("{0}:{0}", number_), folder_ / name}).status, 0);
  return folder_ / name / "lab.yaml";
}

std::vector<pid_t> User::processes(const std::string& pattern) const {
  std::vector<pid_t> found;
  for (const auto& line : lines_of(run({"pgrep", "-u", std::to_string(number_), "-f", pattern}).output)) {
    std::ifstream file{fmt::format("/proc/{}/stat", line)};
    const std::string stat{std::istreambuf_iterator<char>{file}, {}};
    if (!stat.empty() && stat[stat.rfind(')') + 2] != 'Z') found.push_back(std::stoi(line));
  }
  return found;
}

bool User::is_at_rest() const {
  return eventually([&] { return processes().empty(); });
}

void User::end_all() const {
  for (const auto process : processes()) ::kill(process, SIGKILL);
}

}  // namespace test
