// SPDX-License-Identifier: Apache-2.0
// emu/semantics/differences.hpp — how `changes` compares the resources of two models and words what differs.
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "emu/model/name_key.hpp"
#include "emu/model/programs.hpp"
#include "emu/model/wording.hpp"
#include "emu/semantics/changes.hpp"

namespace emu::differences {

inline constexpr std::string_view kNothing = "none";

inline std::string text(const std::string& value) { return value.empty() ? std::string(kNothing) : value; }
inline std::string text(bool value) { return value ? "true" : "false"; }
inline std::string text(Ipv4Address value) { return to_string(value); }
inline std::string text(std::uint16_t value) { return std::to_string(value); }
inline std::string text(const SubnetReference& value) { return fmt::format("{}/{}", value.virtual_network, value.subnet); }

template <typename T>
inline std::string text(const std::optional<T>& value) {
  return value ? text(*value) : std::string(kNothing);
}

inline std::string text(const std::vector<Ipv4Prefix>& values) { return values.empty() ? std::string(kNothing) : joined(values); }

inline std::string text(const std::vector<std::uint16_t>& ports) {
  return ports.empty() ? std::string(kNothing) : fmt::format("{}", fmt::join(ports, ", "));
}

inline std::string text(const std::vector<std::string>& commands) {
  std::string out;
  for (const auto& command : commands) out.append(out.empty() ? "" : ", ").append(in_quotes(command));
  return text(out);
}

/// The properties of one resource that differ, as `name: before -> after`.
class Differences {
 public:
  template <typename T>
  void compare(std::string_view name, const T& before, const T& after) {
    if (before != after) say(fmt::format("{}: {} -> {}", name, text(before), text(after)));
  }

  void say(std::string difference) { differences_.push_back(std::move(difference)); }

  /// Empty when nothing differs.
  std::optional<Change> as_change(std::string resource) const {
    if (differences_.empty()) return std::nullopt;
    return Change{Change::Kind::Update, std::move(resource), fmt::format("{}", fmt::join(differences_, "; ")), {}};
  }

 private:
  std::vector<std::string> differences_;
};

/// What a variable holds may be a secret, so only its name is said.
inline void compare_programs(const Programs& before, const Programs& after, Differences& differences) {
  differences.compare("setup", before.setup, after.setup);
  differences.compare("run", before.run, after.run);
  std::vector<std::string> variables;
  for (const auto& [name, value] : after.environment)
    if (const auto old = before.environment.find(name); old == before.environment.end() || old->second != value) variables.push_back(name);
  for (const auto& [name, value] : before.environment)
    if (!after.environment.contains(name)) variables.push_back(name);
  if (!variables.empty()) differences.say(fmt::format("environment: other values of {}", fmt::join(variables, ", ")));
  differences.compare("user", before.user, after.user);
  differences.compare("listens", before.listens, after.listens);
}

/// One resource before and after; either is nullptr where it was not or is not.
template <typename Resource>
struct Pair {
  const Resource* before;
  const Resource* after;
};

/// Resources with the same key belong together. In the order of `after`; those that are gone follow.
template <typename Resource, typename Key>
std::vector<Pair<Resource>> pairs(const std::vector<Resource>& before, const std::vector<Resource>& after, Key key) {
  std::unordered_map<std::string, const Resource*> gone;
  for (const auto& resource : before) gone.emplace(key(resource), &resource);
  std::vector<Pair<Resource>> out;
  out.reserve(after.size());
  for (const auto& resource : after) {
    const auto known = gone.find(key(resource));
    out.push_back({known == gone.end() ? nullptr : known->second, &resource});
    if (known != gone.end()) gone.erase(known);
  }
  for (const auto& resource : before) {
    if (const auto left = gone.find(key(resource)); left != gone.end() && left->second == &resource) out.push_back({&resource, nullptr});
  }
  return out;
}

template <typename Resource>
std::vector<Pair<Resource>> pairs_by_name(const std::vector<Resource>& before, const std::vector<Resource>& after) {
  return pairs(before, after, [](const Resource& resource) { return name_key(resource.name); });
}

/// One that came or went; nullopt when it is in both. `describe` says what it is.
template <typename Resource, typename Describe>
std::optional<Change> come_or_gone(const Pair<Resource>& pair, std::string name, Describe describe) {
  if (pair.before == nullptr) return Change{Change::Kind::Create, std::move(name), describe(*pair.after), {}};
  if (pair.after == nullptr) return Change{Change::Kind::Delete, std::move(name), describe(*pair.before), {}};
  return std::nullopt;
}

template <typename Resource>
const std::string& name_of(const Pair<Resource>& pair) {
  return pair.after == nullptr ? pair.before->name : pair.after->name;
}

}  // namespace emu::differences
