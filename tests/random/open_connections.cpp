// SPDX-License-Identifier: Apache-2.0
#include "tests/random/open_connections.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <system_error>

#include "emu/semantics/reachability.hpp"
#include "netns/namespace/namespace.hpp"
#include "netns/probe/tcp.hpp"

namespace test {
namespace {

constexpr std::uint16_t kHeldPort = 4242;
constexpr std::chrono::milliseconds kForAByte{2000};

[[noreturn]] void fail(const char* what) {
  const int error = errno;
  throw std::system_error(error, std::generic_category(), what);
}

netns::UniqueFd listen_in(const std::string& name_space) {
  const netns::EnteredNamespace inside(name_space);
  netns::UniqueFd socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(kHeldPort);
  const int yes = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || ::listen(socket.get(), 64) != 0)
    fail("listen");
  return socket;
}

bool becomes_readable(const netns::UniqueFd& socket, std::chrono::milliseconds limit) {
  pollfd wanted{socket.get(), POLLIN, 0};
  return ::poll(&wanted, 1, static_cast<int>(limit.count())) == 1;
}

bool passes_a_byte(const netns::UniqueFd& from, const netns::UniqueFd& to) {
  char byte = 'x';
  return ::send(from.get(), &byte, 1, MSG_NOSIGNAL) == 1 && becomes_readable(to, kForAByte) &&
         ::recv(to.get(), &byte, 1, MSG_DONTWAIT) == 1;
}

/// The packet arrives at the machine itself, where the rules know of no server and so predict a refusal.
bool arrives(const emu::Prediction& prediction, const emu::VirtualMachine& to) {
  return prediction.fate == emu::Fate::Refused && prediction.answered_by == to.name && prediction.otherwise.empty();
}

emu::Flow flow_of(const emu::VirtualMachine& from, const emu::VirtualMachine& to) {
  return {from.name, *to.private_ip_address, emu::CheckKind::Tcp, kHeldPort};
}

}  // namespace

OpenConnections::OpenConnections(const RunningLab& lab, const emu::Model& model) : before_(model) {
  const emu::Predictor predictor(model);
  std::uint32_t tag = 0x1abcde00;
  for (const auto& to : model.virtual_machines) {
    const auto listener = listen_in(lab.namespace_of(to.name));
    for (const auto& from : model.virtual_machines) {
      if (&from == &to || !arrives(predictor.predict(flow_of(from, to)), to)) continue;
      const netns::EnteredNamespace inside(lab.namespace_of(from.name));
      auto probe = netns::connect_tcp(*to.private_ip_address, kHeldPort, tag++, netns::kProvesReply);
      if (probe.answer.answer != netns::Answer::Reply || !becomes_readable(listener, kForAByte)) continue;
      netns::UniqueFd server{::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
      if (server) connections_.push_back({&from, &to, std::move(probe.connection), std::move(server)});
    }
  }
}

std::string OpenConnections::dead(const emu::Model& after) const {
  const emu::Predictor now(after);
  const emu::Predictor then(before_);
  std::string dead;
  for (const auto& [from, to, client, server] : connections_) {
    const auto* from_after = emu::find_virtual_machine(after, from->name);
    const auto* to_after = emu::find_virtual_machine(after, to->name);
    if (from_after == nullptr || to_after == nullptr || *from_after != *from || *to_after != *to) continue;
    const auto flow = flow_of(*from, *to);
    const auto earlier = then.predict(flow);
    const auto later = now.predict(flow);
    if (!arrives(later, *to) || earlier.there != later.there || earlier.back != later.back) continue;
    if (!passes_a_byte(client, server) || !passes_a_byte(server, client))
      dead += fmt::format("the connection from {} to {} was open and is dead\n", from->name, to->name);
  }
  return dead;
}

}  // namespace test
