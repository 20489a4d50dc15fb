// SPDX-License-Identifier: Apache-2.0
// Theory of operation. dot(1) alone makes strips of what is in boxes: it knows nothing of a screen. So what is in a box is laid out here,
// as a table of a table (Graphviz's HTML-like labels), and so are the boxes themselves: rows of about the square root, 16:9 in all, the
// best connected box in the middle of the middle row. Graphviz keeps them where they are (`layout=neato`, which dot(1) obeys, and fixed
// positions) and draws the edges around them. Sizes are guessed, on the generous side: how wide a letter is only Graphviz knows.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "emu/model/escape_xml.hpp"
#include "emu/report/graph_style.hpp"
#include "emu/report/graph_writers.hpp"

namespace emu {
namespace {

constexpr double kScreen = 16.0 / 9.0;   ///< width to height
constexpr double kBetweenColumns = 110;  ///< points
constexpr double kBetweenRows = 80;

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
  return fmt::format("<b>{}</b>{}{}{}", escape_dot(title_of(item)), details.empty() ? "" : "<br/><font point-size=\"9\">", details,
                     details.empty() ? "" : "</font>");
}

/// In points.
struct Size {
  double width = 0;
  double height = 0;
};

Size size_of_label(const GraphItem& item) {
  constexpr double kTitleLetter = 6.5;
  constexpr double kDetailLetter = 5;
  constexpr double kTitleLine = 15;
  constexpr double kDetailLine = 12;
  constexpr double kMargin = 16;
  Size size{static_cast<double>(title_of(item).size()) * kTitleLetter, kTitleLine + kMargin};
  for (const auto& detail : item.details) {
    size.width = std::max(size.width, static_cast<double>(detail.size()) * kDetailLetter);
    size.height += kDetailLine;
  }
  size.width += kMargin;
  return size;
}

/// Of a table of as many columns, from left to right and from top to bottom.
Size size_of_table(const std::vector<Size>& cells, std::size_t columns) {
  constexpr double kGap = 8;
  std::vector<double> widths(columns);
  std::vector<double> heights((cells.size() + columns - 1) / columns);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    widths[i % columns] = std::max(widths[i % columns], cells[i].width + kGap);
    heights[i / columns] = std::max(heights[i / columns], cells[i].height + kGap);
  }
  Size size;
  for (const auto width : widths) size.width += width;
  for (const auto height : heights) size.height += height;
  return size;
}

/// How far a size is from `wanted`, in either direction.
double misfit(const Size& size, double wanted) { return std::abs(std::log(size.width / size.height / wanted)); }

/// What is in a box, in the number of columns that suits best.
struct Laid {
  std::size_t columns = 1;
  Size size;
};

Laid lay_out(const GraphItem& item);

std::vector<Size> sizes_of(const std::vector<GraphItem>& items) {
  std::vector<Size> sizes;
  sizes.reserve(items.size());
  for (const auto& item : items) sizes.push_back(lay_out(item).size);
  return sizes;
}

Laid lay_out(const GraphItem& item) {
  const auto label = size_of_label(item);
  Laid best{1, label};
  if (item.items.empty()) return best;
  const auto cells = sizes_of(item.items);
  double least = INFINITY;
  for (std::size_t columns = 1; columns <= cells.size(); ++columns) {
    auto size = size_of_table(cells, columns);
    size = {std::max(size.width, label.width), size.height + label.height};
    if (const auto fit = misfit(size, kScreen); fit < least) {
      least = fit;
      best = {columns, size};
    }
  }
  return best;
}

class DotWriter {
 public:
  explicit DotWriter(const Graph& graph) : graph_(graph) {
    for (const auto& item : graph.items) add_ends(item, item);
  }

