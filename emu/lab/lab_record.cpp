// SPDX-License-Identifier: Apache-2.0
#include "emu/lab/lab_record.hpp"

#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "emu/lab/store.hpp"
#include "emu/report/terminal.hpp"

namespace emu {
std::string source_text(const LabOrigin& origin) { return origin.file.empty() ? "the standard input" : origin.file; }

std::optional<LabRecord> load_record(std::string_view lab) {
  std::ifstream file{lab_folder(lab) / kRecordFile, std::ios::binary};
  const auto json = nlohmann::json::parse(file, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  try {
    return LabRecord{{json.at("file"), json.at("user")}, json.at("changes"), json.at("changing")};
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

std::string up_command(std::string_view lab) {
  const auto record = load_record(lab);
  return command_text(fmt::format("up {}", record && !record->origin.file.empty() ? record->origin.file : "FILE"));
}

std::string to_json(const LabRecord& record) {
  const nlohmann::json json{
      {"file", record.origin.file}, {"user", record.origin.user}, {"changes", record.changes}, {"changing", record.changing}};
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

}  // namespace emu
