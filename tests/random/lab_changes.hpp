// SPDX-License-Identifier: Apache-2.0
// tests/random/lab_changes.hpp — a lab becomes another one, as people change theirs: something is added, taken away, moved or exchanged.
#pragma once

#include <functional>

#include "tests/random/lab_generator.hpp"

namespace test {

/// `lab` after one to five random changes. What two machines, networks or subnets have is exchanged as well: both live on. A change that
/// `accepts` refuses is taken back. The same lab and seed make the same change.
LabValue random_change(const LabValue& lab, std::uint64_t seed, const Ingredients& ingredients,
                       const std::function<bool(const LabValue&)>& accepts);

}  // namespace test
