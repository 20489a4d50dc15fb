// SPDX-License-Identifier: Apache-2.0
#include "netns/netlink/socket.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "netns/base/error.hpp"
#include "netns/namespace/namespace.hpp"

namespace netns {
namespace {

constexpr std::size_t kBatchBytes = 32 * 1024;  // well within the default send buffer
constexpr std::size_t kBatchRequests = 100;     // should all be refused, the refusals fit in the default receive buffer
constexpr std::size_t kReplyBytes = 64 * 1024;
constexpr int kDumpAttempts = 20;

/// The error number of an answer, positive, or 0. The end of a dump carries one as well: that of a dump which broke off.
int error_number(const nlmsghdr* message) {
  const bool tells = message->nlmsg_type == NLMSG_ERROR || message->nlmsg_type == NLMSG_DONE;
  return tells && mnl_nlmsg_get_payload_len(message) >= sizeof(int) ? -*static_cast<const int*>(mnl_nlmsg_get_payload(message)) : 0;
}

/// NLMSGERR_ATTR_MSG of an answer that holds an error number, or empty.
std::string kernel_words(const nlmsghdr* message) {
  if ((message->nlmsg_flags & NLM_F_ACK_TLVS) == 0) return {};
  auto offset = sizeof(int);
  if (message->nlmsg_type == NLMSG_ERROR) {
    const auto* error = static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(message));
    offset = sizeof(nlmsgerr);
    if ((message->nlmsg_flags & NLM_F_CAPPED) == 0) offset += error->msg.nlmsg_len - sizeof(nlmsghdr);
  }
  std::string words;
  mnl_attr_parse(
      message, static_cast<unsigned>(offset),
      [](const nlattr* attribute, void* out) {
        if (mnl_attr_get_type(attribute) == NLMSGERR_ATTR_MSG) *static_cast<std::string*>(out) = mnl_attr_get_str(attribute);
        return MNL_CB_OK;
      },
      &words);
  return words;
}

/// Answers are read here, and worked through before the next one: one buffer a thread, for a thousand sockets would clear one each.
std::vector<char>& reply_buffer() {
  thread_local std::vector<char> buffer(kReplyBytes);
  return buffer;
}

/// Where an answer is put together from what came in piece by piece; one a thread, for the same reason.
std::vector<char>& answer_buffer() {
  thread_local std::vector<char> buffer;
  return buffer;
}

}  // namespace

Message make_message(int type, int flags) {
  Message message{nlmsg_alloc_simple(type, flags)};
  if (!message) throw std::bad_alloc();
  return message;
}

Socket::Socket(int protocol, std::string place) : place_(std::move(place)) {
  socket_.reset(mnl_socket_open2(protocol, SOCK_CLOEXEC));
  if (!socket_) {  // the first request binds it
    const int error = errno;
    throw KernelError(error, "open netlink socket in " + place_);
  }
  int on = 1;
  for (const int option : {NETLINK_EXT_ACK, NETLINK_CAP_ACK, NETLINK_GET_STRICT_CHK})
    mnl_socket_setsockopt(socket_.get(), option, &on, sizeof on);
}

void Socket::add(const Message& message, std::string what) {
  auto* header = nlmsg_hdr(message.get());
  if (batch_.empty()) batch_.resize(kBatchBytes);
  if (used_ + NLMSG_ALIGN(header->nlmsg_len) > batch_.size() || pending_.size() == kBatchRequests) flush();
  header->nlmsg_seq = ++sequence_;
  header->nlmsg_pid = 0;
  header->nlmsg_flags = static_cast<std::uint16_t>((header->nlmsg_flags | NLM_F_REQUEST) & ~NLM_F_ACK);
  last_ = reinterpret_cast<nlmsghdr*>(batch_.data() + used_);
  std::memcpy(last_, header, header->nlmsg_len);
  used_ += NLMSG_ALIGN(header->nlmsg_len);
  pending_.push_back({sequence_, std::move(what)});
}

