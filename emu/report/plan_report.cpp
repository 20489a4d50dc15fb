// SPDX-License-Identifier: Apache-2.0
#include "emu/report/plan_report.hpp"

#include <cstddef>

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

}  // namespace emu
