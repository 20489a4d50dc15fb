// SPDX-License-Identifier: Apache-2.0
// emu/scenario/kinds/check.hpp — what `lazuli verify` is to try.
#pragma once

#include <fmt/format.h>

#include <charconv>
#include <system_error>

#include "emu/model/model.hpp"
#include "emu/model/wording.hpp"
#include "emu/scenario/kinds/common.hpp"

namespace emu {

template <CheckKind kKind>
void read_target(FieldReader& reader, const Place& place, Check& check) {
  if (!check.target.empty())
    return reader.error(place, fmt::format("a check has one target, and this one has '{}' already", to_string(check.kind)));
  check.kind = kKind;
  reader.read(place, check.target);
}

/// `reachable`, `blocked` or an HTTP status.
inline void read_expectation(FieldReader& reader, const Place& place, Check& check) {
  constexpr std::string_view kWhat = "reachable, blocked or an HTTP status";
  const auto text = reader.scalar(place, kWhat);
  if (!text) return;
  constexpr std::size_t kDigits = 3;
  int status = 0;
  const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), status);
  if (same_name(*text, "reachable"))
    check.expect = Outcome::Reachable;
  else if (same_name(*text, "blocked"))
    check.expect = Outcome::Blocked;
  else if (failure == std::errc{} && end == text->data() + text->size() && text->size() == kDigits && status >= 100 && status <= 599)
    check.expect = Outcome::Status, check.expected_status = status;
  else
    reader.error(place, fmt::format("'expect' must be {}, not {}", kWhat, in_quotes(*text)));
}

inline void read_path(FieldReader& reader, const Place& place, Check& check) {
  constexpr std::array kPaths{Path::VirtualNetwork, Path::Peering, Path::ServiceEndpoint, Path::Internet, Path::Ipsec, Path::Appliance};
  read_enumerated(reader, place, kPaths, check.path);
}

template <>
struct ObjectKind<Check> {
  using T = Check;
  static constexpr std::string_view kTitle = "check";
  static constexpr std::array kFields{
      Field<T>{"from", member<&T::from>, Presence::Required},
      Field<T>{"ping", read_target<CheckKind::Ping>},
      Field<T>{"tcp", read_target<CheckKind::Tcp>},
      Field<T>{"http", read_target<CheckKind::Http>},
      Field<T>{"expect", read_expectation},
      Field<T>{"path", read_path},
  };
  static constexpr auto kNotYet = kNothing;
  static void finish(FieldReader& reader, const Place& place, T& check) {
    const bool targeted =
        !check.target.empty() || reader.is_written(place, "ping") || reader.is_written(place, "tcp") || reader.is_written(place, "http");
    if (place.node.kind == YamlNode::Kind::Mapping && !targeted)
      reader.error(place, "a check needs a target", "", "give one of ping, tcp and http");
  }
};

}  // namespace emu
