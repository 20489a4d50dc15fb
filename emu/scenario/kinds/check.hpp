// SPDX-License-Identifier: Apache-2.0
// emu/scenario/kinds/check.hpp — what `lazuli verify` is to try.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <regex>
#include <system_error>

#include "emu/model/model.hpp"
#include "emu/model/output_pattern.hpp"
#include "emu/model/wording.hpp"
#include "emu/scenario/kinds/common.hpp"

namespace emu {

inline constexpr std::array kCheckKinds{CheckKind::Ping, CheckKind::Tcp, CheckKind::Udp, CheckKind::Http, CheckKind::Run};

template <CheckKind kKind>
void read_target(FieldReader& reader, const Place& place, Check& check) {
  if (!check.target.empty())
    return reader.error(place, fmt::format("a check tries one thing, and this one has '{}' already", to_string(check.kind)));
  check.kind = kKind;
  reader.read(place, check.target);
}

/// `reachable`, `blocked`, `refused` or an HTTP status.
inline void read_expectation(FieldReader& reader, const Place& place, Check& check) {
  constexpr std::string_view kWhat = "reachable, blocked, refused or an HTTP status";
  const auto text = reader.scalar(place, kWhat);
  if (!text) return;
  constexpr std::size_t kDigits = 3;
  int status = 0;
  const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), status);
  if (same_name(*text, "reachable"))
    check.expect = Outcome::Reachable;
  else if (same_name(*text, "blocked"))
    check.expect = Outcome::Blocked;
  else if (same_name(*text, "refused"))
    check.expect = Outcome::Refused;
  else if (failure == std::errc{} && end == text->data() + text->size() && text->size() == kDigits && status >= 100 && status <= 599)
    check.expect = Outcome::Status, check.expected_status = status;
  else
    reader.error(place, fmt::format("'expect' must be {}, not {}", kWhat, in_quotes(*text)));
}

inline void read_path(FieldReader& reader, const Place& place, Check& check) {
  constexpr std::array kPaths{Path::VirtualNetwork, Path::Peering, Path::ServiceEndpoint, Path::Internet, Path::Ipsec, Path::Appliance};
  read_enumerated(reader, place, kPaths, check.path);
}

/// The exit status of a command.
inline void read_exit_status(FieldReader& reader, const Place& place, Check& check) {
  constexpr std::uint64_t kLargest = 255;
  if (const auto status = reader.number(place, "an exit status from 0 to 255", 0, kLargest))
    check.expected_status = static_cast<int>(*status);
}

inline void read_output(FieldReader& reader, const Place& place, Check& check) {
  constexpr std::size_t kLongest = 1000;  // the library takes stack in proportion
  reader.read(place, check.output);
  if (check.output.size() > kLongest)
    return reader.error(place, fmt::format("a regular expression of {} characters is too long: 1000 are the most", check.output.size()));
  try {
    const std::regex pattern{check.output, kOutputSyntax};
  } catch (const std::regex_error& error) {
    reader.error(place, fmt::format("{} is not a regular expression: {}", in_quotes(check.output), error.what()), "",
                 "write a \\ before a character that is meant as it stands, as in \\(1\\)");
  }
}

inline void read_check_timeout(FieldReader& reader, const Place& place, Check& check) {
  constexpr std::uint64_t kLongest = 3600;
  if (const auto seconds = reader.number(place, "a whole number of seconds from 1 to 3600", 1, kLongest))
    check.timeout = static_cast<std::uint32_t>(*seconds);
}

template <>
struct ObjectKind<Check> {
  using T = Check;
  static constexpr std::string_view kTitle = "check";
  static constexpr std::array kFields{
      Field<T>{"name", member<&T::name>},
      Field<T>{"from", member<&T::from>, Presence::Required},
      Field<T>{"ping", read_target<CheckKind::Ping>},
      Field<T>{"tcp", read_target<CheckKind::Tcp>},
      Field<T>{"udp", read_target<CheckKind::Udp>},
      Field<T>{"http", read_target<CheckKind::Http>},
      Field<T>{"run", read_target<CheckKind::Run>},
      Field<T>{"expect", read_expectation},
      Field<T>{"status", read_exit_status},
      Field<T>{"output", read_output},
      Field<T>{"path", read_path},
      Field<T>{"through", member<&T::through>},
      Field<T>{"timeout", read_check_timeout},
  };
  static constexpr auto kNotYet = kNothing;
  static void finish(FieldReader& reader, const Place& place, T& check) {
    const bool targeted = !check.target.empty() ||
                          std::ranges::any_of(kCheckKinds, [&](CheckKind kind) { return reader.is_written(place, to_string(kind)); });
    if (place.node.kind == YamlNode::Kind::Mapping && !targeted)
      reader.error(place, "a check needs something to try", "", "give one of ping, tcp, udp, http and run");
    if (!targeted) return;
    const bool runs = check.kind == CheckKind::Run;
    if (runs) check.expect = Outcome::Status;
    const auto refuse = [&](std::string_view key, std::string_view why, std::string_view hint) {
      const auto entry = std::ranges::find_if(place.node.entries, [&](const YamlEntry& written) { return written.key.text == key; });
      if (entry != place.node.entries.end())
        reader.error({entry->key, place.path}, fmt::format("{} {}", in_quotes(key), why), "", std::string(hint));
    };
    for (const auto* key : {"status", "output"})
      if (!runs) refuse(key, "is of a command", "write it beside run, or take it out");
    if (check.target.empty()) refuse("run", "is empty", "write the command");
    if (runs) refuse("expect", "is not of a command", "write the status that it ends with, like status: 0");
    for (const auto* key : {"path", "through"})
      if (runs) refuse(key, "is of packets that Lazuli sends, not of a command's", "use ping, tcp, udp or http, or take it out");
  }
};

}  // namespace emu
