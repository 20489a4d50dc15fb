// SPDX-License-Identifier: Apache-2.0
// emu/model/model_json.hpp — a resolved model as JSON and back, which is how a lab's state is kept on disk.
//
// Keys are the lab file's, in snake_case; what is resolved has a key, too, and what is as it is by default has none. The way there and
// back loses nothing.
#pragma once

#include <string>
#include <string_view>

#include "emu/model/model.hpp"

namespace emu {

/// One line of JSON and a newline.
std::string to_json(const Model& model);

/// The model that `to_json` wrote. A key that is missing leaves the default, and one that is unknown is passed over, so that a
/// program of another version can read it.
/// @throws std::runtime_error when `text` is not JSON, or a value is not what its key wants
Model model_from_json(std::string_view text);

}  // namespace emu
