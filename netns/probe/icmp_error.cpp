// SPDX-License-Identifier: Apache-2.0
#include "netns/probe/icmp_error.hpp"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
// Last: it needs struct timespec, which it does not declare.
#include <linux/errqueue.h>

#include "netns/base/address.hpp"
#include "netns/base/error.hpp"

namespace netns {
namespace {

std::string_view name_unreachable(std::uint8_t code) {
  switch (code) {
    case ICMP_NET_UNREACH: return "network unreachable";
    case ICMP_HOST_UNREACH: return "host unreachable";
    case ICMP_PROT_UNREACH: return "protocol unreachable";
    case ICMP_PORT_UNREACH: return "port unreachable";
    case ICMP_FRAG_NEEDED: return "fragmentation needed";
    case ICMP_NET_ANO: return "network administratively prohibited";
    case ICMP_HOST_ANO: return "host administratively prohibited";
    case ICMP_PKT_FILTERED: return "communication administratively prohibited";
    default: return "";
  }
}

}  // namespace

std::string describe_icmp(std::uint8_t type, std::uint8_t code) {
  const auto name = type == ICMP_DEST_UNREACH    ? name_unreachable(code)
                    : type == ICMP_TIME_EXCEEDED ? std::string_view("time exceeded")
                    : type == ICMP_PARAMETERPROB ? std::string_view("parameter problem")
                                                 : std::string_view();
  return name.empty() ? fmt::format("type {} code {}", type, code) : std::string(name);
}

void keep_icmp_errors(const UniqueFd& socket) {
  const int on = 1;
  if (::setsockopt(socket.get(), IPPROTO_IP, IP_RECVERR, &on, sizeof on) != 0) {
    const int error = errno;
    throw KernelError(error, "ask for ICMP errors");
  }
}

std::optional<IcmpError> take_icmp_error(const UniqueFd& socket) {
  std::array<std::uint8_t, 1500> quoted{};
  alignas(cmsghdr) std::array<char, 512> control{};
  while (true) {
    iovec data{quoted.data(), quoted.size()};
    msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const auto received = ::recvmsg(socket.get(), &message, MSG_ERRQUEUE | MSG_DONTWAIT);
    if (received < 0) return std::nullopt;
    for (auto* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
      if (part->cmsg_level != IPPROTO_IP || part->cmsg_type != IP_RECVERR) continue;
      sock_extended_err error{};
      std::memcpy(&error, CMSG_DATA(part), sizeof error);
      if (error.ee_origin != SO_EE_ORIGIN_ICMP) continue;
      sockaddr_in offender{};  // stands right after the error, see SO_EE_OFFENDER
      std::memcpy(&offender, CMSG_DATA(part) + sizeof error, sizeof offender);
      const Ipv4Address from{ntohl(offender.sin_addr.s_addr)};
      return IcmpError{error.ee_type,
                       error.ee_code,
                       fmt::format("ICMP {} from {}", describe_icmp(error.ee_type, error.ee_code), to_string(from)),
                       {quoted.begin(), quoted.begin() + received}};
    }
  }
}

}  // namespace netns
