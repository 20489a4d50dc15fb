// SPDX-License-Identifier: Apache-2.0
// emu/cli/up.cpp — `lazuli up [FILE]`, `lazuli plan [FILE]` and `lazuli check [FILE]`.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <utility>

#include "emu/cli/command.hpp"
#include "emu/cli/status_line.hpp"
#include "emu/lab/lab.hpp"
#include "emu/lab/store.hpp"
#include "emu/model/wording.hpp"
#include "emu/report/next_steps.hpp"
#include "emu/report/nodes_report.hpp"
#include "emu/report/plan_report.hpp"
#include "emu/report/table.hpp"
#include "emu/report/terminal.hpp"
#include "emu/semantics/changes.hpp"
#include "netns/base/heap.hpp"

namespace emu::cli {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

std::string summary(const Inventory& inventory) {
  return fmt::format("{}, {}, {}, {}", plural(inventory.namespaces, "namespace"), plural(inventory.links, "link"),
                     plural(inventory.routes, "route"), plural(inventory.rulesets, "ruleset"));
}

void print_line(const std::string& line) { fmt::print("{}\n", wrapped(line, kIndent, 2 * kIndent)); }

std::vector<Change> changes_of(const Proposal& proposal) { return changes(proposal.before ? &*proposal.before : nullptr, proposal.after); }

/// What is wrong with the programs of a lab. @return Done when nothing is
Exit print_troubles(const Proposal& proposal) {
  for (const auto& failure : proposal.failures) fmt::print(stderr, "{}", describe(failure));
  for (const auto& port : proposal.unserved) fmt::print(stderr, "{}\n", port);
  return proposal.failures.empty() && proposal.unserved.empty() ? Exit::Done : Exit::Failed;
}

/// @return whether anything was printed of what is, or is to be, done
bool print_changes(const Proposal& proposal, bool with_steps) {
  const auto changed = changes_of(proposal);
  fmt::print("{}", render_changes(changed));
  for (const auto& note : proposal.notes) print_line(note);
  // Steps that no change of the file explains put right what somebody or something changed in the kernel.
  const bool shows_steps = with_steps || (changed.empty() && proposal.before);
  if (shows_steps) {
    for (const auto& step : proposal.steps) print_line(step);
  }
  return !changed.empty() || (shows_steps && !proposal.steps.empty());
}

struct UpArguments {
  std::string path;
  std::string name;
  bool replace = false;
  std::optional<double> timeout;
};

/// The file's lab, under another name if one is given.
LabFile wanted_lab(const std::string& path, const std::string& name) {
  auto file = read_source(path);
  if (name.empty()) return file;
  if (!is_lab_name(name)) throw UsageError(fmt::format("{} can be no lab's name: 1 to 20 of a-z, 0-9 and -", in_quotes(name)));
  rename_lab(file, name);
  return file;
}

/// Said on the standard error. @return whether every tunnel that the file asks for is there
bool every_tunnel_connected(const Proposal& proposal) {
  const auto failed = std::ranges::count_if(
      proposal.connections, [](const ConnectionStatus& status) { return status.connection_status != ConnectionStatus::State::Connected; });
  if (failed == 0) return true;
  fmt::print(stderr, "error: {} of {} is not Connected; the lab is up\n", failed, plural(proposal.connections.size(), "connection"));
  return false;
}

/// `3 namespaces`, or `no namespace but 1 file` where only files of names are not as they were written.
std::string touched_by(const Proposal& proposal) {
  if (proposal.touched == 0 && proposal.files_amiss != 0) return fmt::format("no namespace but {}", plural(proposal.files_amiss, "file"));
  return plural(proposal.touched, "namespace");
}

Exit run_up(const UpArguments& arguments) {
  const auto start = Clock::now();
  netns::expect_many_values();
  const auto file = wanted_lab(arguments.path, arguments.name);
  auto origin = origin_of(file);
  origin.name = arguments.name;
  UpOptions options{std::move(origin), arguments.replace, patience_of(file.model.lab, arguments.timeout.value_or(kPatienceWithOthers))};
  if (arguments.timeout) options.patience_for_programs = milliseconds_of(*arguments.timeout);
  Proposal proposal;
  try {
    const StatusLine line;
    line.show("reading the kernel");
    proposal = up(file, options, [&](const std::string& stage) { line.show(stage); });
  } catch (const AnotherFile& refused) {
    throw UsageError(refused.what());
  }
  if (!accepted(proposal.diagnostics, file)) return Exit::WrongInput;
  const auto took = seconds_since(start);
  bool changed = true;
  if (proposal.before) {
    changed = print_changes(proposal, false);
    if (!changed)
      print_line(fmt::format("{}  nothing to do, {}  {:.2f} s", proposal.after.lab, summary(proposal.inventory), took));
    else
      print_line(fmt::format("{}  {} changed, {} in all  changed in {:.2f} s", proposal.after.lab, touched_by(proposal),
                             proposal.inventory.namespaces, took));
  } else {
    print_line(fmt::format("{}  {}  up in {:.2f} s", proposal.after.lab, summary(proposal.inventory), took));
  }
  if (changed) fmt::print("\n{}\n{}", up_summary(proposal.after, proposal.connections), next_steps(proposal.after, list_labs().size() > 1));
  flush_output();
  const auto programs = print_troubles(proposal);
  return every_tunnel_connected(proposal) ? programs : Exit::Failed;
}

/// `2 virtual networks, 2 virtual machines, 2 peerings`
std::string resources_of(const Model& model) {
  std::size_t peerings = 0;
  for (const auto& network : model.virtual_networks) peerings += network.peerings.size();
  const std::vector<std::pair<std::size_t, const char*>> counts{{model.virtual_networks.size(), "virtual network"},
                                                                {peerings, "peering"},
                                                                {model.virtual_machines.size(), "virtual machine"},
                                                                {model.network_security_groups.size(), "security group"},
                                                                {model.route_tables.size(), "route table"},
                                                                {model.virtual_network_gateways.size(), "gateway"},
                                                                {model.virtual_network_gateway_connections.size(), "connection"},
                                                                {model.on_premises.size(), "on-premises site"},
                                                                {model.storage_accounts.size(), "storage account"},
                                                                {model.services.size(), "service"},
                                                                {model.flow_logs.size(), "flow log"},
                                                                {model.internet.hosts.size(), "internet host"},
                                                                {model.checks.size(), "check"}};
  std::string text;
  for (const auto& [count, noun] : counts)
    if (count != 0) text += fmt::format("{}{}", text.empty() ? "" : ", ", plural(count, noun));
  return text.empty() ? "nothing in it" : text;
}

Exit run_check(const std::string& path) {
  const auto file = read_source(path);
  const auto proposal = propose(file, std::nullopt);
  if (!accepted(proposal.diagnostics, file)) return Exit::WrongInput;
  const auto steps = file.steps.empty() ? "" : fmt::format(", {}", plural(file.steps.size(), "step"));
  fmt::print("{}\n",
             wrapped(fmt::format("{} is right: lab '{}', {}{}", file.file, proposal.after.lab, resources_of(proposal.after), steps), 0, 2));
  return Exit::Done;
}

/// What `up` would refuse, on the standard error.
void tell_of_another_file(const LabFile& file) {
  const auto record = is_lab_name(file.model.lab) ? load_record(file.model.lab) : std::nullopt;
  if (record && !is_of_same_source(record->origin, origin_of(file)))
    fmt::print(stderr, "lab '{}' runs from {}, by {}: 'up' of this file needs --replace, or --name OTHER\n", file.model.lab,
               source_text(record->origin), record->origin.user);
}

Exit run_plan(const std::string& path, const std::string& name, bool with_steps, bool as_json) {
  netns::expect_many_values();
  const auto file = wanted_lab(path, name);
  const auto proposal = plan(file);
  if (!accepted(proposal.diagnostics, file)) return Exit::WrongInput;
  tell_of_another_file(file);
  if (as_json) {
    auto notes = proposal.notes;
    for (const auto& failure : proposal.failures) notes.push_back(describe(failure));
    fmt::print("{}", changes_json(proposal.after.lab, changes_of(proposal), notes, proposal.steps));
    return Exit::Done;
  }
  const bool changes = print_changes(proposal, with_steps);
  for (const auto& failure : proposal.failures) fmt::print("  {}", describe(failure));
  if (!changes && proposal.touched == 0) {
    fmt::print("nothing to change; {} stay as they are\n", plural(proposal.inventory.namespaces, "namespace"));
  } else {
    fmt::print("{} to create, change or remove; {} in the lab then\n", touched_by(proposal), proposal.inventory.namespaces);
  }
  return Exit::Done;
}

}  // namespace

