// SPDX-License-Identifier: Apache-2.0
#include "tests/random/lab_generator.hpp"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "emu/scenario/lab_file.hpp"
#include "emu/semantics/validate.hpp"
#include "tests/random/growth.hpp"

namespace test {
namespace {

using Json = LabValue;

/// Every object and list inside `value`, the inner ones last.
void collect(Json& value, std::vector<Json*>& out) {
  if (!value.is_structured()) return;
  out.push_back(&value);
  for (auto& inner : value) collect(inner, out);
}

/// `lab` without the part-th of its parts, or nothing when it has no more.
bool leave_out(Json& lab, std::size_t part) {
  std::vector<Json*> places;
  collect(lab, places);
  for (auto* place : places) {
    if (part >= place->size()) {
      part -= place->size();
      continue;
    }
    place->is_array() ? place->erase(part) : static_cast<void>(place->erase(std::next(place->begin(), static_cast<std::ptrdiff_t>(part))));
    return true;
  }
  return false;
}

using Names = std::vector<std::string>;  // `virtual_networks`, `net0`, `subnets`, `one`

/// Every entry of a list inside `value` that has a name, the inner ones last.
void collect_names(const Json& value, const Names& path, std::vector<Names>& out) {
  if (value.is_object()) {
    for (const auto& [key, inner] : value.items()) {
      auto longer = path;
      longer.push_back(key);
      collect_names(inner, longer, out);
    }
  }
  if (!value.is_array()) return;
  for (const auto& entry : value) {
    if (!entry.is_object() || !entry.contains("name")) continue;
    auto longer = path;
    longer.push_back(entry["name"]);
    out.push_back(longer);
    collect_names(entry, longer, out);
  }
}

/// Without what `path` names, where it is.
void leave_out(Json& value, const Names& path, std::size_t at = 0) {
  if (value.is_object() && value.contains(path[at])) return leave_out(value[path[at]], path, at + 1);
  if (!value.is_array()) return;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (!value[i].is_object() || value[i].value("name", "") != path[at]) continue;
    if (at + 1 == path.size()) return static_cast<void>(value.erase(i));
    return leave_out(value[i], path, at + 1);
  }
}

}  // namespace

bool is_correct(const LabValue& lab) {
  const auto file = emu::parse_lab_file(lab.dump(), "lab.yaml");
  return !emu::has_errors(file.diagnostics) && !emu::has_errors(emu::validate(file.model, file.positions, nullptr));
}

LabValue random_lab(std::uint64_t seed, const Ingredients& ingredients) { return Growth(seed, ingredients).result(); }

LabValue shrink(LabValue lab, const std::function<bool(const LabValue&)>& fails) {
  for (bool smaller = true; smaller;) {
    smaller = false;
    auto shorter = lab;
    for (std::size_t part = 0; leave_out(shorter, part); shorter = lab) {
      if (is_correct(shorter) && fails(shorter)) {
        lab = std::move(shorter);
        smaller = true;
      } else {
        ++part;
      }
    }
  }
  return lab;
}

std::pair<LabValue, LabValue> shrink(std::pair<LabValue, LabValue> step,
                                     const std::function<bool(const LabValue& before, const LabValue& after)>& fails) {
  for (bool smaller = true; smaller;) {
    smaller = false;
    std::vector<Names> parts;
    collect_names(step.first, {}, parts);
    collect_names(step.second, {}, parts);
    for (const auto& part : parts) {
      auto shorter = step;
      leave_out(shorter.first, part);
      leave_out(shorter.second, part);
      if (shorter == step || !is_correct(shorter.first) || !fails(shorter.first, shorter.second)) continue;
      step = std::move(shorter);
      smaller = true;
    }
  }
  step.first = shrink(std::move(step.first), [&](const Json& before) { return fails(before, step.second); });
  step.second = shrink(std::move(step.second), [&](const Json& after) { return fails(step.first, after); });
  return step;
}

std::string to_lab_file(const LabValue& lab) {
  std::string text;
  for (const auto& [key, value] : lab.items()) {
    if (!value.is_array()) {
      text += fmt::format("{}: {}\n", key, value.dump());
      continue;
    }
    text += fmt::format("{}:\n", key);
    for (const auto& entry : value) text += fmt::format("  - {}\n", entry.dump());
  }
  return text;
}

}  // namespace test
