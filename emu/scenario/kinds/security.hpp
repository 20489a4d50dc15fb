// SPDX-License-Identifier: Apache-2.0
// emu/scenario/kinds/security.hpp — network security groups, their rules, and application security groups.
#pragma once

#include <fmt/format.h>

#include <charconv>

#include "emu/model/model.hpp"
#include "emu/model/wording.hpp"
#include "emu/scenario/kinds/common.hpp"

namespace emu {

/// NSG-1: the range is for `validate` to judge.
inline void read_priority(FieldReader& reader, const Place& place, SecurityRule& rule) {
  if (const auto priority = reader.number(place, "a number from 100 to 4096", 100, 4096))
    rule.priority = static_cast<std::uint16_t>(*priority);
}

inline void read_rule_direction(FieldReader& reader, const Place& place, SecurityRule& rule) {
  read_enumerated(reader, place, std::array{RuleDirection::Inbound, RuleDirection::Outbound}, rule.direction);
}

inline void read_rule_access(FieldReader& reader, const Place& place, SecurityRule& rule) {
  read_enumerated(reader, place, std::array{RuleAccess::Allow, RuleAccess::Deny}, rule.access);
}

inline void read_rule_protocol(FieldReader& reader, const Place& place, SecurityRule& rule) {
  read_enumerated(
      reader, place,
      std::array{RuleProtocol::Tcp, RuleProtocol::Udp, RuleProtocol::Icmp, RuleProtocol::Esp, RuleProtocol::Ah, RuleProtocol::Any},
      rule.protocol);
}

inline std::string_view without_blanks_around(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const auto first = text.find_first_not_of(kBlanks);
  return first == std::string_view::npos ? std::string_view{} : text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

/// `80`, `8000-8080` or `*`, with blanks around any of them (NSG-4).
inline void add_port_range(FieldReader& reader, const Place& place, std::string_view written, std::vector<PortRange>& into) {
  const auto text = without_blanks_around(written);
  if (text == "*") return into.push_back({});
  const auto dash = text.find('-');
  const auto number = [](std::string_view part, std::uint16_t& value) {
    part = without_blanks_around(part);
    const auto [end, failure] = std::from_chars(part.data(), part.data() + part.size(), value);
    return failure == std::errc{} && end == part.data() + part.size() && (part.front() != '0' || part.size() == 1);
  };
  PortRange range;
  if (!number(text.substr(0, dash), range.first) || !number(dash == std::string_view::npos ? text : text.substr(dash + 1), range.last) ||
      range.first > range.last)
    return reader.error(place, fmt::format("{} is not a port, a range like 8000-8080, or '*'", in_quotes(written)));
  into.push_back(range);
}

/// The properties of a rule come alone (`..._port_range`) or as a list (`..._port_ranges`); only one of the two may be there (NSG-4).
template <auto Side>
void read_port_range(FieldReader& reader, const Place& place, SecurityRule& rule) {
  if (!(rule.*Side).port_ranges.empty()) return reader.error(place, "the ports of this side are given twice");
  if (const auto text = reader.scalar(place, "a port, a range or '*'")) add_port_range(reader, place, *text, (rule.*Side).port_ranges);
}

template <auto Side>
void read_port_ranges(FieldReader& reader, const Place& place, SecurityRule& rule) {
  if (!(rule.*Side).port_ranges.empty()) return reader.error(place, "the ports of this side are given twice");
  std::vector<std::string> texts;
  reader.read(place, texts);
  for (const auto& text : texts) add_port_range(reader, place, text, (rule.*Side).port_ranges);
}

template <auto Side>
void read_rule_prefix(FieldReader& reader, const Place& place, SecurityRule& rule) {
  auto& prefixes = (rule.*Side).address_prefixes;
  if (!prefixes.empty()) return reader.error(place, "the addresses of this side are given twice");
  std::string text;
  reader.read(place, text);
  if (!text.empty()) prefixes.push_back(std::move(text));
}

template <auto Side>
void read_rule_prefixes(FieldReader& reader, const Place& place, SecurityRule& rule) {
  auto& prefixes = (rule.*Side).address_prefixes;
  if (!prefixes.empty()) return reader.error(place, "the addresses of this side are given twice");
  reader.read(place, prefixes);
}

template <auto Side>
void read_rule_groups(FieldReader& reader, const Place& place, SecurityRule& rule) {
  reader.read(place, (rule.*Side).application_security_groups);
}

template <>
struct ObjectKind<SecurityRule> {
  using T = SecurityRule;
  static constexpr std::string_view kTitle = "security rule";
  static constexpr std::array kFields{
      Field<T>{"name", member<&T::name>, Presence::Required},
      Field<T>{"description", member<&T::description>},
      Field<T>{"priority", read_priority, Presence::Required},
      Field<T>{"direction", read_rule_direction, Presence::Required},
      Field<T>{"access", read_rule_access, Presence::Required},
      Field<T>{"protocol", read_rule_protocol, Presence::Required},
      Field<T>{"source_port_range", read_port_range<&T::source>},
      Field<T>{"source_port_ranges", read_port_ranges<&T::source>},
      Field<T>{"destination_port_range", read_port_range<&T::destination>},
      Field<T>{"destination_port_ranges", read_port_ranges<&T::destination>},
      Field<T>{"source_address_prefix", read_rule_prefix<&T::source>},
      Field<T>{"source_address_prefixes", read_rule_prefixes<&T::source>},
      Field<T>{"destination_address_prefix", read_rule_prefix<&T::destination>},
      Field<T>{"destination_address_prefixes", read_rule_prefixes<&T::destination>},
      Field<T>{"source_application_security_group_ids", read_rule_groups<&T::source>},
      Field<T>{"destination_application_security_group_ids", read_rule_groups<&T::destination>},
  };
  static constexpr auto kNotYet = kNothing;
  /// What is left out is everything: `'*'`.
  static void finish(FieldReader& reader, const Place& place, T& rule) {
    if (place.node.kind != YamlNode::Kind::Mapping) return;
    const auto complete = [&](RuleSide& side, const std::string& prefix) {
      if (side.port_ranges.empty() && !reader.is_written(place, prefix + "_port_range") &&
          !reader.is_written(place, prefix + "_port_ranges"))
        side.port_ranges.emplace_back();
      if (side.address_prefixes.empty() && side.application_security_groups.empty() &&
          !reader.is_written(place, prefix + "_address_prefix") && !reader.is_written(place, prefix + "_address_prefixes") &&
          !reader.is_written(place, prefix + "_application_security_group_ids"))
        side.address_prefixes.emplace_back("*");
    };
    complete(rule.source, "source");
    complete(rule.destination, "destination");
  }
};

inline void read_group_location(FieldReader& reader, const Place& place, NetworkSecurityGroup& group) {
  read_location(reader, place, group.location);
}

inline void read_group_location(FieldReader& reader, const Place& place, ApplicationSecurityGroup& group) {
  read_location(reader, place, group.location);
}

template <>
struct ObjectKind<NetworkSecurityGroup> {
  using T = NetworkSecurityGroup;
  static constexpr std::string_view kTitle = "network security group";
  static constexpr std::array kFields{
      Field<T>{"name", member<&T::name>, Presence::Required},
      Field<T>{"location", read_group_location},
      Field<T>{"security_rules", member<&T::security_rules>},
      Field<T>{"flush_connection", member<&T::flush_connection>},
  };
  static constexpr auto kNotYet = kNothing;
  static void finish(FieldReader& /*reader*/, const Place& /*place*/, T& /*group*/) {}
};

template <>
struct ObjectKind<ApplicationSecurityGroup> {
  using T = ApplicationSecurityGroup;
  static constexpr std::string_view kTitle = "application security group";
  static constexpr std::array kFields{
      Field<T>{"name", member<&T::name>, Presence::Required},
      Field<T>{"location", read_group_location},
  };
  static constexpr auto kNotYet = kNothing;
  static void finish(FieldReader& /*reader*/, const Place& /*place*/, T& /*group*/) {}
};

}  // namespace emu