  std::string write() {
    out_ = fmt::format(
        "digraph lab {{\n"
        "  graph [layout=neato, inputscale=72, splines=true, overlap=true, pad=0.2, label=<<b>{}</b>{}>, labelloc=t,\n"
        "         fontname=\"Helvetica,Arial,sans-serif\", fontsize=16, fontcolor=\"{}\"]\n"
        "  node [shape=plain, fontname=\"Helvetica,Arial,sans-serif\", fontsize=11, fontcolor=\"{}\"]\n"
        "  edge [fontname=\"Helvetica,Arial,sans-serif\", fontsize=10, arrowsize=0.6]\n",
        escape_dot(graph_.lab), legend(), kGraphInk, kGraphInk);
    write_rows();
    for (const auto& edge : graph_.edges)
      if (tops_.at(edge.from) != tops_.at(edge.to)) write_edge(edge);
    return out_ + "}\n";
  }

 private:
  void add_ends(const GraphItem& top, const GraphItem& item) {
    ends_.emplace(item.id, &item == &top ? fmt::format("n{}", top.id) : fmt::format("n{}:p{}", top.id, item.id));
    tops_.emplace(item.id, top.id);
    names_.emplace(item.id, item.name.empty() ? title_of(item) : item.name);
    for (const auto& inner : item.items) add_ends(top, inner);
  }

  /// What the colours mean, of the edges that there are.
  std::string legend() const {
    std::map<GraphEdge::Kind, std::string> words;
    for (const auto& edge : graph_.edges) {
      if (edge.connected)
        words[edge.kind] = fmt::format("<font color=\"{}\" point-size=\"11\">{}</font>", colour_of(edge), word_of(edge.kind));
    }
    std::string out;
    for (const auto& [kind, word] : words) out.append(out.empty() ? "<br/>" : " &#183; ").append(word);
    return out;
  }

  void write_table(const GraphItem& item, std::size_t indent) {
    const auto colours = colours_of(item.kind);
    const auto columns = lay_out(item).columns;
    out_ += fmt::format(
        "{:{}}<table port=\"p{}\" border=\"1\" cellborder=\"0\" cellspacing=\"0\" cellpadding=\"4\" style=\"rounded\" bgcolor=\"{}\" "
        "color=\"{}\"><tr><td colspan=\"{}\">{}{}</td></tr>",
        "", indent, item.id, colours.fill, colours.line, columns, dot_label(item), routes_of(item));
    for (std::size_t i = 0; i < item.items.size(); ++i) {
      out_ += i % columns == 0 ? "<tr><td>\n" : "<td>\n";
      write_table(item.items[i], indent + 2);
      out_ += fmt::format("{:{}}</td>{}", "", indent, i + 1 == item.items.size() || (i + 1) % columns == 0 ? "</tr>" : "");
    }
    out_ += "</table>\n";
  }

  /// Where a subnet's packets are routed: a line each, in the colour of the edge.
  std::string routes_of(const GraphItem& item) const {
    std::string out;
    for (const auto& edge : graph_.edges) {
      if (edge.kind == GraphEdge::Kind::Route && edge.from == item.id)
        out += fmt::format("<br/><font point-size=\"9\" color=\"{}\">{}</font>", colour_of(edge), dot_lines(edge.labels));
    }
    return out;
  }

  struct Rows {
    std::vector<std::vector<const GraphItem*>> items;
    Size size;
  };

  /// As many as make a screen of the items.
  Rows rows() const {
    Rows best;
    double least = INFINITY;
    const auto all = graph_.items.size();
    for (std::size_t count = 1; count <= all; ++count) {
      const auto middle = count / 2;
      const auto order = with_the_best_connected_at((middle * all / count + (middle + 1) * all / count) / 2);
      Rows rows;
      for (std::size_t row = 0; row < count; ++row) {
        rows.items.emplace_back(order.begin() + static_cast<std::ptrdiff_t>(row * all / count),
                                order.begin() + static_cast<std::ptrdiff_t>((row + 1) * all / count));
        const auto size = size_of_row(rows.items.back());
        rows.size = {std::max(rows.size.width, size.width), rows.size.height + size.height};
      }
      if (const auto fit = misfit(rows.size, kScreen); fit < least) {
        least = fit;
        best = std::move(rows);
      }
    }
    return best;
  }

  /// With the room that the edges need between it and the next.
  static Size size_of_row(const std::vector<const GraphItem*>& row) {
    Size size;
    for (const auto* item : row) {
      const auto box = lay_out(*item).size;
      size = {size.width + box.width + kBetweenColumns, std::max(size.height, box.height + kBetweenRows)};
    }
    return size;
  }

