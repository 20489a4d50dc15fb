// SPDX-License-Identifier: Apache-2.0
// emu/flowlog/record_files.hpp — where the records of a lab's flow logs are, and how they get there.
//
// A flow log has one file, `<name>.jsonl`, a record a line. One that has grown to kLargest becomes `<name>.jsonl.old`, in place of the
// one before, so a lab that runs for weeks does not fill the memory that /run is made of.
#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "netns/base/unique_fd.hpp"

namespace emu {

inline constexpr std::uintmax_t kLargestRecordFile = std::uintmax_t{32} * 1024 * 1024;

/// Appends each record, whose first part is the flow log's name, in one write. @throws std::system_error
void append_records(const std::filesystem::path& folder, const std::vector<std::pair<std::string, std::string>>& records,
                    std::uintmax_t largest = kLargestRecordFile);

/// Removes the files of all flow logs but these. What cannot be removed stays.
void remove_other_records(const std::filesystem::path& folder, const std::set<std::string>& flow_logs);

/// Reads the records of a flow log, as they come.
class RecordReader {
 public:
  RecordReader(const std::filesystem::path& folder, std::string_view flow_log);

  /// One a line, the oldest first: all there are, then those that came since the last call. What is still being written comes later.
  std::vector<std::string> read();

 private:
  std::filesystem::path current_;
  netns::UniqueFd file_;  ///< what is being read: the current file, or what was that before it grew too large
  std::string rest_;      ///< the beginning of a line
};

}  // namespace emu
