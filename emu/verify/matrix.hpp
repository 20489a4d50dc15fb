// SPDX-License-Identifier: Apache-2.0
// emu/verify/matrix.hpp — predicts what every node can reach, proves it with packets, and says where the two differ.
//
// Theory of operation. The questions are every ordered pair of nodes, and for each a ping, the ports that the target serves, and one
// that nobody serves. Azure's rules give one verdict (emu/semantics/reachability.hpp), packets of the running lab the other. Where an
// answer is predicted a probe waits long for it; where silence is predicted a short silence is enough. What does not agree is asked once
// more, with long patience, before it is called a disagreement. A question that cannot be asked, for want of file descriptors or because a
// namespace is missing, is counted apart.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "emu/model/model.hpp"
#include "emu/semantics/reachability.hpp"
#include "emu/verify/probe.hpp"

namespace emu {

/// A port that nobody serves: where a packet for it arrives, the answer is RST.
inline constexpr std::uint16_t kUnservedPort = 4;

/// A row or a column: a node by one of its addresses.
struct MatrixNode {
  std::string name;  ///< `vm1`, `vm1.public`, `contosodata`
  std::string node;  ///< that has the address
  Ipv4Address address;
  bool sends = false;                ///< has a row: a machine or a host
  std::vector<std::uint16_t> ports;  ///< that it serves
  bool is_service = false;           ///< its port is asked over HTTP, since it refuses there (SA-8)

  bool operator==(const MatrixNode&) const = default;
};

/// One question with both verdicts.
struct MatrixCell {
  std::size_t from = 0;  ///< index into the nodes
  std::size_t to = 0;
  CheckKind kind = CheckKind::Ping;
  std::uint16_t port = 0;  ///< 0 for ping
  Prediction predicted;
  ProbeResult measured;
  std::string not_run;  ///< why the probe could not be sent; empty otherwise
  bool agrees = false;
};

struct Matrix {
  std::vector<MatrixNode> nodes;
  std::vector<MatrixCell> cells;  ///< by `from`, then by `to`
  std::size_t pairs = 0;
  std::size_t disagreements = 0;
  std::size_t not_asked = 0;    ///< cells whose question could not be asked: they neither agree nor disagree
  std::size_t asked_again = 0;  ///< cells that needed a second, patient question
  std::chrono::nanoseconds predicting{};
  std::chrono::nanoseconds probing{};
};

/// What a run is made of. The defaults are what `lazuli verify --matrix` does.
struct MatrixOptions {
  std::size_t in_flight = 256;               ///< probes at once; fewer where there are not enough file descriptors
  std::chrono::milliseconds silence{400};    ///< enough where silence is predicted
  std::chrono::milliseconds patience{5000};  ///< where an answer is predicted, and when asking again
  bool unserved_port = true;                 ///< whether kUnservedPort is asked, too
};

/// Every node of `model`, by each address it has, in the order of the model. Pure.
std::vector<MatrixNode> matrix_nodes(const Model& model);

/// The questions, each with what Azure's rules say to it and nothing measured yet. `model` must be resolved. Pure.
Matrix predict_matrix(const Model& model, const MatrixOptions& options = {});

/// The outcome that was met where a prediction leaves room for several; the first one when none was. Pure.
const Prediction& outcome_met(const Prediction& predicted, const ProbeResult& measured);

/// Whether a measured result is what was predicted. Pure.
bool agrees(const Prediction& predicted, const ProbeResult& measured);

/// Asks every question of the lab that `model` describes and that must be running. No probe leaves the lab.
/// @throws netns::KernelError when the lab is not running, or without the privileges to open sockets in it
Matrix run_matrix(const Model& model, const MatrixOptions& options = {});

/// `ping`, `tcp/80`, `http/80`
std::string question_of(const MatrixCell& cell);

}  // namespace emu
