// SPDX-License-Identifier: Apache-2.0
#include "netns/sandbox/sandbox.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
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

void adopt_children(const UniqueFd& sandbox) { require_that(::setns(sandbox.get(), CLONE_NEWPID) == 0, "enter a process namespace"); }

void confine(const UniqueFd& sandbox) {
  require_that(::setns(sandbox.get(), CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET) == 0, "enter a sandbox");
  refuse_ways_out();
  keep_rights_in_sandbox();
}

}  // namespace netns
