// SPDX-License-Identifier: Apache-2.0
#include "emu/report/plan_report.hpp"

#include <cstddef>
#include <nlohmann/json.hpp>

#include "emu/report/table.hpp"

namespace emu {
namespace {

std::string marked(Change::Kind kind, const std::string& text) {
  switch (kind) {
    case Change::Kind::Create: return "+ " + text;
    case Change::Kind::Update: return "~ " + text;
    case Change::Kind::Delete: return "- " + text;
  }
  return text;
}

const char* change_type(Change::Kind kind) {
  switch (kind) {
    case Change::Kind::Create: return "Create";
    case Change::Kind::Update: return "Modify";
    case Change::Kind::Delete: return "Delete";
  }
  return "NoChange";
}

}  // namespace

std::string render_changes(const std::vector<Change>& changes) {
  Table resources(kIndent);
  for (const auto& change : changes) resources.add({marked(change.kind, change.resource), change.detail});
  const auto lines = resources.lines();
  std::string out;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    out.append(lines[i]).append(1, '\n');
    Table consequences(3 * kIndent);
    for (const auto& one : changes[i].consequences) consequences.add({marked(one.kind, one.text), one.reason});
    out += consequences.text();
  }
  return out;
}

std::string changes_json(const std::string& lab, const std::vector<Change>& changes, const std::vector<std::string>& notes,
                         const std::vector<std::string>& steps) {
  using nlohmann::ordered_json;
  ordered_json document{{"lab", lab}, {"changes", ordered_json::array()}, {"notes", notes}, {"steps", steps}};
  for (const auto& change : changes) {
    ordered_json written{{"changeType", change_type(change.kind)}, {"resource", change.resource}, {"detail", change.detail}};
    auto& consequences = written["consequences"] = ordered_json::array();
    for (const auto& one : change.consequences)
      consequences.push_back({{"changeType", change_type(one.kind)}, {"text", one.text}, {"reason", one.reason}});
    document["changes"].push_back(std::move(written));
  }
  return document.dump(2, ' ', false, ordered_json::error_handler_t::replace) + '\n';
}

}  // namespace emu
