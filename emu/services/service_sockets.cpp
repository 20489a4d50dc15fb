// SPDX-License-Identifier: Apache-2.0
#include "emu/services/service_sockets.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <net/if.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <system_error>

namespace emu {
namespace {

void require(bool done, const std::string& what) {
  const int error = errno;
  if (!done) throw std::system_error(error, std::generic_category(), what);
}

netns::UniqueFd listen_on(const std::string& device, netns::Ipv4Address address) {
  constexpr int kBacklog = 4096;
  netns::UniqueFd socket{::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  require(static_cast<bool>(socket), "open a socket");
  const auto what = fmt::format("serve on {}:{} of {}", to_string(address), kServicePort, device);
  const int on = 1;
  require(::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0, what);
  require(::setsockopt(socket.get(), SOL_SOCKET, SO_BINDTODEVICE, device.c_str(), static_cast<socklen_t>(device.size())) == 0, what);
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(kServicePort);
  name.sin_addr.s_addr = htonl(address.value);
  require(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0, what);
  require(::listen(socket.get(), kBacklog) == 0, what);
  return socket;
}

}  // namespace

void ServiceSockets::match(const ServiceConfiguration& configuration, int epoll) {
  std::map<std::pair<std::string, netns::Ipv4Address>, unsigned> wanted;
  for (const auto& link : configuration.links) {
    const auto ifindex = ::if_nametoindex(link.device.c_str());
    if (ifindex == 0) continue;  // whoever brings the link tells us
    for (const auto address : link.services) wanted.emplace(std::pair{link.device, address}, ifindex);
  }
  std::erase_if(sockets_, [&](const auto& entry) {
    const auto found = wanted.find(entry.first);
    const bool stays = found != wanted.end() && found->second == entry.second.ifindex;
    if (!stays) by_descriptor_.erase(entry.second.socket.get());
    return !stays;
  });
  for (const auto& [key, ifindex] : wanted) {
    if (sockets_.contains(key)) continue;
    const auto& [device, address] = key;
    const auto& added = sockets_.emplace(key, ServiceSocket{listen_on(device, address), ifindex, device, address}).first->second;
    by_descriptor_.emplace(added.socket.get(), &added);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = added.socket.get();
    require(::epoll_ctl(epoll, EPOLL_CTL_ADD, added.socket.get(), &event) == 0, "watch a socket");
  }
}

const ServiceSocket* ServiceSockets::find(int socket) const {
  const auto found = by_descriptor_.find(socket);
  return found == by_descriptor_.end() ? nullptr : found->second;
}

}  // namespace emu
