// SPDX-License-Identifier: Apache-2.0
#include "emu/fabric/flow_logs.hpp"

#include <fmt/format.h>

#include <utility>

#include "emu/fabric/denied_packets.hpp"
#include "emu/model/model_json.hpp"
#include "emu/model/secrets.hpp"
#include "netns/flows/packet_log.hpp"

namespace emu {
namespace {

/// No machine's process can be named so.
constexpr std::string_view kProcess = "flow_log";
constexpr std::string_view kModelFile = "model.json";

/// The part of the model that decides what is recorded: a change of anything else is not the collector's business.
Model what_is_recorded(Model model) {
  model.checks.clear();
  model.internet = {};
  for (auto& machine : model.virtual_machines) {
    machine.web.reset();
    machine.programs = {};
  }
  for (auto& site : model.on_premises) site.hosts.clear();
  return without_secrets(std::move(model));
}

}  // namespace

void add_flow_log_collector(const Model& model, const VirtualNetwork& network, const Places& places, netns::Namespace& router) {
  if (!has_flow_log(model, network)) return;
  const auto folder = places.folder / kCollectorsFolder / network.name;
  auto surroundings = daemon_surroundings(model, network.name, places);
  router.processes[std::string(kProcess)] = {
      {places.program, "flow-log-collector", "--model", folder / kModelFile, "--network", network.name, "--records", places.flow_logs()},
      std::move(surroundings),
      {folder, {{std::string(kModelFile), to_json(what_is_recorded(model))}}, true}};
}

Denials denials_in(const Model& model, const VirtualNetwork& network) {
  if (!has_flow_log(model, network)) return {};
  Denials denials{{}, "goto denied_outbound", "goto denied_inbound"};
  for (const auto& [name, prefix] : {std::pair{"outbound", kDeniedOutbound}, std::pair{"inbound", kDeniedInbound}})
    denials.chains += fmt::format(" chain denied_{} {{\n  log prefix \"{}\" group {} snaplen {}\n  drop\n }}\n", name, prefix, kDeniedGroup,
                                  netns::kLoggedBytes);
  return denials;
}

}  // namespace emu
