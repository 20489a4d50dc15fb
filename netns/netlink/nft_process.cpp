// SPDX-License-Identifier: Apache-2.0
#include "netns/netlink/nft_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <nftables/libnftables.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>

#include "netns/base/error.hpp"
#include "netns/base/scope_exit.hpp"
#include "netns/base/unique_fd.hpp"
#include "netns/netlink/socket.hpp"

namespace netns {
namespace {

[[noreturn]] void refused(const char* operation) {
  const int error = errno;
  throw KernelError(error, operation);
}

/// How many bytes a call moved; 0 when nobody is at the other end any more. @throws KernelError
template <typename Call>
std::size_t moved(const char* operation, const Call& call) {
  ssize_t size = 0;
  do size = call();
  while (size < 0 && errno == EINTR);
  if (size < 0 && errno != EPIPE && errno != ECONNRESET) refused(operation);
  return size < 0 ? 0 : static_cast<std::size_t>(size);
}

/// @return false when nobody is at the other end any more
bool send_all(int socket, const char* data, std::size_t size) {
  while (size != 0) {
    const auto sent = moved("send", [&] { return ::send(socket, data, size, MSG_NOSIGNAL); });
    if (sent == 0) return false;
    data += sent;
    size -= sent;
  }
  return true;
}

bool receive_all(int socket, char* data, std::size_t size) {
  while (size != 0) {
    const auto received = moved("receive", [&] { return ::recv(socket, data, size, 0); });
    if (received == 0) return false;
    data += received;
    size -= received;
  }
  return true;
}

/// Both ways: a length and a text. A request's length comes with the descriptor of the namespace.
bool send_text(int socket, const std::string& text) {
  const std::uint64_t size = text.size();
  return send_all(socket, reinterpret_cast<const char*>(&size), sizeof size) && send_all(socket, text.data(), text.size());
}

std::optional<std::string> receive_text(int socket, std::uint64_t size) {
  std::string text(size, '\0');
  return receive_all(socket, text.data(), text.size()) ? std::optional(std::move(text)) : std::nullopt;
}

std::optional<std::string> receive_text(int socket) {
  std::uint64_t size = 0;
  return receive_all(socket, reinterpret_cast<char*>(&size), sizeof size) ? receive_text(socket, size) : std::nullopt;
}

/// The length of a request, and space for a descriptor that goes with it.
class Header {
 public:
  Header() {
    message_.msg_iov = &part_;
    message_.msg_iovlen = 1;
    message_.msg_control = control_.data();
    message_.msg_controllen = control_.size();
  }
  Header(const Header&) = delete;
  Header& operator=(const Header&) = delete;

  bool send(int socket, std::uint64_t size, int descriptor) {
    size_ = size;
    auto* control = CMSG_FIRSTHDR(&message_);
    control->cmsg_level = SOL_SOCKET;
    control->cmsg_type = SCM_RIGHTS;
    control->cmsg_len = CMSG_LEN(sizeof descriptor);
    std::memcpy(CMSG_DATA(control), &descriptor, sizeof descriptor);
    return moved("send", [&] { return ::sendmsg(socket, &message_, MSG_NOSIGNAL); }) == sizeof size_;
  }

  /// @return the descriptor; nothing when no whole request came
  std::optional<UniqueFd> receive(int socket) {
    const auto call = [&] { return ::recvmsg(socket, &message_, MSG_WAITALL | MSG_CMSG_CLOEXEC); };
    if (moved("receive", call) != sizeof size_) return std::nullopt;
    const auto* control = CMSG_FIRSTHDR(&message_);
    if (control == nullptr || control->cmsg_type != SCM_RIGHTS) return std::nullopt;
    int descriptor = -1;
    std::memcpy(&descriptor, CMSG_DATA(control), sizeof descriptor);
    return UniqueFd{descriptor};
  }
  std::uint64_t size() const { return size_; }

