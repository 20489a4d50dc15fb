// SPDX-License-Identifier: Apache-2.0
// emu/cli/naming.hpp — which lab, which node and which file the words of a command mean: the one place that decides it.
//
// The rule. A lab is named by `-l LAB`, before or after everything else; by `LAB/NODE` wherever a node is named; or by the argument LAB of
// a command that has one. Two of them that differ are wrong use. When none is there `$LAZULI_LAB` counts, and then the only lab that runs.
// An argument LAB may also be a lab file: a word that names a running lab means the lab, any other word a file or a folder.
// A lab file is a file, a folder with a `lab.yaml`, or `-` for the standard input; without one it is `./lab.yaml`.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>

#include "emu/lab/lab_record.hpp"
#include "emu/model/model.hpp"
#include "emu/scenario/lab_file.hpp"

namespace emu::cli {

/// Collects what the words of one command say about the lab.
class Naming {
 public:
  /// @param option  what `-l` named, may be empty
  explicit Naming(const std::string& option = {});

  /// The node's part of `NODE` or `LAB/NODE`; also of a target `LAB/NODE:PORT`. @throws UsageError when another lab is named already
  std::string node(const std::string& word);
  /// The argument LAB, a lab or a file; empty for none. @throws UsageError
  void lab_or_file(const std::string& word);

  /// The lab that is named, by the command or by `$LAZULI_LAB`; empty when none is.
  std::string named() const;
  /// The lab that is named, or else the only one. @throws UsageError naming the labs there are
  std::string lab() const;
  /// Its model. @throws UsageError, DamagedLab
  Model running() const;

 private:
  void name(std::string_view lab, const std::string& words);

  std::string lab_;
  std::string words_;  ///< that named it
};

/// What a command says that is about one node.
struct NodeWords {
  std::string lab;   ///< of -l
  std::string node;  ///< NODE or LAB/NODE
};

/// What a command says that is about a whole lab.
struct LabWords {
  std::string option;    ///< of -l
  std::string argument;  ///< LAB
};

struct RunningNode {
  Model model;
  std::string node;  ///< as the lab spells it
};

/// A word that a variable was to give and did not is not taken for none: `down "$LAB"` must not remove another lab.
CLI::Validator is_not_empty();

/// Adds `-l,--lab`.
void add_lab_option(CLI::App& command, std::string& lab);
/// Adds `-l,--lab` and the argument NODE.
void add_node_words(CLI::App& command, NodeWords& words, const char* which);
/// Adds `-l,--lab` and the argument LAB.
void add_lab_words(CLI::App& command, LabWords& words);
/// Adds the argument FILE. @param otherwise  what is meant without it, when that is not ./lab.yaml alone
void add_file_argument(CLI::App& command, std::string& path, const char* otherwise = "");

/// @throws UsageError, DamagedLab
RunningNode running_node(const NodeWords& words);
Naming naming_of(const LabWords& words);

/// The name as the lab spells it. @throws UsageError naming the nearest node
std::string require_node(const Model& model, const std::string& node);
/// The service that a name means where it is not a node's as well; nullptr when it means none.
const Service* service_called(const Model& model, const std::string& name);
/// The virtual machine of that name, for questions about its network interface. @throws UsageError
const VirtualMachine& require_machine(const Model& model, const std::string& node);
/// @throws std::runtime_error saying how to get it back, when the node's namespace is gone
void require_there(const Model& model, const std::string& node);

/// Whether there is a ./lab.yaml.
bool has_own_file();
/// The lab file that `path` means. @throws UsageError when it is empty and there is no ./lab.yaml
LabFile read_source(const std::string& path);
/// Where that file is, and who the user is, before sudo.
LabOrigin origin_of(const LabFile& file);
/// The running lab that was made from this file, or else the lab that the file names, unless another file made that. @throws UsageError
/// when it cannot be told
std::string lab_of_file(const std::string& path);

}  // namespace emu::cli
