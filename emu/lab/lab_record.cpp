// SPDX-License-Identifier: Apache-2.0
#include "emu/lab/lab_record.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "emu/lab/store.hpp"
#include "emu/report/terminal.hpp"
#include "netns/base/files.hpp"

namespace emu {

bool is_of_same_source(const LabOrigin& one, const LabOrigin& other) {
  return one.file == other.file && (!one.file.empty() || one.user == other.user);
}

std::string source_text(const LabOrigin& origin) { return origin.file.empty() ? "the standard input" : origin.file; }

std::optional<LabRecord> load_record(std::string_view lab) {
  const auto text = netns::read_if_there(lab_folder(lab) / kRecordFile);
  const auto json = nlohmann::json::parse(text.value_or(""), nullptr, false);
  if (!json.is_object()) return std::nullopt;
  try {
    return LabRecord{{json.at("file"), json.at("user"), json.value("name", "")}, json.at("changes"), json.at("changing")};
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

std::string up_command(std::string_view lab) {
  const auto record = load_record(lab);
  if (!record || record->origin.file.empty()) return command_text("up FILE");
  return command_text(
      fmt::format("up {}{}{}", in_shells_quotes(record->origin.file), record->origin.name.empty() ? "" : " --name ", record->origin.name));
}

std::string to_json(const LabRecord& record) {
  const nlohmann::json json{{"file", record.origin.file},
                            {"user", record.origin.user},
                            {"name", record.origin.name},
                            {"changes", record.changes},
                            {"changing", record.changing}};
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

}  // namespace emu
