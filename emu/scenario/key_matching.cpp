// SPDX-License-Identifier: Apache-2.0
// The part of a FieldReader that matches the keys of a mapping with those that its kind of object has.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <unordered_map>
#include <utility>

#include "emu/model/wording.hpp"
#include "emu/scenario/field_reader.hpp"
#include "emu/scenario/foreign_words.hpp"
#include "emu/scenario/hints.hpp"
#include "emu/scenario/lab_file_keys.hpp"

namespace emu {
namespace {

using Kind = YamlNode::Kind;

std::string joined(std::span<const KeyRule> rules) {
  std::string out;
  for (const auto& rule : rules) out += fmt::format("{}{}", out.empty() ? "" : ", ", rule.key);
  return out;
}

/// `'name', 'priority' and 'access'`
std::string listed(std::span<const std::string_view> words) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) out += (i == 0 ? "" : i + 1 == words.size() ? " and " : ", ") + in_quotes(words[i]);
  return out;
}

/// Lists of things, and what holds nothing but such a list: nothing behind the key is an empty list.
constexpr auto kLists = std::to_array<std::string_view>({"application_security_groups",
                                                         "checks",
                                                         "flow_logs",
                                                         "hosts",
                                                         "internet",
                                                         "local_network_gateways",
                                                         "network_security_groups",
                                                         "on_premises",
                                                         "peerings",
                                                         "route_tables",
                                                         "routes",
                                                         "run",
                                                         "security_rules",
                                                         "service_endpoints",
                                                         "services",
                                                         "storage_accounts",
                                                         "subnets",
                                                         "virtual_machines",
                                                         "virtual_network_gateway_connections",
                                                         "virtual_network_gateways",
                                                         "virtual_networks"});

constexpr auto kNoBlank = "a blank is missing behind ':'";
constexpr auto kEqualsSign = "a '=' where a key ends with ':'";

/// What is wrong with a `joined_key`.
std::string fault_of_joined(std::string_view text) { return text[text.find_first_of(":=")] == ':' ? kNoBlank : kEqualsSign; }

/// What `name:vm1` and `name=vm1` are meant for, which are keys without a value; nullopt for anything else.
std::optional<YamlEntry> joined_key(const YamlEntry& entry) {
  const auto& text = entry.key.text;
  const auto sign = text.find_first_of(":=");
  if (entry.value.kind != Kind::Null || sign == std::string::npos || sign == 0 || sign + 1 == text.size()) return std::nullopt;
  auto split = entry;
  split.key.text = text.substr(0, std::min(text.find(' '), sign));
  split.value.kind = Kind::Scalar;
  split.value.plain = true;
  split.value.text = text.substr(std::min(text.size(), text.find_first_not_of(' ', sign + 1)));
  return split;
}

/// Whether a letter of `text` looks like a blank, or like nothing, and is none.
bool has_false_blank(std::string_view text) {
  for (const std::string_view blank :
       {"\xC2\xA0", "\xE2\x80\x8B", "\xE2\x80\x8C", "\xE2\x80\x8D", "\xE2\x80\xAF", "\xE3\x80\x80", "\xEF\xBB\xBF"})
    if (text.find(blank) != std::string_view::npos) return true;
  return false;
}

/// Whether there are mappings in a value, which may be things with a name.
bool holds_objects(const YamlNode& node) {
  const auto is_collection = [](const YamlNode& part) { return part.kind == Kind::Mapping || part.kind == Kind::Sequence; };
  return std::ranges::any_of(node.items, is_collection) || std::ranges::any_of(node.entries, is_collection, &YamlEntry::value);
}

std::string with_article(std::string_view title) {
  const bool vowel = std::string_view("aeiou").find(title.front()) != std::string_view::npos;
  return fmt::format("{} {}", vowel ? "an" : "a", title);
}

/// "subnet 'web'", or "a subnet" when it has no name yet.
std::string describe(const YamlNode& mapping, std::string_view title) {
  const auto* name = find_entry(mapping, "name");
  if (name != nullptr && name->value.kind == Kind::Scalar) return fmt::format("{} {}", title, in_quotes(name->value.text));
  return with_article(title);
}

}  // namespace

/// A mapping that is being matched with the rules of its kind.
struct FieldReader::Object {
  const Place& place;
  std::string_view title;
  std::span<const KeyRule> rules;
  std::vector<std::string_view> keys;     ///< of the rules
  std::vector<const YamlEntry*> written;  ///< for each rule; nullptr when it is not there
  std::vector<bool> refused{};            ///< for each rule: it is there, and cannot be read

