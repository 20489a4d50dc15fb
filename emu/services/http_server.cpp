// SPDX-License-Identifier: Apache-2.0
#include "emu/services/http_server.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>
#include <vector>

namespace emu {
namespace {

using netns::Ipv4Address;
using netns::UniqueFd;

/// Each of them so that one connection cannot keep the others waiting.
constexpr int kAcceptsInATurn = 64;
constexpr int kAnswersInATurn = 16;
constexpr std::size_t kReadsInATurn = 4096;

void require(bool done, const std::string& what) {
  const int error = errno;
  if (!done) throw std::system_error(error, std::generic_category(), what);
}

UniqueFd open_spare() { return UniqueFd{::open("/dev/null", O_RDONLY | O_CLOEXEC)}; }

bool is_short_of_something(int error) { return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM; }

/// Closing it frees what the kernel has still to send, too.
void reset_on_close(int socket) {
  constexpr linger kAtOnce{1, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &kAtOnce, sizeof kAtOnce);
}

/// What of `head` and `body` is behind the first `sent` bytes of both; `body` may be none.
std::array<iovec, 2> unsent_parts(std::string& head, const std::string* body, std::size_t sent) {
  const auto of_head = std::min(sent, head.size());
  iovec second{};
  if (body != nullptr) second = {const_cast<char*>(body->data()) + (sent - of_head), body->size() - (sent - of_head)};
  return {{{head.data() + of_head, head.size() - of_head}, second}};
}

Ipv4Address local_address_of(int socket) {
  sockaddr_in local{};
  socklen_t size = sizeof local;
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&local), &size);
  return {ntohl(local.sin_addr.s_addr)};
}

}  // namespace

HttpServer::HttpServer(Answer answer, HttpBounds bounds)
    : answer_(std::move(answer)),
      bounds_(bounds),
      patience_{bounds.reads, bounds.rests, bounds.writes, bounds.ends},
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      spare_(open_spare()) {
  require(static_cast<bool>(epoll_), "open an epoll descriptor");
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
}

int HttpServer::listen(UniqueFd socket, std::string device) {
  const int descriptor = socket.get();
  watch(descriptor, [this, descriptor, device = std::move(device)] { accept_from(descriptor, device); });
  listening_.emplace(descriptor, std::move(socket));
  return descriptor;
}

void HttpServer::stop_listening(int socket) {
  watched_.erase(socket);
  listening_.erase(socket);
}

void HttpServer::watch(int descriptor, std::function<void()> act) {
  require(watch_for(descriptor, EPOLLIN, EPOLL_CTL_ADD), "watch a descriptor");
  watched_.insert_or_assign(descriptor, std::move(act));
}

void HttpServer::reset_where(const std::function<bool(const HttpPeer&)>& is_over) {
  for (auto& phase : phases_) {
    for (auto place = phase.begin(); place != phase.end();) {
      const auto here = place++;
      if (!is_over(here->peer)) continue;
      reset_on_close(here->socket.get());
      drop(here);
    }
  }
}

void HttpServer::run() {
  constexpr int kEventsInATurn = 256;
  std::array<epoll_event, kEventsInATurn> events{};
  while (true) {
    const int count = ::epoll_wait(epoll_.get(), events.data(), kEventsInATurn, until_next_deadline());
    now_ = Clock::now();
    for (int i = 0; i < count; ++i) {
      const int descriptor = events[static_cast<std::size_t>(i)].data.fd;
      if (const auto watched = watched_.find(descriptor); watched != watched_.end())
        watched->second();
      else
        go_on(descriptor);
    }
    drop_overdue();
  }
}

bool HttpServer::watch_for(int descriptor, std::uint32_t events, int operation) const {
  epoll_event event{};
  event.events = events;
  event.data.fd = descriptor;
  return ::epoll_ctl(epoll_.get(), operation, descriptor, &event) == 0;
}

void HttpServer::accept_from(int listening, const std::string& device) {
  for (int i = 0; i < kAcceptsInATurn; ++i) {
    sockaddr_in remote{};
    socklen_t size = sizeof remote;
    UniqueFd socket{::accept4(listening, reinterpret_cast<sockaddr*>(&remote), &size, SOCK_NONBLOCK | SOCK_CLOEXEC)};
    const int error = errno;
    if (socket)
      add(std::move(socket), device, {ntohl(remote.sin_addr.s_addr)});
    else if (error == EAGAIN)
      return;
    else if (is_short_of_something(error))
      make_room(listening);
    // else whoever asked has given up
  }
}

