// SPDX-License-Identifier: Apache-2.0
#include "emu/verify/matrix_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "emu/model/escape_xml.hpp"
#include "emu/report/table.hpp"
#include "emu/report/terminal.hpp"

namespace emu {
namespace {

using Json = nlohmann::ordered_json;
using Milliseconds = std::chrono::duration<double, std::milli>;
using Seconds = std::chrono::duration<double>;

/// Of a table with names on top, for who is no terminal; a wider one has numbers.
constexpr std::size_t kWidest = 120;

std::string_view colour_of(MatrixMark mark) {
  switch (mark) {
    case MatrixMark::Passes: return "\x1b[32m";
    case MatrixMark::Some:
    case MatrixMark::Else: return "\x1b[33m";
    case MatrixMark::NotAsked:
    case MatrixMark::Disagrees: return "\x1b[1;31m";
    default: return "";
  }
}

bool came_back(const MatrixCell& cell) {
  const auto outcome = cell.measured.outcome;
  const bool refused_by_firewall = outcome == ProbeOutcome::Status && cell.measured.status == 403;
  return cell.not_run.empty() && outcome != ProbeOutcome::Blocked && outcome != ProbeOutcome::Unreachable && !refused_by_firewall;
}

const std::string& detail_of(const MatrixCell& cell) { return cell.not_run.empty() ? cell.measured.detail : cell.not_run; }

/// What the page and the table show of a pair.
MatrixMark mark_at(const std::map<std::pair<std::size_t, std::size_t>, MatrixMark>& marks, std::size_t from, std::size_t to) {
  const auto known = marks.find({from, to});
  return known == marks.end() ? MatrixMark::Self : known->second;
}

MatrixMark mark_of(const Matrix& matrix, const MatrixCell& cell) {
  if (!cell.not_run.empty()) return MatrixMark::NotAsked;
  if (!cell.agrees) return MatrixMark::Disagrees;
  if (!came_back(cell)) return MatrixMark::Nothing;
  const auto& met = outcome_met(cell.predicted, cell.measured);
  return met.answered_by == matrix.nodes[cell.to].node ? MatrixMark::Passes : MatrixMark::Else;
}

std::string padded(std::string_view text, std::size_t width) {
  const auto used = display_width(text);
  return std::string(text) + std::string(width > used ? width - used : 0, ' ');
}

/// Rows ask, columns answer. Where names do not fit on top, columns have numbers; where these do not fit beside each other either, the
/// table goes on below.
std::string grid(const Matrix& matrix, bool colour) {
  constexpr std::size_t kIndent = 2;
  constexpr std::size_t kGap = 2;
  const auto marks = marks_of(matrix);
  const auto count = matrix.nodes.size();
  std::size_t longest = 0;
  std::size_t all = 0;
  for (const auto& node : matrix.nodes) {
    longest = std::max(longest, display_width(node.name));
    all += std::max<std::size_t>(display_width(node.name), 4) + kGap;
  }
  const auto limit = terminal().width == 0 ? kWidest : terminal().width;
  const bool by_number = kIndent + longest + all > limit;
  const auto row_name = [&](std::size_t i) {
    return by_number ? fmt::format("{:>3} {}", i + 1, matrix.nodes[i].name) : matrix.nodes[i].name;
  };
  const auto column_name = [&](std::size_t i) { return by_number ? std::to_string(i + 1) : matrix.nodes[i].name; };
  const auto width = [&](std::size_t i) { return by_number ? 4 : std::max<std::size_t>(display_width(matrix.nodes[i].name), 4); };
  const std::size_t first = longest + (by_number ? 4 : 0);
  const bool goes_on = by_number && terminal().width != 0;
  const auto at_once = goes_on ? std::max<std::size_t>((std::max(limit, kIndent + first) - kIndent - first) / (4 + kGap), 4) : count;

  const auto trimmed = [](std::string line) {
    line.erase(line.find_last_not_of(' ') + 1);
    return line + "\n";
  };
  std::string out;
  for (std::size_t start = 0; start < count; start += at_once) {
    const auto end = std::min(start + at_once, count);
    auto head = std::string(kIndent + first, ' ');
    for (auto to = start; to < end; ++to) head += std::string(kGap, ' ') + padded(column_name(to), width(to));
    out += (start == 0 ? "" : "\n") + trimmed(std::move(head));
    for (std::size_t from = 0; from < count; ++from) {
      if (!matrix.nodes[from].sends) continue;
      auto line = std::string(kIndent, ' ') + padded(row_name(from), first);
      for (auto to = start; to < end; ++to) {
        const auto mark = mark_at(marks, from, to);
        const auto paint = colour ? colour_of(mark) : std::string_view{};
        line += fmt::format("{:{}}{}{}{}", "", kGap, paint, padded(to_string(mark), width(to)), paint.empty() ? "" : "\x1b[0m");
      }
      out += trimmed(std::move(line));
    }
  }
  if (by_number) {
    for (std::size_t i = 0; i < count; ++i)
      if (!matrix.nodes[i].sends) out += fmt::format("  {}\n", row_name(i));
  }
  return out;
}

/// What the marks in the table mean, those that are there.
std::string legend(const Matrix& matrix) {
  const auto marks = marks_of(matrix);
  const auto has = [&](MatrixMark mark) { return std::ranges::any_of(marks, [&](const auto& entry) { return entry.second == mark; }); };
  std::string out = "ok passes";
  if (has(MatrixMark::Some)) out += ", some passes in part";
  if (has(MatrixMark::Else)) out += ", else: another node has the address there";
  out += ", -- does not, as Azure's rules say; !! packets and rules disagree";
  if (has(MatrixMark::NotAsked)) out += "; ?? could not be asked";
  return wrapped(out, 2, 2) + '\n';
}

void write_steps(std::string& out, std::string_view title, const std::vector<Step>& steps) {
  for (const auto& step : steps)
    out += wrapped(fmt::format("{:<6} {}: {}", &step == &steps.front() ? title : "", step.place, step.words), 6, 15) + '\n';
}

std::string story_of(const Matrix& matrix, const MatrixCell& cell) {
  auto out = fmt::format("  {}  {}\n{}\n", pair_of(matrix, cell), question_of(cell),
                         wrapped(fmt::format("predicted  {}: {}", describe(cell.predicted), cell.predicted.reason), 4, 15));
  write_steps(out, "there", cell.predicted.there);
  write_steps(out, "back", cell.predicted.back);
  const auto& detail = detail_of(cell);
  return out + wrapped(fmt::format("measured   {}{}{}", measured_of(cell), detail.empty() ? "" : ": ", detail), 4, 15) + '\n';
}

Json steps_json(const std::vector<Step>& steps) {
  auto out = Json::array();
  for (const auto& step : steps) out.push_back({{"place", step.place}, {"words", step.words}});
  return out;
}

Json prediction_json(const Prediction& prediction) {
  Json out{{"verdict", describe(prediction)},
           {"reason", prediction.reason},
           {"answeredBy", prediction.answered_by.empty() ? Json() : Json(prediction.answered_by)},
           {"there", steps_json(prediction.there)},
           {"back", steps_json(prediction.back)}};
  for (const auto& other : prediction.otherwise) out["otherwise"].push_back(prediction_json(other));
  return out;
}

Json cells_json(const Matrix& matrix) {
  auto cells = Json::array();
  for (const auto& cell : matrix.cells) {
    Json out{{"from", matrix.nodes[cell.from].name},
             {"to", matrix.nodes[cell.to].name},
             {"address", to_string(matrix.nodes[cell.to].address)},
             {"kind", to_string(cell.kind)},
             {"port", cell.port == 0 ? Json() : Json(cell.port)},
             {"agrees", cell.not_run.empty() ? Json(cell.agrees) : Json()},
             {"predicted", prediction_json(cell.predicted)},
             {"measured", {{"verdict", measured_of(cell)}, {"detail", detail_of(cell)}}}};
    if (cell.measured.round_trip.count() != 0) out["measured"]["milliseconds"] = Milliseconds(cell.measured.round_trip).count();
    cells.push_back(std::move(out));
  }
  return cells;
}

/// Each reason once, for what one question lacked the next one lacks, too.
std::map<std::string, std::size_t> reasons_not_asked(const Matrix& matrix) {
  std::map<std::string, std::size_t> reasons;
  for (const auto& cell : matrix.cells)
    if (!cell.not_run.empty()) ++reasons[cell.not_run];
  return reasons;
}

std::string quantity(std::size_t count, std::string_view one) { return fmt::format("{} {}{}", count, one, count == 1 ? "" : "s"); }

}  // namespace

std::string_view to_string(MatrixMark mark) {
  switch (mark) {
    case MatrixMark::Self: return ".";
    case MatrixMark::Nothing: return "--";
    case MatrixMark::Passes: return "ok";
    case MatrixMark::Else: return "else";
    case MatrixMark::Some: return "some";
    case MatrixMark::NotAsked: return "??";
    case MatrixMark::Disagrees: return "!!";
  }
  return "";
}

std::map<std::pair<std::size_t, std::size_t>, MatrixMark> marks_of(const Matrix& matrix) {
  std::map<std::pair<std::size_t, std::size_t>, MatrixMark> marks;
  for (const auto& cell : matrix.cells) {
    const auto mark = mark_of(matrix, cell);
    const auto [known, first] = marks.emplace(std::pair{cell.from, cell.to}, mark);
    if (!first && known->second != mark) known->second = std::max({known->second, mark, MatrixMark::Some});
  }
  return marks;
}

std::string pair_of(const Matrix& matrix, const MatrixCell& cell) {
  return fmt::format("{} -> {}", matrix.nodes[cell.from].name, matrix.nodes[cell.to].name);
}

std::string measured_of(const MatrixCell& cell) { return cell.not_run.empty() ? describe_outcome(cell.measured) : "not asked"; }

std::string disagreement_of(const MatrixCell& cell) {
  if (!cell.not_run.empty()) return fmt::format("not asked: {}", cell.not_run);
  if (cell.agrees) return {};
  const auto& detail = detail_of(cell);
  return fmt::format("predicted {} ({}), measured {}{}{}", describe(cell.predicted), cell.predicted.reason, measured_of(cell),
                     detail.empty() ? "" : ": ", detail);
}

std::string matrix_text(const Matrix& matrix, bool colour) {
  auto out = grid(matrix, colour);
  out += legend(matrix);
  for (const auto& cell : matrix.cells)
    if (!cell.agrees && cell.not_run.empty()) out += fmt::format("\n{}", story_of(matrix, cell));
  for (const auto& [reason, count] : reasons_not_asked(matrix))
    out += wrapped(fmt::format("{} could not be asked: {}", quantity(count, "question"), reason), 2, 4) + '\n';
  auto sum = fmt::format("  {}, {}, {}", quantity(matrix.pairs, "pair"), quantity(matrix.cells.size(), "probe"),
                         quantity(matrix.disagreements, "disagreement"));
  if (matrix.not_asked != 0) sum += fmt::format(", {} not asked", matrix.not_asked);
  return out + fmt::format("{:<56}{:.1f} s\n", sum, Seconds(matrix.predicting + matrix.probing).count());
}

std::string matrix_json(std::string_view lab, const Matrix& matrix) {
  const Json whole{{"lab", lab},
                   {"pairs", matrix.pairs},
                   {"probes", matrix.cells.size()},
                   {"disagreements", matrix.disagreements},
                   {"notAsked", matrix.not_asked},
                   {"askedAgain", matrix.asked_again},
                   {"seconds", Seconds(matrix.predicting + matrix.probing).count()},
                   {"cells", cells_json(matrix)}};
  return whole.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string matrix_page_data(const Matrix& matrix) {
  const auto marks = marks_of(matrix);
  auto columns = Json::array();
  auto rows = Json::array();
  for (std::size_t i = 0; i < matrix.nodes.size(); ++i) {
    columns.push_back(matrix.nodes[i].name);
    if (!matrix.nodes[i].sends) continue;
    auto row = Json::array();
    for (std::size_t to = 0; to < matrix.nodes.size(); ++to) row.push_back(to_string(mark_at(marks, i, to)));
    rows.push_back({{"name", matrix.nodes[i].name}, {"marks", std::move(row)}});
  }
  const Json whole{{"columns", std::move(columns)}, {"rows", std::move(rows)}, {"cells", cells_json(matrix)}};
  return whole.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string matrix_junit(std::string_view lab, const Matrix& matrix) {
  const auto name = escape_xml(fmt::format("{} matrix", lab));
  const auto time = Seconds(matrix.predicting + matrix.probing).count();
  auto out = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuites tests=\"{0}\" failures=\"{1}\" errors=\"{4}\" time=\"{2:.3f}\">\n"
      "  <testsuite name=\"{3}\" tests=\"{0}\" failures=\"{1}\" errors=\"{4}\" skipped=\"0\" time=\"{2:.3f}\">\n",
      matrix.cells.size(), matrix.disagreements, time, name, matrix.not_asked);
  for (const auto& cell : matrix.cells) {
    const auto title = escape_xml(fmt::format("{} {}", question_of(cell), pair_of(matrix, cell)));
    out += fmt::format("    <testcase classname=\"{}\" name=\"{}\"", name, title);
    if (cell.agrees) {
      out += "/>\n";
    } else if (!cell.not_run.empty()) {
      out += fmt::format(">\n      <error message=\"{}\"/>\n    </testcase>\n", escape_xml(disagreement_of(cell)));
    } else {
      out += fmt::format(">\n      <failure message=\"{}\">{}</failure>\n    </testcase>\n", escape_xml(disagreement_of(cell)),
                         escape_xml(story_of(matrix, cell)));
    }
  }
  return out + "  </testsuite>\n</testsuites>\n";
}

}  // namespace emu
