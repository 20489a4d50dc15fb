// SPDX-License-Identifier: Apache-2.0
#include "netns/sandbox/sandbox.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "netns/base/error.hpp"
#include "netns/base/files.hpp"
#include "netns/process/ending.hpp"
#include "netns/process/process_table.hpp"
#include "netns/process/record.hpp"
#include "netns/process/rights.hpp"
#include "netns/process/supervisor_start.hpp"
#include "netns/sandbox/system_calls.hpp"

namespace netns {
namespace {

constexpr int kNotRun = 125;
constexpr int kNotExecutable = 126;
constexpr int kNotFound = 127;

/// Whoever has it open and locked is the only one to make a sandbox.
UniqueFd lock(const std::filesystem::path& record) {
  std::error_code none;
  std::filesystem::create_directory(record.parent_path(), none);  // without its folder's folder there is no lab
  UniqueFd file{::open(record.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
  require_that(static_cast<bool>(file), "open " + record.string());
  while (::flock(file.get(), LOCK_EX) != 0) require_that(errno == EINTR, "lock " + record.string());
  return file;
}

/// The keeper of the namespace that has the name now; empty when there is none.
UniqueFd open_keeper(const SandboxPlace& place) {
  std::istringstream words{read_if_there(place.record).value_or("")};
  ProcessId keeper;
  if (!(words >> keeper.pid >> keeper.started)) return {};
  UniqueFd handle{static_cast<int>(::syscall(SYS_pidfd_open, keeper.pid, 0))};
  const auto network = network_of(keeper.pid);
  const bool is_it = handle && is_alive(keeper) && network != 0 && network == network_named(place.name_space);
  return is_it ? std::move(handle) : UniqueFd{};
}

}  // namespace

UniqueFd sandbox_of(const SandboxPlace& place, const Surroundings& surroundings, const std::string& directory) {
  const auto locked = lock(place.record);
  if (auto keeper = open_keeper(place)) return keeper;
  Process nothing{{kKeeperOption}, surroundings};
  nothing.directory = directory;
  const auto why = start_keeper(place.program, place.record, {place.name_space, "-", std::move(nothing), {}});
  auto keeper = open_keeper(place);
  if (!keeper)
    throw std::runtime_error("make a sandbox in " + place.name_space + ": " + (why.empty() ? "its first process was ended" : why));
  return keeper;
}

void adopt_children(const UniqueFd& sandbox) {
  // Whoever knows the number of a process can name its network.
  require_that(::setns(sandbox.get(), CLONE_NEWPID | CLONE_NEWNET) == 0, "enter a process namespace");
}

void confine(const UniqueFd& sandbox) {
  ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
  hide_from_the_sandbox();
  require_that(::setns(sandbox.get(), CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC) == 0, "enter a sandbox");
  refuse_ways_out();
  keep_rights_in_sandbox();
}

void go_on_unwritable(char** arguments) {
  const UniqueFd own{::open("/proc/self/exe", O_PATH | O_CLOEXEC)};
  struct statvfs mount {};
  require_that(own && ::fstatvfs(own.get(), &mount) == 0, "look at /proc/self/exe");
  if ((mount.f_flag & ST_RDONLY) != 0) return;
  const UniqueFd copy{static_cast<int>(::syscall(SYS_open_tree, own.get(), "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH))};
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_RDONLY;
  require_that(copy && ::mount_setattr(copy.get(), "", AT_EMPTY_PATH, &attributes, sizeof attributes) == 0, "mount a program read-only");
  ::execveat(copy.get(), "", arguments, ::environ, AT_EMPTY_PATH);
  require_that(false, std::string("begin ") + arguments[0] + " anew");
}

int visit_sandbox(char** arguments) {
  try {
    hide_from_the_sandbox();
    go_on_unwritable(arguments);
    confine(UniqueFd{std::atoi(arguments[2])});
    if (::chdir(arguments[3]) != 0) require_that(::chdir("/") == 0, "go to /");
    ::execvp(arguments[4], arguments + 4);
    const int error = errno;
    std::fprintf(stderr, "error: %s: %s\n", arguments[4], std::strerror(error));
    return error == ENOENT || error == ENOTDIR ? kNotFound : kNotExecutable;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return kNotRun;
  }
}

}  // namespace netns
