// SPDX-License-Identifier: Apache-2.0
#include "emu/services/mock_service.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <mutex>
#include <system_error>
#include <unordered_map>

#include "emu/services/connection_stream.hpp"
#include "emu/services/service_answers.hpp"
#include "emu/services/service_sockets.hpp"
#include "emu/services/threads_on_demand.hpp"

namespace emu {
namespace {

using netns::Ipv4Address;
using netns::UniqueFd;

using Configuration = std::shared_ptr<const ServiceConfiguration>;

struct Connection {
  ConnectionStream stream;
  std::string device;  ///< that it came in by
  Caller caller;
  Ipv4Address service;

  int descriptor() const { return stream.socket(); }
};

const ServedService* find_service(const ServiceConfiguration& configuration, Ipv4Address address) {
  const auto found = std::ranges::find(configuration.services, address, &ServedService::address);
  return found == configuration.services.end() ? nullptr : &*found;
}

const ServiceLink* find_link(const ServiceConfiguration& configuration, std::string_view device) {
  const auto found = std::ranges::find(configuration.links, device, &ServiceLink::device);
  return found == configuration.links.end() ? nullptr : &*found;
}

struct Request {
  const Configuration& configuration;
  Connection& connection;
};

/// What the calling thread is at: the library hands a handler no more than what was sent.
thread_local const Request* current = nullptr;

/// Reads requests off a connection and writes what `answer` says.
class HttpServer : private httplib::Server {
 public:
  HttpServer() {
    constexpr std::size_t kMostRequests = 1000000;  // of a connection; what the library tells the other side
    set_payload_max_length(Blobs::kLargest);
    set_keep_alive_max_count(kMostRequests);
    const Handler handler = [this](const httplib::Request& request, httplib::Response& response) {
      const auto& [configuration, connection] = *current;
      if (const auto* service = find_service(*configuration, connection.service))
        answer(*configuration, *service, connection.caller, blobs_, request, response);
    };
    // Without a length there is no body (RFC 9112, 6.3); the library would wait for one.
    set_pre_routing_handler([handler](const httplib::Request& request, httplib::Response& response) {
      if (request.has_header("Content-Length") || request.has_header("Transfer-Encoding")) return HandlerResponse::Unhandled;
      handler(request, response);
      return HandlerResponse::Handled;
    });
    const auto* const anything = "/.*";
    Get(anything, handler).Put(anything, handler).Post(anything, handler);
    Delete(anything, handler).Patch(anything, handler).Options(anything, handler);
  }

  /// Answers the request that has begun to come in. @return whether the connection is good for another one
  bool serve(const Configuration& configuration, Connection& connection) {
    const Request request{configuration, connection};
    current = &request;
    bool closes = false;
    const bool understood = process_request(connection.stream, false, closes, {});
    current = nullptr;
    return connection.stream.flush() && understood && !closes;
  }

 private:
  Blobs blobs_;
};

void require(bool done, const char* what) {
  const int error = errno;
  if (!done) throw std::system_error(error, std::generic_category(), what);
}

/// Of both ends of an accepted connection.
std::pair<Ipv4Address, Ipv4Address> addresses_of(int socket) {
  sockaddr_in remote{};
  sockaddr_in local{};
  socklen_t size = sizeof remote;
  ::getpeername(socket, reinterpret_cast<sockaddr*>(&remote), &size);
  size = sizeof local;
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&local), &size);
  return {{ntohl(remote.sin_addr.s_addr)}, {ntohl(local.sin_addr.s_addr)}};
}

void set_limits(int socket) {
  constexpr timeval kPatience{5, 0};
  constexpr int kIdleSeconds = 60;  // then the other side is asked whether it is still there
  const int on = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
  ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
  ::setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPIDLE, &kIdleSeconds, sizeof kIdleSeconds);
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

