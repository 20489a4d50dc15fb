// SPDX-License-Identifier: Apache-2.0
// emu/model/secrets.hpp — a model for somebody who must not know its keys.
#pragma once

#include "emu/model/model.hpp"

namespace emu {

/// `model` with every Secret empty, wherever one is: they are found by their type, so a new one cannot be forgotten. Pure.
Model without_secrets(Model model);

}  // namespace emu
