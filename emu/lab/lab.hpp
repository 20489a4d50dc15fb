// SPDX-License-Identifier: Apache-2.0
// emu/lab/lab.hpp — a lab's life: up, plan, down, and running something in it.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "emu/lab/programs.hpp"
#include "emu/lab/store.hpp"
#include "emu/model/connection_status.hpp"
#include "emu/model/diagnostic.hpp"
#include "emu/model/model.hpp"
#include "emu/scenario/lab_file.hpp"

namespace emu {

/// Counts of what a lab is made of in the kernel.
struct Inventory {
  std::size_t namespaces = 0;
  std::size_t links = 0;
  std::size_t routes = 0;
  std::size_t rulesets = 0;

  bool operator==(const Inventory&) const = default;
};

/// What `up` would do, or did.
struct Proposal {
  std::optional<Model> before;                ///< the running lab
  Model after;                                ///< resolved
  Diagnostics diagnostics;                    ///< with errors, the rest is not to be used
  std::vector<std::string> notes;             ///< for the person (SYNC-1..4)
  std::vector<std::string> steps;             ///< in the kernel, one line each
  Inventory inventory;                        ///< of the lab as it is to be
  std::size_t touched = 0;                    ///< namespaces created, changed or removed
  std::size_t files_amiss = 0;                ///< files of the lab's folder that are not as they were written
  std::vector<ConnectionStatus> connections;  ///< after `up`
  std::vector<ProgramFailure> failures;       ///< programs that failed: before `plan`, after `up`
  std::vector<std::string> unserved;          ///< after `up`: ports that nothing listens on, in words
};

/// What `file` asks of the lab that runs as `before`, or of one that does not run: nothing but `before`, `after`, `diagnostics` and
/// `notes`. Pure.
Proposal propose(const LabFile& file, std::optional<Model> before);

/// What is wrong with the steps of `file`, played one after the other on a lab that is `start`; what comes behind a step that is wrong is
/// not looked at. Pure.
/// @param start  resolved
Diagnostics check_steps(const LabFile& file, Model start);

/// Reads the kernel and says what `up` would change. Touches nothing.
Proposal plan(const LabFile& file);

/// How long `up` waits for ports that are to be served, unless told otherwise.
inline constexpr std::chrono::seconds kPatienceForPrograms{30};

/// Told of each stage of the work as it begins, in words.
using Progress = std::function<void(const std::string&)>;

/// The lab's name runs, from another file.
class AnotherFile : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct UpOptions {
  LabOrigin origin;      ///< of the file
  bool replace = false;  ///< also a lab that is from another file
  Patience patience;     ///< with another command
  std::chrono::milliseconds patience_for_programs = kPatienceForPrograms;
};

/// Makes the lab as the file says. When the kernel refuses something, what was there before is put back. Programs and tunnels are
/// waited for when other commands may already work on the lab.
/// @throws AnotherFile, having changed nothing
/// @throws std::exception, nested, saying what was refused and whether the lab was put back
Proposal up(const LabFile& file, const UpOptions& options, const Progress& progress = {});

/// Makes the lab what it was: all that was resolved, states of peerings too, is as in `was`, which a file alone would not bring back.
/// Does the rest as `up` does, and throws what it throws.
/// @param was  as `load_model` gave it
Proposal restore(const Model& was, const UpOptions& options, const Progress& progress = {});

/// Ends the programs of `node` and starts them again; what sets it up is not run again. Waits as `up` does.
/// @return what failed, each in words of one or several lines
std::vector<std::string> restart(const std::string& lab, const std::string& node, std::chrono::milliseconds patience,
                                 const Patience& patience_with_others = {});

/// Removes the lab: processes, namespaces, files; also what a killed command left of it. False when there was nothing.
bool down(const std::string& lab, const Patience& patience = {});

/// Whether anything of that lab is on this machine.
bool is_there(const std::string& lab);

/// A command that a node has not, or that cannot be executed there: the code says which.
class CannotRun : public std::system_error {
 public:
  using std::system_error::system_error;
};

/// Becomes `command` in `node` of the lab, with the node's own host name and /etc/hosts; does not return.
/// @throws CannotRun
/// @throws netns::KernelError when the node cannot be entered
[[noreturn]] void execute(const Model& model, std::string_view node, std::vector<std::string> command);

/// Names of everything that has a namespace of its own.
std::vector<std::string> nodes_of(const Model& model);

}  // namespace emu
