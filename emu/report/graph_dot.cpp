// SPDX-License-Identifier: Apache-2.0
// dot(1) lays out nodes in ranks from left to right, and clusters around them. An edge joins nodes, never clusters: one that is meant
// for a box is drawn to a node in the middle of it, and is cut off at the box's border (`lhead`, `ltail`).
#include <fmt/format.h>

#include <map>
#include <set>

#include "emu/report/escape_xml.hpp"
#include "emu/report/graph_style.hpp"
#include "emu/report/graph_writers.hpp"

namespace emu {
namespace {

/// Nodes of a box that stand above each other; more make another column. A column is about twice as wide as a row is high, so many
/// nodes become a square.
std::size_t rows_of(std::size_t nodes) {
  constexpr std::size_t kFew = 8;
  auto rows = kFew;
  while (rows * rows < 2 * nodes) ++rows;
  return rows;
}

/// Fit for an HTML-like label. There, too, dot takes `\N` for the name of the node, however the backslash is spelled: a space of no
/// width behind it keeps the two apart.
std::string escape_dot(std::string_view text) {
  std::string out;
  for (const char c : escape_xml(text)) {
    out += c;
    if (c == '\\') out += "&#8203;";
  }
  return out;
}

std::string dot_lines(const std::vector<std::string>& lines) {
  std::string out;
  for (const auto& line : lines) out.append(out.empty() ? "" : "<br/>").append(escape_dot(line));
  return out;
}

std::string dot_label(const GraphItem& item) {
  const auto details = dot_lines(item.details);
  return fmt::format("<b>{}</b>{}{}", escape_dot(title_of(item)), details.empty() ? "" : "<br/>", details);
}

class DotWriter {
 public:
  explicit DotWriter(const Graph& graph) : graph_(graph) {}

  std::string write() {
    out_ = fmt::format(
        "digraph lab {{\n"
        "  graph [rankdir=LR, compound=true, nodesep=0.3, ranksep=0.9, pad=0.2, label=<<b>{}</b>>, labelloc=t,\n"
        "         fontname=\"Helvetica,Arial,sans-serif\", fontsize=16, fontcolor=\"{}\"]\n"
        "  node [shape=box, style=\"rounded,filled\", margin=\"0.12,0.07\", fontname=\"Helvetica,Arial,sans-serif\", fontsize=11,\n"
        "        fontcolor=\"{}\"]\n"
        "  edge [fontname=\"Helvetica,Arial,sans-serif\", fontsize=10, arrowsize=0.6, tailport=e, headport=w]\n",
        escape_dot(graph_.lab), kGraphInk, kGraphInk);
    write_items(graph_.items, 2);
    for (const auto& edge : graph_.edges) write_edge(edge);
    return out_ + "}\n";
  }

 private:
  void write_items(const std::vector<GraphItem>& items, std::size_t indent) {
    for (const auto& item : items) {
      if (is_box(item.kind)) {
        write_box(item, indent);
      } else {
        const auto colours = colours_of(item.kind);
        out_ += fmt::format("{:{}}n{} [label=<{}>, fillcolor=\"{}\", color=\"{}\"]\n", "", indent, item.id, dot_label(item), colours.fill,
                            colours.line);
        ends_.emplace(item.id, item.id);
      }
    }
    write_columns(items, indent);
  }

  void write_box(const GraphItem& box, std::size_t indent) {
    const auto colours = colours_of(box.kind);
    out_ += fmt::format(
        "{:{}}subgraph cluster_{} {{\n"
        "{:{}}graph [label=<{}>, style=\"rounded,filled\", fillcolor=\"{}\", color=\"{}\", fontsize=12, margin=10]\n",
        "", indent, box.id, "", indent + 2, dot_label(box), colours.fill, colours.line);
    write_items(box.items, indent + 2);
    if (box.items.empty()) {  // dot draws no cluster without a node
      out_ += fmt::format("{:{}}n{} [shape=point, style=invis]\n", "", indent + 2, box.id);
      ends_.emplace(box.id, box.id);
    } else {
      ends_.emplace(box.id, ends_.at(box.items[box.items.size() / 2].id));
    }
    out_ += fmt::format("{:{}}}}\n", "", indent);
    boxes_.insert(box.id);
  }

  /// Edges that are not seen put nodes that no edge would put anywhere side by side.
  void write_columns(const std::vector<GraphItem>& items, std::size_t indent) {
    const auto rows = rows_of(items.size());
    for (auto i = rows; i < items.size(); ++i) {
      if (is_box(items[i].kind) || is_box(items[i - rows].kind)) continue;
      out_ += fmt::format("{:{}}n{} -> n{} [style=invis]\n", "", indent, items[i - rows].id, items[i].id);
    }
  }

  void write_edge(const GraphEdge& edge) {
    const auto colour = colour_of(edge);
    out_ += fmt::format("  n{} -> n{} [label=<{}>, color=\"{}\", fontcolor=\"{}\"", ends_.at(edge.from), ends_.at(edge.to),
                        dot_lines(edge.labels), colour, colour);
    if (edge.both_ways) out_ += ", dir=both";
    if (!edge.connected) out_ += ", style=dashed";
    if (boxes_.contains(edge.from)) out_ += fmt::format(", ltail=cluster_{}", edge.from);
    if (boxes_.contains(edge.to)) out_ += fmt::format(", lhead=cluster_{}", edge.to);
    out_ += "]\n";
  }

  const Graph& graph_;
  std::map<std::size_t, std::size_t> ends_;  ///< the node at which an edge ends that is meant for this item
  std::set<std::size_t> boxes_;              ///< ids of what was written as a cluster
  std::string out_;
};

}  // namespace

std::string graph_dot(const Graph& graph) { return DotWriter(graph).write(); }

}  // namespace emu