void add_up(CLI::App& app, Exit& status) {
  auto* command = app.add_subcommand("up", "Build the lab, or change the running one to match");
  const auto arguments = std::make_shared<UpArguments>();
  add_file_argument(*command, arguments->path);
  command->add_option("--name", arguments->name, "Bring it up under this name instead of the file's")
      ->type_name("LAB")
      ->check(is_not_empty());
  command->add_flag("--replace", arguments->replace, "Also when a lab of that name runs from another file");
  command
      ->add_option(
          "--timeout", arguments->timeout,
          "How many seconds to wait for another lazuli that is at work on the lab (otherwise 60), and until pages, services and what "
          "'listens' names are served (otherwise 30)")
      ->type_name("SECONDS")
      ->check(CLI::NonNegativeNumber);
  add_examples(*command, {"up scenarios/two-vnets", "up scenarios/two-vnets --name mine"});
  command->callback([=, &status] {
    require_root(*command);
    status = run_up(*arguments);
  });
}

void add_plan(CLI::App& app, Exit& status) {
  auto* command = app.add_subcommand("plan", "Say what up would change, and why; change nothing");
  const auto path = std::make_shared<std::string>();
  const auto name = std::make_shared<std::string>();
  const auto with_steps = std::make_shared<bool>(false);
  const auto as_json = std::make_shared<bool>(false);
  add_file_argument(*command, *path);
  command->add_option("--name", *name, "As with up")->type_name("LAB")->check(is_not_empty());
  command->add_flag("--steps", *with_steps, "Also every step in the kernel");
  command->add_flag("--json", *as_json, "As JSON, in the words of ARM's what-if, with every step in the kernel");
  add_examples(*command, {"plan scenarios/two-vnets", "plan scenarios/two-vnets --steps"});
  command->callback([=, &status] {
    require_root(*command);
    status = run_plan(*path, *name, *with_steps, *as_json);
  });
}

void add_check(CLI::App& app, Exit& status) {
  auto* command = app.add_subcommand("check", "Read a lab file and say what is wrong with it; needs no root");
  const auto path = std::make_shared<std::string>();
  add_file_argument(*command, *path);
  add_examples(*command, {"check scenarios/two-vnets"});
  command->callback([=, &status] { status = run_check(*path); });
}

}  // namespace emu::cli
