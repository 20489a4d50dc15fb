// SPDX-License-Identifier: Apache-2.0
#include "emu/cli/naming.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "emu/cli/command.hpp"
#include "emu/lab/lab.hpp"
#include "emu/lab/lab_state.hpp"
#include "emu/lab/store.hpp"
#include "emu/model/service_lookup.hpp"
#include "emu/model/wording.hpp"
#include "emu/report/terminal.hpp"
#include "netns/rootless/rootless.hpp"

namespace emu::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kOwnFile = "lab.yaml";
constexpr const char* kLabVariable = "LAZULI_LAB";

bool runs(const std::string& lab) { return is_lab_name(lab) && is_there(lab); }

std::string caller_name() {
  if (const char* name = std::getenv("SUDO_USER"); name != nullptr && *name != '\0') return name;
  const auto user = netns::user_outside();
  const auto* entry = ::getpwuid(user);
  return entry == nullptr ? std::to_string(user) : entry->pw_name;
}

std::string absolute(const std::string& path) {
  std::error_code none;
  auto whole = fs::weakly_canonical(path, none);
  return none ? path : whole.string();
}

[[noreturn]] void refuse_unknown(const std::string& lab, const std::vector<std::string>& labs) {
  if (labs.empty())
    throw UsageError(fmt::format("no lab {} is running, nor any other: '{}' starts one", in_quotes(lab), command_text("up FILE")));
  const std::vector<std::string_view> candidates(labs.begin(), labs.end());
  throw UsageError(
      fmt::format("no lab {} is running{}; there is {}", in_quotes(lab), did_you_mean(lab, candidates), fmt::join(labs, ", ")));
}

}  // namespace

Naming::Naming(const std::string& option) {
  if (!option.empty()) name(option, "-l");
}

void Naming::name(std::string_view lab, const std::string& words) {
  if (!lab_.empty() && lab_ != lab)
    throw UsageError(fmt::format("{} names lab {} and {} names lab {}: name one", words_, in_quotes(lab_), words, in_quotes(lab)));
  if (!lab_.empty()) return;
  lab_ = lab;
  words_ = words;
}

std::string Naming::node(const std::string& word) {
  const auto slash = word.find('/');
  if (slash == std::string::npos || word.starts_with("http://")) return word;
  const auto lab = word.substr(0, slash);
  if (!is_lab_name(lab)) throw UsageError(fmt::format("{} is no node: write NODE or LAB/NODE", in_quotes(word)));
  name(lab, in_quotes(word));
  return word.substr(slash + 1);
}

void Naming::lab_or_file(const std::string& word) {
  if (word.empty()) return;
  const bool is_file = !runs(word) && (!is_lab_name(word) || fs::exists(word));
  name(is_file ? lab_of_file(word) : word, fmt::format("the argument {}", in_quotes(word)));
}

std::string Naming::named() const {
  if (!lab_.empty()) return lab_;
  const char* lab = std::getenv(kLabVariable);
  return lab == nullptr ? "" : lab;
}

std::string Naming::lab() const {
  const auto labs = list_labs();
  if (auto lab = named(); !lab.empty()) {
    if (std::ranges::find(labs, lab) == labs.end()) refuse_unknown(lab, labs);
    return lab;
  }
  if (labs.empty()) throw UsageError(fmt::format("no lab is running: '{}' starts one", command_text("up FILE")));
  if (labs.size() > 1) throw UsageError(fmt::format("several labs are running ({}): name one with -l", fmt::join(labs, ", ")));
  return labs.front();
}

Model Naming::running() const {
  const auto name = lab();
  if (auto model = load_model(name)) return std::move(*model);
  throw UsageError(fmt::format("lab {} was never completed: '{}' builds it, '{}' removes what there is", in_quotes(name),
                               command_text("up FILE"), command_text(fmt::format("down {}", name))));
}

CLI::Validator is_not_empty() {
  return {[](const std::string& word) { return word.empty() ? "is empty: write a name, or leave it out" : std::string{}; }, ""};
}

void add_lab_option(CLI::App& command, std::string& lab) {
  command
      .add_option("-l,--lab", lab,
                  "The lab that is meant, where several run; may stand anywhere, and LAB/NODE says the same. Otherwise "
                  "$LAZULI_LAB counts")
      ->type_name("LAB")
      ->check(is_not_empty());
}

