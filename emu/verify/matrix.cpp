// SPDX-License-Identifier: Apache-2.0
#include "emu/verify/matrix.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <random>
#include <set>
#include <utility>

#include "emu/fabric/names.hpp"
#include "emu/model/service_lookup.hpp"
#include "emu/verify/in_flight.hpp"
#include "netns/base/descriptors.hpp"

namespace emu {
namespace {

using std::chrono::steady_clock;

constexpr std::uint16_t kServicePort = 80;

/// What a machine or a host serves.
std::vector<std::uint16_t> ports_of(const auto& host) {
  auto ports = host.programs.listens;
  if (host.web && std::ranges::find(ports, *host.web) == ports.end()) ports.insert(ports.begin(), *host.web);
  return ports;
}

MatrixNode sender(const auto& host, Ipv4Address address) { return {host.name, host.name, address, true, ports_of(host), false}; }

/// The questions of one pair, without verdicts.
std::vector<MatrixCell> questions(std::size_t from, std::size_t to, const MatrixNode& target, bool unserved_port) {
  std::vector<MatrixCell> cells;
  const auto ask = [&](CheckKind kind, std::uint16_t port) {
    auto& cell = cells.emplace_back();
    cell.from = from;
    cell.to = to;
    cell.kind = kind;
    cell.port = port;
  };
  ask(CheckKind::Ping, 0);
  for (const auto port : target.ports) ask(target.is_service ? CheckKind::Http : CheckKind::Tcp, port);
  const bool is_served = std::ranges::find(target.ports, kUnservedPort) != target.ports.end();
  if (unserved_port && !is_served) ask(CheckKind::Tcp, kUnservedPort);
  return cells;
}

bool comes_back(Fate fate) { return fate == Fate::Answers || fate == Fate::Status || fate == Fate::Refused; }

bool matches(const Prediction& predicted, const ProbeResult& measured) {
  switch (predicted.fate) {
    case Fate::Answers: return measured.outcome == ProbeOutcome::Reachable || measured.outcome == ProbeOutcome::Status;
    case Fate::Status: return measured.outcome == ProbeOutcome::Status && measured.status == predicted.status;
    case Fate::Refused: return measured.outcome == ProbeOutcome::Refused;
    case Fate::Silent: return measured.outcome == ProbeOutcome::Blocked;
    case Fate::Loops: return measured.outcome == ProbeOutcome::Blocked || measured.outcome == ProbeOutcome::Unreachable;
  }
  return false;
}

netns::Patience first_patience(const Prediction& predicted, const MatrixOptions& options) {
  if (!predicted.otherwise.empty()) return netns::kProvesSilence;  // either may come
  if (!comes_back(predicted.fate)) return {options.silence, false};
  return {options.patience, predicted.fate != Fate::Refused};
}

class Prober {
 public:
  Prober(const Model& model, Matrix& matrix, std::size_t in_flight)
      : model_(model), matrix_(matrix), in_flight_(in_flight), first_tag_(std::random_device{}()) {}

  /// Asks the questions at `places` of the cells, and judges.
  template <typename PatienceOf>
  void ask(const std::vector<std::size_t>& places, PatienceOf patience_of) {
    const auto base = first_tag_;
    first_tag_ += static_cast<std::uint32_t>(places.size());
    for_each_in_flight(places.size(), in_flight_, [&](std::size_t i) {
      auto& cell = matrix_.cells[places[i]];
      cell.not_run.clear();
      try {
        cell.measured = probe(request_for(cell, base + static_cast<std::uint32_t>(i), patience_of(cell)));
        cell.agrees = agrees(cell.predicted, cell.measured);
      } catch (const std::exception& error) {
        cell.not_run = error.what();
        cell.agrees = false;
      }
    });
  }

 private:
  ProbeRequest request_for(const MatrixCell& cell, std::uint32_t tag, const netns::Patience& patience) const {
    const auto& target = matrix_.nodes[cell.to];
    return {namespace_name(model_.lab, matrix_.nodes[cell.from].node),
            cell.kind,
            {target.node, cell.port, target.node, "/"},
            target.address,
            tag,
            patience};
  }