  std::optional<std::size_t> find(std::string_view key) const {
    const auto found = std::ranges::find(keys, key);
    return found == keys.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - keys.begin()));
  }
  /// Takes `entry` for the value of a key that has none yet.
  void take(std::size_t rule, const YamlEntry& entry, bool can_be_read) {
    if (written[rule] != nullptr) return;
    written[rule] = &entry;
    refused[rule] = !can_be_read;
  }
};

void FieldReader::refuse_other_than_mapping(const Place& place, std::string_view title, std::span<const KeyRule> rules) {
  const auto& node = place.node;
  positions_.mark_lost(title);
  if (node.kind == Kind::Refused) return;
  if (const auto split = node.kind == Kind::Scalar ? joined_key({node, {}}) : std::nullopt;
      split && std::ranges::find(rules, std::string_view(split->key.text), &KeyRule::key) != rules.end())
    return error(place, fault_of_joined(node.text), "", fmt::format("write {}", example(split->key.text, split->value)));
  std::string hint;
  if (place.path.empty()) {
    hint = "it starts with its name, like lab: contoso";
  } else {
    // The keys it needs, and those that are at hand.
    for (const auto& rule : rules) {
      if (!rule.required) continue;
      const bool is_at_hand = rule.key == "name" && node.kind == Kind::Scalar && node.text.size() <= kLongestExample;
      hint += fmt::format("{}{}: {}", hint.empty() ? "" : ", ", rule.key, is_at_hand ? as_yaml(node.text) : "...");
    }
    if (node.kind == Kind::Sequence && rules.size() == 1)
      hint = fmt::format("write {}: between the key and this list", rules[0].key);
    else
      hint = hint.empty() ? fmt::format("its keys are {}", joined(rules)) : fmt::format("write it like {{{}}}", hint);
  }
  error(place, fmt::format("{} must be a mapping of keys to values, not {}", with_article(title), kind_of(node)), "", std::move(hint));
}

std::vector<const YamlNode*> FieldReader::match_keys(const Place& place, std::string_view title, std::span<const KeyRule> rules,
                                                     std::span<const std::string_view> not_yet) {
  std::vector<const YamlNode*> values(rules.size(), nullptr);
  if (place.node.kind != Kind::Mapping) {
    refuse_other_than_mapping(place, title, rules);
    return values;
  }
  Object object{place, title, rules, {}, std::vector<const YamlEntry*>(rules.size(), nullptr), std::vector<bool>(rules.size(), false)};
  std::ranges::transform(rules, std::back_inserter(object.keys), &KeyRule::key);
  std::vector<const YamlEntry*> unknown;
  std::unordered_map<std::string_view, const YamlEntry*> first;
  for (const auto& entry : place.node.entries) {
    const auto [earlier, is_new] = first.emplace(entry.key.text, &entry);
    if (!is_new) {
      if (holds_objects(entry.value)) positions_.mark_lost("");
      error({entry.key, place.path},
            fmt::format("{} is here twice, first in line {}", in_quotes(entry.key.text), earlier->second->key.position.line), "",
            "write it once");
    } else if (const auto rule = object.find(entry.key.text)) {
      object.take(*rule, entry, true);
    } else if (std::ranges::find(not_yet, entry.key.text) != not_yet.end()) {
      error({entry.key, place.path}, fmt::format("{} is not supported yet", in_quotes(entry.key.text)), "", "take it out");
    } else {
      unknown.push_back(&entry);
    }
  }
  for (const auto* entry : unknown) match_unknown_key(object, *entry);
  settle_values(object);
  for (std::size_t i = 0; i < rules.size(); ++i)
    if (object.written[i] != nullptr && !object.refused[i]) values[i] = &object.written[i]->value;
  return values;
}

void FieldReader::match_unknown_key(Object& object, const YamlEntry& entry) {
  if (const auto joined = joined_key(entry)) {
    const auto& split = split_.emplace_back(*joined);
    const auto rule = object.find(split.key.text);
    if (!rule) return match_unknown_key(object, split);
    error({split.key, object.place.path}, fault_of_joined(entry.key.text), "",
          fmt::format("write {}", example(split.key.text, split.value)));
    return object.take(*rule, split, true);
  }
  const auto& written = entry.key.text;
  const Place key{entry.key, object.place.path};
  const auto same = std::ranges::find(object.keys, folded_word(written), folded_word);
  const auto* foreign = same == object.keys.end() ? find_foreign_word(object.title, written) : nullptr;
  if (foreign != nullptr) return match_foreign_word(object, entry, *foreign);
  if (const auto guess = same != object.keys.end() ? std::optional(*same) : nearest(written, object.keys)) {
    error(key, fmt::format("unknown key {} (did you mean {}?)", in_quotes(written), in_quotes(*guess)), "",
          has_false_blank(written) ? "it holds a letter that does not show: type it anew" : "");
    return object.take(*object.find(*guess), entry, true);
  }
  if (holds_objects(entry.value)) positions_.mark_lost("");
  error(key, fmt::format("unknown key {}", in_quotes(written)), "",
        has_false_blank(written)         ? "it holds a blank that is none, or a letter that does not show: type it anew"
        : entry.value.kind == Kind::Null ? "a key has a value behind it; several values of one key stand in brackets: [a, b]"
                                         : hint_on_keys(object.title, written, object.rules));
}

