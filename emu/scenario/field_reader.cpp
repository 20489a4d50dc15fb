// SPDX-License-Identifier: Apache-2.0
#include "emu/scenario/field_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include "emu/model/name_key.hpp"
#include "emu/model/wording.hpp"
#include "emu/scenario/hints.hpp"
#include "emu/scenario/yaml_faults.hpp"

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

bool is_ipv6(std::string_view text) { return std::ranges::count(text, ':') >= 2; }

constexpr std::string_view kWholeNumber = "a whole number";

}  // namespace

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
  const bool is_whole = !text->empty() && end == text->data() + text->size() && (text->front() != '0' || text->size() == 1);
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

}  // namespace emu
