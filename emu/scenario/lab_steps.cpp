// SPDX-License-Identifier: Apache-2.0
#include "emu/scenario/lab_steps.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>

#include "emu/model/wording.hpp"
#include "emu/scenario/kinds/step.hpp"

namespace emu {
namespace {

using Kind = YamlNode::Kind;

/// Every step has a copy of the lab.
constexpr std::size_t kMostValuesOfAllSteps = 4 * kMostValues;

std::size_t count_values(const YamlNode& node) {
  std::size_t count = 1;
  for (const auto& item : node.items) count += count_values(item);
  for (const auto& entry : node.entries) count += count_values(entry.value);
  return count;
}

Position last_position(const YamlNode& node) {
  auto last = node.position;
  for (const auto& item : node.items) last = std::max(last, last_position(item));
  for (const auto& entry : node.entries) last = std::max({last, entry.key.position, last_position(entry.value)});
  return last;
}

auto find_key(YamlNode& mapping, std::string_view key) {
  return std::ranges::find_if(mapping.entries, [&](const YamlEntry& entry) { return entry.key.text == key; });
}

void take_out(YamlNode& mapping, std::string_view key) {
  std::erase_if(mapping.entries, [&](const YamlEntry& entry) { return entry.key.text == key; });
}

/// Lays changes over a lab, and tells what in them makes no sense.
class Merger {
 public:
  explicit Merger(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  void merge(YamlNode& lab, const YamlNode& change) {
    if (lab.kind == Kind::Mapping && change.kind == Kind::Mapping)
      merge_mapping(lab, change);
    else if (change.kind == Kind::Sequence && has_names(change) && (lab.kind != Kind::Sequence || has_names(lab)))
      merge_named(lab, change);
    else
      lab = change;
  }

 private:
  static bool has_names(const YamlNode& list) {
    return std::ranges::all_of(list.items,
                               [](const YamlNode& item) { return item.kind == Kind::Mapping && !text_of(item, "name").empty(); });
  }

  void merge_mapping(YamlNode& lab, const YamlNode& change) {
    for (const auto& [key, value] : change.entries) {
      const auto there = find_key(lab, key.text);
      if (value.kind == Kind::Null) {
        if (there == lab.entries.end()) refuse(key, fmt::format("there is no {} to take out", in_quotes(key.text)), "");
        take_out(lab, key.text);
      } else if (there != lab.entries.end()) {
        merge(there->value, value);
      } else {
        lab.entries.push_back({key, {}});
        merge(lab.entries.back().value, value);
      }
    }
  }

  void merge_named(YamlNode& lab, const YamlNode& change) {
    if (lab.kind != Kind::Sequence) {
      lab = change;
      lab.items.clear();
    }
    for (const auto& item : change.items) {
      const auto name = text_of(item, "name");
      const auto there = std::ranges::find_if(lab.items, [&](const YamlNode& other) { return same_name(text_of(other, "name"), name); });
      if (const auto removal = std::ranges::find_if(item.entries, [](const YamlEntry& entry) { return entry.key.text == "remove"; });
          removal != item.entries.end()) {
        if (removal->value.text != "true" || item.entries.size() != 2)
          refuse(removal->key, "what is taken out has a name, and 'remove: true', and nothing else",
                 fmt::format("write {{name: {}, remove: true}}", printable(name)));
        else if (there == lab.items.end())
          refuse(item, fmt::format("there is no {} to take out", in_quotes(name)), "");
        else
          lab.items.erase(there);
      } else if (there != lab.items.end()) {
        auto rest = item;
        take_out(rest, "name");  // as it is spelt in the lab
        merge(*there, rest);
      } else {
        lab.items.push_back(nothing_like(item));
        merge(lab.items.back(), item);
      }
    }
  }

  /// So that what is taken out of what is added is found there, too.
  static YamlNode nothing_like(const YamlNode& item) {
    auto nothing = item;
    nothing.entries.clear();
    return nothing;
  }

  void refuse(const YamlNode& where, std::string message, std::string hint) {
    diagnostics_.push_back({Severity::Error, where.position, std::move(message), "", std::move(hint)});
  }

  Diagnostics& diagnostics_;
};

/// What a change cannot be about.
void check_change(const YamlNode& change, Diagnostics& diagnostics) {
  constexpr std::array kRefused{std::pair{"lab", "a step cannot give the lab another name"},
                                std::pair{"checks", "checks stand beside the change, not in it"},
                                std::pair{"steps", "a step has no steps of its own"}};
  for (const auto& [key, why] : kRefused)
    for (const auto& entry : change.entries)
      if (entry.key.text == key) diagnostics.push_back({Severity::Error, entry.key.position, why, "", ""});
}

/// By its name a step is told from the others in what is reported.
void check_names(const std::vector<StepText>& steps, const YamlNode& list, Diagnostics& diagnostics) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < steps.size() && i < list.items.size(); ++i)
    if (!names.insert(steps[i].name).second)
      diagnostics.push_back({Severity::Error, list.items[i].position,
                             fmt::format("another step is called {} already", in_quotes(steps[i].name)), "",
                             "give each a name of its own"});
}

}  // namespace

std::vector<StepTree> read_steps(const YamlNode& root, SourceMap& positions, Diagnostics& diagnostics) {
  auto lab = root;
  const auto found = find_key(lab, "steps");
  if (lab.kind != Kind::Mapping || found == lab.entries.end() || found->value.kind == Kind::Null) return {};
  const auto list = std::move(found->value);
  take_out(lab, "steps");

  std::vector<StepText> steps;
  const auto before = diagnostics.size();
  FieldReader(positions, diagnostics).read({list, "steps"}, steps);
  for (const auto& step : steps)
    if (step.change != nullptr) check_change(*step.change, diagnostics);
  const auto too_many = [&] {
    diagnostics.push_back({Severity::Error, list.position, "so many steps are too many for a lab of this size", "", ""});
    return std::vector<StepTree>{};
  };
  if (count_values(lab) * steps.size() > kMostValuesOfAllSteps) return too_many();
  check_names(steps, list, diagnostics);
  const bool is_understood = std::none_of(diagnostics.begin() + static_cast<std::ptrdiff_t>(before), diagnostics.end(),
                                          [](const Diagnostic& one) { return one.severity == Severity::Error; });
  if (!is_understood) return {};

  std::vector<StepTree> trees;
  Merger merger(diagnostics);
  std::size_t values = 0;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    take_out(lab, "checks");
    if (steps[i].change != nullptr) merger.merge(lab, *steps[i].change);
    if (values += count_values(lab); values > kMostValuesOfAllSteps) return too_many();  // a change makes it grow
    auto made = lab;
    if (steps[i].checks != nullptr) made.entries.push_back(*steps[i].checks);
    trees.push_back({steps[i].name, list.items[i].position, last_position(list.items[i]), std::move(made)});
  }
  return trees;
}

Diagnostics of_step(const Diagnostics& found, Position first, Position last) {
  Diagnostics told;
  for (auto one : found) {
    const bool is_own = one.position >= first && one.position <= last;
    if (!is_own && one.severity == Severity::Warning) continue;
    if (!is_own) {
      one.message =
          fmt::format("with this step{}: {}", one.position.line == 0 ? "" : fmt::format(", line {}", one.position.line), one.message);
      one.position = first;
    }
    told.push_back(std::move(one));
  }
  return told;
}

}  // namespace emu
