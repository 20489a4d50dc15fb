// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <pwd.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "netns/base/error.hpp"
#include "netns/base/files.hpp"
#include "netns/base/scope_exit.hpp"
#include "netns/base/subprocess.hpp"
#include "netns/base/unique_fd.hpp"
#include "netns/process/stand_in.hpp"
#include "netns/rootless/channel.hpp"
#include "netns/rootless/rights.hpp"
#include "netns/rootless/rootless.hpp"

namespace netns {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr auto kPatience = 10s;  // with somebody else who starts a holder
constexpr int kAllButUser = CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC;

/// Whether the process has a range of users now: setuid programs give it, where they are installed and the machine's owner has said so.
bool map_range(pid_t process) {
  const auto user = ::geteuid();
  const auto* entry = ::getpwuid(user);
  const std::string name = entry == nullptr ? "" : entry->pw_name;
  const auto users = range_in("/etc/subuid", name, std::to_string(user));
  const auto groups = range_in("/etc/subgid", name, std::to_string(user));
  if (!users || !groups) return false;
  const auto map = [&](const char* program, unsigned own, const auto& range) {
    run_command({program, std::to_string(process), "0", std::to_string(own), "1", "1", range.first, range.second}, 10s);
  };
  try {
    map("newuidmap", user, *users);
    map("newgidmap", ::getegid(), *groups);
    return true;
  } catch (const std::exception&) {  // then one user it is
    return false;
  }
}

void write_map(pid_t process, const char* file, const std::string& text) {
  const auto path = fmt::format("/proc/{}/{}", process, file);
  const UniqueFd map{::open(path.c_str(), O_WRONLY | O_CLOEXEC)};
  require_that(static_cast<bool>(map), "open " + path);
  write_whole(map, text, path);
}

void map_users(pid_t process) {
  if (map_range(process)) return;
  write_map(process, "setgroups", "deny");
  write_map(process, "uid_map", fmt::format("0 {} 1", ::geteuid()));
  write_map(process, "gid_map", fmt::format("0 {} 1", ::getegid()));
}

/// In a child of the starter's. Never comes back.
[[noreturn]] void become_holder(const fs::path& program, const UniqueFd& door, const UniqueFd& channel) {
  try {
    ::setsid();
    require_that(::unshare(CLONE_NEWUSER) == 0, "make a user namespace");
    send_word(channel, "unshared");
    if (receive_word(channel).empty()) ::_exit(1);
    require_that(::setresgid(0, 0, 0) == 0 && ::setresuid(0, 0, 0) == 0, "become root of a user namespace");
    require_that(::unshare(kAllButUser) == 0, "make namespaces");
    const auto holder = ::fork();
    require_that(holder >= 0, "fork");
    if (holder != 0) ::_exit(0);
    const UniqueFd null{::open("/dev/null", O_RDWR | O_CLOEXEC)};
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(null.get(), standard);
    const auto kept = [](const UniqueFd& descriptor) {  // without FD_CLOEXEC
      return std::to_string(::fcntl(descriptor.get(), F_DUPFD, STDERR_FILENO + 1));
    };
    ::execl(program.c_str(), program.c_str(), kHolderCommand, kept(door).c_str(), kept(channel).c_str(), nullptr);
    require_that(false, "run " + program.string());
  } catch (const std::exception& error) {
    try {
      send_word(channel, fmt::format("!{}", error.what()));
    } catch (const std::exception&) {  // nobody listens
    }
  }
  ::_exit(1);
}

/// @throws MissingRequirement saying what to do
[[noreturn]] void refuse(const std::string& words) {
  throw MissingRequirement(fmt::format("this machine lets you have no network of your own: {}; as root you need none\n  {}", words,
                                       fmt::join(ways_to_namespaces(), "\n  ")));
}

/// What the other side has to say next. @throws MissingRequirement when that is why it cannot go on
std::string next_word(const UniqueFd& channel) {
  auto word = receive_word(channel);
  if (word.empty()) refuse("whoever was to keep it has ended");
  if (word.starts_with('!')) refuse(word.substr(1));
  return word;
}

/// One at a time: where there is a holder, or whoever starts one, the name is taken.
sockaddr_un name_of_door(socklen_t& size) {
  struct stat processes {};
  require_that(::stat("/proc/self/ns/pid", &processes) == 0, "look at /proc/self/ns/pid");
  const auto name = fmt::format("lazuli-{}-{}", ::geteuid(), processes.st_ino);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path + 1, name.data(), name.size());
  size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  return address;
}

