// SPDX-License-Identifier: Apache-2.0
#include "netns/rootless/rights.hpp"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <sstream>
#include <utility>

#include "netns/base/files.hpp"
#include "netns/rootless/rootless.hpp"

namespace netns {
namespace {

namespace fs = std::filesystem;

struct Switch {
  const char* file;     ///< below /proc/sys
  char closed;          ///< its value then
  const char* opening;  ///< the value that opens it
  const char* whose;
};

/// sysctl(8) writes a `.` for each `/`.
constexpr std::array kSwitches{
    Switch{"kernel/unprivileged_userns_clone", '0', "1", "Debian's kernels have it"},
    Switch{"kernel/apparmor_restrict_unprivileged_userns", '1', "0", "Ubuntu's AppArmor has it"},
    Switch{"user/max_user_namespaces", '0', "10000", "namespaces(7)"},
    Switch{"user/max_net_namespaces", '0', "10000", "namespaces(7)"},
    Switch{"user/max_mnt_namespaces", '0', "10000", "namespaces(7)"},
    Switch{"user/max_pid_namespaces", '0', "10000", "namespaces(7)"},
    Switch{"user/max_uts_namespaces", '0', "10000", "namespaces(7)"},
    Switch{"user/max_ipc_namespaces", '0', "10000", "namespaces(7)"},
};

std::string word_in(const fs::path& file) {
  std::istringstream text{read_if_there(file).value_or("")};
  std::string word;
  text >> word;
  return word;
}

/// A value of /proc/self/status (proc(5)).
std::string status_value(const fs::path& proc, const std::string& key) {
  std::istringstream lines{read_if_there(proc / "self/status").value_or("")};
  for (std::string word; lines >> word;)
    if (word == key + ':' && lines >> word) return word;
  return {};
}

bool is_filtered(const fs::path& proc) { return status_value(proc, "Seccomp") == "2"; }

/// Whether this process is the machine's root and has nevertheless no right to make namespaces (CAP_SYS_ADMIN, capabilities(7)).
bool is_root_without_rights(const fs::path& proc) {
  constexpr std::uint64_t kSysAdmin = std::uint64_t{1} << 21U;
  const auto rights = status_value(proc, "CapEff");
  return ::geteuid() == 0 && !rights.empty() && (std::stoull(rights, nullptr, 16) & kSysAdmin) == 0;
}

bool is_installed(const std::string& program) {
  constexpr std::array kFolders{"/usr/bin", "/bin", "/usr/local/bin", "/usr/sbin"};
  return std::ranges::any_of(kFolders, [&](const char* folder) { return ::access((fs::path(folder) / program).c_str(), X_OK) == 0; });
}

/// How many users the namespaces of this process have.
std::uint64_t users_here() {
  std::istringstream lines{read_if_there("/proc/self/uid_map").value_or("")};
  std::uint64_t all = 0;
  for (std::uint64_t first = 0, outside = 0, count = 0; lines >> first >> outside >> count;) all += count;
  return all;
}

}  // namespace

bool has_user_namespaces(const fs::path& proc) { return fs::exists(fs::symlink_status(proc / "self/ns/user")); }

std::vector<std::string> ways_to_namespaces(const fs::path& proc) {
  std::vector<std::string> ways;
  for (const auto& one : kSwitches) {
    if (word_in(proc / "sys" / one.file) != std::string(1, one.closed)) continue;
    std::string name = one.file;
    std::ranges::replace(name, '/', '.');
    ways.push_back(
        fmt::format("{0} is {1} ({3}): 'sysctl -w {0}={2}', as root of the machine, opens it", name, one.closed, one.opening, one.whose));
  }
  if (is_root_without_rights(proc))
    ways.emplace_back("root has not the right CAP_SYS_ADMIN here, as in a container: docker and podman give it with --privileged");
  if (is_filtered(proc))
    ways.emplace_back("system calls are filtered (seccomp), as in a container: docker and podman leave that out with --privileged");
  if (ways.empty())
    ways.emplace_back(
        "no switch of this machine is closed: in a container, start it with --privileged; elsewhere, all namespaces that "
        "user.max_user_namespaces allows may be in use, here or in the machine around this one");
  return ways;
}

std::optional<std::pair<std::string, std::string>> range_in(const fs::path& file, const std::string& user, const std::string& number) {
  std::istringstream lines{read_if_there(file).value_or("")};
  for (std::string line; std::getline(lines, line);) {
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    if (const auto name = line.substr(0, first); name != user && name != number) continue;
    return std::pair{line.substr(first + 1, second - first - 1), line.substr(second + 1)};
  }
  return std::nullopt;
}

std::optional<std::string> why_one_user() {
  if (users_here() > 1) return std::nullopt;
  const auto number = std::to_string(user_outside());
  const auto* entry = ::getpwuid(user_outside());
  const std::string name = entry == nullptr ? number : entry->pw_name;
  for (const auto* file : {"/etc/subuid", "/etc/subgid"})
    if (!range_in(file, name, number))
      return fmt::format("no line for {0} in {1}: 'usermod --add-subuids 100000-165535 --add-subgids 100000-165535 {0}', as root", name,
                         file);
  for (const auto* program : {"newuidmap", "newgidmap"})
    if (!is_installed(program)) return fmt::format("no program {}: 'apt-get install uidmap', as root", program);
  return "newuidmap refused the range in /etc/subuid, or it came after the first of your labs: it counts when all of them are down";
}

}  // namespace netns
