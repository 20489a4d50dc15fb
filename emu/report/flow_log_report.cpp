// SPDX-License-Identifier: Apache-2.0
#include "emu/report/flow_log_report.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "emu/flowlog/flow_tuple.hpp"

namespace emu {
namespace {

using Json = nlohmann::ordered_json;

struct Row {
  FlowTuple tuple;
  std::string machine;
  std::string rule;
};

std::string time_text(FlowTime time) {
  const auto second = std::chrono::floor<std::chrono::seconds>(time);
  return fmt::format("{:%H:%M:%S}.{:03}", fmt::gmtime(std::chrono::system_clock::to_time_t(second)), (time - second).count());
}

std::string protocol_text(std::uint8_t protocol) {
  switch (protocol) {
    case IPPROTO_TCP: return "TCP";
    case IPPROTO_UDP: return "UDP";
    case IPPROTO_ICMP: return "ICMP";
    default: return std::to_string(protocol);
  }
}

std::string end_text(Ipv4Address address, std::uint16_t port) {
  return port == 0 ? to_string(address) : fmt::format("{}:{}", to_string(address), port);
}

std::string state_text(FlowState state) {
  switch (state) {
    case FlowState::Begin: return "begin";
    case FlowState::Continuing: return "continuing";
    case FlowState::End: return "end";
    case FlowState::Denied: return "denied";
  }
  return "";
}

std::string count_text(const FlowTuple& tuple, const netns::FlowCount& count) {
  const bool counted = tuple.state == FlowState::Continuing || tuple.state == FlowState::End;
  return counted ? fmt::format("{}/{}", count.packets, count.bytes) : std::string{};
}

std::map<std::string, std::string> machines_by_mac(const Model& model) {
  std::map<std::string, std::string> machines;
  for (const auto& machine : model.virtual_machines)
    if (machine.private_ip_address) machines.emplace(flow_log_mac(model, machine), machine.name);
  return machines;
}

void add_rows(const Json& record, const std::map<std::string, std::string>& machines, std::vector<Row>& rows) {
  const auto mac = record.at("macAddress").get<std::string>();
  const auto machine = machines.find(mac);
  for (const auto& flow : record.at("flowRecords").at("flows")) {
    for (const auto& group : flow.at("flowGroups")) {
      for (const auto& text : group.at("flowTuples")) {
        if (const auto tuple = parse_flow_tuple(text.get<std::string>()))
          rows.push_back({*tuple, machine == machines.end() ? mac : machine->second, group.at("rule")});
      }
    }
  }
}

}  // namespace

FlowLogTable::FlowLogTable(const Model& model) : machines_(machines_by_mac(model)) {
  table_.add({"TIME", "MACHINE", "DIRECTION", "PROTOCOL", "SOURCE", "DESTINATION", "STATE", "RULE", "SENT", "RECEIVED"});
}

std::string FlowLogTable::rows(const std::vector<std::string>& records) {
  std::vector<Row> rows;
  for (const auto& line : records) {
    if (const auto record = Json::parse(line, nullptr, false); !record.is_discarded()) add_rows(record, machines_, rows);
  }
  std::ranges::stable_sort(rows, {}, [](const Row& row) { return row.tuple.time; });
  for (const auto& [tuple, machine, rule] : rows) {
    const auto& ends = tuple.ends;
    table_.add({time_text(tuple.time), machine, tuple.direction == FlowDirection::Inbound ? "in" : "out", protocol_text(ends.protocol),
                end_text(ends.source, ends.source_port), end_text(ends.destination, ends.destination_port), state_text(tuple.state), rule,
                count_text(tuple, tuple.sent), count_text(tuple, tuple.received)});
  }
  return table_.take_text();
}

std::string flow_log_json(const std::vector<std::string>& records) {
  Json all{{"records", Json::array()}};
  for (const auto& line : records)
    if (auto record = Json::parse(line, nullptr, false); !record.is_discarded()) all["records"].push_back(std::move(record));
  return all.dump(2) + '\n';
}

}  // namespace emu