void FieldReader::match_foreign_word(Object& object, const YamlEntry& entry, const ForeignWord& word) {
  const Place key{entry.key, object.place.path};
  const auto meant = object.find(word.key);
  const bool can_be_read = meant && word.value == ForeignWord::Value::Same;
  if (word.value == ForeignWord::Value::NotThere)
    error(key, fmt::format("{} is not supported yet", in_quotes(entry.key.text)), "",
          word.advice.empty() ? "take it out" : std::string(word.advice));
  else if (meant)
    error(key, fmt::format("unknown key {}: it is {} here", in_quotes(entry.key.text), in_quotes(word.key)), "",
          !can_be_read && !word.advice.empty() ? std::string(word.advice)
          : entry.value.kind == Kind::Scalar   ? fmt::format("write {}", example(word.key, entry.value))
                                               : "");
  else
    error(key, fmt::format("unknown key {}", in_quotes(entry.key.text)), "",
          word.advice.empty() ? hint_on_keys(object.title, entry.key.text, object.rules) : std::string(word.advice));
  if (meant) object.take(*meant, entry, can_be_read);
  if (!can_be_read && word.value != ForeignWord::Value::NotThere && holds_objects(entry.value)) positions_.mark_lost("");
}

/// What to say about a key that is near no other: whose key it is, or, once a file, which there are.
std::string FieldReader::hint_on_keys(std::string_view title, std::string_view key, std::span<const KeyRule> rules) {
  std::vector<std::string> owners;
  for (const auto& kind : lab_file_keys())
    if (std::ranges::find(kind.keys, key) != kind.keys.end()) owners.push_back(with_article(kind.object));
  constexpr std::size_t kMostOwners = 3;
  if (!owners.empty() && owners.size() <= kMostOwners)
    return fmt::format("it belongs in {}, not in {}", fmt::join(owners, " or "), with_article(title));
  if (!titles_with_keys_listed_.insert(title).second) return {};
  constexpr std::size_t kLongestList = 200;
  const auto all = joined(rules);
  return all.size() > kLongestList ? fmt::format("docs/lab-file.md has the keys of {}", with_article(title))
                                   : fmt::format("the keys of {} are {}", with_article(title), all);
}

void FieldReader::warn_of_empty_values(const Place& place, std::span<const KeyRule> rules) {
  for (const auto& [key, value] : place.node.entries) {
    const auto rule = std::ranges::find(rules, std::string_view(key.text), &KeyRule::key);
    if (value.kind != Kind::Null || rule == rules.end() || rule->required || std::ranges::find(kLists, rule->key) != kLists.end()) continue;
    warning({key, place.path}, fmt::format("{} is empty, so it counts as left out", in_quotes(key.text)),
            "write a value behind it, or take it out");
  }
}

/// Says what is missing, and notes which keys have a value.
void FieldReader::settle_values(Object& object) {
  std::vector<std::string_view> missing;
  for (std::size_t i = 0; i < object.rules.size(); ++i) {
    auto*& entry = object.written[i];
    const auto key = object.keys[i];
    if (entry == nullptr) {
      if (object.rules[i].required) missing.push_back(key);
    } else if (object.refused[i] || entry->value.kind != Kind::Null) {
      positions_.add(path_of(object.place, key), object.refused[i] ? entry->key.position : entry->value.position);
      continue;
    } else if (object.rules[i].required) {
      error({entry->key, object.place.path}, fmt::format("{} is empty", in_quotes(key)), "", "write a value behind it");
    } else if (std::ranges::find(kLists, key) != kLists.end()) {
      positions_.add(path_of(object.place, key), entry->key.position);
    }
    entry = nullptr;
  }
  if (missing.empty()) return;
  error(object.place, fmt::format("{} needs {}", describe(object.place.node, object.title), listed(missing)));
}

}  // namespace emu