class MockService {
 public:
  explicit MockService(std::filesystem::path file) : file_(std::move(file)), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    require(static_cast<bool>(epoll_), "open an epoll descriptor");
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
    sigset_t told{};
    sigemptyset(&told);
    sigaddset(&told, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &told, nullptr);
    signals_ = UniqueFd{::signalfd(-1, &told, SFD_CLOEXEC | SFD_NONBLOCK)};
    require(static_cast<bool>(signals_), "open a signal descriptor");
    watch(signals_.get(), EPOLLIN, EPOLL_CTL_ADD);
    reload();
  }

  [[noreturn]] void run() {
    constexpr int kAtOnce = 256;
    std::array<epoll_event, kAtOnce> events{};
    while (true) {
      const int count = ::epoll_wait(epoll_.get(), events.data(), kAtOnce, -1);
      for (int i = 0; i < count; ++i) handle(events[static_cast<std::size_t>(i)].data.fd);
    }
  }

 private:
  bool watch(int descriptor, std::uint32_t what, int operation) const {
    epoll_event event{};
    event.events = what;
    event.data.fd = descriptor;
    return ::epoll_ctl(epoll_.get(), operation, descriptor, &event) == 0;
  }

  void handle(int descriptor) {
    if (descriptor == signals_.get()) {
      signalfd_siginfo ignored{};
      while (::read(signals_.get(), &ignored, sizeof ignored) > 0) {
      }
      reload();
    } else if (const auto* listening = sockets_.find(descriptor)) {
      accept_all(*listening);
    } else {
      serve(descriptor);
    }
  }

  void accept_all(const ServiceSocket& listening) {
    while (true) {
      UniqueFd socket{::accept4(listening.socket.get(), nullptr, nullptr, SOCK_CLOEXEC)};
      if (!socket) return;  // nobody is left, or gave up meanwhile; or there are no more descriptors, and it waits until there are
      set_limits(socket.get());
      const auto [remote, local] = addresses_of(socket.get());
      const auto* link = find_link(*configuration_, listening.device);
      if (link == nullptr) continue;
      const int descriptor = socket.get();
      auto connection =
          std::make_shared<Connection>(Connection{ConnectionStream{std::move(socket)}, listening.device, caller_on(*link, remote), local});
      {
        const std::lock_guard lock(mutex_);
        connections_.insert_or_assign(descriptor, std::move(connection));
      }
      watch(descriptor, EPOLLIN | EPOLLONESHOT, EPOLL_CTL_ADD);
    }
  }

  void serve(int descriptor) {
    std::shared_ptr<Connection> connection;
    {
      const std::lock_guard lock(mutex_);
      if (const auto found = connections_.find(descriptor); found != connections_.end()) connection = found->second;
    }
    if (connection == nullptr) return;
    threads_.enqueue([this, connection, configuration = configuration_] {
      bool goes_on = true;
      do goes_on = server_.serve(configuration, *connection);
      while (goes_on && connection->stream.has_unread());
      const std::lock_guard lock(mutex_);
      if (!goes_on || !watch(connection->descriptor(), EPOLLIN | EPOLLONESHOT, EPOLL_CTL_MOD)) connections_.erase(connection->descriptor());
    });
  }

  /// A file that cannot be read leaves everything as it is.
  void reload() {
    try {
      std::ifstream file{file_, std::ios::binary};
      const std::string text{std::istreambuf_iterator<char>{file}, {}};
      configuration_ = std::make_shared<const ServiceConfiguration>(service_configuration_from_json(text));
      sockets_.match(*configuration_, epoll_.get());
    } catch (const std::exception& error) {
      fmt::print(stderr, "{}: {}\n", file_.string(), error.what());
      if (configuration_ == nullptr) throw;
    }
    const std::lock_guard lock(mutex_);
    for (const auto& [descriptor, connection] : connections_)
      if (!still_right(*connection)) reset(descriptor);
  }

  /// Whether a new connection of the same caller would come in the same way.
  bool still_right(const Connection& connection) const {
    const auto* link = find_link(*configuration_, connection.device);
    return link != nullptr && caller_on(*link, connection.caller.address) == connection.caller &&
           std::ranges::find(link->services, connection.service) != link->services.end();
  }

  /// Its thread, or the next wait, finds it ended.
  static void reset(int descriptor) {
    constexpr linger kAtOnce{1, 0};
    ::setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &kAtOnce, sizeof kAtOnce);
    ::shutdown(descriptor, SHUT_RDWR);
  }

  std::filesystem::path file_;
  UniqueFd epoll_;
  UniqueFd signals_;
  Configuration configuration_;
  ServiceSockets sockets_;
  HttpServer server_;
  ThreadsOnDemand threads_;
  std::mutex mutex_;  ///< guards connections_
  std::unordered_map<int, std::shared_ptr<Connection>> connections_;
};

}  // namespace

void run_mock_service(const std::filesystem::path& configuration) { MockService(configuration).run(); }

}  // namespace emu
