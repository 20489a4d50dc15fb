// SPDX-License-Identifier: Apache-2.0
#include "emu/lab/lab.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <set>
#include <system_error>

#include "emu/fabric/fabric.hpp"
#include "emu/fabric/names.hpp"
#include "emu/fabric/services.hpp"
#include "emu/flowlog/record_files.hpp"
#include "emu/lab/flushed_flows.hpp"
#include "emu/lab/lab_machine.hpp"
#include "emu/lab/tunnel_starts.hpp"
#include "emu/lab/tunnels.hpp"
#include "emu/model/gateway_lookup.hpp"
#include "emu/report/terminal.hpp"
#include "emu/semantics/validate.hpp"
#include "netns/base/error.hpp"
#include "netns/features/features.hpp"
#include "netns/namespace/namespace.hpp"
#include "netns/process/ending.hpp"
#include "netns/process/process.hpp"
#include "netns/reconcile/reconcile.hpp"

namespace emu {
namespace {

std::string prefix_of(std::string_view lab) { return namespace_name(lab, ""); }

Inventory count(const netns::State& state) {
  Inventory inventory;
  std::size_t ends = 0;
  for (const auto& [name, name_space] : state.namespaces) {
    ++inventory.namespaces;
    for (const auto& [link, wanted] : name_space.links) (wanted.peer ? ends : inventory.links) += 1;
    inventory.routes += name_space.routes.size();
    inventory.rulesets += name_space.ruleset && !name_space.ruleset->text.empty() ? 1 : 0;
  }
  inventory.links += ends / 2;  // a pair is one link
  return inventory;
}

/// Everything between the file and the kernel, kept together because `plan` and `up` share it.
struct Prepared {
  Places before;  ///< of the lab that runs
  Places after;
  Proposal proposal;
  netns::State previous;  ///< only where there is a ruleset to compare with
  netns::State desired;
  netns::Observed observed;
  netns::Plan plan;
};

/// The running lab. One whose saved model is damaged counts as none: what the kernel has is read anyway.
std::optional<Model> running_model(const std::string& lab) try {
  return is_lab_name(lab) ? load_model(lab) : std::nullopt;
} catch (const DamagedLab&) {
  return std::nullopt;
}

/// Reads the kernel and compares. @param directory  where the lab's own commands are to work
Prepared compare(Proposal&& proposed, const std::filesystem::path& directory) {
  Prepared prepared;
  prepared.proposal = std::move(proposed);
  auto& proposal = prepared.proposal;
  const auto* before = proposal.before ? &*proposal.before : nullptr;
  const auto& lab = proposal.after.lab;
  prepared.before = places_of(lab);
  prepared.after = prepared.before;
  prepared.after.directory = directory;
  prepared.desired = build_state(proposal.after, prepared.after);
  prepared.observed = netns::observe(prefix_of(lab), prepared.desired, records_of(lab));
  prepared.plan = netns::diff(prepared.desired, prepared.observed);
  const bool loads = std::ranges::any_of(prepared.plan.change, [](const auto& change) { return !change.second.loaded_ruleset.empty(); });
  if (before != nullptr && loads) prepared.previous = build_state(*before, prepared.before);
  proposal.steps = netns::step_lines(prepared.plan);
  if (before != nullptr) {
    proposal.failures = failed_programs(*before);
    const auto amiss = files_amiss(lab, surrounding_files(*before));
    proposal.files_amiss = amiss.size();
    for (const auto& name : amiss) proposal.steps.push_back(fmt::format("{}: write again", (lab_folder(lab) / name).string()));
  }
  for (const auto* lines : {&prepared.plan.obstacles, &prepared.plan.notes})
    proposal.notes.insert(proposal.notes.end(), lines->begin(), lines->end());
  proposal.inventory = count(prepared.desired);
  proposal.touched = prepared.plan.change.size() + prepared.plan.remove.size();
  return prepared;
}

Prepared prepare(const LabFile& file) {
  auto proposal = propose(file, running_model(file.model.lab));
  if (!has_errors(proposal.diagnostics)) {
    const auto strangers = check_users(file);
    proposal.diagnostics.insert(proposal.diagnostics.end(), strangers.begin(), strangers.end());
  }
  if (!has_errors(proposal.diagnostics)) return compare(std::move(proposal), std::filesystem::absolute(file.file).parent_path());
  Prepared refused;
  refused.proposal = std::move(proposal);
  return refused;
}

/// The lab as it was once: nothing is read from a file, or resolved anew.
Prepared prepare_again(const Model& was) {
  Proposal proposal;
  proposal.before = running_model(was.lab);
  proposal.after = was;
  return compare(std::move(proposal), places_of(was.lab).directory);
}

/// Has the flows that are there judged and translated by the rules of `now`, also those that a killed command left unjudged. From here on
/// nothing is undone.
void judge_flows(const LockedLab& lab, const Model& now, const netns::State& desired, const netns::Plan& plan) {
  if (const auto then = lab.model_of_flows()) flush_flows(*then, now);
  forget_outdated_translations(now, desired, plan);
  lab.forget_before();
}

std::set<std::filesystem::path> folders_of_processes(const netns::State& state) {
  std::set<std::filesystem::path> folders;
  for (const auto& [name, name_space] : state.namespaces)
    for (const auto& [process, wanted] : name_space.processes)
      if (!wanted.folder.path.empty()) folders.insert(wanted.folder.path);
  return folders;
}

/// Makes the lab what it was; nothing when it was not there. What is needed for it is there already, so that a full disk is no hindrance.
void put_back(const LockedLab& lab, const std::optional<Model>& before, const Places& places, const Model& tried) {
  const auto records = records_of(lab.name());
  const auto desired = before ? build_state(*before, places) : netns::State{};
  lab.unsave();
  if (before) lab.write_files(surrounding_files(*before));
  auto observed = netns::observe(prefix_of(lab.name()), desired, records);
  const auto plan = netns::diff(desired, observed);
  if (before) forget_tunnels(&tried, *before, plan);
  netns::apply(plan, desired, {}, records);
  netns::verify(plan, desired, std::move(observed), records);
  if (!before) return lab.forget();
  lab.tidy(surrounding_files(*before), folders_of_processes(desired));
  start_tunnels(&tried, *before, plan);
  judge_flows(lab, *before, desired, plan);
}

/// @param begun  set when there is something to undo
void fulfil(const LockedLab& lab, Prepared& prepared, bool& begun, const Progress& progress) {
  const auto records = records_of(lab.name());
  const auto& after = prepared.proposal.after;
  const auto* before = prepared.proposal.before ? &*prepared.proposal.before : nullptr;
  lab.save(after);
  begun = true;
  lab.write_files(surrounding_files(after));
  forget_tunnels(before, after, prepared.plan);
  netns::apply(prepared.plan, prepared.desired, prepared.previous, records, progress);
  if (progress) progress("reading it back");
  netns::verify(prepared.plan, prepared.desired, std::move(prepared.observed), records);
  records.processes.stop_all_but(prepared.desired);
  start_tunnels(before, after, prepared.plan);
  lab.save_directory(prepared.after.directory);
  lab.tidy(surrounding_files(after), folders_of_processes(prepared.desired));
  judge_flows(lab, after, prepared.desired, prepared.plan);
}

void remove_records_of_gone_logs(const Model& model) {
  std::set<std::string> names;
  for (const auto& log : model.flow_logs) names.insert(log.name);
  remove_other_records(places_of(model.lab).flow_logs(), names);
}

/// Long enough for both ends to start, to try, and to try again after a packet that was lost in the rush, on a slow machine.
constexpr std::chrono::seconds kPatienceForTunnels{60};

/// A lab that never ran has nothing but the folder that its lock is in.
void forget_if_empty(const LockedLab& lab, const std::optional<Model>& before) {
  if (!before && records_of(lab.name()).namespaces.read().empty()) lab.forget();
}

/// @throws AnotherFile
void require_same_file(const LabRecord& running, const std::string& lab, const UpOptions& options) {
  if (options.replace || is_of_same_source(running.origin, options.origin)) return;
  throw AnotherFile(
      fmt::format("lab '{}' runs already, from {}, by {}; nothing was changed. '--name OTHER' brings this file up beside it, "
                  "'--replace' makes the running lab be this file",
                  lab, source_text(running.origin), running.origin.user));
}

/// What is to be kept of the lab's making. @param work  what is begun; empty when it is done
LabRecord record_of(const std::optional<LabRecord>& earlier, const LabOrigin& origin, bool changes, const char* work) {
  return {origin, (earlier ? earlier->changes : 0) + (changes ? 1 : 0), work};
}

/// @throws netns::MissingRequirement when the file is right and asks for tunnels, and this kernel has none
void require_ipsec(const LabFile& file) {
  const auto& model = file.model;
  if (model.virtual_network_gateway_connections.empty() || has_errors(file.diagnostics)) return;
  const auto before = running_model(model.lab);
  if (has_errors(validate(model, file.positions, before ? &*before : nullptr))) return;
  if (const auto refusal = netns::why_no_ipsec())
    throw netns::MissingRequirement(
        fmt::format("this kernel cannot encrypt tunnels, which lab '{}' has: {}; nothing was changed, '{}' says more. {}", model.lab,
                    *refusal, command_text("doctor"), way_to_lab_machine(file.is_standard_input ? "" : file.file)));
}

/// Says again what was said before `up` began, which needs no space when there is none.
void restore_record(const LockedLab& lab, const std::optional<LabRecord>& before, const LabOrigin& now) {
  try {
    lab.save(record_of(before, before ? before->origin : now, true, ""));
  } catch (const std::system_error&) {
    lab.unsave_record();
  }
}

/// Where a program that failed left the lab unbuilt: what it said, in a place that outlives the lab. @return a line that says so
std::string keep_what_failed(const LockedLab& lab, const Model& model, const std::exception_ptr& cause) {
  try {
    std::rethrow_exception(cause);
  } catch (const netns::ProcessFailed& failed) {
    namespace fs = std::filesystem;
    const auto& process = failed.process();
    const auto failure = failure_of(model, process);
    const auto record = records_of(lab.name()).processes.record_of(process.name_space, process.name);
    const auto kept = lab.kept_logs() / fmt::format("{}.{}.log", failure.node, failure.program);
    std::error_code none;
    fs::create_directories(lab.kept_logs(), none);
    fs::permissions(lab.kept_logs(), fs::perms::owner_all, none);
    std::ofstream all{kept, std::ios::binary | std::ios::trunc};
    for (const auto& part : {netns::old_log_beside(record), netns::log_beside(record)})
      if (std::ifstream file{part, std::ios::binary}; file.peek() != std::ifstream::traits_type::eof()) all << file.rdbuf();
    return fmt::format("\n{}  all that it said is in {}", describe(failure), kept.string());
  } catch (...) {
    return {};
  }
}

/// `up` as far as the lab's lock is needed.
/// @param prepares  called when it is held
Proposal make(const std::string& name, const UpOptions& options, const Progress& progress, const std::function<Prepared()>& prepares) {
  const LockedLab lab{name, options.patience};
  const auto record = load_record(lab.name());
  if (record) require_same_file(*record, lab.name(), options);
  auto prepared = prepares();
  const auto& before = prepared.proposal.before;
  if (has_errors(prepared.proposal.diagnostics)) {
    forget_if_empty(lab, before);
    return std::move(prepared.proposal);
  }
  if (const auto& obstacles = prepared.plan.obstacles; !obstacles.empty()) {
    forget_if_empty(lab, before);
    throw std::runtime_error(
        fmt::format("lab '{}': something is in the way; nothing was changed:\n  {}", lab.name(), fmt::join(obstacles, "\n  ")));
  }
  const bool changes = !prepared.plan.empty() || before != prepared.proposal.after;
  const bool is_unknown = !before && !records_of(lab.name()).namespaces.read().empty();  // its saved model is damaged
  bool begun = false;
  try {
    if (changes) lab.save(record_of(record, options.origin, true, "up"));
    fulfil(lab, prepared, begun, progress);
  } catch (...) {
    const auto cause = std::current_exception();
    const auto told = keep_what_failed(lab, prepared.proposal.after, cause);
    std::string after = before ? "it is again what it was" : "nothing was left behind";
    try {
      if (is_unknown) {
        if (begun) lab.unsave();
        after = fmt::format("what it was nobody knows, since what was saved of it is damaged: '{}' removes what there is",
                            command_text(fmt::format("down {}", lab.name())));
      } else if (begun)
        put_back(lab, before, prepared.before, prepared.proposal.after);
      else
        forget_if_empty(lab, before);
      if (before) restore_record(lab, record, options.origin);
    } catch (const std::exception& error) {
      after = fmt::format("nor could it be put back: {}; '{}' removes what there is", error.what(),
                          command_text(fmt::format("down {}", lab.name())));
    }
    try {
      std::rethrow_exception(cause);
    } catch (...) {
      std::throw_with_nested(std::runtime_error(fmt::format("lab '{}' could not be built; {}{}", lab.name(), after, told)));
    }
  }
  remove_records_of_gone_logs(prepared.proposal.after);
  try {
    if (const auto made = record_of(record, options.origin, changes, ""); record != made)
      lab.save(made);
    else
      lab.forget_record_before();
  } catch (...) {
    std::throw_with_nested(std::runtime_error(fmt::format("lab '{}' is up, and that could not be written down", lab.name())));
  }
  return std::move(prepared.proposal);
}

/// Waits for programs, pages and tunnels; notes what came of them.
void wait_until_it_serves(Proposal& proposal, const UpOptions& options, const Progress& progress) {
  try {
    const auto& model = proposal.after;
    proposal.unserved = wait_for_ports(model, served_ports(model), options.patience_for_programs, progress);
    wait_a_moment(model);
    proposal.failures = failed_programs(model);
    proposal.connections = wait_for_connections(model, kPatienceForTunnels, progress);
  } catch (const std::exception&) {
    if (is_there(proposal.after.lab)) throw;
    throw std::runtime_error(fmt::format("lab '{}' was removed while its programs and tunnels were waited for", proposal.after.lab));
  }
}

}  // namespace

Proposal plan(const LabFile& file) { return prepare(file).proposal; }

Proposal up(const LabFile& file, const UpOptions& options, const Progress& progress) {
  if (!is_lab_name(file.model.lab)) return prepare(file).proposal;  // says so, and there is nothing to lock
  require_ipsec(file);
  auto asked = options;
  asked.replace = options.replace || has_errors(file.diagnostics);  // then what is wrong is told, and nothing made
  auto proposal = make(file.model.lab, asked, progress, [&] { return prepare(file); });
  if (!has_errors(proposal.diagnostics)) wait_until_it_serves(proposal, options, progress);
  return proposal;
}

Proposal restore(const Model& was, const UpOptions& options, const Progress& progress) {
  auto proposal = make(was.lab, options, progress, [&] { return prepare_again(was); });
  wait_until_it_serves(proposal, options, progress);
  return proposal;
}

std::vector<std::string> restart(const std::string& name, const std::string& node, std::chrono::milliseconds patience,
                                 const Patience& patience_with_others) {
  std::optional<LockedLab> lab{std::in_place, name, patience_with_others};
  const auto model = load_model(name);
  if (!model) throw std::runtime_error(fmt::format("lab '{}' is gone", name));
  const auto desired = build_state(*model, places_of(name));
  const auto name_space = namespace_name(name, node);
  const auto records = records_of(name).processes;
  records.running();  // where a record is lost its supervisor writes it again, so that what runs is found and ended
  const auto& processes = desired.namespaces.at(name_space).processes;
  for (const auto& [program, process] : processes)
    if (process.lifetime != netns::Lifetime::RunsFirst) records.stop(name_space, program);
  for (const auto& [program, process] : processes)
    if (process.lifetime != netns::Lifetime::RunsFirst) records.start(name_space, program, process);
  lab.reset();
  auto ports = served_ports(*model);
  std::erase_if(ports, [&](const ServedPort& port) { return port.node != node; });
  auto troubles = wait_for_ports(*model, std::move(ports), patience);
  wait_a_moment(*model);
  for (const auto& failure : failed_programs(*model))
    if (failure.node == node) troubles.push_back(describe(failure));
  return troubles;
}

bool is_there(const std::string& lab) {
  std::error_code hidden;  // who is not root sees no lab
  return std::filesystem::exists(lab_folder(lab), hidden);
}

bool down(const std::string& lab, const Patience& patience) {
  if (!is_there(lab)) {
    netns::stop_all_marked(lab);
    return false;
  }
  const LockedLab locked{lab, patience};
  try {
    const auto record = load_record(lab);
    locked.save(record_of(record, record ? record->origin : LabOrigin{}, true, "down"));
  } catch (const std::system_error&) {
    // A full disk must not keep a lab from going: then nobody is told of a `down` that was killed.
  }
  const auto records = records_of(lab);
  records.processes.stop_all_but({});
  netns::apply(netns::removal(records), {}, {}, records);
  netns::stop_all_marked(lab);
  locked.tidy({}, {});
  locked.forget();
  return true;
}

std::vector<std::string> nodes_of(const Model& model) {
  std::vector<std::string> nodes;
  nodes.reserve(model.virtual_machines.size() + model.internet.hosts.size() + model.virtual_networks.size() + 1);
  for (const auto& machine : model.virtual_machines) nodes.push_back(machine.name);
  for (const auto& host : model.internet.hosts) nodes.push_back(host.name);
  for (const auto& network : model.virtual_networks) nodes.push_back(network.name);
  for (const auto& gateway : model.virtual_network_gateways) nodes.push_back(gateway.name);
  for (const auto& site : model.on_premises) {
    nodes.push_back(site.name);
    for (const auto& host : site.hosts) nodes.push_back(host.name);
  }
  nodes.emplace_back(kInternetNode);
  if (has_services(model)) nodes.emplace_back(kServicesNode);
  return nodes;
}

void execute(const Model& model, std::string_view node, std::vector<std::string> command) {
  const auto surroundings = surroundings_of(model, node, places_of(model.lab));
  const auto name_space = namespace_name(model.lab, node);
  for (const auto& [name, value] : netns::marks_of(name_space)) ::setenv(name.c_str(), value.c_str(), 1);
  records_of(model.lab).processes.enter_for_good(name_space, surroundings, command);
  std::vector<char*> arguments;
  for (auto& argument : command) arguments.push_back(argument.data());
  arguments.push_back(nullptr);
  ::execvp(arguments[0], arguments.data());
  const int error = errno;
  throw CannotRun(error, std::system_category(), command[0]);
}

}  // namespace emu
