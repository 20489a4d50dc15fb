// SPDX-License-Identifier: Apache-2.0
// emu/cli/trace.cpp — `lazuli trace NODE TARGET[:PORT]`: a packet's way, node by node, from real packets.
#include <fmt/format.h>

#include <memory>

#include "emu/cli/command.hpp"
#include "emu/cli/measured.hpp"
#include "emu/model/gateway_lookup.hpp"
#include "emu/model/wording.hpp"
#include "emu/verify/target.hpp"
#include "emu/verify/trace.hpp"
#include "emu/verify/trace_report.hpp"

namespace emu::cli {
namespace {

struct TraceArguments {
  NodeWords words;
  std::string target;
  bool as_json = false;
};

bool sends(const Model& model, const std::string& node) {
  return find_virtual_machine(model, node) != nullptr || find_internet_host(model, node) != nullptr ||
         find_on_premises_host(model, node) != nullptr;
}

struct Question {
  Flow flow;
  Target target;
};

/// @throws UsageError
Question question_of(const Model& model, const std::string& node, const std::string& asked) {
  const auto from = require_node(model, node);
  if (!sends(model, from)) throw UsageError(fmt::format("{} sends no packets of its own: name a machine or a host", emu::in_quotes(from)));
  const bool has_port = asked.find(':') != std::string::npos;
  const auto kind = asked.starts_with("http://") ? CheckKind::Http : has_port ? CheckKind::Tcp : CheckKind::Ping;
  const auto target = parse_target(kind, asked);
  if (!target)
    throw UsageError(fmt::format("{} is no target: write NODE, NODE.public or an address, with :PORT or without, or http://NODE/",
                                 emu::in_quotes(asked)));
  const auto address = address_of(model, target->host);
  if (!address) throw UsageError(fmt::format("{} is neither an address nor a node that has one", emu::in_quotes(target->host)));
  return {{from, *address, kind, target->port}, *target};
}

Exit trace_and_tell(const TraceArguments& arguments) {
  Naming naming{arguments.words.lab};
  const auto node = naming.node(arguments.words.node);
  const auto asked = naming.node(arguments.target);
  Question question;
  const auto trace = measured(naming, [&](const Model& model) {
    question = question_of(model, node, asked);
    return run_trace(model, question.flow, question.target);
  });
  fmt::print("{}", arguments.as_json ? trace_json(question.flow, asked, trace) : trace_text(question.flow, asked, trace));
  return trace.agrees ? Exit::Done : Exit::CheckFailed;
}

}  // namespace

void add_trace(CLI::App& app, Exit& status) {
  auto* command = app.add_subcommand("trace", "Which way one packet goes and its answer comes, node by node, from real packets");
  const auto arguments = std::make_shared<TraceArguments>();
  add_node_words(*command, arguments->words, "Who asks: a machine or a host");
  command
      ->add_option("target", arguments->target,
                   "Who is asked: NODE, NODE.public or an address, by ping; with :PORT by TCP; http://NODE/ for a page")
      ->required();
  command->add_flag("--json", arguments->as_json, "As JSON");
  add_examples(*command, {"trace vm1 vm2", "trace vm1 vm2.public:80"});
  command->callback([=, &status] {
    require_root(*command);
    status = trace_and_tell(*arguments);
  });
}

}  // namespace emu::cli
