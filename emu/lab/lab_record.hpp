// SPDX-License-Identifier: Apache-2.0
// emu/lab/lab_record.hpp — who made a lab from which file, and whether a command is at work on it.
//
// Theory of operation. `/run/lazuli/<lab>/lab.json` is written in one rename before a command touches anything in the kernel, and once
// more when it is done. So whoever reads it knows what no look at the kernel tells: that a command was killed half way, and, by the
// number of changes before and after, that the lab changed while it was measured.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace emu {

/// Where a lab comes from.
struct LabOrigin {
  std::string file;  ///< absolute path; empty when it was read from the standard input
  std::string user;  ///< who called `up`, before sudo
  std::string name;  ///< that it was brought up under instead of the file's; empty for that

  bool operator==(const LabOrigin&) const = default;
};

/// Whether two labs of one name are meant to be the same: made from the same file, or by the same user from what no file holds.
bool is_of_same_source(const LabOrigin& one, const LabOrigin& other);

/// `/home/ann/lab.yaml`, or `the standard input`.
std::string source_text(const LabOrigin& origin);

struct LabRecord {
  LabOrigin origin;
  std::uint64_t changes = 0;  ///< how many times a command changed something
  std::string changing;       ///< the command that is at work, or was when it was killed: `up`, `down`; empty when it is done

  bool operator==(const LabRecord&) const = default;
};

/// Its name in the lab's folder, and its text.
inline constexpr const char* kRecordFile = "lab.json";
std::string to_json(const LabRecord& record);

/// What to type to make the lab again what its file says: `sudo lazuli up /home/ann/lab.yaml`.
std::string up_command(std::string_view lab);

/// Empty where there is none, or one that is damaged: then nothing is known of the lab's origin. @throws netns::KernelError
std::optional<LabRecord> load_record(std::string_view lab);

}  // namespace emu