void add_node_words(CLI::App& command, NodeWords& words, const char* which) {
  add_lab_option(command, words.lab);
  command.add_option("node", words.node, which)->required();
}

void add_lab_words(CLI::App& command, LabWords& words) {
  command.add_option("lab", words.argument, "A running lab, or its file; not needed when one lab runs")->check(is_not_empty());
  add_lab_option(command, words.option);
}

void add_file_argument(CLI::App& command, std::string& path, const char* otherwise) {
  command
      .add_option("file", path,
                  fmt::format("A lab file, a folder with a lab.yaml, or - for the standard input. Without it ./lab.yaml{}", otherwise))
      ->check(is_not_empty());
}

RunningNode running_node(const NodeWords& words) {
  Naming naming{words.lab};
  const auto node = naming.node(words.node);
  RunningNode found{naming.running(), {}};
  found.node = require_node(found.model, node);
  return found;
}

Naming naming_of(const LabWords& words) {
  Naming naming{words.option};
  naming.lab_or_file(words.argument);
  return naming;
}

std::string require_node(const Model& model, const std::string& node) {
  const auto nodes = nodes_of(model);
  const auto found = std::ranges::find_if(nodes, [&](const std::string& name) { return same_name(name, node); });
  if (found != nodes.end()) return *found;
  const std::vector<std::string_view> candidates(nodes.begin(), nodes.end());
  throw UsageError(fmt::format("lab '{}' has no node {}{}", model.lab, emu::in_quotes(node), did_you_mean(node, candidates)));
}

const Service* service_called(const Model& model, const std::string& name) {
  const bool is_node = std::ranges::any_of(nodes_of(model), [&](const std::string& node) { return same_name(node, name); });
  return is_node ? nullptr : find_service(model, name);
}

const VirtualMachine& require_machine(const Model& model, const std::string& node) {
  const auto* machine = find_virtual_machine(model, require_node(model, node));
  if (machine == nullptr)
    throw UsageError(fmt::format("{} is no virtual machine: it has no network interface in a subnet", emu::in_quotes(node)));
  return *machine;
}

void require_there(const Model& model, const std::string& node) {
  if (node_is_there(model, node)) return;
  const auto state = glance_at(model);
  const auto out = way_out(model.lab, state);
  throw std::runtime_error(
      fmt::format("node '{}' of lab '{}' is gone; the lab is {}{}{}", node, model.lab, state_text(state), out.empty() ? "" : "; ", out));
}

bool has_own_file() { return fs::exists(kOwnFile); }

LabFile read_source(const std::string& path) {
  if (!path.empty()) return read_lab_file(path);
  if (!has_own_file()) throw UsageError("which lab file? There is no lab.yaml here: name a file, a folder with a lab.yaml, or -");
  return read_lab_file(kOwnFile);
}

LabOrigin origin_of(const LabFile& file) { return {file.is_standard_input ? "" : absolute(file.file), caller_name(), {}}; }

std::string lab_of_file(const std::string& path) {
  const auto file = read_source(path);
  const auto origin = origin_of(file);
  std::vector<std::string> made;
  for (const auto& lab : list_labs()) {
    if (const auto record = load_record(lab); record && !origin.file.empty() && record->origin.file == origin.file) made.push_back(lab);
  }
  if (made.size() == 1) return made.front();
  if (std::ranges::find(made, file.model.lab) != made.end()) return file.model.lab;
  if (!made.empty()) throw UsageError(fmt::format("{} made several labs ({}): name one of them", file.file, fmt::join(made, ", ")));
  if (is_lab_name(file.model.lab)) {
    const auto record = load_record(file.model.lab);
    if (record && !is_of_same_source(record->origin, origin))
      throw UsageError(fmt::format("{} has made no lab: lab {} runs from {}, by {}; '-l {}' means that one", file.file,
                                   in_quotes(file.model.lab), source_text(record->origin), record->origin.user, file.model.lab));
    return file.model.lab;
  }
  if (!accepted(file.diagnostics, file)) throw UsageError(fmt::format("{} does not say which lab is meant", file.file));
  throw UsageError(fmt::format("{} names no lab", file.file));
}

}  // namespace emu::cli
