// SPDX-License-Identifier: Apache-2.0
// emu/cli/doctor.cpp — `lazuli doctor`: what this machine's kernel can and cannot do, and what you may have it do.
#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "emu/cli/command.hpp"
#include "emu/report/table.hpp"
#include "emu/report/terminal.hpp"
#include "netns/features/features.hpp"
#include "netns/rootless/rights.hpp"
#include "netns/rootless/rootless.hpp"

namespace emu::cli {
namespace {

using netns::Feature;

struct Findings {
  std::vector<Feature> features;
  std::string verdict;
  std::vector<std::string> advice;  ///< what to do where something is forbidden; a sentence each
};

const char* state_of(const Feature& feature) {
  if (feature.available) return "ok";
  if (feature.forbidden) return "FORBIDDEN";
  return feature.optional ? "absent" : "MISSING";
}

bool all_available(const std::vector<Feature>& features, bool optional) {
  return std::ranges::all_of(features, [&](const Feature& feature) { return feature.available || feature.optional != optional; });
}

/// Of who is inside of namespaces of their own, whose one user may be all that a lab's programs can run as.
Feature range_of_users() {
  const auto refusal = netns::why_one_user();
  return {"more users than one", "a machine's 'user:'", true, !refusal, refusal.value_or(""), false};
}

bool some_forbidden(const std::vector<Feature>& features) { return std::ranges::any_of(features, &Feature::forbidden); }

std::string verdict_on(const std::vector<Feature>& features) {
  if (some_forbidden(features)) return "what is FORBIDDEN here is a matter of rights, whatever the kernel can do:";
  if (!all_available(features, false)) return "what is missing here works with a stock Debian 12 kernel";
  if (all_available(features, true)) return "this machine can run every lab";
  return "this machine can run every lab that has no VPN gateway; those that have one run inside scripts/labvm";
}

Findings findings() {
  auto features = netns::probe_features();
  auto verdict = verdict_on(features);
  auto advice = some_forbidden(features) ? netns::ways_to_namespaces() : std::vector<std::string>{};
  if (netns::user_outside() != 0) features.push_back(range_of_users());
  return {std::move(features), std::move(verdict), std::move(advice)};
}

/// What there is to say to a user who may have no namespaces. @param refusal  the machine's words, and below them what to do
Findings shut_out(const std::string& refusal) {
  const bool is_forbidden = netns::has_user_namespaces();
  const std::vector<Feature> features{
      {"namespaces of your own", "everything without root", false, false, refusal.substr(0, refusal.find('\n')), is_forbidden}};
  return {features, verdict_on(features), is_forbidden ? netns::ways_to_namespaces() : std::vector<std::string>{}};
}

void print_text(const std::string& kernel, const Findings& found) {
  Table table{kIndent};
  for (const auto& feature : found.features) table.add({state_of(feature), feature.name, "for " + feature.purpose, feature.refusal});
  fmt::print("kernel {}\n{}{}\n", kernel, table.text(), found.verdict);
  for (const auto& sentence : found.advice) fmt::print("{}\n", wrapped(sentence, kIndent, kIndent));
}

void print_json(const std::string& kernel, const Findings& found) {
  auto features = nlohmann::json::array();
  for (const auto& feature : found.features)
    features.push_back({{"name", feature.name},
                        {"purpose", feature.purpose},
                        {"optional", feature.optional},
                        {"available", feature.available},
                        {"forbidden", feature.forbidden},
                        {"refusal", feature.refusal}});
  fmt::print("{}\n",
             nlohmann::json{{"kernel", kernel}, {"features", features}, {"verdict", found.verdict}, {"advice", found.advice}}.dump(2));
}

Exit report(const Findings& found, bool as_json) {
  utsname kernel{};
  ::uname(&kernel);
  if (as_json)
    print_json(kernel.release, found);
  else
    print_text(kernel.release, found);
  return all_available(found.features, false) ? Exit::Done : Exit::Failed;
}

}  // namespace

void add_doctor(CLI::App& app, Exit& status) {
  auto* command = app.add_subcommand("doctor", "What this machine's kernel can and cannot do, and what you may");
  const auto as_json = std::make_shared<bool>(false);
  command->add_flag("--json", *as_json, "As JSON");
  add_examples(*command, {"doctor"});
  command->callback([=, &status] {
    try {
      require_root(*command);
    } catch (const NeedsRoot&) {
      const auto refusal = netns::why_not_inside();
      if (!refusal) throw;
      status = report(shut_out(*refusal), *as_json);
      return;
    }
    status = report(findings(), *as_json);
  });
}

}  // namespace emu::cli
