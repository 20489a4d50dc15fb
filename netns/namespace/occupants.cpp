// SPDX-License-Identifier: Apache-2.0
#include "netns/namespace/occupants.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <map>
#include <thread>
#include <vector>

#include "netns/base/error.hpp"
#include "netns/base/files.hpp"
#include "netns/namespace/namespace.hpp"

namespace netns {
namespace {

using namespace std::chrono_literals;

constexpr auto kTimeToEnd = 1s;   // after SIGTERM
constexpr auto kTimeToDie = 30s;  // after SIGKILL, which nothing resists: a machine with much to do takes its time
constexpr auto kLookAgain = 2ms;

/// A zombie has left its namespace.
bool is_zombie(pid_t pid) {
  const auto line = read_if_there(fmt::format("/proc/{}/stat", pid));
  if (!line) return true;
  const auto name_ends = line->rfind(')');
  return name_ends == std::string::npos || name_ends + 2 >= line->size() || (*line)[name_ends + 2] == 'Z';
}

/// Tells the namespaces wanted from others with the same number. It keeps those it has seen open, so that no number changes hands.
class Occupancy {
 public:
  explicit Occupancy(const std::set<NamespaceIdentity>& namespaces) {
    for (const auto& identity : namespaces) wanted_.emplace(identity.inode, identity.cookie);
  }

  std::vector<pid_t> processes() {
    std::vector<pid_t> found;
    for (const auto& name : names_in_folder("/proc")) {
      pid_t pid = 0;
      const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
      if (error == std::errc{} && end == name.data() + name.size() && pid != ::getpid() && is_inside(pid) && !is_zombie(pid))
        found.push_back(pid);
    }
    return found;
  }

 private:
  bool is_inside(pid_t pid) {
    const auto path = fmt::format("/proc/{}/ns/net", pid);
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return false;  // it has ended
    const auto wanted = wanted_.find(status.st_ino);
    if (wanted == wanted_.end()) return false;
    if (const auto known = verified_.find(status.st_ino); known != verified_.end()) return known->second.matches;
    UniqueFd handle{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!handle && (errno == ENOENT || errno == ESRCH)) return false;
    require_that(static_cast<bool>(handle), "open " + path);
    const auto identity = identity_of(handle);
    if (identity.inode != status.st_ino) return false;  // another process has the number by now
    const bool matches = identity.cookie == wanted->second;
    verified_.emplace(identity.inode, Verified{std::move(handle), matches});
    return matches;
  }

  struct Verified {
    UniqueFd handle;
    bool matches = false;
  };

  std::map<std::uint64_t, std::uint64_t> wanted_;  ///< cookies by number
  std::map<std::uint64_t, Verified> verified_;
};

}  // namespace

void end_occupants(const std::set<NamespaceIdentity>& namespaces) {
  if (namespaces.empty()) return;
  Occupancy occupancy{namespaces};
  std::vector<pid_t> left;
  for (const int signal : {SIGTERM, SIGKILL}) {
    std::set<pid_t> told;
    const auto end = std::chrono::steady_clock::now() + (signal == SIGTERM ? kTimeToEnd : kTimeToDie);
    while (true) {
      left = occupancy.processes();
      if (left.empty()) return;
      for (const auto pid : left)
        if (told.insert(pid).second) ::kill(pid, signal);
      if (std::chrono::steady_clock::now() > end) break;
      std::this_thread::sleep_for(kLookAgain);
    }
  }
  throw KernelError(EBUSY, fmt::format("end processes {}", fmt::join(left, ", ")));
}

}  // namespace netns
