// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>

#include "emu/model/wording.hpp"
#include "emu/report/graph_writers.hpp"
#include "emu/report/table.hpp"

namespace emu {
namespace {

/// A row for each of `items`, behind `stem`, the lines that lead down to them.
void add_branches(Table& tree, const std::vector<GraphItem>& items, const std::string& stem) {
  for (const auto& item : items) {
    const bool last = &item == &items.back();
    tree.add({fmt::format("{}{} {}", stem, last ? "└─" : "├─", printable(title_of(item))),
              printable(fmt::format("{}", fmt::join(item.details, ", ")))});
    add_branches(tree, item.items, stem + (last ? "   " : "│  "));
  }
}

/// What an edge calls the ends it can have: a subnet by two names, all else by its own.
void add_end_names(std::map<std::size_t, std::string>& names, const std::vector<GraphItem>& items, const std::string& network) {
  for (const auto& item : items) {
    names.emplace(item.id, item.kind == GraphKind::Subnet ? fmt::format("{}/{}", network, item.name)
                           : item.name.empty()            ? title_of(item)
                                                          : item.name);
    add_end_names(names, item.items, item.name);
  }
}

}  // namespace

std::string graph_text(const Graph& graph) {
  Table tree;
  tree.add({printable(graph.lab)});
  add_branches(tree, graph.items, "");
  std::map<std::size_t, std::string> names;
  add_end_names(names, graph.items, "");
  Table edges(2);
  for (const auto& edge : graph.edges) {
    edges.add({printable(fmt::format("{} {} {}", names.at(edge.from), edge.both_ways ? "<->" : "->", names.at(edge.to))),
               printable(fmt::format("{}", fmt::join(edge.labels, ", ")))});
  }
  return tree.text() + (graph.edges.empty() ? "" : "\n") + edges.text();
}

}  // namespace emu
