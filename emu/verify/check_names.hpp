// SPDX-License-Identifier: Apache-2.0
// emu/verify/check_names.hpp — what checks are called, and which of them words mean.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "emu/model/model.hpp"

namespace emu {

/// `vm1 -> vm2:22`, `vm1: dig +short vm2`
std::string subject_of(const Check& check);

/// One for each check, no two alike: its own name, or else `ping vm1 -> vm2`; one that an earlier check has gets a number: `… (2)`. Pure.
std::vector<std::string> names_of(const std::vector<Check>& checks);

/// The checks that `word` means, by their places: those of that name, the pattern of names that it is (glob(7), whatever the case), or
/// the one of that number, counted from 1. Empty when it means none. Pure.
std::vector<std::size_t> checks_called(std::string_view word, const std::vector<std::string>& names);

}  // namespace emu
