// SPDX-License-Identifier: Apache-2.0
// netns/netlink/socket.hpp — netlink requests in one namespace: batches out, acknowledgements and dumps back.
//
// Theory of operation. A netlink socket belongs to the namespace its thread was in when it was opened, whatever the thread does
// later; so the socket is the handle of the namespace. Requests are built with libnl, collected in a libmnl batch and sent
// together. Only the last request of a batch asks for an acknowledgement: the kernel works through a batch in order and reports
// every failure by sequence number anyway, so when the last one is acknowledged all are done. NETLINK_EXT_ACK brings the
// kernel's own words for what went wrong.
#pragma once

#include <libmnl/libmnl.h>
#include <netlink/msg.h>

#include <memory>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace netns {

template <auto F>
struct Releases {
  template <typename T>
  void operator()(T* handle) const {
    F(handle);
  }
};

using Message = std::unique_ptr<nl_msg, Releases<nlmsg_free>>;

/// A message of `type` with room for a handful of attributes. @throws std::bad_alloc
Message make_message(int type, int flags);
/// Appends the fixed header of a family (ifinfomsg, rtmsg, …).
template <typename Header>
void append(const Message& message, const Header& header) {
  if (nlmsg_append(message.get(), const_cast<Header*>(&header), sizeof header, NLMSG_ALIGNTO) < 0) throw std::bad_alloc();
}

class Socket {
 public:
  /// Opens a socket of `protocol` (NETLINK_ROUTE, NETLINK_NETFILTER) in the calling thread's namespace.
  /// @param place  the namespace's name, for messages
  Socket(int protocol, std::string place);

  const std::string& place() const { return place_; }

  /// Adds a request to the batch; it goes out when the batch is full or at `flush`.
  /// @param what  for the error: `add route 10.1.0.0/16`
  /// @throws KernelError for the first request of a batch that the kernel refused; the others were carried out.
  void add(const Message& message, std::string what);
  void flush();

  /// The messages of an answer, one behind the other, until this thread asks again.
  using Answer = std::span<const char>;
  /// Sends one dump request. Asks again when the kernel says that a change interrupted the answer.
  Answer dump(const Message& request, const std::string& what);
  /// The same for a question with one answer. With NLM_F_ACK it ends at the acknowledgement, for answers that say that more follow.
  Answer get(const Message& request, const std::string& what);

 private:
  struct Pending {
    unsigned sequence;
    std::string what;
  };

  std::optional<Answer> ask(const Message& request, int flags, const std::string& what);
  std::size_t receive();
  [[noreturn]] void refuse(const nlmsghdr* error, const std::string& what) const;

  std::unique_ptr<mnl_socket, Releases<mnl_socket_close>> socket_;
  std::string place_;
  std::vector<char> batch_;
  std::size_t used_ = 0;
  nlmsghdr* last_ = nullptr;
  std::vector<Pending> pending_;
  unsigned sequence_ = 0;
};

/// Opens a socket of `protocol` in namespace `name_space`, which the calling thread visits. @throws KernelError
Socket open_socket(int protocol, std::string_view name_space);

/// Calls `each(const nlmsghdr*)` for every message in what `Socket::dump` returned.
template <typename Each>
void for_each_message(Socket::Answer messages, Each each) {
  int left = static_cast<int>(messages.size());
  for (auto* m = reinterpret_cast<const nlmsghdr*>(messages.data()); mnl_nlmsg_ok(m, left); m = mnl_nlmsg_next(m, &left)) each(m);
}

}  // namespace netns
