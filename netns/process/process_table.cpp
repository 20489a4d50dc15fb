// SPDX-License-Identifier: Apache-2.0
#include "netns/process/process_table.hpp"

#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

#include "netns/base/files.hpp"
#include "netns/base/unique_fd.hpp"

namespace netns {
namespace {

std::string proc_path(pid_t pid, const char* file) { return "/proc/" + std::to_string(pid) + '/' + file; }

/// What proc(5) says in /proc/<pid>/stat.
struct ProcessStatus {
  bool zombie = false;
  pid_t parent = 0;
  std::string started;
};

std::optional<ProcessStatus> read_process_status(pid_t pid) {
  const auto line = read_if_there(proc_path(pid, "stat"));
  if (!line || line->empty()) return std::nullopt;
  std::istringstream fields{line->substr(line->rfind(')') + 1)};  // the name before it may hold anything
  ProcessStatus status;
  std::string field;
  constexpr int kState = 3;
  constexpr int kParent = 4;
  constexpr int kStartTime = 22;
  for (int i = kState; i <= kStartTime && fields >> field; ++i) {
    if (i == kState) status.zombie = field == "Z" || field == "X";
    if (i == kParent) status.parent = std::stoi(field);
  }
  status.started = field;
  return status;
}

std::vector<std::string> read_words(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  std::vector<std::string> words;
  for (std::string word; std::getline(file, word, '\0');) words.push_back(std::move(word));
  return words;
}

/// Whom each of its threads has started or taken over; empty when this kernel does not tell (CONFIG_PROC_CHILDREN).
std::optional<std::vector<pid_t>> children_of(pid_t pid) {
  std::vector<pid_t> found;
  std::error_code none;
  for (const auto& task : std::filesystem::directory_iterator(proc_path(pid, "task"), none)) {
    std::ifstream file{task.path() / "children"};
    if (!file && std::filesystem::exists(task.path(), none)) return std::nullopt;
    found.insert(found.end(), std::istream_iterator<pid_t>{file}, {});
  }
  return found;
}

std::multimap<pid_t, pid_t> all_by_parent() {
  std::multimap<pid_t, pid_t> found;
  for (const auto pid : list_processes())
    if (const auto status = read_process_status(pid)) found.emplace(status->parent, pid);
  return found;
}

}  // namespace

std::optional<ProcessId> find_process(pid_t pid) {
  auto status = pid > 0 ? read_process_status(pid) : std::nullopt;
  if (!status || status->zombie) return std::nullopt;
  return ProcessId{pid, std::move(status->started)};
}

bool is_alive(const ProcessId& process) { return find_process(process.pid) == process; }

pid_t own_number() { return std::stoi(std::filesystem::read_symlink("/proc/self").string()); }

bool send_signal(const ProcessId& process, int signal) {
  // By its folder, which means it whatever numbers the caller's own process namespace has.
  const UniqueFd handle{::open(("/proc/" + std::to_string(process.pid)).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!handle && errno == ENOENT) return false;
  if (!is_alive(process)) return false;
  if (!handle) return own_number() == ::getpid() && ::kill(process.pid, signal) == 0;
  return ::syscall(SYS_pidfd_send_signal, handle.get(), signal, nullptr, 0) == 0;
}

std::vector<pid_t> list_processes() {
  std::vector<pid_t> found;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const auto name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") == std::string::npos) found.push_back(std::stoi(name));
  }
  return found;
}

std::set<ProcessId> descendants_of(pid_t pid) {
  std::optional<std::multimap<pid_t, pid_t>> by_parent;  // read only where the kernel has no lists of children
  std::set<ProcessId> found;
  std::set<pid_t> seen{pid};
  std::vector<pid_t> left{pid};
  while (!left.empty()) {
    const auto parent = left.back();
    left.pop_back();
    auto children = children_of(parent);
    if (!children) {
      if (!by_parent) by_parent = all_by_parent();
      children.emplace();
      for (auto [child, end] = by_parent->equal_range(parent); child != end; ++child) children->push_back(child->second);
    }
    for (const auto child : *children) {
      if (!seen.insert(child).second) continue;
      left.push_back(child);
      if (auto process = find_process(child)) found.insert(std::move(*process));
    }
  }
  return found;
}

ino_t network_of(pid_t pid) {
  struct stat status {};
  return ::stat(proc_path(pid, "ns/net").c_str(), &status) == 0 ? status.st_ino : 0;
}

bool is_ours_to_trust(pid_t pid) {
  struct stat folder {};
  if (::stat(("/proc/" + std::to_string(pid)).c_str(), &folder) != 0 || folder.st_uid != ::geteuid()) return false;
  std::ifstream lines{proc_path(pid, "status")};
  constexpr std::string_view kRights = "CapEff:";
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(kRights)) return (std::stoull(line.substr(kRights.size()), nullptr, 16) >> CAP_SYS_ADMIN & 1U) != 0;
  return false;
}

std::vector<std::string> arguments_of(pid_t pid) { return read_words(proc_path(pid, "cmdline")); }

std::vector<std::string> environment_of(pid_t pid) { return read_words(proc_path(pid, "environ")); }

}  // namespace netns
