// SPDX-License-Identifier: Apache-2.0
// emu/cli/graph.cpp — `lazuli graph [FILE|LAB]`: the picture of a lab, from its file or as it runs.
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>

#include "emu/cli/command.hpp"
#include "emu/lab/lab.hpp"
#include "emu/lab/tunnels.hpp"
#include "emu/report/graph.hpp"
#include "emu/report/graph_writers.hpp"
#include "netns/base/error.hpp"
#include "netns/base/subprocess.hpp"

namespace emu::cli {
namespace {

struct GraphArguments {
  std::string source;
  std::string lab;
  std::string format;  ///< empty: as the output file's name ends
  std::string output;
};

/// Whether `source` means a lab file and not a running lab, which only root sees (emu/cli/naming.hpp).
bool means_file(const std::string& source) {
  if (!is_lab_name(source)) return true;
  return std::filesystem::exists(source) && !is_there(source);
}

/// The lab that the file asks for where it does not run; empty when something is wrong with it, which is printed.
std::optional<Graph> graph_of_file(const LabFile& file) {
  const auto proposal = propose(file, std::nullopt);
  if (!accepted(proposal.diagnostics, file)) return std::nullopt;
  return graph_of(proposal.after);
}

Graph graph_of_running_lab(const CLI::App& command, const Naming& naming) {
  require_root(command);
  const auto model = naming.running();
  return graph_of(model, connection_statuses(model));
}

std::optional<Graph> wanted_graph(const CLI::App& command, const GraphArguments& arguments) {
  if (!arguments.source.empty() && means_file(arguments.source)) return graph_of_file(read_source(arguments.source));
  Naming naming{arguments.lab};
  naming.lab_or_file(arguments.source);
  if (naming.named().empty() && has_own_file()) return graph_of_file(read_source({}));
  return graph_of_running_lab(command, naming);
}

std::string graph_svg(const Graph& graph) {
  try {
    return netns::filter({"dot", "-Tsvg"}, graph_dot(graph));
  } catch (const netns::KernelError& error) {
    if (error.code() != std::errc::no_such_file_or_directory) throw;
    std::throw_with_nested(netns::MissingRequirement("SVG is drawn by Graphviz, which is not there: 'apt-get install graphviz' gets it"));
  }
}

std::string written(const Graph& graph, const std::string& format) {
  if (format == "mermaid") return graph_mermaid(graph);
  if (format == "dot") return graph_dot(graph);
  if (format == "svg") return graph_svg(graph);
  return graph_text(graph);
}

/// `lab.svg` says that it is one; any other file, and a terminal, get text.
std::string format_of(const GraphArguments& arguments) {
  if (!arguments.format.empty()) return arguments.format;
  const auto ending = std::filesystem::path(arguments.output).extension();
  if (ending == ".svg") return "svg";
  if (ending == ".dot" || ending == ".gv") return "dot";
  if (ending == ".mmd" || ending == ".mermaid") return "mermaid";
  return "text";
}

Exit run_graph(const CLI::App& command, const GraphArguments& arguments) {
  const auto graph = wanted_graph(command, arguments);
  if (!graph) return Exit::WrongInput;
  const auto text = written(*graph, format_of(arguments));
  if (arguments.output.empty())
    fmt::print("{}", text);
  else
    write_file(arguments.output, text);
  return Exit::Done;
}

}  // namespace

void add_graph(CLI::App& app, Exit& status) {
  auto* command = app.add_subcommand("graph", "The picture of a lab: networks, machines, gateways, sites, services, and what joins them");
  const auto arguments = std::make_shared<GraphArguments>();
  auto* source = command->add_option("source", arguments->source,
                                     "A lab file, a folder with a lab.yaml, or - for the standard input, which need not run and needs no "
                                     "root; or a running lab. Without it ./lab.yaml, or the lab that runs");
  add_lab_option(*command, arguments->lab);
  command->get_option("--lab")->excludes(source);
  command
      ->add_option("--format", arguments->format,
                   "text, mermaid, dot (Graphviz) or svg (drawn by Graphviz's dot, which must be installed). Without it the name of the "
                   "output file tells by its ending: .svg, .dot, .gv, .mmd, .mermaid; else it is text")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"text", "mermaid", "dot", "svg"}));
  command->add_option("-o,--output", arguments->output, "Write to this file instead of the standard output")->type_name("FILE");
  add_examples(*command, {"graph scenarios/two-vnets", "graph two-vnets -o two-vnets.svg"});
  command->callback([=, &status] { status = run_graph(*command, *arguments); });
}

}  // namespace emu::cli
