// SPDX-License-Identifier: Apache-2.0
// emu/cli/rules.cpp — `lazuli rules NODE` and `lazuli ip-flow NODE`: a machine's effective security rules, and their word on a packet.
#include <fmt/format.h>

#include <charconv>
#include <memory>
#include <optional>

#include "emu/cli/command.hpp"
#include "emu/fabric/names.hpp"
#include "emu/fabric/rule_counters.hpp"
#include "emu/model/wording.hpp"
#include "emu/report/security_report.hpp"
#include "emu/report/terminal.hpp"
#include "emu/semantics/peering_state.hpp"
#include "netns/netlink/counters.hpp"

namespace emu::cli {
namespace {

constexpr std::uint16_t kServed = 80;
constexpr std::uint16_t kEphemeral = 50000;

struct RulesArguments {
  NodeWords words;
  std::string direction = "Inbound";
  std::string protocol = "TCP";
  std::string local;
  std::string remote;
  bool counters = false;
  bool as_json = false;
};

struct Endpoint {
  Ipv4Address address;
  std::uint16_t port = 0;
};

/// `10.0.0.4:80`, `vm1`, `:80`; what is left out is as in `otherwise`.
Endpoint endpoint(const Model& model, const std::string& text, Endpoint otherwise) {
  const auto colon = text.find(':');
  const auto host = text.substr(0, colon);
  if (!host.empty()) {
    const auto address = address_of(model, host);
    if (!address) throw UsageError(fmt::format("{} is neither an address nor a node that has one", emu::in_quotes(host)));
    otherwise.address = *address;
  }
  if (colon == std::string::npos) return otherwise;
  const auto* end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data() + colon + 1, end, otherwise.port);
  if (failure != std::errc{} || stop != end) throw UsageError(fmt::format("{} is no port", emu::in_quotes(text.substr(colon + 1))));
  return otherwise;
}

Exit run_rules(const RulesArguments& arguments) {
  const auto [model, node] = running_node(arguments.words);
  const auto& machine = require_machine(model, node);
  const auto groups = effective_security_groups(model, machine);
  std::optional<RuleCounts> counts;
  if (arguments.counters) {
    const auto& network = find_virtual_network(model, machine.subnet.virtual_network)->name;
    require_there(model, network);
    const auto router = namespace_name(model.lab, network);
    counts = rule_counts(netns::read_counters(router, std::string(kRouterTable)));
  }
  fmt::print("{}", arguments.as_json ? rules_json(model, machine, groups, counts) : rules_table(machine, groups, counts));
  return Exit::Done;
}

Exit run_ip_flow(const RulesArguments& arguments) {
  Naming naming{arguments.words.lab};
  const auto node = naming.node(arguments.words.node);
  const auto other = naming.node(arguments.remote);
  if (other.empty() || other.starts_with(':'))
    throw UsageError(fmt::format("--remote {} names no address: write a node, a service or an address in front of it", in_quotes(other)));
  const auto model = naming.running();
  const auto& machine = require_machine(model, node);
  const bool inbound = same_name(arguments.direction, "Inbound");
  const auto local = endpoint(model, arguments.local, {*machine.private_ip_address, inbound ? machine.web.value_or(kServed) : kEphemeral});
  const auto remote = endpoint(model, other, {{}, inbound ? kEphemeral : kServed});
  const auto protocol = same_name(arguments.protocol, "TCP") ? RuleProtocol::Tcp : RuleProtocol::Udp;
  const auto& [from, to] = inbound ? std::pair(remote, local) : std::pair(local, remote);
  const auto groups = effective_security_groups(model, machine);
  const auto direction = inbound ? RuleDirection::Inbound : RuleDirection::Outbound;
  const Packet packet{protocol, from.address, from.port, to.address, to.port};
  const auto verdict = evaluate(groups, direction, packet);
  fmt::print("{}", arguments.as_json ? ip_flow_json(verdict) : ip_flow_text(packet, direction, verdict));
  if (arguments.as_json) return Exit::Done;
  const auto peering = idle_peering_to(idle_peerings(model, *find_virtual_network(model, machine.subnet.virtual_network)), remote.address);
  if (!peering.empty()) fmt::print("{}\n", wrapped(peering, 0, 2));
  return Exit::Done;
}

}  // namespace

void add_rules(CLI::App& app, Exit& status) {
  auto* command = app.add_subcommand("rules", "Effective security rules of a virtual machine");
  const auto arguments = std::make_shared<RulesArguments>();
  add_node_words(*command, arguments->words, "A virtual machine");
  command->add_flag("--counters", arguments->counters,
                    "And how many packets and bytes each rule decided: those that opened a flow, and denied ones. What belongs to a known "
                    "flow passes without a rule. Counted over every machine with these groups in the virtual network, since its router's "
                    "rules were last loaded");
  command->add_flag("--json", arguments->as_json, "Azure's JSON");
  add_examples(*command, {"rules vm1", "rules vm1 --counters"});
  command->callback([=, &status] {
    require_root(*command);
    status = run_rules(*arguments);
  });
}

void add_ip_flow(CLI::App& app, Exit& status) {
  auto* command = app.add_subcommand("ip-flow", "Whether a virtual machine's security rules let a packet pass, and which one says so");
  const auto arguments = std::make_shared<RulesArguments>();
  add_node_words(*command, arguments->words, "A virtual machine");
  command->add_option("--direction", arguments->direction, "Inbound or Outbound")
      ->capture_default_str()
      ->check(CLI::IsMember({"Inbound", "Outbound"}, CLI::ignore_case));
  command->add_option("--protocol", arguments->protocol, "TCP or UDP")
      ->capture_default_str()
      ->check(CLI::IsMember({"TCP", "UDP"}, CLI::ignore_case));
  command->add_option("--local", arguments->local, "ADDRESS:PORT of the machine; its own address when left out");
  command->add_option("--remote", arguments->remote, "ADDRESS:PORT of the other end, or a node")->required();
  command->add_flag("--json", arguments->as_json, "Azure's JSON");
  add_examples(*command, {"ip-flow vm2 --remote vm1", "ip-flow vm2 --direction Outbound --remote 203.0.113.9:443"});
  command->callback([=, &status] {
    require_root(*command);
    status = run_ip_flow(*arguments);
  });
}

}  // namespace emu::cli