/// The process that listens at the other end; empty when it has just ended. @throws std::runtime_error when it is not the user's own
UniqueFd holder_behind(const UniqueFd& connection) {
  ucred holder{};
  socklen_t size = sizeof holder;
  require_that(::getsockopt(connection.get(), SOL_SOCKET, SO_PEERCRED, &holder, &size) == 0, "ask who listens");
  if (holder.uid != ::geteuid() || holder.pid <= 0)
    throw std::runtime_error(fmt::format("process {} of user {} has taken the name by which your labs are found", holder.pid, holder.uid));
  return UniqueFd{static_cast<int>(::syscall(SYS_pidfd_open, holder.pid, 0))};
}

/// Connects to the holder. @return empty when there is none that lets us in
UniqueFd knock() {
  UniqueFd socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  require_that(static_cast<bool>(socket), "open a socket");
  socklen_t size = 0;
  const auto name = name_of_door(size);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&name), size) != 0) return {};
  holder_behind(socket);  // somebody else would let us wait for ever
  return receive_word(socket).empty() ? UniqueFd{} : std::move(socket);
}

/// Starts a holder, unless somebody else does. @return the first connection to it; empty when somebody else does
UniqueFd start_holder(const fs::path& program) {
  UniqueFd door{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  require_that(static_cast<bool>(door), "open a socket");
  socklen_t size = 0;
  const auto name = name_of_door(size);
  if (::bind(door.get(), reinterpret_cast<const sockaddr*>(&name), size) != 0) {
    require_that(errno == EADDRINUSE, "name a socket");
    return {};
  }
  std::array<int, 2> ends{};
  require_that(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) == 0, "make a pair of sockets");
  UniqueFd own{ends[0]};
  UniqueFd others{ends[1]};
  const auto child = ::fork();
  require_that(child >= 0, "fork");
  if (child == 0) {
    own = UniqueFd{};
    become_holder(program, door, others);
  }
  door = UniqueFd{};
  others = UniqueFd{};
  const ScopeExit reap{[&] {
    own = UniqueFd{};
    while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
  }};
  next_word(own);
  try {
    map_users(child);
  } catch (const KernelError& error) {
    refuse(error.what());
  }
  send_word(own, "mapped");
  next_word(own);
  // It lets nobody in before it has heard that its starter waits at the door.
  UniqueFd first{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  require_that(first && ::connect(first.get(), reinterpret_cast<const sockaddr*>(&name), size) == 0, "connect to a holder");
  send_word(own, "waiting");
  if (receive_word(first).empty()) throw std::runtime_error("whoever was to keep your namespaces has ended");
  return first;
}

/// A connection to the holder, which stays as long as it is open. @throws std::runtime_error when there is none for too long
UniqueFd visit(const fs::path& program) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (true) {
    if (auto socket = knock()) return socket;
    if (auto socket = start_holder(program)) return socket;
    if (std::chrono::steady_clock::now() > end)
      throw std::runtime_error("somebody is about to make namespaces for you, and does not come to an end");
    std::this_thread::sleep_for(5ms);
  }
}

/// In a child of the command's. Never comes back.
[[noreturn]] void become_inner(const fs::path& program, const std::vector<std::string>& arguments) {
  auto name = program.string();
  std::vector<char*> words{name.data()};
  for (const auto& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  ::execv(name.c_str(), words.data());
  const auto words_of_the_kernel = fmt::format("error: run {}: {}\n", name, std::strerror(errno));
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, words_of_the_kernel.data(), words_of_the_kernel.size());
  ::_exit(1);
}

}  // namespace

uid_t user_outside() {
  std::istringstream lines{read_if_there("/proc/self/uid_map").value_or("")};
  const auto user = ::geteuid();
  for (std::uint64_t first = 0, outside = 0, count = 0; lines >> first >> outside >> count;)
    if (user >= first && user - first < count) return static_cast<uid_t>(outside + user - first);
  return user;
}

std::optional<std::string> why_not_inside() {
  try {
    visit(fs::read_symlink("/proc/self/exe"));
    return std::nullopt;
  } catch (const MissingRequirement& refused) {
    return refused.what();
  }
}

int run_inside(const std::vector<std::string>& arguments) {
  const auto program = fs::read_symlink("/proc/self/exe");
  const auto directory = fs::current_path();
  const auto connection = visit(program);
  require_that(::setns(holder_behind(connection).get(), CLONE_NEWUSER | kAllButUser) == 0, "enter your namespaces");
  require_that(::chdir(directory.c_str()) == 0, "go back to " + directory.string() + ", which is out of sight in there");
  const auto inner = fork_before_signals();
  if (inner == 0) become_inner(program, arguments);
  const auto status = stand_before(inner);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace netns
