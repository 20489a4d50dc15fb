// SPDX-License-Identifier: Apache-2.0
// tests/fuzz/lab_file_fuzz.cpp — built twice: as a libFuzzer program, and into the unit tests, which run it over the corpus.
//
//   cmake --workflow --preset fuzz
#include "tests/fuzz/lab_file_fuzz.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "emu/lab/lab.hpp"
#include "emu/scenario/lab_file.hpp"
#include "emu/semantics/resolve.hpp"
#include "emu/semantics/validate.hpp"
#include "emu/verify/target.hpp"

namespace {

void require(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", promise);
  std::abort();
}

/// Every place is inside the text, and no message carries what a terminal would obey.
void check(const emu::Diagnostics& diagnostics, std::string_view text) {
  const auto lines = std::ranges::count(text, '\n') + 1;
  require(std::ranges::is_sorted(diagnostics, {}, &emu::Diagnostic::position), "diagnostics are in the order of the file");
  for (const auto& d : diagnostics) {
    require(d.position.line >= 0 && d.position.line <= lines, "a diagnostic's line is in the file");
    require((d.position.line == 0) == (d.position.column == 0), "a diagnostic has a line and a column, or neither");
    require(!d.message.empty(), "a diagnostic says something");
    for (const auto& part : {d.message, d.hint, d.code})
      require(std::ranges::none_of(part, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }),
              "a message has no control characters");
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto lab = emu::parse_lab_file(text, "lab.yaml");
  check(lab.diagnostics, text);
  const auto found = emu::validate(lab.model, lab.positions, nullptr);
  check(found, text);
  if (emu::has_errors(lab.diagnostics) || emu::has_errors(found)) return 0;

  require(!lab.model.lab.empty(), "a correct lab has a name");
  const auto running = emu::resolve(lab.model, nullptr).model;
  for (const auto& machine : running.virtual_machines) {
    require(machine.private_ip_address.has_value(), "every machine of a correct lab gets an address");
    require(machine.has_public_ip_address == machine.public_ip_address.has_value(), "and a public one, if it wants one");
  }
  for (const auto& each : running.checks) {
    if (each.kind == emu::CheckKind::Run) continue;
    const auto target = emu::parse_target(each.kind, each.target);
    require(target && emu::address_of(running, target->host), "every check of a correct lab can be run");
  }
  const auto again = emu::validate(lab.model, lab.positions, &running);
  check(again, text);
  require(!emu::has_errors(again), "a lab that runs can be brought up again");
  check(emu::check_steps(lab, running), text);
  return 0;
}
