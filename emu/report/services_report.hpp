// SPDX-License-Identifier: Apache-2.0
// emu/report/services_report.hpp — storage accounts and other services, as a table and as JSON.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "emu/model/model.hpp"

namespace emu {

/// Empty for a lab without services.
std::string services_table(const Model& model);

/// One element each, with ARM's property names; `address` is Lazuli's own.
nlohmann::ordered_json services_json(const std::vector<Service>& services);

}  // namespace emu
