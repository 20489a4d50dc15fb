// SPDX-License-Identifier: Apache-2.0
// emu/report/graph.hpp — the picture of a lab: what is in what, and what joins them.
//
// Theory of operation. `graph_of` alone decides what is in the picture and what it is called; `graph_writers.hpp` only spells it, so
// that no two formats can tell different things. Items are a tree, as resources are in each other: a virtual network holds subnets,
// which hold machines and gateways; a site holds its device and its hosts. Edges are what joins them across that tree: peerings, VPN
// connections, service endpoints, routes through appliances, ways to the internet. All texts are plain: each writer escapes them in its own
// way. Of many machines in a subnet only a few are named, so that a picture of 200 can still be read from the back of a room.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "emu/model/connection_status.hpp"
#include "emu/model/model.hpp"

namespace emu {

enum class GraphKind {
  VirtualNetwork,
  Subnet,
  Site,      ///< on premises
  Services,  ///< the place of all services
  Internet,
  Machine,
  Appliance,  ///< a machine that forwards
  Gateway,
  Device,  ///< of a site
  Host,    ///< of a site or of the internet
  Service,
  Several,  ///< machines of one subnet that would be too many to draw each
  Absent,   ///< what a peering or a connection names, and nobody is
};

struct GraphItem {
  std::size_t id = 0;  ///< counts from 1, in the order in which items are written; edges name their ends by it
  GraphKind kind = GraphKind::Machine;
  std::string name;                  ///< empty where there is only one of the kind
  std::vector<std::string> details;  ///< a few words each: addresses, location, what it serves
  std::vector<GraphItem> items;      ///< what is in it

  bool operator==(const GraphItem&) const = default;
};

struct GraphEdge {
  enum class Kind { Peering, Vpn, ServiceEndpoint, Route, Internet };

  Kind kind = Kind::Peering;
  std::size_t from = 0;
  std::size_t to = 0;
  std::vector<std::string> labels;  ///< a few words each
  bool both_ways = true;            ///< false: only `from` has it
  bool connected = true;            ///< false: no packet passes, as far as is known

  bool operator==(const GraphEdge&) const = default;
};

struct Graph {
  std::string lab;
  std::vector<GraphItem> items;
  std::vector<GraphEdge> edges;

  bool operator==(const Graph&) const = default;
};

/// What is drawn of `model`, in the order of the lab file; machines that others are routed through are always drawn. Two peering links that
/// are Connected are one edge, as are the two connections that share a tunnel between networks; every other link or connection is an edge
/// of its own.
/// @param model  resolved
/// @param connections  how the tunnels of a running lab do; one that is not in it is drawn without a status
Graph graph_of(const Model& model, const std::vector<ConnectionStatus>& connections = {});

/// Whether things of this kind are boxes that others are in, even if nothing is.
bool is_box(GraphKind kind);

/// What a thing is, and its name: `VNet hub`, `gateway gw`; of a machine, a host and a service the name alone.
std::string title_of(const GraphItem& item);

}  // namespace emu
