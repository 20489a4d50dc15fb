// SPDX-License-Identifier: Apache-2.0
// emu/cli/measured.hpp — what is measured in a lab counts only when the lab stayed as it was meanwhile.
#pragma once

#include <optional>
#include <string>

#include "emu/cli/naming.hpp"
#include "emu/lab/lab_record.hpp"
#include "emu/model/model.hpp"

namespace emu::cli {

/// One measurement: made before it begins, asked when it is over.
class UnchangedLab {
 public:
  /// @throws std::runtime_error when a command is at work on the lab, or when parts of it are missing
  explicit UnchangedLab(const Naming& naming);

  const Model& model() const { return model_; }
  /// @throws std::runtime_error when the lab changed meanwhile
  void require_unchanged() const;
  /// @throws std::runtime_error when a command was killed at the lab, or a node is missing: what is missing, and the way out
  void require_whole() const;

 private:
  std::optional<LabRecord> before_;
  Model model_;
};

/// What `measure` finds in the lab. @throws std::runtime_error when the lab changed meanwhile, whatever `measure` made of that
template <typename Measure>
auto measured(const Naming& naming, Measure measure) {
  const UnchangedLab lab{naming};
  try {
    auto found = measure(lab.model());
    lab.require_unchanged();
    return found;
  } catch (...) {
    lab.require_unchanged();
    lab.require_whole();
    throw;
  }
}

}  // namespace emu::cli
