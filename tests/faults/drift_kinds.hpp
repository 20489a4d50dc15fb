// SPDX-License-Identifier: Apache-2.0
// tests/faults/drift_kinds.hpp — what somebody can change by hand in a running lab, one kind an entry.
#pragma once

#include <span>

namespace test {

/// Something that belongs to the lab and is no longer as `up` made it.
struct Drift {
  const char* name;
  /// For sh(1). $L is the lab's name, `at NODE COMMAND...` runs a command in a node's network, `end NODE` kills what runs there, and `ip`,
  /// `bridge` and `tc` take `-n $L.NODE`.
  const char* command;
  const char* nodes;  ///< the only ones in which `up` may do something, apart by blanks
  const char* words;  ///< that one line of `plan` has all of, apart by blanks
  /// A regular expression of what may be made anew, as identities() names it; all else has to be the same thing as before.
  const char* remade = "";
};

/// Something that a person or a program made in a machine.
struct Own {
  const char* name;
  const char* command;  ///< as above
};

/// What the commands above are run with.
extern const char* const kDriftPrelude;

std::span<const Drift> drifts();
std::span<const Own> own_things();
/// What somebody may do to the records of processes.
std::span<const Own> lost_records();

}  // namespace test