  const Model& model_;
  Matrix& matrix_;
  std::size_t in_flight_;
  std::uint32_t first_tag_;
};

std::vector<std::size_t> disagreeing(const Matrix& matrix) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < matrix.cells.size(); ++i)
    if (!matrix.cells[i].agrees) places.push_back(i);
  return places;
}

void count_what_failed(Matrix& matrix) {
  matrix.not_asked = matrix.disagreements = 0;
  for (const auto& cell : matrix.cells)
    if (!cell.agrees) ++(cell.not_run.empty() ? matrix.disagreements : matrix.not_asked);
}

}  // namespace

std::vector<MatrixNode> matrix_nodes(const Model& model) {
  std::vector<MatrixNode> nodes;
  for (const auto& machine : model.virtual_machines) {
    if (machine.private_ip_address) nodes.push_back(sender(machine, *machine.private_ip_address));
    if (!machine.public_ip_address) continue;
    nodes.push_back({fmt::format("{}.public", machine.name), machine.name, *machine.public_ip_address, false, ports_of(machine), false});
  }
  for (const auto& site : model.on_premises)
    for (const auto& host : site.hosts) nodes.push_back(sender(host, host.ip_address));
  for (const auto& host : model.internet.hosts) nodes.push_back(sender(host, host.ip_address));
  for (const auto* service : services_of(model)) {
    if (!service->address) continue;
    const bool is_its_alone = address_of(model, service->name) == service->address;  // else a node of the lab is called so, too
    nodes.push_back({is_its_alone ? service->name : dns_name(*service),
                     service->name,
                     *service->address,
                     false,
                     {kServicePort},
                     service->command.empty()});
  }
  return nodes;
}

Matrix predict_matrix(const Model& model, const MatrixOptions& options) {
  const auto start = steady_clock::now();
  Matrix matrix;
  matrix.nodes = matrix_nodes(model);
  const Predictor predictor(model);
  std::set<Ipv4Address> services;  // one may be called like a node
  for (const auto* service : services_of(model))
    if (service->address) services.insert(*service->address);
  for (std::size_t from = 0; from < matrix.nodes.size(); ++from) {
    if (!matrix.nodes[from].sends) continue;
    for (std::size_t to = 0; to < matrix.nodes.size(); ++to) {
      if (matrix.nodes[to].node == matrix.nodes[from].node && !services.contains(matrix.nodes[to].address)) continue;
      ++matrix.pairs;
      for (auto& cell : questions(from, to, matrix.nodes[to], options.unserved_port)) {
        cell.predicted = predictor.predict({matrix.nodes[from].node, matrix.nodes[to].address, cell.kind, cell.port});
        matrix.cells.push_back(std::move(cell));
      }
    }
  }
  matrix.predicting = steady_clock::now() - start;
  return matrix;
}

const Prediction& outcome_met(const Prediction& predicted, const ProbeResult& measured) {
  if (matches(predicted, measured)) return predicted;
  const auto other = std::ranges::find_if(predicted.otherwise, [&](const Prediction& one) { return matches(one, measured); });
  return other == predicted.otherwise.end() ? predicted : *other;
}

bool agrees(const Prediction& predicted, const ProbeResult& measured) { return matches(outcome_met(predicted, measured), measured); }

Matrix run_matrix(const Model& model, const MatrixOptions& options) {
  auto matrix = predict_matrix(model, options);
  const auto start = steady_clock::now();
  const netns::RaisedDescriptorLimit raised;
  Prober prober(model, matrix, probes_at_once(options.in_flight));
  prober.ask(disagreeing(matrix), [&](const MatrixCell& cell) { return first_patience(cell.predicted, options); });
  const auto again = disagreeing(matrix);
  matrix.asked_again = again.size();
  prober.ask(again, [&](const MatrixCell& cell) { return netns::Patience{options.patience, comes_back(cell.predicted.fate)}; });
  count_what_failed(matrix);
  matrix.probing = steady_clock::now() - start;
  return matrix;
}

std::string question_of(const MatrixCell& cell) {
  if (cell.kind == CheckKind::Ping) return "ping";
  return fmt::format("{}/{}", to_string(cell.kind), cell.port);
}

}  // namespace emu
