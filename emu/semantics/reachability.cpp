// SPDX-License-Identifier: Apache-2.0
#include "emu/semantics/reachability.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

#include "emu/model/gateway_lookup.hpp"
#include "emu/model/wording.hpp"
#include "emu/semantics/walk.hpp"
#include "emu/semantics/walk_map.hpp"

namespace emu {
namespace {

/// Where a node's packets start, and their source. @throws std::invalid_argument
std::pair<Place, Ipv4Address> origin_of(const WalkMap& map, const std::string& node) {
  if (const auto* machine = map.machine(node)) return {machine, machine->address};
  if (const auto* host = find_internet_host(map.model(), node)) return {host, host->ip_address};
  if (const auto* site = map.site_of_host(node)) {
    const auto* host = find_on_premises_host(map.model(), node);
    return {SiteHostPlace{site, host}, host->ip_address};
  }
  throw std::invalid_argument(fmt::format("there is no node {} that sends", in_quotes(node)));
}

std::string outcome_of(const Prediction& prediction) {
  return prediction.fate == Fate::Status ? std::to_string(prediction.status) : std::string(to_string(prediction.fate));
}

}  // namespace

std::string_view to_string(Fate fate) {
  switch (fate) {
    case Fate::Answers: return "reachable";
    case Fate::Status: return "status";
    case Fate::Refused: return "refused";
    case Fate::Silent: return "blocked";
    case Fate::Loops: return "loops";
  }
  return "";
}

std::string describe(const Prediction& prediction) {
  auto out = outcome_of(prediction);
  for (const auto& other : prediction.otherwise) out += fmt::format(" or {}", outcome_of(other));
  return out;
}

Predictor::Predictor(const Model& model) : map_(std::make_unique<const WalkMap>(model)) {}
Predictor::~Predictor() = default;

Prediction Predictor::predict(const Flow& flow) const {
  const auto [from, source] = origin_of(*map_, flow.from);
  Walk walk(*map_, false);
  auto prediction = walk.run(flow, from, source);
  if (!walk.met_program()) return prediction;
  auto other = Walk(*map_, true).run(flow, from, source);
  if (outcome_of(other) != outcome_of(prediction)) prediction.otherwise.push_back(std::move(other));
  return prediction;
}

Prediction predict(const Model& model, const Flow& flow) { return Predictor(model).predict(flow); }

}  // namespace emu