  /// The items in their order, but for the one with the most edges to others, which is at `place`.
  std::vector<const GraphItem*> with_the_best_connected_at(std::size_t place) const {
    std::vector<const GraphItem*> order;
    for (const auto& item : graph_.items) order.push_back(&item);
    const auto edges_of = [&](const GraphItem* item) {
      return std::ranges::count_if(graph_.edges, [&](const auto& edge) {
        return tops_.at(edge.from) != tops_.at(edge.to) && (tops_.at(edge.from) == item->id || tops_.at(edge.to) == item->id);
      });
    };
    const auto best = std::ranges::max_element(order, {}, edges_of);
    const auto wanted = order.begin() + static_cast<std::ptrdiff_t>(place);
    if (best < wanted)
      std::rotate(best, best + 1, wanted + 1);
    else
      std::rotate(wanted, best, best + 1);
    return order;
  }

  /// What room is left to a screen's shape goes between the rows and the columns.
  void write_rows() {
    constexpr double kTitle = 45;
    if (graph_.items.empty()) return;
    const auto [rows, size] = this->rows();
    const Size screen{std::max(size.width, (size.height + kTitle) * kScreen), std::max(size.height, size.width / kScreen - kTitle)};
    out_ += fmt::format("  node [shape=point, style=invis, width=0]; low [pos=\"0,0!\"]; high [pos=\"{:.0f},{:.0f}!\"]\n", screen.width,
                        screen.height);
    out_ += "  node [shape=plain, style=solid]\n";
    double top = screen.height;
    for (const auto& row : rows) {
      const auto needed = size_of_row(row);
      const auto height = needed.height + (screen.height - size.height) / static_cast<double>(rows.size());
      const auto gap = (screen.width - needed.width) / static_cast<double>(row.size());
      double left = 0;
      for (const auto* item : row) {
        const auto width = lay_out(*item).size.width + kBetweenColumns + gap;
        out_ += fmt::format("  n{} [pos=\"{:.0f},{:.0f}!\", label=<\n", item->id, left + width / 2, top - height / 2);
        write_table(*item, 4);
        out_ += "  >]\n";
        left += width;
      }
      top -= height;
    }
  }

  void write_edge(const GraphEdge& edge) {
    const auto colour = colour_of(edge);
    out_ += fmt::format("  {} -> {} [color=\"{}\", fontcolor=\"{}\"", ends_.at(edge.from), ends_.at(edge.to), colour, colour);
    if (says_something(edge))
      out_ += fmt::format(
          ", label=<<table border=\"0\" cellborder=\"0\" cellpadding=\"1\" bgcolor=\"white\"><tr><td>{} {} {}<br/>{}</td></tr></table>>",
          escape_dot(names_.at(edge.from)), edge.both_ways ? "&#8596;" : "&#8594;", escape_dot(names_.at(edge.to)), dot_lines(edge.labels));
    if (edge.both_ways) out_ += ", dir=both";
    if (!edge.connected) out_ += ", style=dashed";
    out_ += "]\n";
  }

  /// Labels of many edges would hide each other. Where a subnet's own lines say the same, or all peerings do, the colour is enough.
  bool says_something(const GraphEdge& edge) const {
    constexpr std::ptrdiff_t kFew = 6;
    const auto is_kind = [](GraphEdge::Kind kind) { return [kind](const GraphEdge& other) { return other.kind == kind; }; };
    if (edge.kind == GraphEdge::Kind::Route || edge.kind == GraphEdge::Kind::ServiceEndpoint) return false;
    return !edge.connected || std::ranges::count_if(graph_.edges, is_kind(edge.kind)) <= kFew;
  }

  const Graph& graph_;
  std::map<std::size_t, std::string> ends_;  ///< where an edge ends that is meant for this item
  std::map<std::size_t, std::size_t> tops_;  ///< the outermost box that an item is in
  std::map<std::size_t, std::string> names_;
  std::string out_;
};

}  // namespace

std::string graph_dot(const Graph& graph) { return DotWriter(graph).write(); }

}  // namespace emu
