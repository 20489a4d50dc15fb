// SPDX-License-Identifier: Apache-2.0
// emu/lab/store.hpp — what this machine remembers of its labs.
//
// Theory of operation. `/run/lazuli/<lab>/`, mode 0700, holds what the kernel cannot tell: the resolved model (which machine was
// given which dynamic address, what state a peering was in), the files that processes of the lab see, and their records. The
// model is written, in one rename, before the first thing in the kernel is touched: a command that is killed has either changed
// nothing, or has left the model it was working towards, and the next command goes on from there. A lock keeps two commands
// from changing one lab at a time; the kernel drops it with the process that holds it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "emu/fabric/fabric.hpp"
#include "emu/lab/lab_record.hpp"
#include "emu/model/model.hpp"
#include "netns/base/unique_fd.hpp"
#include "netns/reconcile/reconcile.hpp"

namespace emu {

/// The folder of all labs.
std::filesystem::path labs_folder();
/// @throws std::invalid_argument when that is no lab's name
std::filesystem::path lab_folder(std::string_view lab);

/// Where the processes of a lab find what they need.
Places places_of(std::string_view lab);

/// What is known of a lab's namespaces and of what runs in them.
netns::Records records_of(std::string_view lab);

/// What was saved of a lab cannot be used: says which file, what is wrong with it and what to do.
class DamagedLab : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Labs on this machine, sorted; also one that a killed command left half built or half removed. What cannot be a lab is passed over.
/// @throws std::system_error when they cannot be listed
std::vector<std::string> list_labs();

/// Of the files that processes of the lab see, by their names in its folder, those that somebody else changed or took away.
std::vector<std::string> files_amiss(std::string_view lab, const std::map<std::string, std::string>& files);

/// The model a lab was last asked to be; empty when there is none. @throws DamagedLab
std::optional<Model> load_model(std::string_view lab);

/// The process that holds the lab's lock; empty when nobody does. 0 when it lives where this process cannot see it.
std::optional<pid_t> lock_holder(std::string_view lab);

/// How long to wait for a lab that another command is at work on.
struct Patience {
  std::chrono::milliseconds limit = std::chrono::minutes{1};
  /// Told once, after a second, of the process that is waited for.
  std::function<void(pid_t)> waits;
};

/// Holds a lab's lock, waiting for whoever has it, and makes its folder.
class LockedLab {
 public:
  /// @throws std::system_error, and std::runtime_error naming the other process when it did not end in time
  explicit LockedLab(std::string lab, const Patience& patience = {});
  LockedLab(LockedLab&&) noexcept = default;
  LockedLab& operator=(LockedLab&&) = delete;
  ~LockedLab();

  const std::string& name() const { return lab_; }

  /// In one step; what it was before is kept until `forget_before`, so that it can be made again without space for it.
  void save(const Model& model) const;
  void save(const LabRecord& record) const;
  /// Puts the record back that the last `save` of one replaced, without needing space.
  void unsave_record() const;
  /// What the record was before goes, also that of a command that was killed before it came to this.
  void forget_record_before() const;
  /// Undoes the last `save`.
  void unsave() const;
  /// The model whose flows are still as its rules let them through: an older one than the last when a command was killed before it had
  /// judged them by the new one's. Empty when there is none.
  std::optional<Model> model_of_flows() const;
  void forget_before() const;
  /// Keeps where the lab's own commands work, for `places_of`.
  void save_directory(const std::filesystem::path& directory) const;
  /// Makes files inside the folder hold these lines, in any order. They may be mounted in processes, which find every line that was
  /// there and stays at any moment.
  void write_files(const std::map<std::string, std::string>& files) const;
  /// Removes what an earlier lab of that name left: files beside `files` in their folders, folders of processes that are not among
  /// `process_folders`, drafts of a killed command, logs of a failed one.
  void tidy(const std::map<std::string, std::string>& files, const std::set<std::filesystem::path>& process_folders) const;
  /// Where logs are kept of a lab that could not be built.
  std::filesystem::path kept_logs() const;
  /// Removes the folder with all in it.
  void forget() const;

 private:
  struct GivesBack {
    void operator()(const std::string* lab) const;
  };

  std::string lab_;
  std::unique_ptr<const std::string, GivesBack> own_;  ///< no other thread of this process has the lab meanwhile
  netns::UniqueFd lock_;
};

}  // namespace emu
