// SPDX-License-Identifier: Apache-2.0
#include "emu/verify/matrix_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "emu/report/table.hpp"
#include "emu/verify/escape_xml.hpp"

namespace emu {
namespace {

using Json = nlohmann::ordered_json;
using Milliseconds = std::chrono::duration<double, std::milli>;
using Seconds = std::chrono::duration<double>;

constexpr std::size_t kWidest = 120;  // of a table with names on top; else columns have numbers

enum class Mark { Self, Passes, Some, Nothing, Disagrees };

std::string_view text_of(Mark mark) {
  switch (mark) {
    case Mark::Self: return ".";
    case Mark::Passes: return "ok";
    case Mark::Some: return "some";
    case Mark::Nothing: return "--";
    case Mark::Disagrees: return "!!";
  }
  return "";
}

std::string_view colour_of(Mark mark) {
  switch (mark) {
    case Mark::Passes: return "\x1b[32m";
    case Mark::Some: return "\x1b[33m";
    case Mark::Disagrees: return "\x1b[1;31m";
    default: return "";
  }
}

bool came_back(const MatrixCell& cell) {
  const auto outcome = cell.measured.outcome;
  const bool refused_by_firewall = outcome == ProbeOutcome::Status && cell.measured.status == 403;
  return cell.not_run.empty() && outcome != ProbeOutcome::Blocked && outcome != ProbeOutcome::Unreachable && !refused_by_firewall;
}

/// By row and column.
std::map<std::pair<std::size_t, std::size_t>, Mark> marks_of(const Matrix& matrix) {
  std::map<std::pair<std::size_t, std::size_t>, Mark> marks;
  for (const auto& cell : matrix.cells) {
    const auto mark = !cell.agrees ? Mark::Disagrees : came_back(cell) ? Mark::Passes : Mark::Nothing;
    const auto [known, first] = marks.emplace(std::pair{cell.from, cell.to}, mark);
    if (first || known->second == mark || known->second == Mark::Disagrees) continue;
    known->second = mark == Mark::Disagrees ? mark : Mark::Some;
  }
  return marks;
}

std::string padded(std::string_view text, std::size_t width) {
  const auto used = display_width(text);
  return std::string(text) + std::string(width > used ? width - used : 0, ' ');
}

std::string grid(const Matrix& matrix, bool colour) {
  const auto marks = marks_of(matrix);
  std::size_t longest = 0;
  std::size_t all = 0;
  for (const auto& node : matrix.nodes) {
    longest = std::max(longest, display_width(node.name));
    all += std::max<std::size_t>(display_width(node.name), 4) + 2;
  }
  const bool by_number = longest + all > kWidest;
  const auto number = [&](std::size_t i) { return std::to_string(i + 1); };
  const auto row_name = [&](std::size_t i) {
    return by_number ? fmt::format("{:>3} {}", i + 1, matrix.nodes[i].name) : matrix.nodes[i].name;
  };
  const auto width = [&](std::size_t i) { return by_number ? 4 : std::max<std::size_t>(display_width(matrix.nodes[i].name), 4); };
  const std::size_t first = longest + (by_number ? 4 : 0);

  const auto trimmed = [](std::string line) {
    line.erase(line.find_last_not_of(' ') + 1);
    return line + "\n";
  };
  std::string head = fmt::format("  {}", std::string(first, ' '));
  for (std::size_t to = 0; to < matrix.nodes.size(); ++to)
    head += fmt::format("  {}", padded(by_number ? number(to) : matrix.nodes[to].name, width(to)));
  auto out = trimmed(head);
  for (std::size_t from = 0; from < matrix.nodes.size(); ++from) {
    if (!matrix.nodes[from].sends) continue;
    auto line = fmt::format("  {}", padded(row_name(from), first));
    for (std::size_t to = 0; to < matrix.nodes.size(); ++to) {
      const auto known = marks.find({from, to});
      const auto mark = known == marks.end() ? Mark::Self : known->second;
      const auto text = padded(text_of(mark), width(to));
      const auto paint = colour ? colour_of(mark) : std::string_view{};
      line += fmt::format("  {}{}{}", paint, text, paint.empty() ? "" : "\x1b[0m");
    }
    out += trimmed(line);
  }
  if (by_number) {
    for (std::size_t i = 0; i < matrix.nodes.size(); ++i)
      if (!matrix.nodes[i].sends) out += fmt::format("  {}\n", row_name(i));
  }
  return out;
}

void write_steps(std::string& out, std::string_view title, const std::vector<Step>& steps) {
  for (const auto& step : steps) out += fmt::format("      {:<6} {}: {}\n", &step == &steps.front() ? title : "", step.place, step.words);
}

std::string story_of(const Matrix& matrix, const MatrixCell& cell) {
  auto out = fmt::format("  {}  {}\n    predicted  {}: {}\n", pair_of(matrix, cell), question_of(cell), describe(cell.predicted),
                         cell.predicted.reason);
  write_steps(out, "there", cell.predicted.there);
  write_steps(out, "back", cell.predicted.back);
  const auto& detail = cell.not_run.empty() ? cell.measured.detail : cell.not_run;
  return out + fmt::format("    measured   {}{}{}\n", measured_of(cell), detail.empty() ? "" : ": ", detail);
}

Json steps_json(const std::vector<Step>& steps) {
  auto out = Json::array();
  for (const auto& step : steps) out.push_back({{"place", step.place}, {"words", step.words}});
  return out;
}

Json prediction_json(const Prediction& prediction) {
  Json out{{"verdict", describe(prediction)},
           {"reason", prediction.reason},
           {"there", steps_json(prediction.there)},
           {"back", steps_json(prediction.back)}};
  for (const auto& other : prediction.otherwise) out["otherwise"].push_back(prediction_json(other));
  return out;
}

std::string quantity(std::size_t count, std::string_view one) { return fmt::format("{} {}{}", count, one, count == 1 ? "" : "s"); }

}  // namespace

std::string pair_of(const Matrix& matrix, const MatrixCell& cell) {
  return fmt::format("{} -> {}", matrix.nodes[cell.from].name, matrix.nodes[cell.to].name);
}

std::string measured_of(const MatrixCell& cell) { return cell.not_run.empty() ? describe_outcome(cell.measured) : "not run"; }

std::string disagreement_of(const MatrixCell& cell) {
  if (cell.agrees) return {};
  const auto& detail = cell.not_run.empty() ? cell.measured.detail : cell.not_run;
  return fmt::format("predicted {} ({}), measured {}{}{}", describe(cell.predicted), cell.predicted.reason, measured_of(cell),
                     detail.empty() ? "" : ": ", detail);
}

std::string matrix_text(const Matrix& matrix, bool colour) {
  auto out = grid(matrix, colour);
  out += "  ok passes, some is part of what was asked, -- does not, as Azure's rules say; !! packets and rules disagree\n";
  for (const auto& cell : matrix.cells)
    if (!cell.agrees) out += "\n" + story_of(matrix, cell);
  const auto sum = fmt::format("  {}, {}, {}", quantity(matrix.pairs, "pair"), quantity(matrix.cells.size(), "probe"),
                               quantity(matrix.disagreements, "disagreement"));
  return out + fmt::format("{:<56}{:.1f} s\n", sum, Seconds(matrix.predicting + matrix.probing).count());
}

std::string matrix_json(std::string_view lab, const Matrix& matrix) {
  auto cells = Json::array();
  for (const auto& cell : matrix.cells) {
    Json out{{"from", matrix.nodes[cell.from].name},
             {"to", matrix.nodes[cell.to].name},
             {"address", to_string(matrix.nodes[cell.to].address)},
             {"kind", to_string(cell.kind)},
             {"port", cell.port == 0 ? Json() : Json(cell.port)},
             {"agrees", cell.agrees},
             {"predicted", prediction_json(cell.predicted)},
             {"measured", {{"verdict", measured_of(cell)}, {"detail", cell.not_run.empty() ? cell.measured.detail : cell.not_run}}}};
    if (cell.measured.round_trip.count() != 0) out["measured"]["milliseconds"] = Milliseconds(cell.measured.round_trip).count();
    cells.push_back(std::move(out));
  }
  const Json whole{{"lab", lab},
                   {"pairs", matrix.pairs},
                   {"probes", matrix.cells.size()},
                   {"disagreements", matrix.disagreements},
                   {"askedAgain", matrix.asked_again},
                   {"seconds", Seconds(matrix.predicting + matrix.probing).count()},
                   {"cells", std::move(cells)}};
  return whole.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string matrix_junit(std::string_view lab, const Matrix& matrix) {
  const auto name = escape_xml(fmt::format("{} matrix", lab));
  const auto time = Seconds(matrix.predicting + matrix.probing).count();
  auto out = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuites tests=\"{0}\" failures=\"{1}\" time=\"{2:.3f}\">\n"
      "  <testsuite name=\"{3}\" tests=\"{0}\" failures=\"{1}\" errors=\"0\" skipped=\"0\" time=\"{2:.3f}\">\n",
      matrix.cells.size(), matrix.disagreements, time, name);
  for (const auto& cell : matrix.cells) {
    const auto title = escape_xml(fmt::format("{} {}", question_of(cell), pair_of(matrix, cell)));
    out += fmt::format("    <testcase classname=\"{}\" name=\"{}\"", name, title);
    if (cell.agrees) {
      out += "/>\n";
    } else {
      out += fmt::format(">\n      <failure message=\"{}\">{}</failure>\n    </testcase>\n", escape_xml(disagreement_of(cell)),
                         escape_xml(story_of(matrix, cell)));
    }
  }
  return out + "  </testsuite>\n</testsuites>\n";
}

}  // namespace emu