 private:
  std::uint64_t size_ = 0;
  iovec part_{&size_, sizeof size_};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control_{};
  msghdr message_{};
};

bool send_request(int socket, int name_space, const std::string& commands) {
  return Header{}.send(socket, commands.size(), name_space) && send_all(socket, commands.data(), commands.size());
}

struct Request {
  UniqueFd name_space;
  std::string commands;
};

std::optional<Request> receive_request(int socket) {
  Header header;
  auto name_space = header.receive(socket);
  if (!name_space) return std::nullopt;
  auto commands = receive_text(socket, header.size());
  if (!commands) return std::nullopt;
  return Request{std::move(*name_space), std::move(*commands)};
}

/// For the process that carries out, when it cannot go home.
[[noreturn]] void give_up() {
  std::perror("leave the network namespace");
  ::_exit(1);
}

std::string carry_out(const Request& request, const UniqueFd& home) {
  // Nor does it keep a namespace that is to go.
  const ScopeExit leave{[&] {
    if (::setns(home.get(), CLONE_NEWNET) != 0) give_up();
  }};
  if (::setns(request.name_space.get(), CLONE_NEWNET) != 0) return fmt::format("enter the network namespace: {}", std::strerror(errno));
  const std::unique_ptr<nft_ctx, Releases<nft_ctx_free>> context{nft_ctx_new(NFT_CTX_DEFAULT)};
  if (!context || nft_ctx_buffer_output(context.get()) != 0 || nft_ctx_buffer_error(context.get()) != 0) return "out of memory";
  if (nft_run_cmd_from_buffer(context.get(), request.commands.c_str()) == 0) return {};
  std::string complaint = nft_ctx_get_error_buffer(context.get());
  return complaint.empty() ? "nft does not say why" : complaint;
}

/// Never comes back.
[[noreturn]] void serve(const UniqueFd& socket, const UniqueFd& home, const UniqueFd& last_words) {
  sigset_t all{};
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, nullptr);  // who is to end ends with its parent
  ::dup2(last_words.get(), STDOUT_FILENO);
  ::dup2(last_words.get(), STDERR_FILENO);
  if (::setns(home.get(), CLONE_NEWNET) != 0) give_up();
  try {
    while (const auto request = receive_request(socket.get()))
      if (!send_text(socket.get(), carry_out(*request, home))) break;
  } catch (const std::exception& error) {
    std::fputs(error.what(), stderr);
    ::_exit(1);
  }
  ::_exit(0);
}

class NftProcess {
 public:
  NftProcess() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) refused("make a pair of sockets");
    socket_ = UniqueFd{ends[0]};
    UniqueFd childs{ends[1]};
    last_words_ = UniqueFd{::memfd_create("nft", MFD_CLOEXEC)};
    if (!last_words_) refused("make a file in memory");
    const UniqueFd home{::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC)};  // of the first thread, whatever this one is in
    if (!home) refused("open /proc/self/ns/net");
    std::fflush(nullptr);  // or the child would print what is buffered once more
    child_ = ::fork();
    if (child_ < 0) refused("fork");
    if (child_ == 0) {
      socket_ = UniqueFd{};
      serve(childs, home, last_words_);
    }
  }
  NftProcess(const NftProcess&) = delete;
  NftProcess& operator=(const NftProcess&) = delete;
  ~NftProcess() {
    socket_ = UniqueFd{};
    if (is_mine()) wait();
  }

  /// Not when somebody ended it since. A fork of this process has another one.
  bool lives() {
    if (!is_mine()) return false;
    int status = 0;
    if (child_ > 0 && ::waitpid(child_, &status, WNOHANG) == child_) child_ = -1;
    return child_ > 0;
  }

  /// Empty when the process has ended. @throws KernelError when it cannot be talked to; then it is of no more use
  std::optional<std::string> run(int name_space, const std::string& commands) {
    if (!send_request(socket_.get(), name_space, commands)) return std::nullopt;
    return receive_text(socket_.get());
  }

  /// What it said when it ended, and how it ended.
  std::string last_words() {
    socket_ = UniqueFd{};
    const int status = wait();
    std::array<char, 1024> text{};
    const auto size = ::pread(last_words_.get(), text.data(), text.size(), 0);
    std::string words{text.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
    while (!words.empty() && words.back() == '\n') words.pop_back();
    const auto end = WIFSIGNALED(status) ? fmt::format("signal {}", WTERMSIG(status)) : fmt::format("status {}", WEXITSTATUS(status));
    return words.empty() ? end : fmt::format("{} ({})", words, end);
  }

 private:
  bool is_mine() const { return owner_ == ::getpid(); }

  int wait() {
    int status = 0;
    if (child_ <= 0) return status;
    while (::waitpid(child_, &status, 0) < 0 && errno == EINTR) {
    }
    child_ = -1;
    return status;
  }

  UniqueFd socket_;
  UniqueFd last_words_;
  pid_t child_ = -1;
  pid_t owner_ = ::getpid();
};

}  // namespace

std::string run_nft(const std::string& commands) {
  static std::mutex mutex;
  static std::unique_ptr<NftProcess> process;
  const UniqueFd here{::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)};
  if (!here) refused("open /proc/thread-self/ns/net");
  const std::lock_guard lock{mutex};
  if (!process || !process->lives()) process = std::make_unique<NftProcess>();
  try {
    if (auto answer = process->run(here.get(), commands)) return std::move(*answer);
  } catch (...) {
    process.reset();
    throw;
  }
  const auto words = process->last_words();
  process.reset();
  throw std::runtime_error(fmt::format("nft ended: {}", words));
}

}  // namespace netns
