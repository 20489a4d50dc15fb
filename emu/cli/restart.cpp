// SPDX-License-Identifier: Apache-2.0
// emu/cli/restart.cpp — `lazuli restart NODE` and `lazuli wait NODE:PORT`.
#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <memory>

#include "emu/cli/command.hpp"
#include "emu/fabric/names.hpp"
#include "emu/lab/lab.hpp"
#include "emu/model/service_lookup.hpp"
#include "emu/model/wording.hpp"

namespace emu::cli {
namespace {

struct WaitArguments {
  std::string lab;
  std::string target;
  double timeout = kPatienceForPrograms.count();
};

/// Prints what went wrong. @return Done when nothing did
Exit tell(const std::vector<std::string>& troubles) {
  for (const auto& trouble : troubles) fmt::print(stderr, "{}{}", trouble, trouble.ends_with('\n') ? "" : "\n");
  return troubles.empty() ? Exit::Done : Exit::Failed;
}

/// `vm1:9000`
ServedPort port_of(const Model& model, const std::string& text) {
  const auto colon = text.rfind(':');
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  if (colon == std::string::npos || colon == 0 || std::from_chars(text.data() + colon + 1, end, port).ptr != end || port == 0)
    throw UsageError(fmt::format("{} is not NODE:PORT: write it like vm1:80", in_quotes(text)));
  const auto name = text.substr(0, colon);
  if (const auto* service = service_called(model, name)) return {std::string(kServicesNode), service->name, port, service->address};
  const auto node = require_node(model, name);
  return {node, node, port, {}};
}

Exit run_wait(const WaitArguments& arguments) {
  Naming naming{arguments.lab};
  const auto target = naming.node(arguments.target);
  const auto model = naming.running();
  const auto port = port_of(model, target);
  require_there(model, port.node);
  return tell(wait_for_ports(model, {port}, milliseconds_of(arguments.timeout), {}, Hopeless::IsWaitedFor));
}

}  // namespace

void add_wait(CLI::App& app, Exit& status) {
  auto* command = app.add_subcommand("wait", "Wait until something listens at a port of a node");
  const auto arguments = std::make_shared<WaitArguments>();
  add_lab_option(*command, arguments->lab);
  command->add_option("target", arguments->target, "NODE:PORT, of a node or a service")->required();
  command->add_option("--timeout", arguments->timeout, "How many seconds to wait")
      ->type_name("SECONDS")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  add_examples(*command, {"wait vm2:80", "wait two-vnets/vm2:80 --timeout 5"});
  command->callback([=, &status] {
    require_root(*command);
    status = run_wait(*arguments);
  });
}

void add_restart(CLI::App& app, Exit& status) {
  auto* command = app.add_subcommand("restart", "End the programs of a node and start them again; its setup is not run again");
  const auto words = std::make_shared<NodeWords>();
  const auto timeout = std::make_shared<double>(kPatienceForPrograms.count());
  add_node_words(*command, *words, kAnyNode);
  command->add_option("--timeout", *timeout, "How many seconds to wait until its ports are served")
      ->type_name("SECONDS")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  add_examples(*command, {"restart vm2"});
  command->callback([=, &status] {
    require_root(*command);
    const auto [model, node] = running_node(*words);
    require_there(model, node);
    status = tell(restart(model.lab, node, milliseconds_of(*timeout), patience_of(model.lab, kPatienceWithOthers)));
  });
}

}  // namespace emu::cli
