// SPDX-License-Identifier: Apache-2.0
#include "emu/scenario/field_reader.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <iterator>
#include <limits>
#include <unordered_map>
#include <utility>

#include "emu/model/name_key.hpp"
#include "emu/model/wording.hpp"
#include "emu/scenario/foreign_words.hpp"
#include "emu/scenario/lab_file_keys.hpp"

namespace emu {
namespace {

using netns::Ipv4Address;
using netns::Ipv4Prefix;
using Kind = YamlNode::Kind;

/// What messages call the value at `path`: its key, or its place in the list behind a key.
std::string label(std::string_view path) {
  const auto dot = path.rfind('.');
  return in_quotes(dot == std::string_view::npos ? path : path.substr(dot + 1));
}

std::string_view kind_of(const YamlNode& node) {
  switch (node.kind) {
    case Kind::Null: return "empty";
    case Kind::Scalar: return "a single value";
    case Kind::Sequence: return "a list";
    case Kind::Mapping: return "a mapping";
    case Kind::Refused: return "";
  }
  return "";
}

bool is_ipv6(std::string_view text) { return std::ranges::count(text, ':') >= 2; }

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

/// A value that can be written behind a key, or in a list, as it stands.
bool needs_no_quotes(std::string_view text) {
  return !text.empty() && text.find_first_of("[]{},#&*!|>'\"%@`\\") == std::string_view::npos && text.find(": ") == std::string_view::npos;
}

/// `text` as YAML that means it.
std::string as_yaml(std::string_view text) {
  if (needs_no_quotes(text)) return printable(text);
  std::string quoted = "'";
  for (const char c : printable(text)) quoted.append(c == '\'' ? 2 : 1, c);
  return quoted + "'";
}

constexpr std::size_t kLongestExample = 60;

constexpr std::string_view kWholeNumber = "a whole number";

/// `name: hub`, with the value at hand where it is a short one.
std::string example(std::string_view key, const YamlNode& value) {
  const bool is_short = value.kind == Kind::Scalar && value.text.size() <= kLongestExample && !names_secret(key);
  return is_short ? fmt::format("{}: {}", key, value.plain ? printable(value.text) : as_yaml(value.text)) : fmt::format("{}: ...", key);
}

constexpr auto kNoBlank = "a blank is missing behind ':'";
constexpr auto kEqualsSign = "a '=' where a key ends with ':'";

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

/// What blanks and line breaks keep from being an address; empty when there are none.
std::string_view hint_on_blanks(std::string_view text) {
  if (text.find('\n') != std::string_view::npos) return "write it in one line, without | or >";
  return text.find_first_of(" \t") == std::string_view::npos ? "" : "write it without blanks";
}

/// How to write a list of what stands there instead.
std::string hint_on_list(std::string_view key, const YamlNode& node, ListOf of) {
  if (node.kind == Kind::Scalar) {
    constexpr auto kNone = std::to_array<std::string_view>({"", "none", "nil", "nothing", "empty", "false"});
    if (std::ranges::find(kNone, name_key(node.text)) != kNone.end()) return fmt::format("write {}: []", key);
    if (of == ListOf::Objects) return fmt::format("write - {} below it, and its other keys below that", example("name", node));
    if (node.text.size() > kLongestExample) return fmt::format("write {}: and below it each item with '- ' in front", key);
    const bool is_list_of_words = node.text.find(", ") != std::string::npos && node.text.find_first_of("[]{}'\"") == std::string::npos;
    return fmt::format("write {}: [{}]", key, is_list_of_words ? printable(node.text) : as_yaml(node.text));
  }
  if (node.kind != Kind::Mapping || node.entries.empty()) return fmt::format("write {}: []", key);
  const auto& first = node.entries.front();
  if (first.key.text == "name" || first.value.kind == Kind::Scalar)
    return fmt::format("write '- ' in front of the first key of each: - {}", example(printable(first.key.text), first.value));
  return fmt::format("write - name: {}, with its keys below", printable(first.key.text));
}

std::string hint_on_prefix(std::string_view text) {
  if (const auto hint = hint_on_blanks(text); !hint.empty()) return std::string(hint);
  const auto slash = text.find('/');
  const auto address = Ipv4Address::parse(text.substr(0, slash));
  if (text == "0.0.0.0") return "write 0.0.0.0/0 for all addresses";
  if (address && slash == std::string_view::npos) return fmt::format("write its length behind it: {0}/24, or {0}/32 for one address", text);
  const auto mask = address ? Ipv4Address::parse(text.substr(slash + 1)) : std::nullopt;
  if (mask && mask->value != 0) {
    const Ipv4Prefix prefix{*address, 32 - std::countr_zero(mask->value)};
    if (prefix.mask() == mask->value) return fmt::format("write {}", to_string(prefix));
  }
  return address ? "the length behind the / is 0 to 32" : "write it like 10.0.0.0/24";
}

/// What the number that is written in another way is in decimal; empty when it is none.
std::string in_decimal(std::string_view text) {
  std::string digits;
  for (const char c : text)
    if (c != '_' && c != ' ' && c != '\'') digits += c;
  if (digits.empty()) return {};
  char* end = nullptr;
  if (digits.starts_with("0x") || digits.starts_with("0X")) {
    const auto value = std::strtoull(digits.c_str(), &end, 16);
    return *end == '\0' && digits.size() > 2 ? fmt::format("{}", value) : "";
  }
  const auto value = std::strtod(digits.c_str(), &end);
  constexpr double kLargest = 1e15;
  if (*end != '\0' || !(value >= 0) || value > kLargest || value != std::floor(value)) return {};
  return fmt::format("{}", static_cast<std::uint64_t>(value));
}

const YamlEntry* find_entry(const YamlNode& mapping, std::string_view key) {
  const auto found = std::ranges::find_if(mapping.entries, [&](const auto& entry) { return entry.key.text == key; });
  return found == mapping.entries.end() ? nullptr : &*found;
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

void FieldReader::error(const Place& place, std::string message, std::string code, std::string hint) {
  positions_.mark_faulty();
  diagnostics_.push_back({Severity::Error, place.node.position, std::move(message), std::move(code), std::move(hint)});
}

void FieldReader::warning(const Place& place, std::string message, std::string hint) {
  diagnostics_.push_back({Severity::Warning, place.node.position, std::move(message), "", std::move(hint)});
}

std::string FieldReader::path_of(const Place& place, std::string_view key) {
  return place.path.empty() ? std::string(key) : fmt::format("{}.{}", place.path, key);
}

bool FieldReader::is_written(const Place& place, std::string_view key) const { return positions_.holds(path_of(place, key)); }

std::optional<std::string_view> FieldReader::scalar(const Place& place, std::string_view what) {
  const auto& node = place.node;
  if (node.kind == Kind::Scalar) return node.text;
  if (node.kind == Kind::Refused) return std::nullopt;
  std::string hint;
  if (node.kind == Kind::Sequence && node.items.size() == 1 && node.items[0].kind == Kind::Scalar && !names_secret(label(place.path)))
    hint = "write it without the brackets: " + as_yaml(node.items[0].text);
  else if (const auto* name = node.kind == Kind::Mapping ? find_entry(node, "name") : nullptr;
           name != nullptr && name->value.kind == Kind::Scalar)
    hint = fmt::format("write {}", example(place.path.substr(place.path.rfind('.') + 1), name->value));
  else if (node.kind == Kind::Mapping && place.path.ends_with(']'))
    hint = "a text with ': ' in it needs quotes";
  error(place, fmt::format("{} must be {}, not {}", label(place.path), what, kind_of(node)), "", std::move(hint));
  return std::nullopt;
}

void FieldReader::read(const Place& place, std::string& into) {
  const auto text = scalar(place, "a text");
  if (!text) return;
  if (text->empty()) return error(place, fmt::format("{} is empty", label(place.path)));
  into = *text;
}

void FieldReader::read(const Place& place, bool& into) {
  constexpr std::string_view kWhat = "true or false";
  const auto text = scalar(place, kWhat);
  if (!text) return;
  constexpr auto kYes = std::to_array<std::string_view>({"yes", "on", "y", "1", "enabled", "allow"});
  constexpr auto kNo = std::to_array<std::string_view>({"no", "off", "n", "0", "disabled", "deny"});
  const auto word = name_key(*text);
  if (word != "true" && word != "false")
    error(place, fmt::format("{} must be {}, not {}", label(place.path), kWhat, in_quotes(*text)), "",
          std::ranges::find(kYes, word) != kYes.end() ? "write true"
          : std::ranges::find(kNo, word) != kNo.end() ? "write false"
                                                      : "");
  else if (!place.node.plain)
    error(place, fmt::format("{} must be {}, without quotes", label(place.path), kWhat), "", "write " + word);
  else
    into = word == "true";
}

std::optional<std::uint64_t> FieldReader::number(const Place& place, std::string_view what, std::uint64_t least, std::uint64_t most) {
  const auto text = scalar(place, what);
  if (!text) return std::nullopt;
  const auto refuse = [&](std::string hint) {
    error(place, fmt::format("{} must be {}, not {}", label(place.path), what, in_quotes(*text)), "", std::move(hint));
    return std::nullopt;
  };
  std::uint64_t value = 0;
  const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), value);
  const bool is_whole = end == text->data() + text->size() && (text->front() != '0' || text->size() == 1);
  if (failure == std::errc::invalid_argument || !is_whole) {
    const auto decimal = in_decimal(*text);
    return refuse(decimal.empty() ? "" : fmt::format("write a number in decimal digits: {}", decimal));
  }
  if (failure == std::errc::result_out_of_range || value < least || value > most)
    return refuse(what == kWholeNumber ? fmt::format("the largest is {}", most) : "");
  if (!place.node.plain) {
    error(place, fmt::format("{} must be a number, without quotes", label(place.path)), "", fmt::format("write {}", value));
    return std::nullopt;
  }
  return value;
}

void FieldReader::read(const Place& place, std::optional<std::uint16_t>& into) {
  if (const auto port = number(place, "a port from 1 to 65535", 1, 65535)) into = static_cast<std::uint16_t>(*port);
}

void FieldReader::read(const Place& place, std::uint32_t& into) {
  if (const auto value = number(place, kWholeNumber, 0, std::numeric_limits<std::uint32_t>::max()))
    into = static_cast<std::uint32_t>(*value);
}

void FieldReader::read(const Place& place, std::uint64_t& into) {
  if (const auto value = number(place, kWholeNumber, 0, std::numeric_limits<std::uint64_t>::max())) into = *value;
}

void FieldReader::read(const Place& place, Ipv4Address& into) {
  std::optional<Ipv4Address> address;
  read(place, address);
  if (address) into = *address;
}

void FieldReader::read(const Place& place, std::optional<Ipv4Address>& into) {
  const auto text = scalar(place, "an address");
  if (!text) return;
  if (const auto address = Ipv4Address::parse(*text))
    into = *address;
  else if (is_ipv6(*text))
    error(place, fmt::format("{} is an IPv6 address: Lazuli emulates IPv4 only", in_quotes(*text)), "", "write one like 10.0.0.4");
  else if (const auto prefix = Ipv4Prefix::parse(*text))
    error(place, fmt::format("{} is a prefix, not an address", in_quotes(*text)), "", fmt::format("write {}", to_string(prefix->address)));
  else
    error(place, fmt::format("{} is not an address", in_quotes(*text)), "",
          hint_on_blanks(*text).empty() ? "write it like 10.0.0.4" : std::string(hint_on_blanks(*text)));
}

void FieldReader::read(const Place& place, std::optional<Ipv4Prefix>& into) {
  const auto text = scalar(place, "an address prefix");
  if (!text) return;
  const auto prefix = Ipv4Prefix::parse(*text);
  if (!prefix && is_ipv6(*text)) {
    error(place, fmt::format("{} is an IPv6 prefix: Lazuli emulates IPv4 only", in_quotes(*text)), "", "write one like 10.0.0.0/24");
  } else if (!prefix) {
    error(place, fmt::format("{} is not an address prefix", in_quotes(*text)), "InvalidAddressPrefixFormat", hint_on_prefix(*text));
  } else {
    if (prefix->has_host_bits())
      error(place, fmt::format("{} is an address inside a prefix: the prefix is {}", *text, to_string(prefix->normalized())),
            "InvalidCIDRNotation");
    into = prefix->normalized();
  }
}

void FieldReader::read(const Place& place, std::vector<Ipv4Prefix>& into) {
  const auto items = items_of(place);
  if (items.empty() && place.node.kind == Kind::Sequence)
    error(place, fmt::format("{} needs at least one address prefix", label(place.path)), "", "write one like [10.0.0.0/24]");
  std::vector<Ipv4Prefix> prefixes;
  for (const auto& item : items) {
    std::optional<Ipv4Prefix> prefix;
    read(item, prefix);
    if (prefix) prefixes.push_back(*prefix);
  }
  if (prefixes.size() == items.size()) into = std::move(prefixes);
}

void FieldReader::read(const Place& place, std::vector<std::string>& into) {
  for (const auto& item : items_of(place)) {
    std::string text;
    read(item, text);
    if (!text.empty()) into.push_back(std::move(text));
  }
}

std::vector<Place> FieldReader::items_of(const Place& place, ListOf of) {
  std::vector<Place> items;
  const auto& node = place.node;
  if (node.kind != Kind::Sequence) {
    if (node.kind == Kind::Refused) return items;
    const bool lacks_blank = node.kind == Kind::Mapping && !node.entries.empty() && node.entries.front().key.text.starts_with('-');
    if (node.kind == Kind::Scalar && node.plain && node.text.size() > 1 && node.text[0] == '-' && node.text[1] != '-') {
      error(place, "a blank is missing behind '-'", "", fmt::format("write - {}", printable(node.text).substr(1)));
    } else if (lacks_blank) {
      const auto& [key, value] = node.entries.front();
      error({key, place.path}, "a blank is missing behind '-'", "",
            fmt::format("write - {}", example(printable(key.text).substr(1), value)));
    } else {
      const auto key = place.path.substr(place.path.rfind('.') + 1);  // npos + 1 is 0
      error(place, fmt::format("{} must be a list, not {}", label(place.path), kind_of(node)), "", hint_on_list(key, node, of));
    }
    return items;
  }
  items.reserve(node.items.size());
  for (const auto& item : node.items) {
    items.push_back({item, fmt::format("{}[{}]", place.path, items.size())});
    positions_.add(items.back().path, item.position);
  }
  return items;
}

void FieldReader::refuse_other_than_mapping(const Place& place, std::string_view title, std::span<const KeyRule> rules) {
  const auto& node = place.node;
  positions_.mark_lost(title);
  if (node.kind == Kind::Refused) return;
  if (const auto split = node.kind == Kind::Scalar ? joined_key({node, {}}) : std::nullopt;
      split && std::ranges::find(rules, std::string_view(split->key.text), &KeyRule::key) != rules.end())
    return error(place, node.text.find(':') < node.text.find('=') ? kNoBlank : kEqualsSign, "",
                 fmt::format("write {}", example(split->key.text, split->value)));
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
    error({split.key, object.place.path}, entry.key.text[split.key.text.size()] == ':' ? kNoBlank : kEqualsSign, "",
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
