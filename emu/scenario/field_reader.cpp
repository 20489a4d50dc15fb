// SPDX-License-Identifier: Apache-2.0
#include "emu/scenario/field_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <unordered_map>

#include "emu/model/name_key.hpp"
#include "emu/model/wording.hpp"

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

const YamlEntry* find_entry(const YamlNode& mapping, std::string_view key) {
  const auto found = std::ranges::find_if(mapping.entries, [&](const auto& entry) { return entry.key.text == key; });
  return found == mapping.entries.end() ? nullptr : &*found;
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

void FieldReader::error(const Place& place, std::string message, std::string code, std::string hint) {
  diagnostics_.push_back({Severity::Error, place.node.position, std::move(message), std::move(code), std::move(hint)});
}

std::optional<std::string_view> FieldReader::scalar(const Place& place, std::string_view what) {
  if (place.node.kind == Kind::Scalar) return place.node.text;
  if (place.node.kind != Kind::Refused) error(place, fmt::format("{} must be {}, not {}", label(place.path), what, kind_of(place.node)));
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
  const auto word = name_key(*text);
  if (word != "true" && word != "false")
    error(place, fmt::format("{} must be {}, not {}", label(place.path), kWhat, in_quotes(*text)));
  else if (!place.node.plain)
    error(place, fmt::format("{} must be {}, without quotes", label(place.path), kWhat));
  else
    into = word == "true";
}

void FieldReader::read(const Place& place, std::optional<std::uint16_t>& into) {
  constexpr std::string_view kWhat = "a port from 1 to 65535";
  const auto text = scalar(place, kWhat);
  if (!text) return;
  std::uint16_t port = 0;
  const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), port);
  if (failure != std::errc{} || end != text->data() + text->size() || port == 0)
    error(place, fmt::format("{} must be {}, not {}", label(place.path), kWhat, in_quotes(*text)));
  else if (!place.node.plain)
    error(place, fmt::format("{} must be a number, without quotes", label(place.path)));
  else
    into = port;
}

template <typename Number>
void FieldReader::read_number(const Place& place, Number& into) {
  constexpr std::string_view kWhat = "a whole number";
  const auto text = scalar(place, kWhat);
  if (!text) return;
  Number number = 0;
  const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (failure == std::errc::result_out_of_range)
    error(place, fmt::format("{} is too large", label(place.path)));
  else if (failure != std::errc{} || end != text->data() + text->size())
    error(place, fmt::format("{} must be {}, not {}", label(place.path), kWhat, in_quotes(*text)));
  else if (!place.node.plain)
    error(place, fmt::format("{} must be a number, without quotes", label(place.path)));
  else
    into = number;
}

void FieldReader::read(const Place& place, std::uint32_t& into) { read_number(place, into); }

void FieldReader::read(const Place& place, std::uint64_t& into) { read_number(place, into); }

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
    error(place, fmt::format("{} is an IPv6 address: Lazuli emulates IPv4 only", in_quotes(*text)));
  else
    error(place, fmt::format("{} is not an address", in_quotes(*text)), "", "write it like 10.0.0.4");
}

void FieldReader::read(const Place& place, std::optional<Ipv4Prefix>& into) {
  const auto text = scalar(place, "an address prefix");
  if (!text) return;
  const auto prefix = Ipv4Prefix::parse(*text);
  if (!prefix && is_ipv6(*text)) {
    error(place, fmt::format("{} is an IPv6 prefix: Lazuli emulates IPv4 only", in_quotes(*text)));
  } else if (!prefix) {
    error(place, fmt::format("{} is not an address prefix", in_quotes(*text)), "InvalidAddressPrefixFormat", "write it like 10.0.0.0/24");
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
    error(place, fmt::format("{} needs at least one address prefix", label(place.path)));
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

std::vector<Place> FieldReader::items_of(const Place& place) {
  std::vector<Place> items;
  if (place.node.kind == Kind::Refused) return items;
  if (place.node.kind != Kind::Sequence) {
    error(place, fmt::format("{} must be a list, not {}", label(place.path), kind_of(place.node)));
    return items;
  }
  items.reserve(place.node.items.size());
  for (const auto& node : place.node.items) {
    items.push_back({node, fmt::format("{}[{}]", place.path, items.size())});
    positions_.add(items.back().path, node.position);
  }
  return items;
}

std::vector<const YamlNode*> FieldReader::match_keys(const Place& place, std::string_view title, std::span<const KeyRule> rules,
                                                     std::span<const std::string_view> not_yet) {
  std::vector<const YamlNode*> values(rules.size(), nullptr);
  const auto& mapping = place.node;
  if (mapping.kind == Kind::Refused) return values;
  if (mapping.kind != Kind::Mapping) {
    error(place, fmt::format("{} must be a mapping of keys to values, not {}", with_article(title), kind_of(mapping)), "",
          fmt::format("its keys are {}", joined(rules)));
    return values;
  }
  std::vector<const YamlEntry*> written(rules.size(), nullptr);
  std::vector<const YamlEntry*> unknown;
  std::unordered_map<std::string_view, const YamlEntry*> first;
  for (const auto& entry : mapping.entries) {
    const Place key{entry.key, place.path};
    const auto [earlier, is_new] = first.emplace(entry.key.text, &entry);
    const auto rule = std::ranges::find(rules, std::string_view(entry.key.text), &KeyRule::key);
    if (!is_new)
      error(key, fmt::format("{} is here twice, first in line {}", in_quotes(entry.key.text), earlier->second->key.position.line));
    else if (rule != rules.end())
      written[static_cast<std::size_t>(rule - rules.begin())] = &entry;
    else if (std::ranges::find(not_yet, entry.key.text) != not_yet.end())
      error(key, fmt::format("{} is not supported yet", in_quotes(entry.key.text)));
    else
      unknown.push_back(&entry);
  }
  std::vector<std::string_view> keys;
  std::ranges::transform(rules, std::back_inserter(keys), &KeyRule::key);
  for (const auto* entry : unknown) {
    const auto guess = nearest(entry->key.text, keys);
    error({entry->key, place.path}, fmt::format("unknown key {}{}", in_quotes(entry->key.text), did_you_mean(entry->key.text, keys)), "",
          guess ? "" : fmt::format("the keys of {} are {}", with_article(title), joined(rules)));
    if (!guess) continue;
    auto& meant = written[static_cast<std::size_t>(std::ranges::find(keys, *guess) - keys.begin())];
    if (meant == nullptr) meant = entry;
  }
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (written[i] != nullptr && written[i]->value.kind != Kind::Null) values[i] = &written[i]->value;
    if (!rules[i].required || values[i] != nullptr) continue;
    if (written[i] == nullptr)
      error(place, fmt::format("{} needs {}", describe(mapping, title), in_quotes(rules[i].key)));
    else
      error({written[i]->key, place.path}, fmt::format("{} is empty", in_quotes(rules[i].key)));
  }
  return values;
}

}  // namespace emu