void Socket::flush() {
  if (pending_.empty()) return;
  last_->nlmsg_flags |= NLM_F_ACK;
  const auto pending = std::exchange(pending_, {});
  if (mnl_socket_sendto(socket_.get(), batch_.data(), std::exchange(used_, 0)) < 0) {
    const int error = errno;
    throw KernelError(error, "send netlink requests in " + place_);
  }
  const auto first = pending.front().sequence;
  const auto last = pending.back().sequence;
  std::vector<char> refusal;  // the first one, kept until all are answered
  for (bool done = false; !done;) {
    int left = static_cast<int>(receive());
    for (auto* m = reinterpret_cast<const nlmsghdr*>(reply_buffer().data()); mnl_nlmsg_ok(m, left); m = mnl_nlmsg_next(m, &left)) {
      if (m->nlmsg_type != NLMSG_ERROR || m->nlmsg_seq < first || m->nlmsg_seq > last) continue;
      const auto* bytes = reinterpret_cast<const char*>(m);
      if (refusal.empty() && error_number(m) != 0) refusal.assign(bytes, bytes + m->nlmsg_len);
      done = done || m->nlmsg_seq == last;
    }
  }
  if (!refusal.empty()) {
    const auto* m = reinterpret_cast<const nlmsghdr*>(refusal.data());
    refuse(m, pending[m->nlmsg_seq - first].what);
  }
}

Socket::Answer Socket::dump(const Message& request, const std::string& what) {
  for (int attempt = 0; attempt < kDumpAttempts; ++attempt)
    if (const auto answer = ask(request, NLM_F_DUMP, what)) return *answer;
  throw KernelError(EAGAIN, fmt::format("{} in {}: it changes all the time", what, place_));
}

Socket::Answer Socket::get(const Message& request, const std::string& what) { return ask(request, 0, what).value(); }

/// Empty when a change interrupted the answer.
std::optional<Socket::Answer> Socket::ask(const Message& request, int flags, const std::string& what) {
  auto* header = nlmsg_hdr(request.get());
  header->nlmsg_seq = ++sequence_;
  header->nlmsg_pid = 0;
  header->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags | (header->nlmsg_flags & NLM_F_ACK));
  if (mnl_socket_sendto(socket_.get(), header, header->nlmsg_len) < 0) {
    const int error = errno;
    throw KernelError(error, fmt::format("{} in {}", what, place_));
  }
  auto& messages = answer_buffer();
  messages.clear();
  bool interrupted = false;
  for (bool done = false; !done;) {
    int left = static_cast<int>(receive());
    for (auto* m = reinterpret_cast<const nlmsghdr*>(reply_buffer().data()); mnl_nlmsg_ok(m, left); m = mnl_nlmsg_next(m, &left)) {
      if (m->nlmsg_seq != sequence_) continue;
      interrupted = interrupted || (m->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
      if (error_number(m) != 0) refuse(m, what);
      if (m->nlmsg_type == NLMSG_DONE || m->nlmsg_type == NLMSG_ERROR) {
        done = true;
        continue;
      }
      const auto* bytes = reinterpret_cast<const char*>(m);
      messages.insert(messages.end(), bytes, bytes + NLMSG_ALIGN(m->nlmsg_len));
      done = (m->nlmsg_flags & NLM_F_MULTI) == 0;
    }
  }
  if (interrupted) return std::nullopt;
  return messages;
}

std::size_t Socket::receive() {
  while (true) {
    const auto size = mnl_socket_recvfrom(socket_.get(), reply_buffer().data(), reply_buffer().size());
    const int error = errno;
    if (size >= 0) return static_cast<std::size_t>(size);
    if (error != EINTR) throw KernelError(error, "receive netlink answer in " + place_);
  }
}

void Socket::refuse(const nlmsghdr* error, const std::string& what) const {
  throw KernelError(error_number(error), fmt::format("{} in {}", what, place_), kernel_words(error));
}

Socket open_socket(int protocol, std::string_view name_space) {
  const EnteredNamespace inside{name_space};
  return Socket{protocol, std::string(name_space)};
}

}  // namespace netns
