// SPDX-License-Identifier: Apache-2.0
#include "emu/lab/flushed_flows.hpp"

#include <map>
#include <set>
#include <string>

#include "emu/fabric/names.hpp"
#include "emu/fabric/router.hpp"
#include "emu/fabric/translations.hpp"
#include "emu/semantics/flush_connection.hpp"
#include "netns/flows/flow_changes.hpp"

namespace emu {
namespace {

struct Flushed {
  std::set<Ipv4Address> addresses;
  bool everything = false;
};

}  // namespace

void flush_flows(const Model& before, const Model& after) {
  std::map<std::string, Flushed> networks;
  for (const auto* machine : machines_to_flush(before, after)) {
    auto& flushed = networks[find_virtual_network(after, machine->subnet.virtual_network)->name];
    flushed.addresses.insert(*machine->private_ip_address);
    flushed.everything = flushed.everything || machine->ip_forwarding;
  }
  for (const auto& [network, flushed] : networks)
    netns::mark_flows(namespace_name(after.lab, network), kJudgeAgain, [&flushed = flushed](const netns::Flow& flow) {
      return flushed.everything || flushed.addresses.contains(flow.opened.source) || flushed.addresses.contains(flow.delivered.destination);
    });
}

void forget_outdated_translations(const Model& model, const netns::State& desired, const netns::Plan& plan) {
  for (const auto& [name_space, is_outdated] : outdated_translations(model, desired)) {
    const auto change = plan.change.find(name_space);
    if (change != plan.change.end() && change->second.create) continue;
    netns::forget_flows(name_space, is_outdated);
  }
}

}  // namespace emu
