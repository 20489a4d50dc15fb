// SPDX-License-Identifier: Apache-2.0
// emu/lab/lab.hpp — a lab's life: up, plan, down, and running something in it.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
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
  std::vector<ConnectionStatus> connections;  ///< after `up`
  std::vector<ProgramFailure> failures;       ///< programs that failed: before `plan`, after `up`
  std::vector<std::string> unserved;          ///< after `up`: ports that nothing listens on, in words
};

/// What `file` asks of the lab that runs as `before`, or of one that does not run: nothing but `before`, `after`, `diagnostics` and
/// `notes`. Pure.
Proposal propose(const LabFile& file, std::optional<Model> before);

/// Reads the kernel and says what `up` would change. Touches nothing.
Proposal plan(const LabFile& file);

/// How long `up` waits for ports that are to be served, unless told otherwise.
inline constexpr std::chrono::seconds kPatienceForPrograms{30};

/// Told of each stage of the work as it begins, in words.
using Progress = std::function<void(const std::string&)>;

/// Makes the lab as the file says. When the kernel refuses something, what was there before is put back.
/// @param patience  how long to wait for programs that are to listen
/// @throws std::exception, nested, saying what was refused and whether the lab was put back
Proposal up(const LabFile& file, const Progress& progress = {}, std::chrono::seconds patience = kPatienceForPrograms);

/// Ends the programs of `node` and starts them again; what sets it up is not run again. Waits as `up` does.
/// @return what failed, each in words of one or several lines
std::vector<std::string> restart(const std::string& lab, const std::string& node, std::chrono::seconds patience);

/// Removes the lab: processes, namespaces, files; also what a killed command left of it. False when there was nothing.
bool down(const std::string& lab);

/// Becomes `command` in `node` of the lab, with the node's own host name and /etc/hosts; does not return.
/// @throws std::exception
[[noreturn]] void execute(const Model& model, std::string_view node, std::vector<std::string> command);

/// Names of everything that has a namespace of its own.
std::vector<std::string> nodes_of(const Model& model);

}  // namespace emu
