// SPDX-License-Identifier: Apache-2.0
// emu/report/graph_style.hpp — the colours of a lab's picture, the same in every format.
#pragma once

#include <array>
#include <string_view>

#include "emu/report/graph.hpp"

namespace emu {

/// As `#rrggbb`.
struct GraphColours {
  std::string_view fill;
  std::string_view line;
};

/// Of every text: on each fill it has a contrast of at least 12 to 1.
inline constexpr std::string_view kGraphInk = "#16222e";
/// Of an edge that is not connected.
inline constexpr std::string_view kGraphBroken = "#b3261e";

inline constexpr std::array kGraphKinds{GraphKind::VirtualNetwork, GraphKind::Subnet,  GraphKind::Site,      GraphKind::Services,
                                        GraphKind::Internet,       GraphKind::Machine, GraphKind::Appliance, GraphKind::Gateway,
                                        GraphKind::Device,         GraphKind::Host,    GraphKind::Service,   GraphKind::Several,
                                        GraphKind::Absent};

constexpr GraphColours colours_of(GraphKind kind) {
  switch (kind) {
    case GraphKind::VirtualNetwork: return {"#e6f0fb", "#2f6fb5"};
    case GraphKind::Subnet: return {"#f6faff", "#8fb4dd"};
    case GraphKind::Site: return {"#f3efe4", "#8a7443"};
    case GraphKind::Services: return {"#e7f5ea", "#2f7a47"};
    case GraphKind::Internet: return {"#eef0f3", "#6b7785"};
    case GraphKind::Appliance: return {"#ffe9c7", "#a86200"};
    case GraphKind::Gateway:
    case GraphKind::Device: return {"#ece4fa", "#6b46b8"};
    case GraphKind::Absent: return {"#fdecea", kGraphBroken};
    case GraphKind::Machine:
    case GraphKind::Several:
    case GraphKind::Host:
    case GraphKind::Service: return {"#ffffff", "#5b6b7b"};
  }
  return {};
}

constexpr std::string_view colour_of(const GraphEdge& edge) {
  if (!edge.connected) return kGraphBroken;
  switch (edge.kind) {
    case GraphEdge::Kind::Peering: return colours_of(GraphKind::VirtualNetwork).line;
    case GraphEdge::Kind::Vpn: return colours_of(GraphKind::Gateway).line;
    case GraphEdge::Kind::ServiceEndpoint: return colours_of(GraphKind::Services).line;
    case GraphEdge::Kind::Route: return colours_of(GraphKind::Appliance).line;
    case GraphEdge::Kind::Internet: return colours_of(GraphKind::Internet).line;
  }
  return {};
}

constexpr std::string_view word_of(GraphEdge::Kind kind) {
  switch (kind) {
    case GraphEdge::Kind::Peering: return "peering";
    case GraphEdge::Kind::Vpn: return "VPN";
    case GraphEdge::Kind::ServiceEndpoint: return "service endpoint";
    case GraphEdge::Kind::Route: return "route through an appliance";
    case GraphEdge::Kind::Internet: return "internet";
  }
  return {};
}

}  // namespace emu
