// SPDX-License-Identifier: Apache-2.0
// emu/report/graph_writers.hpp — the picture of a lab, spelled for a terminal, for Mermaid and for Graphviz.
//
// Every name is escaped as its format wants it; ids are made of the items' numbers, so no name can be taken for anything else.
#pragma once

#include <string>

#include "emu/report/graph.hpp"

namespace emu {

/// A tree of what is in what, and beneath it a line for each edge.
std::string graph_text(const Graph& graph);

/// A Mermaid flowchart, as GitHub draws it in a block of code marked `mermaid`.
std::string graph_mermaid(const Graph& graph);

/// A Graphviz digraph with a cluster for each box, for dot(1).
std::string graph_dot(const Graph& graph);

}  // namespace emu
