// SPDX-License-Identifier: Apache-2.0
#include "emu/cli/command.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "emu/lab/lab.hpp"
#include "emu/lab/store.hpp"
#include "emu/model/wording.hpp"
#include "emu/report/diagnostics_report.hpp"

namespace emu::cli {

void add_lab_option(CLI::App& command, std::string& lab) {
  command.add_option("-l,--lab", lab, "The lab that is meant, where several run");
}

void require_root(const CLI::App& command) {
  if (::geteuid() != 0) throw std::runtime_error(fmt::format("lazuli {0} needs root: run it with sudo", command.get_name()));
}

namespace {

/// A terminal gets the lines of the file; a pipe only what grep and editors look for.
DiagnosticsView view_of_stderr() {
  DiagnosticsView view;
  if (::isatty(STDERR_FILENO) != 1) return view;
  view.with_lines = true;
  const auto* no_color = std::getenv("NO_COLOR");
  const auto* terminal = std::getenv("TERM");
  view.in_color = (no_color == nullptr || *no_color == '\0') && terminal != nullptr && std::string_view(terminal) != "dumb";
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) view.width = size.ws_col;
  return view;
}

}  // namespace

bool accepted(const Diagnostics& diagnostics, const LabFile& file) {
  fmt::print(stderr, "{}", diagnostics_report(diagnostics, file.file, file.text, view_of_stderr()));
  if (!has_errors(diagnostics)) return true;
  const auto errors = std::ranges::count(diagnostics, Severity::Error, &Diagnostic::severity);
  fmt::print(stderr, "{} error{}; nothing was changed\n", errors, errors == 1 ? "" : "s");
  return false;
}

void write_file(const std::string& path, const std::string& text) {
  std::ofstream file{path, std::ios::trunc};
  file << text;
  file.close();
  if (file.fail()) throw std::runtime_error(fmt::format("cannot write {}", path));
}

Model running_lab(const std::string& lab) {
  const auto labs = list_labs();
  if (labs.empty()) throw UsageError("no lab is running: start one with 'lazuli up FILE'");
  if (lab.empty() && labs.size() > 1)
    throw UsageError(fmt::format("several labs are running ({}): name one with -l", fmt::join(labs, ", ")));
  const auto name = lab.empty() ? labs.front() : lab;
  if (std::ranges::find(labs, name) == labs.end())
    throw UsageError(fmt::format("no lab {} is running; there is {}", emu::in_quotes(name), fmt::join(labs, ", ")));
  if (auto model = load_model(name)) return std::move(*model);
  throw UsageError(fmt::format("lab {0} was never completed: 'lazuli up FILE' builds it, 'lazuli down {0}' removes what there is", name));
}

std::string require_node(const Model& model, const std::string& node) {
  const auto nodes = nodes_of(model);
  const auto found = std::ranges::find_if(nodes, [&](const std::string& name) { return same_name(name, node); });
  if (found != nodes.end()) return *found;
  const std::vector<std::string_view> candidates(nodes.begin(), nodes.end());
  throw UsageError(fmt::format("lab '{}' has no node {}{}", model.lab, emu::in_quotes(node), did_you_mean(node, candidates)));
}

const VirtualMachine& require_machine(const Model& model, const std::string& node) {
  const auto* machine = find_virtual_machine(model, require_node(model, node));
  if (machine == nullptr)
    throw UsageError(fmt::format("{} is no virtual machine: it has no network interface in a subnet", emu::in_quotes(node)));
  return *machine;
}

}  // namespace emu::cli
