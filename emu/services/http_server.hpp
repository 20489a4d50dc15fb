// SPDX-License-Identifier: Apache-2.0
// emu/services/http_server.hpp — one thread that serves HTTP to as many connections as come, in a bounded amount of memory.
//
// Theory of operation. The thread waits for everything (epoll(7)) and does for each connection what can be done at once. A connection is in
// one of four phases, each with a patience; those in a phase are in a list, the one that has been there longest first. So the next that is
// overdue is at the front of a list, and so is who has to go when there is no room for another one: what is slow, not what is new.
//
//   accepted ──> Reads ──answered──> Rests ──next request──> Reads
//                  └─ answer does not fit the socket ──> Writes ──> Rests
//                  └─ refused ──> Ends: what still comes is read and dropped, else the kernel would take the answer back (RFC 9112, 9.6)
//
// Nothing grows without bound: not connections, nor what they have sent and was not answered yet, nor what one is answered in a turn. While
// an answer waits for its reader nothing more is read from that connection.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "emu/services/http_request.hpp"
#include "emu/services/http_response.hpp"
#include "netns/base/address.hpp"
#include "netns/base/unique_fd.hpp"

namespace emu {

/// Both ends of a connection.
struct HttpPeer {
  std::string device;  ///< what the listening socket that it came to was called
  netns::Ipv4Address remote;
  netns::Ipv4Address local;
};

struct HttpBounds {
  HttpLimits request;
  std::size_t connections = 8192;
  std::size_t held = std::size_t{16} << 20U;  ///< bytes of all requests that are not complete
  std::chrono::milliseconds reads{10'000};    ///< for a whole request
  std::chrono::milliseconds rests{60'000};    ///< between two requests
  std::chrono::milliseconds writes{30'000};   ///< for a whole answer
  std::chrono::milliseconds ends{2'000};
};

class HttpServer {
 public:
  using Answer = std::function<HttpResponse(HttpRequest&, const HttpPeer&)>;

  /// @param answer  is called for each request; while it works, nobody else is served @throws std::system_error
  explicit HttpServer(Answer answer, HttpBounds bounds = {});

  /// Takes the connections of `socket`, which listens, until `stop_listening`. @return what names it there @throws std::system_error
  int listen(netns::UniqueFd socket, std::string device);
  void stop_listening(int socket);
  /// Calls `act` whenever `descriptor`, which the caller keeps open, can be read. @throws std::system_error
  void watch(int descriptor, std::function<void()> act);
  /// Ends connections at once, as a peer sees by a reset.
  void reset_where(const std::function<bool(const HttpPeer&)>& is_over);

  [[noreturn]] void run();

 private:
  using Clock = std::chrono::steady_clock;
  enum Phase : std::size_t { kReads, kRests, kWrites, kEnds, kPhases };

  struct Connection {
    Connection(netns::UniqueFd accepted, HttpPeer ends, HttpRequestReader requests)
        : socket(std::move(accepted)), peer(std::move(ends)), reader(std::move(requests)) {}

    netns::UniqueFd socket;
    HttpPeer peer;
    HttpRequestReader reader;
    std::string unread;  ///< came, and is not looked at before what is unsent is sent
    std::string head;    ///< of an answer that is unsent; empty: none is
    std::shared_ptr<const std::string> body;
    std::size_t sent = 0;  ///< bytes of both
    std::size_t held = 0;  ///< bytes that are counted in `held_`
    std::uint32_t waits_for = 0;
    bool keeps = true;  ///< whether another request may follow
    bool refused = false;
    Phase phase = kReads;
    Clock::time_point since;
  };
  using Place = std::list<Connection>::iterator;

  bool watch_for(int descriptor, std::uint32_t events, int operation) const;
  void accept_from(int listening, const std::string& device);
  void add(netns::UniqueFd socket, const std::string& device, netns::Ipv4Address remote);
  void make_room(int listening);
  void go_on(int descriptor);
  void receive(Place place);
  void take(Place place, std::string_view bytes);
  void refuse(Place place, int status);
  static void tell_to_continue(Connection& connection);
  bool send(Place place, std::string_view unread);
  void set_aside(Place place, std::string_view unread);
  void enter(Place place, Phase phase);
  void wait_for(Connection& connection, std::uint32_t events);
  void count_held(Connection& connection);
  void drop(Place place);
  bool drop_longest(std::initializer_list<Phase> phases);
  void drop_overdue();
  int until_next_deadline() const;

  Answer answer_;
  HttpBounds bounds_;
  std::array<std::chrono::milliseconds, kPhases> patience_;
  netns::UniqueFd epoll_;
  netns::UniqueFd spare_;  ///< given up for a moment to get rid of a connection when there are no more descriptors
  std::unordered_map<int, netns::UniqueFd> listening_;
  std::unordered_map<int, std::function<void()>> watched_;
  std::array<std::list<Connection>, kPhases> phases_;
  std::unordered_map<int, Place> places_;  ///< by descriptor
  std::size_t held_ = 0;
  Clock::time_point now_ = Clock::now();
  std::array<char, 65536> buffer_{};
};

/// A socket that listens on `address` and `port`, on that device alone if it has a name. @throws std::system_error
netns::UniqueFd listening_socket(netns::Ipv4Address address, std::uint16_t port, const std::string& device = {});

}  // namespace emu
