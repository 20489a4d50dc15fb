// SPDX-License-Identifier: Apache-2.0
#include "emu/flowlog/flow_tuple.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>

#include "emu/fabric/router.hpp"
#include "emu/model/resource_id.hpp"
#include "netns/state/state.hpp"

namespace emu {
namespace {

using Json = nlohmann::ordered_json;
using std::chrono::milliseconds;

constexpr std::string_view kStates = "BCED";
constexpr std::size_t kFields = 13;

template <typename Number>
bool read(std::string_view text, Number& into) {
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), into);
  return failure == std::errc{} && end == text.data() + text.size();
}

bool read(std::string_view text, Ipv4Address& into) {
  const auto address = Ipv4Address::parse(text);
  into = address.value_or(Ipv4Address{});
  return address.has_value();
}

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char letter) { return static_cast<char>(std::toupper(letter)); });
  return text;
}

/// `2022-09-14T09:00:52.5625085Z`: Azure counts in steps of 100 ns.
std::string time_text(FlowTime time) {
  const auto second = std::chrono::floor<std::chrono::seconds>(time);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}0000Z", fmt::gmtime(std::chrono::system_clock::to_time_t(second)), (time - second).count());
}

std::string target_id(const Model& model, const FlowLogTarget& target) {
  if (target.machine != nullptr) return resource_id(model, "networkInterfaces", target.machine->name);
  if (target.network == nullptr) return {};
  const auto& network = target.network->name;
  return target.subnet.empty() ? virtual_network_id(model, network) : subnet_id(model, {network, std::string(target.subnet)});
}

/// Azure keeps a region's flow logs under its network watcher, which is in a group of its own.
std::string flow_log_id(const Model& model, const FlowLogTarget& target, const std::string& name) {
  const auto* network = target.machine == nullptr ? target.network : find_virtual_network(model, target.machine->subnet.virtual_network);
  const auto location = network == nullptr ? model.location : network->location;
  return upper(resource_id_in("NetworkWatcherRG", "networkWatchers", fmt::format("NetworkWatcher_{}/flowLogs/{}", location, name)));
}

using Tuples = std::vector<std::string>;
using Rules = std::map<std::string, Tuples>;
using Groups = std::map<std::string, Rules>;

Json flows_json(const Groups& groups) {
  auto flows = Json::array();
  for (const auto& [group, rules] : groups) {
    auto flow_groups = Json::array();
    for (const auto& [rule, tuples] : rules) flow_groups.push_back({{"rule", rule}, {"flowTuples", tuples}});
    constexpr std::string_view kNobody = "00000000-0000-0000-0000-000000000000";
    flows.push_back({{"aclID", group.empty() ? std::string(kNobody) : guid_of("networkSecurityGroups/" + group)},
                     {"flowGroups", std::move(flow_groups)}});
  }
  return flows;
}

}  // namespace

std::string to_string(const FlowTuple& tuple) {
  const auto& ends = tuple.ends;
  return fmt::format("{},{},{},{},{},{},{},{},NX,{},{},{},{}", tuple.time.time_since_epoch().count(), to_string(ends.source),
                     to_string(ends.destination), ends.source_port, ends.destination_port, ends.protocol,
                     tuple.direction == FlowDirection::Inbound ? 'I' : 'O', kStates[static_cast<std::size_t>(tuple.state)],
                     tuple.sent.packets, tuple.sent.bytes, tuple.received.packets, tuple.received.bytes);
}

std::optional<FlowTuple> parse_flow_tuple(std::string_view text) {
  std::array<std::string_view, kFields> fields;
  for (std::size_t i = 0; i < kFields; ++i) {
    const auto comma = text.find(',');
    if ((comma == std::string_view::npos) != (i + 1 == kFields)) return std::nullopt;
    fields[i] = text.substr(0, comma);
    text.remove_prefix(std::min(text.size(), fields[i].size() + 1));
  }
  FlowTuple tuple;
  milliseconds::rep time = 0;
  const auto state = fields[7].size() == 1 ? kStates.find(fields[7]) : std::string_view::npos;
  auto& ends = tuple.ends;
  const bool good = read(fields[0], time) && read(fields[1], ends.source) && read(fields[2], ends.destination) &&
                    read(fields[3], ends.source_port) && read(fields[4], ends.destination_port) && read(fields[5], ends.protocol) &&
                    (fields[6] == "I" || fields[6] == "O") && state != std::string_view::npos && read(fields[9], tuple.sent.packets) &&
                    read(fields[10], tuple.sent.bytes) && read(fields[11], tuple.received.packets) &&
                    read(fields[12], tuple.received.bytes);
  if (!good) return std::nullopt;
  tuple.time = FlowTime{milliseconds{time}};
  tuple.direction = fields[6] == "I" ? FlowDirection::Inbound : FlowDirection::Outbound;
  tuple.state = static_cast<FlowState>(state);
  return tuple;
}

std::vector<std::pair<std::string, std::string>> flow_records(const Model& model, const std::vector<FlowEntry>& entries, FlowTime time) {
  std::map<std::pair<std::string, std::string>, Groups> by_interface;  // of a log
  for (const auto& [place, tuple] : entries)
    by_interface[{place.flow_log, place.machine}][place.network_security_group][place.rule].push_back(to_string(tuple));
  std::vector<std::pair<std::string, std::string>> records;
  for (const auto& [where, groups] : by_interface) {
    const auto* log = find_flow_log(model, where.first);
    const auto* machine = find_virtual_machine(model, where.second);
    if (log == nullptr || machine == nullptr) continue;
    const auto target = find_flow_log_target(model, log->target);
    const Json record{{"time", time_text(time)},
                      {"flowLogVersion", 4},
                      {"flowLogGUID", guid_of(fmt::format("{}/flowLogs/{}", model.lab, log->name))},
                      {"macAddress", flow_log_mac(model, *machine)},
                      {"category", "FlowLogFlowEvent"},
                      {"flowLogResourceID", flow_log_id(model, target, log->name)},
                      {"targetResourceID", target_id(model, target)},
                      {"operationName", "FlowLogFlowEvent"},
                      {"flowRecords", {{"flows", flows_json(groups)}}}};
    records.emplace_back(log->name, record.dump());
  }
  return records;
}

std::string flow_log_mac(const Model& model, const VirtualMachine& machine) {
  auto text = upper(to_string(mac_address(*find_subnet(model, machine.subnet), *machine.private_ip_address)));
  std::erase(text, ':');
  return text;
}

std::string guid_of(std::string_view name) {
  const auto digits = netns::digest_of(name) + netns::digest_of(fmt::format("{}/", name));
  return fmt::format("{}-{}-{}-{}-{}", digits.substr(0, 8), digits.substr(8, 4), digits.substr(12, 4), digits.substr(16, 4),
                     digits.substr(20, 12));
}

}  // namespace emu
