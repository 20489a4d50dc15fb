// SPDX-License-Identifier: Apache-2.0
#include "emu/lab/tunnels.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <thread>

#include "emu/fabric/names.hpp"
#include "emu/fabric/tunnel.hpp"
#include "emu/lab/daemons.hpp"
#include "emu/model/gateway_lookup.hpp"
#include "netns/netlink/traffic.hpp"

namespace emu {
namespace {

using State = ConnectionStatus::State;
using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kInterval{50};

/// VPN-33. @return why nobody starts the tunnel; empty when somebody does
std::string why_not_tried(const Model& model, const VirtualNetworkGatewayConnection& connection) {
  const auto other = mode_of_other_end(model, connection);
  if (connection.connection_mode != other || other == ConnectionMode::Default) return {};
  return other == ConnectionMode::ResponderOnly ? "both ends only respond" : "both ends only initiate";
}

std::string why_nobody_answers(const Model& model, const VirtualNetworkGatewayConnection& connection) {
  const auto* peer = gateway_at_other_end(model, connection);
  return peer == nullptr ? "nobody is at the other end's address" : fmt::format("no connection leads back from '{}'", peer->name);
}

/// Of the first end whose daemon does not run; empty when both run.
std::string not_running(std::string_view lab, const std::array<PlacedEnd, 2>& ends, const Daemons& daemons) {
  for (const auto& end : ends)
    if (!daemons.run_at(end)) return fmt::format("the IKE daemon of '{}' does not run: '{}' starts it again", end.node, up_command(lab));
  return {};
}

/// What went wrong may be known at one end only: the one that was asked says little to who asks.
std::string trouble_of(const std::array<PlacedEnd, 2>& ends, Daemons& daemons) {
  std::string trouble;
  for (const auto& end : ends)
    if (const auto& said = daemons.trouble(end); !said.empty())
      trouble += fmt::format("{}'{}' says: {}", trouble.empty() ? "" : "; ", end.node, said);
  if (trouble.find("computed hash does not match") == std::string::npos) return trouble;
  return fmt::format("the shared keys of the two ends differ; {}", trouble);
}

/// Asks no daemon, so it may be called often.
ConnectionStatus status_of(const Model& model, const VirtualNetworkGatewayConnection& connection, Daemons& daemons) {
  ConnectionStatus status;
  status.name = connection.name;
  const auto ends = ends_of(model, connection);
  if (!ends) {
    status.connection_status = State::NotConnected;
    status.reason = why_nobody_answers(model, connection);
    return status;
  }
  const auto stopped = not_running(model.lab, *ends, daemons);
  if (const auto since = daemons.keys_since(*ends)) {
    status.connection_status = State::Connected;
    status.established_since = since;
    if (!stopped.empty()) status.reason = fmt::format("nobody renews its keys; {}", stopped);
    return status;
  }
  status.reason = stopped;
  if (status.reason.empty()) status.reason = trouble_of(*ends, daemons);
  if (status.reason.empty()) status.reason = why_not_tried(model, connection);
  status.connection_status = status.reason.empty() ? State::Connecting : State::NotConnected;
  return status;
}

/// What only the daemon of the gateway knows.
void add_answer(const Model& model, const VirtualNetworkGatewayConnection& connection, Daemons& daemons, ConnectionStatus& status) {
  const auto ends = ends_of(model, connection);
  if (!ends) return;
  const auto& gateway = ends->front();
  const auto answer = daemons.answer(gateway).value_or(netns::IpsecStatus{});
  status.ike_algorithms = answer.ike_algorithms;
  status.esp_algorithms = answer.esp_algorithms;
  if (status.connection_status != State::Connecting || answer.state != netns::IpsecState::Established || daemons.has_keys(gateway)) return;
  status.connection_status = State::NotConnected;
  status.reason = fmt::format("the kernel of '{}' lost its keys, and its IKE daemon has not noticed: '{}' makes new ones", gateway.node,
                              up_command(model.lab));
}

void read_bytes(const Model& model, const VirtualNetworkGatewayConnection& connection, ConnectionStatus& status) {
  const auto& gateway = *find_virtual_network_gateway(model, connection.virtual_network_gateway);
  for (const auto& tunnel : tunnels_of(model, gateway)) {
    if (tunnel.connection.name != connection.name) continue;
    const auto traffic = netns::link_traffic(namespace_name(model.lab, gateway.name), tunnel_interface_name(tunnel.connection.remote));
    if (!traffic) continue;
    status.ingress_bytes = traffic->received;
    status.egress_bytes = traffic->sent;
  }
}

}  // namespace

std::vector<ConnectionStatus> connection_statuses(const Model& model) {
  std::vector<ConnectionStatus> statuses;
  if (model.virtual_network_gateway_connections.empty()) return statuses;
  Daemons daemons{model.lab};
  // The daemons first: what they gave the kernel is there when they say so.
  for (const auto& connection : model.virtual_network_gateway_connections)
    if (const auto ends = ends_of(model, connection)) daemons.answer(ends->front());
  for (const auto& connection : model.virtual_network_gateway_connections) {
    statuses.push_back(status_of(model, connection, daemons));
    add_answer(model, connection, daemons, statuses.back());
    read_bytes(model, connection, statuses.back());
  }
  return statuses;
}

std::vector<ConnectionStatus> wait_for_connections(const Model& model, std::chrono::seconds limit, const Progress& progress) {
  const auto end = steady_clock::now() + limit;
  const auto& connections = model.virtual_network_gateway_connections;
  while (steady_clock::now() < end) {
    Daemons daemons{model.lab};
    const auto waits = [&](const auto& c) { return status_of(model, c, daemons).connection_status == State::Connecting; };
    const auto waiting = std::ranges::count_if(connections, waits);
    if (waiting == 0) break;
    if (progress) {
      const auto& first = std::ranges::find_if(connections, waits)->name;
      progress(waiting == 1 ? fmt::format("waiting for connection {}", first)
                            : fmt::format("waiting for {} connections, {} among them", waiting, first));
    }
    std::this_thread::sleep_for(kInterval);
  }
  return connection_statuses(model);
}

}  // namespace emu
