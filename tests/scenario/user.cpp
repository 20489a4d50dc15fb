// SPDX-License-Identifier: Apache-2.0
#include "tests/scenario/user.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include "tests/support/eventually.hpp"

namespace test {

namespace fs = std::filesystem;

User::User(uid_t number) : number_(number) {
  if (number == 0) throw std::invalid_argument("root is no ordinary user: all that root runs would end with it");
  std::array<char, 32> name{"/var/tmp/user-XXXXXX"};
  folder_ = ::mkdtemp(name.data());
  for (const auto* program : kPrograms) {
    fs::create_directories((folder_ / program).parent_path());
    fs::copy_file(prefix_of_lazuli() / program, folder_ / program);
  }
  own(folder_);
}

User::~User() {
  for (const auto process : processes()) ::kill(process, SIGKILL);
  fs::remove_all(folder_);
}

std::vector<std::string> User::as_user(const std::vector<std::string>& words) const {
  const auto number = std::to_string(number_);
  const auto folder = folder_.string();
  std::vector<std::string> argv{"setpriv", "--reuid", number, "--regid", number, "--clear-groups", "env", "-i", "-C", folder};
  argv.push_back("HOME=" + folder);
  argv.push_back(fmt::format("PATH={}/bin:/usr/sbin:/usr/bin:/sbin:/bin", folder));
  argv.insert(argv.end(), words.begin(), words.end());
  return argv;
}

std::vector<std::string> User::command(std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(), folder_ / "bin/lazuli");
  return as_user(arguments);
}

fs::path User::give(const fs::path& path) const {
  const auto given = folder_ / path.filename();
  fs::copy(path, given, fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  own(given);
  return given;
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

void User::own(const fs::path& path) const { EXPECT_EQ(run({"chown", "-R", fmt::format("{0}:{0}", number_), path}).status, 0); }

}  // namespace test