void HttpServer::add(UniqueFd socket, const std::string& device, Ipv4Address remote) {
  if (places_.size() >= bounds_.connections) drop_longest({kReads, kRests, kWrites, kEnds});
  const int descriptor = socket.get();
  HttpPeer peer{device, remote, local_address_of(descriptor)};
  auto& connections = phases_[kReads];
  const auto place = connections.emplace(connections.end(), std::move(socket), std::move(peer), HttpRequestReader(bounds_.request));
  place->since = now_;
  place->waits_for = EPOLLIN;
  places_.insert_or_assign(descriptor, place);
  if (!watch_for(descriptor, EPOLLIN, EPOLL_CTL_ADD)) drop(place);
}

/// There is no descriptor or no memory for another connection, and the kernel would tell of it again and again.
void HttpServer::make_room(int listening) {
  constexpr int kMoment = 10;
  if (drop_longest({kReads, kRests, kWrites, kEnds})) return;
  spare_ = UniqueFd{};
  const UniqueFd refused{::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC)};
  if (!refused) ::poll(nullptr, 0, kMoment);
  spare_ = open_spare();
}

void HttpServer::go_on(int descriptor) {
  const auto found = places_.find(descriptor);
  if (found == places_.end()) return;  // it went in this turn
  const auto place = found->second;
  if (place->phase != kWrites) {
    receive(place);
  } else if (const auto unread = std::exchange(place->unread, {}); send(place, unread)) {
    take(place, unread);
  }
  if (const auto still = places_.find(descriptor); still != places_.end()) count_held(*still->second);
}

void HttpServer::receive(Place place) {
  const bool plenty = place->phase == kEnds || place->reader.reads_body();
  const auto got = ::recv(place->socket.get(), buffer_.data(), plenty ? buffer_.size() : kReadsInATurn, 0);
  const int error = errno;
  if (got < 0 && (error == EAGAIN || error == EINTR)) return;
  if (got <= 0) return drop(place);
  if (place->phase != kEnds) take(place, {buffer_.data(), static_cast<std::size_t>(got)});
}

/// Answers the requests in `bytes`, in their order.
void HttpServer::take(Place place, std::string_view bytes) {
  auto& reader = place->reader;
  for (int answers = 0; !bytes.empty(); ++answers) {
    if (answers == kAnswersInATurn) return set_aside(place, bytes);
    if (place->phase != kReads) enter(place, kReads);
    bytes.remove_prefix(reader.take(bytes));
    if (reader.refusal() != 0) return refuse(place, reader.refusal());
    if (!reader.is_complete()) return tell_to_continue(*place);
    auto request = reader.take_request();
    const auto response = answer_(request, place->peer);
    place->keeps = request.keeps_connection;
    place->head = head_of(response, request.minor_version, place->keeps);
    if (request.method != "HEAD") place->body = response.body;
    if (!send(place, bytes)) return;
  }
}

void HttpServer::refuse(Place place, int status) {
  const auto response = plain_response(status);
  place->refused = true;
  // What came of it is of no more use. Exchanged, for a string that is assigned to keeps its memory.
  HttpRequestReader fresh(bounds_.request);
  std::swap(place->reader, fresh);
  std::string{}.swap(place->unread);
  place->head = head_of(response, 1, false);
  place->body = response.body;
  send(place, {});
}

/// A client that waits to be told goes on after a moment if this is lost.
void HttpServer::tell_to_continue(Connection& connection) {
  constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  if (connection.reader.take_expects_continue()) ::send(connection.socket.get(), kContinue.data(), kContinue.size(), MSG_NOSIGNAL);
}

/// Sends what is unsent. When the socket takes no more, that and `unread` wait until it does.
/// @return whether all is sent and another request may follow; otherwise the connection waits, ends or is gone
bool HttpServer::send(Place place, std::string_view unread) {
  while (!place->head.empty()) {
    auto parts = unsent_parts(place->head, place->body.get(), place->sent);
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    const auto count = ::sendmsg(place->socket.get(), &message, MSG_NOSIGNAL);
    const int error = errno;
    if (count < 0 && error == EAGAIN) {
      set_aside(place, unread);
      return false;
    }
    if (count < 0 && error != EINTR) {
      drop(place);
      return false;
    }
    if (count > 0) place->sent += static_cast<std::size_t>(count);
    if (place->sent < place->head.size() + (place->body ? place->body->size() : 0)) continue;
    place->head.clear();
    place->body.reset();
    place->sent = 0;
  }
  if (!place->refused && !place->keeps) {
    drop(place);
    return false;
  }
  if (place->refused) ::shutdown(place->socket.get(), SHUT_WR);
  enter(place, place->refused ? kEnds : kRests);
  wait_for(*place, EPOLLIN);
  return !place->refused;
}

