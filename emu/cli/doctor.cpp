// SPDX-License-Identifier: Apache-2.0
// emu/cli/doctor.cpp — `lazuli doctor`: what this machine's kernel can and cannot do.
#include <fmt/format.h>
#include <sys/utsname.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "emu/cli/command.hpp"
#include "emu/report/table.hpp"
#include "netns/features/features.hpp"

namespace emu::cli {
namespace {

const char* verdict(bool every_lab, bool tunnels) {
  if (!every_lab) return "what is missing here works with a stock Debian 12 kernel";
  if (!tunnels) return "this machine can run every lab that has no VPN gateway; those that have one run inside scripts/labvm";
  return "this machine can run every lab";
}

Exit run_doctor(bool as_json) {
  utsname kernel{};
  ::uname(&kernel);
  bool every_lab = true;
  bool tunnels = true;
  Table table{2};
  auto json = nlohmann::json::array();
  for (const auto& feature : netns::probe_features()) {
    (feature.optional ? tunnels : every_lab) &= feature.available;
    table.add({feature.available  ? "ok"
               : feature.optional ? "absent"
                                  : "MISSING",
               feature.name, "for " + feature.purpose, feature.refusal});
    json.push_back({{"name", feature.name},
                    {"purpose", feature.purpose},
                    {"optional", feature.optional},
                    {"available", feature.available},
                    {"refusal", feature.refusal}});
  }
  if (as_json) {
    fmt::print("{}\n", nlohmann::json{{"kernel", kernel.release}, {"features", json}}.dump(2));
  } else {
    fmt::print("kernel {}\n{}{}\n", kernel.release, table.text(), verdict(every_lab, tunnels));
  }
  return every_lab ? Exit::Done : Exit::Failed;
}

}  // namespace

void add_doctor(CLI::App& app, Exit& status) {
  auto* command = app.add_subcommand("doctor", "What this machine's kernel can and cannot do");
  const auto as_json = std::make_shared<bool>(false);
  command->add_flag("--json", *as_json, "As JSON");
  add_examples(*command, {"doctor"});
  command->callback([=, &status] {
    require_root(*command);
    status = run_doctor(*as_json);
  });
}

}  // namespace emu::cli
