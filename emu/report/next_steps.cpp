// SPDX-License-Identifier: Apache-2.0
#include "emu/report/next_steps.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "emu/model/gateway_lookup.hpp"
#include "emu/model/service_lookup.hpp"
#include "emu/report/table.hpp"
#include "emu/report/terminal.hpp"

namespace emu {
namespace {

bool connected(const Model& model, const VirtualMachine& from, const VirtualMachine& to) {
  if (same_name(from.subnet.virtual_network, to.subnet.virtual_network)) return true;
  const auto* network = find_virtual_network(model, from.subnet.virtual_network);
  const auto* peering = network == nullptr ? nullptr : find_peering_to(*network, to.subnet.virtual_network);
  return peering != nullptr && peering->peering_state == PeeringState::Connected;
}

/// The first machine but `from` that it reaches by private address and that is as `wanted`.
template <typename Wanted>
const VirtualMachine* first_reached(const Model& model, const VirtualMachine& from, Wanted wanted) {
  const auto found = std::ranges::find_if(model.virtual_machines, [&](const VirtualMachine& to) {
    return !same_name(to.name, from.name) && wanted(to) && connected(model, from, to);
  });
  return found == model.virtual_machines.end() ? nullptr : &*found;
}

std::string url(const VirtualMachine& machine) {
  const auto address = to_string(*machine.private_ip_address);
  return *machine.web == 80 ? fmt::format("http://{}/", address) : fmt::format("http://{}:{}/", address, *machine.web);
}

/// The first host of a site that a tunnel of `machine`'s own network leads to.
const OnPremisesHost* host_behind_tunnel(const Model& model, const VirtualMachine& machine) {
  for (const auto& connection : model.virtual_network_gateway_connections) {
    const auto* gateway = find_virtual_network_gateway(model, connection.virtual_network_gateway);
    const auto* local = find_local_network_gateway(model, connection.local_network_gateway);
    const auto* site = local == nullptr ? nullptr : site_behind(model, *local);
    if (gateway == nullptr || site == nullptr || site->hosts.empty()) continue;
    if (same_name(gateway->virtual_network, machine.subnet.virtual_network)) return &site->hosts.front();
  }
  return nullptr;
}

struct Step {
  std::string command;
  std::string shows;
};

/// A command is to be copied, so it is never broken: where the lines would be too long, what it shows stands below.
std::string text_of(const std::vector<Step>& steps) {
  constexpr std::string_view kTry = "Try:";
  Table table{kIndent};
  std::size_t widest = 0;
  for (const auto& [command, shows] : steps) table.add({table.lines().empty() ? std::string(kTry) : "", command, shows});
  for (const auto& [command, shows] : steps) widest = std::max(widest, display_width(command));
  const auto limit = terminal().width;
  constexpr std::size_t kLongestShown = 32;
  if (limit == 0 || widest + kLongestShown + 2 * kTry.size() <= limit) return table.text();
  auto out = fmt::format("  {}\n", kTry);
  for (const auto& [command, shows] : steps) out += fmt::format("  {}\n      {}\n", command, shows);
  return out;
}

}  // namespace

std::string next_steps(const Model& model, bool with_lab) {
  const std::string lab = with_lab ? fmt::format("-l {} ", model.lab) : "";
  std::vector<Step> steps;
  const auto add = [&](const std::string& command, const std::string& shows) { steps.push_back({command_text(command), shows}); };
  const auto ping = [&](const std::string& from, Ipv4Address address) {
    return fmt::format("exec {}{} -- ping -c 3 {}", lab, from, to_string(address));
  };
  if (!model.virtual_machines.empty()) {
    const auto& from = model.virtual_machines.front();
    const auto* server = first_reached(model, from, [](const VirtualMachine& machine) { return machine.web.has_value(); });
    const auto* other = server != nullptr ? server : first_reached(model, from, [](const VirtualMachine&) { return true; });
    if (server != nullptr)
      add(fmt::format("exec {}{} -- curl {}", lab, from.name, url(*server)), fmt::format("the page of {}", server->name));
    else if (other != nullptr)
      add(ping(from.name, *other->private_ip_address), fmt::format("{} answers", other->name));
    if (other != nullptr) add(fmt::format("trace {}{} {}", lab, from.name, other->name), "the way there, node by node");
    if (const auto* host = host_behind_tunnel(model, from))
      add(ping(from.name, host->ip_address), fmt::format("{} answers, by VPN", host->name));
    if (const auto services = services_of(model); !services.empty())
      add(fmt::format("exec {}{} -- curl http://{}/whoami", lab, from.name, services.front()->name),
          fmt::format("whom {} sees, or why not", services.front()->name));
    add(fmt::format("shell {}{}", lab, from.name), fmt::format("a shell in {}", from.name));
    add(fmt::format("routes {}{}", lab, from.name), "where its packets go");
  }
  if (!model.virtual_network_gateway_connections.empty()) add(fmt::format("status {}", model.lab), "the tunnels and their bytes");
  if (!model.checks.empty()) add(fmt::format("verify {}", model.lab), "the lab's checks, with real packets");
  add(fmt::format("down {}", model.lab), "removes all of it");
  return text_of(steps);
}

}  // namespace emu
