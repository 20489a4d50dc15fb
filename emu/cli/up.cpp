// SPDX-License-Identifier: Apache-2.0
// emu/cli/up.cpp — `lazuli up FILE` and `lazuli plan FILE`.
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <memory>

#include "emu/cli/command.hpp"
#include "emu/lab/lab.hpp"
#include "emu/lab/store.hpp"
#include "emu/report/next_steps.hpp"
#include "emu/report/nodes_report.hpp"
#include "emu/report/plan_report.hpp"
#include "emu/semantics/changes.hpp"
#include "netns/base/heap.hpp"

namespace emu::cli {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// What is being done, in one line of a terminal that is taken away again; nothing elsewhere.
class StatusLine {
 public:
  StatusLine() = default;
  StatusLine(const StatusLine&) = delete;
  StatusLine& operator=(const StatusLine&) = delete;
  ~StatusLine() {
    if (shown_) fmt::print(stderr, "\r\x1b[K");
  }

  void show(const std::string& stage) const {
    if (shown_) fmt::print(stderr, "\r\x1b[K  {} ...", stage);
  }

 private:
  bool shown_ = ::isatty(STDERR_FILENO) == 1;
};

std::string plural(std::size_t count, const char* noun) { return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s"); }

std::string summary(const Inventory& inventory) {
  return fmt::format("{}, {}, {}, {}", plural(inventory.namespaces, "namespace"), plural(inventory.links, "link"),
                     plural(inventory.routes, "route"), plural(inventory.rulesets, "ruleset"));
}

std::vector<Change> changes_of(const Proposal& proposal) { return changes(proposal.before ? &*proposal.before : nullptr, proposal.after); }

/// What is wrong with the programs of a lab. @return Done when nothing is
Exit print_troubles(const Proposal& proposal) {
  for (const auto& failure : proposal.failures) fmt::print(stderr, "{}", describe(failure));
  for (const auto& port : proposal.unserved) fmt::print(stderr, "{}\n", port);
  return proposal.failures.empty() && proposal.unserved.empty() ? Exit::Done : Exit::Failed;
}

/// @return whether the file asks for anything else than before
bool print_changes(const Proposal& proposal, bool with_steps) {
  const auto changed = changes_of(proposal);
  fmt::print("{}", render_changes(changed));
  for (const auto& note : proposal.notes) fmt::print("  {}\n", note);
  // Steps that no change of the file explains put right what somebody or something changed in the kernel.
  if (with_steps || (changed.empty() && proposal.before)) {
    for (const auto& step : proposal.steps) fmt::print("  {}\n", step);
  }
  return !changed.empty();
}

Exit run_up(const std::string& path, std::chrono::seconds patience) {
  const auto start = Clock::now();
  netns::expect_many_values();
  const auto file = read_lab_file(path);
  Proposal proposal;
  {
    const StatusLine line;
    line.show("reading the kernel");
    const auto show = [&](const std::string& stage) { line.show(stage); };
    proposal = up(file, show, patience);
  }
  if (!accepted(proposal.diagnostics, file)) return Exit::WrongInput;
  const auto took = seconds_since(start);
  if (proposal.before) {
    const bool changed = print_changes(proposal, false);
    if (proposal.touched == 0 && !changed) {
      fmt::print("  {}  nothing to do, {}  {:.2f} s\n", proposal.after.lab, summary(proposal.inventory), took);
      return print_troubles(proposal);
    }
    fmt::print("  {}  {} changed, {} in all  changed in {:.2f} s\n\n", proposal.after.lab, plural(proposal.touched, "namespace"),
               proposal.inventory.namespaces, took);
  } else {
    fmt::print("  {}  {}  up in {:.2f} s\n\n", proposal.after.lab, summary(proposal.inventory), took);
  }
  fmt::print("{}\n{}", up_summary(proposal.after, proposal.connections), next_steps(proposal.after, list_labs().size() > 1));
  return print_troubles(proposal);
}

Exit run_plan(const std::string& path, bool with_steps, bool as_json) {
  netns::expect_many_values();
  const auto file = read_lab_file(path);
  const auto proposal = plan(file);
  if (!accepted(proposal.diagnostics, file)) return Exit::WrongInput;
  if (as_json) {
    auto notes = proposal.notes;
    for (const auto& failure : proposal.failures) notes.push_back(describe(failure));
    fmt::print("{}", changes_json(proposal.after.lab, changes_of(proposal), notes, proposal.steps));
    return Exit::Done;
  }
  print_changes(proposal, with_steps);
  for (const auto& failure : proposal.failures) fmt::print("  {}", describe(failure));
  if (proposal.touched == 0) {
    fmt::print("nothing to change; {} stay as they are\n", plural(proposal.inventory.namespaces, "namespace"));
  } else {
    fmt::print("{} to create, change or remove; {} in the lab then\n", plural(proposal.touched, "namespace"),
               proposal.inventory.namespaces);
  }
  return Exit::Done;
}

}  // namespace

void add_up(CLI::App& app, Exit& status) {
  auto* command = app.add_subcommand("up", "Build the lab, or change the running one to match");
  const auto path = std::make_shared<std::string>();
  command->add_option("file", *path, "A lab file, or a folder with a lab.yaml")->required();
  const auto timeout = std::make_shared<unsigned>(kPatienceForPrograms.count());
  command->add_option("--timeout", *timeout, "How many seconds to wait until pages, services and what 'listens' names are served")
      ->capture_default_str();
  command->callback([=, &status] {
    require_root(*command);
    status = run_up(*path, std::chrono::seconds{*timeout});
  });
}

void add_plan(CLI::App& app, Exit& status) {
  auto* command = app.add_subcommand("plan", "Say what up would change, and why; change nothing");
  const auto path = std::make_shared<std::string>();
  const auto with_steps = std::make_shared<bool>(false);
  const auto as_json = std::make_shared<bool>(false);
  command->add_option("file", *path, "A lab file, or a folder with a lab.yaml")->required();
  command->add_flag("--steps", *with_steps, "Also every step in the kernel");
  command->add_flag("--json", *as_json, "As JSON, in the words of ARM's what-if, with every step in the kernel");
  command->callback([=, &status] {
    require_root(*command);
    status = run_plan(*path, *with_steps, *as_json);
  });
}

}  // namespace emu::cli
