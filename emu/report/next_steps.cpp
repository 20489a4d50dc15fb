// SPDX-License-Identifier: Apache-2.0
#include "emu/report/next_steps.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "emu/report/table.hpp"

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

}  // namespace

std::string next_steps(const Model& model, bool with_lab) {
  const std::string lab = with_lab ? fmt::format("-l {} ", model.lab) : "";
  Table table{2};
  const auto add = [&](const std::string& command, const std::string& shows) {
    table.add({table.lines().empty() ? "Try:" : "", "sudo lazuli " + command, shows});
  };
  if (!model.virtual_machines.empty()) {
    const auto& from = model.virtual_machines.front();
    const auto* server = first_reached(model, from, [](const VirtualMachine& machine) { return machine.web.has_value(); });
    const auto* other = server != nullptr ? server : first_reached(model, from, [](const VirtualMachine&) { return true; });
    if (server != nullptr)
      add(fmt::format("exec {}{} -- curl {}", lab, from.name, url(*server)), fmt::format("the page of {}", server->name));
    else if (other != nullptr)
      add(fmt::format("exec {}{} -- ping -c 3 {}", lab, from.name, to_string(*other->private_ip_address)),
          fmt::format("{} answers", other->name));
    if (other != nullptr) add(fmt::format("trace {}{} {}", lab, from.name, other->name), "the way there, node by node");
    add(fmt::format("shell {}{}", lab, from.name), fmt::format("a shell in {}", from.name));
    add(fmt::format("routes {}{}", lab, from.name), "where its packets go");
  }
  if (!model.checks.empty()) add(fmt::format("verify {}", model.lab), "the lab's checks, with real packets");
  add(fmt::format("down {}", model.lab), "removes all of it");
  return table.text();
}

}  // namespace emu