/// Goes on when the socket can be written.
void HttpServer::set_aside(Place place, std::string_view unread) {
  place->unread = unread;
  if (place->phase != kWrites) enter(place, kWrites);
  wait_for(*place, EPOLLOUT);
}

void HttpServer::enter(Place place, Phase phase) {
  auto& to = phases_[phase];
  to.splice(to.end(), phases_[place->phase], place);
  place->phase = phase;
  place->since = now_;
}

void HttpServer::wait_for(Connection& connection, std::uint32_t events) {
  if (connection.waits_for != events) watch_for(connection.socket.get(), events, EPOLL_CTL_MOD);
  connection.waits_for = events;
}

void HttpServer::count_held(Connection& connection) {
  const auto held = connection.reader.held() + connection.unread.capacity() + connection.head.capacity();
  held_ += held - connection.held;
  connection.held = held;
  while (held_ > bounds_.held && drop_longest({kReads, kWrites})) {
  }
}

void HttpServer::drop(Place place) {
  held_ -= place->held;
  places_.erase(place->socket.get());
  phases_[place->phase].erase(place);
}

/// Drops the connection that has been longest in its phase. @return false when none is in these
bool HttpServer::drop_longest(std::initializer_list<Phase> phases) {
  const Connection* longest = nullptr;
  for (const auto phase : phases) {
    const auto& connections = phases_[phase];
    if (!connections.empty() && (longest == nullptr || connections.front().since < longest->since)) longest = &connections.front();
  }
  if (longest == nullptr) return false;
  reset_on_close(longest->socket.get());
  drop(phases_[longest->phase].begin());
  return true;
}

void HttpServer::drop_overdue() {
  for (const auto phase : {kReads, kRests, kWrites, kEnds}) {
    auto& connections = phases_[phase];
    while (!connections.empty() && connections.front().since + patience_[phase] <= now_) {
      constexpr int kTimeout = 408;
      const auto place = connections.begin();
      if (phase == kReads && place->reader.has_begun()) {
        refuse(place, kTimeout);
      } else {
        reset_on_close(place->socket.get());
        drop(place);
      }
    }
  }
}

/// In milliseconds, for epoll_wait(2): -1 when nobody is waited for.
int HttpServer::until_next_deadline() const {
  auto next = Clock::time_point::max();
  for (const auto phase : {kReads, kRests, kWrites, kEnds})
    if (!phases_[phase].empty()) next = std::min(next, phases_[phase].front().since + patience_[phase]);
  if (next == Clock::time_point::max()) return -1;
  return static_cast<int>(std::max(std::chrono::ceil<std::chrono::milliseconds>(next - Clock::now()).count(), std::int64_t{0}));
}

UniqueFd listening_socket(Ipv4Address address, std::uint16_t port, const std::string& device) {
  constexpr int kBacklog = 4096;
  constexpr int kKeptByKernel = 32 * 1024;  // bytes each way: else those who send and do not read could have megabytes each
  UniqueFd socket{::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  require(static_cast<bool>(socket), "open a socket");
  const auto what = fmt::format("cannot serve on {}port {}{}", address.value == 0 ? "" : to_string(address) + " ", port,
                                device.empty() ? "" : " of " + device);
  const int on = 1;
  // All but the address are passed on to the connections that it takes.
  require(::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0, what);
  require(::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0, what);
  for (const int buffer : {SO_RCVBUF, SO_SNDBUF})
    require(::setsockopt(socket.get(), SOL_SOCKET, buffer, &kKeptByKernel, sizeof kKeptByKernel) == 0, what);
  if (!device.empty())
    require(::setsockopt(socket.get(), SOL_SOCKET, SO_BINDTODEVICE, device.c_str(), static_cast<socklen_t>(device.size())) == 0, what);
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(port);
  name.sin_addr.s_addr = htonl(address.value);
  require(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0, what);
  require(::listen(socket.get(), kBacklog) == 0, what);
  return socket;
}

}  // namespace emu
