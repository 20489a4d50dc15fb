// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "emu/report/graph_style.hpp"
#include "emu/report/graph_writers.hpp"

namespace emu {
namespace {

/// Fit for a quoted label, where only `#` and a number of decimal digits can say everything: quotes, angle brackets, and what Markdown
/// makes something else of. Letters beyond ASCII stay.
std::string escape_mermaid(std::string_view text) {
  constexpr std::string_view kPlain = " -./:,_";
  std::string out;
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || code >= 0x80;
    if (letter || kPlain.find(c) != std::string_view::npos)
      out += c;
    else
      out += code < ' ' || code == 0x7F ? "?" : fmt::format("#{};", code);
  }
  return out;
}

std::string mermaid_lines(const std::vector<std::string>& lines, std::string_view between) {
  std::string out;
  for (const auto& line : lines) out.append(out.empty() ? "" : between).append(escape_mermaid(line));
  return out;
}

/// A box's label is one line: Mermaid leaves no room for more above what is in the box.
std::string mermaid_label(const GraphItem& item) {
  std::vector<std::string> lines{title_of(item)};
  lines.insert(lines.end(), item.details.begin(), item.details.end());
  return mermaid_lines(lines, is_box(item.kind) ? " · " : "<br/>");
}

/// For each kind of node; a box has a style of its own, because Mermaid forgets the class of one that an edge ends at.
std::string_view class_of(GraphKind kind) {
  switch (kind) {
    case GraphKind::Machine: return "machine";
    case GraphKind::Appliance: return "appliance";
    case GraphKind::Gateway: return "gateway";
    case GraphKind::Device: return "device";
    case GraphKind::Host: return "host";
    case GraphKind::Service: return "service";
    case GraphKind::Several: return "several";
    case GraphKind::Absent: return "absent";
    default: return "";
  }
}

std::string mermaid_style(GraphKind kind) {
  const auto colours = colours_of(kind);
  return fmt::format("fill:{},stroke:{},color:{}", colours.fill, colours.line, kGraphInk);
}

void write_items(std::string& out, const std::vector<GraphItem>& items, std::size_t indent) {
  for (const auto& item : items) {
    const std::string margin(indent, ' ');
    const auto label = mermaid_label(item);
    if (!is_box(item.kind)) {
      out += fmt::format("{}n{}[\"{}\"]:::{}\n", margin, item.id, label, class_of(item.kind));
      continue;
    }
    if (item.items.empty()) {  // Mermaid draws no subgraph without a node
      out += fmt::format("{}n{}[\"{}\"]\n", margin, item.id, label);
    } else {
      out += fmt::format("{}subgraph n{}[\"{}\"]\n", margin, item.id, label);
      write_items(out, item.items, indent + 2);
      out += fmt::format("{}end\n", margin);
    }
    out += fmt::format("{}style n{} {}\n", margin, item.id, mermaid_style(item.kind));
  }
}

}  // namespace

std::string graph_mermaid(const Graph& graph) {
  auto out = fmt::format("---\ntitle: \"{}\"\n---\nflowchart LR\n", escape_mermaid(graph.lab));
  write_items(out, graph.items, 2);
  for (const auto& edge : graph.edges) {
    const auto arrow = edge.connected ? (edge.both_ways ? "<-->" : "-->") : (edge.both_ways ? "<-.->" : "-.->");
    out += fmt::format("  n{} {}|\"{}\"| n{}\n", edge.from, arrow, mermaid_lines(edge.labels, "<br/>"), edge.to);
  }
  for (const auto kind : kGraphKinds) {
    if (!is_box(kind)) out += fmt::format("  classDef {} {}\n", class_of(kind), mermaid_style(kind));
  }
  for (std::size_t i = 0; i < graph.edges.size(); ++i) out += fmt::format("  linkStyle {} stroke:{}\n", i, colour_of(graph.edges[i]));
  return out;
}

}  // namespace emu
