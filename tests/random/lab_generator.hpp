// SPDX-License-Identifier: Apache-2.0
// tests/random/lab_generator.hpp — random labs that Azure would accept, and the smallest part of one that still does something.
//
// Theory of operation. A lab is a JSON value, which is YAML as well, so what is tried goes through the reader that people's files go
// through. It grows by random steps; a step that the checks refuse is taken back. So nothing here knows which labs are correct, and
// whatever the checks allow may come up. A seed always makes the same lab.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

namespace test {

using LabValue = nlohmann::ordered_json;

struct Ingredients {
  bool gateways = false;  ///< needs a kernel with ESP
};

/// Whether the file's checks find no error.
bool is_correct(const LabValue& lab);

/// A correct lab of up to four networks and a dozen nodes.
LabValue random_lab(std::uint64_t seed, const Ingredients& ingredients = {});

/// Leaves out of `lab` whatever can be left out while it stays correct and `fails` still holds, until nothing more can.
/// @param fails  is asked of correct labs alone, and may take long
LabValue shrink(LabValue lab, const std::function<bool(const LabValue&)>& fails);

/// Likewise for a lab and what becomes of it: what both have is left out of both.
std::pair<LabValue, LabValue> shrink(std::pair<LabValue, LabValue> step,
                                     const std::function<bool(const LabValue& before, const LabValue& after)>& fails);

/// As a person would keep it: a line for each entry of a list.
std::string to_lab_file(const LabValue& lab);

}  // namespace test
