// SPDX-License-Identifier: Apache-2.0
// netns/rootless/holder.cpp — the first process of a user's namespaces.
#include <fcntl.h>
#include <poll.h>
#include <sys/mount.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <exception>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "netns/base/error.hpp"
#include "netns/base/unique_fd.hpp"
#include "netns/namespace/namespace.hpp"
#include "netns/rootless/channel.hpp"
#include "netns/rootless/rootless.hpp"

namespace netns {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLabs = "/run/lazuli";
constexpr std::array<std::string_view, 3> kNotOfTheHost{"lazuli", "lazuli-logs", "netns"};

/// Shows under `target` what the host has at `source`; what cannot be shown is not there.
void show(const fs::path& source, const fs::path& target) {
  std::error_code none;
  const auto status = fs::symlink_status(source, none);
  if (fs::is_symlink(status)) return fs::copy_symlink(source, target, none);
  if (fs::is_directory(status))
    fs::create_directory(target, none);
  else
    const UniqueFd place{::open(target.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644)};
  ::mount(source.c_str(), target.c_str(), nullptr, MS_BIND | MS_REC, nullptr);
}

/// A /run of the user's own: the host's, without its labs and network namespaces.
void set_up_run() {
  const UniqueFd hosts{::open("/run", O_PATH | O_DIRECTORY | O_CLOEXEC)};
  require_that(static_cast<bool>(hosts), "open /run");
  require_that(::mount("none", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755") == 0, "mount a /run in memory");
  const fs::path before = "/proc/self/fd/" + std::to_string(hosts.get());
  for (const auto& name : names_in_folder(before))
    if (std::ranges::find(kNotOfTheHost, name) == kNotOfTheHost.end()) show(before / name, fs::path("/run") / name);
}

void set_up_mounts() {
  require_that(::mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) == 0, "keep mounts apart from the host's");
  set_up_run();
  // What the host has masked in /proc, as containers do, may not be seen through another one either.
  require_that(::mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) == 0, "mount a /proc of one's own");
}

bool has_labs() {
  std::error_code none;
  return fs::exists(kLabs, none) && !fs::is_empty(kLabs, none);
}

/// Commands that are inside, each by a connection that it keeps as long as it runs.
class Visitors {
 public:
  explicit Visitors(UniqueFd door) : door_(std::move(door)) {}

  bool any() const { return !inside_.empty(); }

  void let_in() {
    while (UniqueFd visitor{::accept4(door_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)}) {
      const char welcome = '!';
      if (::send(visitor.get(), &welcome, sizeof welcome, MSG_NOSIGNAL) == sizeof welcome) inside_.push_back(std::move(visitor));
    }
  }

  /// Until somebody comes or goes, or a process ends.
  void wait(const UniqueFd& signals) {
    std::vector<pollfd> events{{signals.get(), POLLIN, 0}, {door_.get(), POLLIN, 0}};
    for (const auto& visitor : inside_) events.push_back({visitor.get(), POLLIN, 0});
    ::poll(events.data(), events.size(), -1);
    for (std::size_t i = inside_.size(); i-- > 0;)
      if (events[i + 2].revents != 0) inside_.erase(inside_.begin() + static_cast<std::ptrdiff_t>(i));
  }

 private:
  UniqueFd door_;
  std::vector<UniqueFd> inside_;
};

/// Ends when there is no lab and nobody is inside.
void stay(UniqueFd door) {
  sigset_t told{};
  sigemptyset(&told);
  sigaddset(&told, SIGCHLD);
  ::sigprocmask(SIG_SETMASK, &told, nullptr);
  const UniqueFd signals{::signalfd(-1, &told, SFD_CLOEXEC | SFD_NONBLOCK)};
  require_that(static_cast<bool>(signals), "open a signal descriptor");
  Visitors visitors{std::move(door)};
  while (true) {
    signalfd_siginfo signal{};
    while (::read(signals.get(), &signal, sizeof signal) > 0) {
    }
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {
    }
    visitors.let_in();
    if (!visitors.any() && !has_labs()) return;  // who connects just now finds nobody, and starts another holder
    visitors.wait(signals);
  }
}

}  // namespace

void hold_namespaces(int door, int starter) {
  UniqueFd listening{door};
  UniqueFd to_starter{starter};
  ::umask(022);
  try {
    require_that(::chdir("/") == 0, "go to /");
    set_up_mounts();
    require_that(::fcntl(door, F_SETFD, FD_CLOEXEC) == 0 && ::fcntl(door, F_SETFL, O_NONBLOCK) == 0 && ::listen(door, 128) == 0, "listen");
  } catch (const std::exception& error) {
    send_word(to_starter, std::string("!") + error.what());
    throw;
  }
  send_word(to_starter, "ready");
  // Its starter comes in before it can find nobody there.
  receive_word(to_starter);
  to_starter = UniqueFd{};
  stay(std::move(listening));
}

}  // namespace netns
