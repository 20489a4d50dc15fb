// SPDX-License-Identifier: Apache-2.0
#include "emu/verify/matrix.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "emu/report/table.hpp"
#include "emu/report/terminal.hpp"
#include "emu/semantics/resolve.hpp"
#include "emu/verify/matrix_report.hpp"
#include "tests/unit/emu/sample_services.hpp"

namespace sample = emu::sample;
using emu::Fate;
using emu::Matrix;
using emu::ProbeOutcome;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

namespace {

/// vm (with a public address and a page) and vm2 of one network, four services, a laptop.
emu::Model model() {
  auto out = sample::lab_with_services({"Microsoft.Storage"});
  out.virtual_machines[0] = sample::with_public(out.virtual_machines[0]);
  out.virtual_machines[0].web = 80;
  out.internet.hosts = {sample::host("laptop", "203.0.113.200")};
  return emu::resolve(out, nullptr).model;
}

/// Measures what was predicted.
void comply(emu::MatrixCell& cell) {
  cell.measured.status = cell.predicted.status;
  switch (cell.predicted.fate) {
    case Fate::Answers: cell.measured.outcome = ProbeOutcome::Reachable; break;
    case Fate::Status: cell.measured.outcome = ProbeOutcome::Status; break;
    case Fate::Refused: cell.measured.outcome = ProbeOutcome::Refused; break;
    default: cell.measured.outcome = ProbeOutcome::Blocked;
  }
  cell.agrees = agrees(cell.predicted, cell.measured);
}

/// A matrix that holds but for the first cell.
Matrix with_one_fault() {
  auto matrix = predict_matrix(model());
  for (auto& cell : matrix.cells) comply(cell);
  matrix.cells[0].measured.outcome = ProbeOutcome::Unreachable;
  matrix.cells[0].measured.detail = "ICMP <host> unreachable";
  matrix.cells[0].agrees = false;
  matrix.disagreements = 1;
  return matrix;
}

}  // namespace

TEST(Matrix, HasEveryAddressOfEveryNode) {
  std::vector<std::string> names;
  std::size_t senders = 0;
  for (const auto& node : matrix_nodes(model())) {
    names.push_back(node.name);
    senders += node.sends ? 1 : 0;
  }
  EXPECT_THAT(names, ElementsAre("vm", "vm.public", "vm2", "laptop", "here", "paired", "far", "db"));
  EXPECT_EQ(senders, 3U);
}

TEST(Matrix, AsksPingServedPortsAndOneThatIsNot) {
  const auto matrix = predict_matrix(model());
  std::vector<std::string> to_vm;
  std::vector<std::string> to_service;
  for (const auto& cell : matrix.cells) {
    if (pair_of(matrix, cell) == "vm2 -> vm") to_vm.push_back(question_of(cell));
    if (pair_of(matrix, cell) == "vm2 -> here") to_service.push_back(question_of(cell));
    EXPECT_NE(matrix.nodes[cell.from].node, matrix.nodes[cell.to].node);
  }
  EXPECT_THAT(to_vm, ElementsAre("ping", "tcp/80", "tcp/4"));
  EXPECT_THAT(to_service, ElementsAre("ping", "http/80", "tcp/4"));
  EXPECT_EQ(matrix.pairs, 20U);
}

TEST(Matrix, ComparesWhatCameBack) {
  emu::Prediction answers;
  answers.fate = Fate::Answers;
  emu::Prediction refused;
  refused.fate = Fate::Refused;
  emu::Prediction silent;
  const auto measured = [](ProbeOutcome outcome, int status = 0) {
    emu::ProbeResult result;
    result.outcome = outcome;
    result.status = status;
    return result;
  };
  EXPECT_TRUE(agrees(answers, measured(ProbeOutcome::Reachable)));
  EXPECT_TRUE(agrees(answers, measured(ProbeOutcome::Status, 404))) << "what a page says is its server's business";
  EXPECT_FALSE(agrees(answers, measured(ProbeOutcome::Refused)));
  EXPECT_FALSE(agrees(refused, measured(ProbeOutcome::Blocked)));
  EXPECT_TRUE(agrees(silent, measured(ProbeOutcome::Blocked)));
  EXPECT_FALSE(agrees(silent, measured(ProbeOutcome::Unreachable))) << "Azure drops without a word (NSG-13)";
  emu::Prediction status;
  status.fate = Fate::Status;
  status.status = 403;
  EXPECT_TRUE(agrees(status, measured(ProbeOutcome::Status, 403)));
  EXPECT_FALSE(agrees(status, measured(ProbeOutcome::Status, 200)));
  silent.otherwise = {answers};
  EXPECT_TRUE(agrees(silent, measured(ProbeOutcome::Reachable)));
}

// An appliance of the lab's own may translate: what was met decides who answered, not what was predicted first.
TEST(MatrixReport, MarksWhatWasMetWhereTwoOutcomesArePredicted) {
  const auto mark_where = [](const std::string& first, ProbeOutcome measured) {
    auto matrix = predict_matrix(model());
    auto& cell = matrix.cells[0];
    emu::Prediction answered;
    answered.fate = Fate::Answers;
    answered.answered_by = matrix.nodes[cell.to].node;
    emu::Prediction elsewhere;
    elsewhere.fate = Fate::Refused;
    elsewhere.answered_by = "somebody-else";
    cell.predicted = first == "target" ? answered : elsewhere;
    cell.predicted.otherwise = {first == "target" ? elsewhere : answered};
    cell.measured.outcome = measured;
    cell.agrees = agrees(cell.predicted, cell.measured);
    matrix.cells = {cell};
    return marks_of(matrix).begin()->second;
  };
  for (const auto* first : {"target", "somebody-else"}) {
    EXPECT_EQ(mark_where(first, ProbeOutcome::Reachable), emu::MatrixMark::Passes) << first;
    EXPECT_EQ(mark_where(first, ProbeOutcome::Refused), emu::MatrixMark::Else) << first;
    EXPECT_EQ(mark_where(first, ProbeOutcome::Blocked), emu::MatrixMark::Disagrees) << first;
  }
}

TEST(MatrixReport, TellsWhatCouldNotBeAskedApart) {
  auto matrix = predict_matrix(model());
  for (auto& cell : matrix.cells) comply(cell);
  for (const std::size_t i : {0U, 1U}) {
    matrix.cells[i].not_run = "open a socket: Too many open files";
    matrix.cells[i].agrees = false;
  }
  matrix.not_asked = 2;
  const auto text = matrix_text(matrix);
  EXPECT_THAT(text, HasSubstr("  2 questions could not be asked: open a socket: Too many open files\n"));
  EXPECT_THAT(text, HasSubstr("??"));
  EXPECT_THAT(text, HasSubstr("  20 pairs, 56 probes, 0 disagreements, 2 not asked"));
  EXPECT_THAT(text, Not(HasSubstr("predicted")));
  EXPECT_EQ(marks_of(matrix).at({matrix.cells[0].from, matrix.cells[0].to}), emu::MatrixMark::NotAsked);
  const auto report = nlohmann::json::parse(matrix_json("lab", matrix));
  EXPECT_EQ(report["notAsked"], 2);
  EXPECT_TRUE(report["cells"][0]["agrees"].is_null());
  EXPECT_EQ(report["cells"][2]["agrees"], true);
  const auto junit = matrix_junit("lab", matrix);
  EXPECT_THAT(junit, HasSubstr("failures=\"0\" errors=\"2\""));
  EXPECT_THAT(junit, HasSubstr("<error message=\"not asked: open a socket: Too many open files\"/>"));
}

TEST(MatrixReport, AsAPageSaysWhatCouldNotBeAsked) {
  auto matrix = predict_matrix(model());
  EXPECT_THAT(matrix_html("lab", matrix), HasSubstr("agree everywhere"));
  matrix.not_asked = 2;
  EXPECT_THAT(matrix_html("lab", matrix), testing::AllOf(Not(HasSubstr("everywhere")), HasSubstr("2 could not be asked")));
}

TEST(MatrixReport, FitsTheTerminal) {
  auto matrix = with_one_fault();
  while (matrix.nodes.size() < 20) matrix.nodes.push_back(matrix.nodes.back());
  emu::set_terminal({80, "lazuli"});
  const auto text = matrix_text(matrix);
  emu::set_terminal({});
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);) EXPECT_LE(emu::display_width(line), 80U) << line;
}

TEST(MatrixReport, TellsBothStoriesOfADisagreement) {
  const auto text = matrix_text(with_one_fault());
  EXPECT_THAT(text, HasSubstr("  vm         .     .          !!"));
  EXPECT_THAT(text, HasSubstr("\n  vm -> vm2  ping\n    predicted  reachable: route 10.0.0.0/16 -> VnetLocal\n"));
  EXPECT_THAT(text, HasSubstr("    measured   unreachable: ICMP <host> unreachable\n"));
  EXPECT_THAT(text, HasSubstr("  20 pairs, 56 probes, 1 disagreement "));
}

TEST(MatrixReport, InJsonHasTheWholeWay) {
  const auto report = nlohmann::json::parse(matrix_json("lab", with_one_fault()));
  EXPECT_EQ(report["disagreements"], 1);
  EXPECT_EQ(report["probes"], report["cells"].size());
  const auto& cell = report["cells"][0];
  EXPECT_EQ(cell["predicted"]["verdict"], "reachable");
  EXPECT_EQ(cell["predicted"]["there"][0]["words"], "route 10.0.0.0/16 -> VnetLocal");
  EXPECT_EQ(cell["measured"]["verdict"], "unreachable");
  EXPECT_EQ(cell["agrees"], false);
}

TEST(MatrixReport, InXmlHasACaseForEachQuestion) {
  const auto xml = matrix_junit("lab", with_one_fault());
  EXPECT_THAT(xml, HasSubstr("tests=\"56\" failures=\"1\""));
  EXPECT_THAT(xml,
              HasSubstr("<testcase classname=\"lab matrix\" name=\"ping vm -&gt; vm2\">\n      <failure message=\"predicted reachable"));
  EXPECT_THAT(xml, HasSubstr("measured unreachable: ICMP &lt;host&gt; unreachable"));
}

TEST(MatrixReport, AsAPageNeedsNothingElse) {
  const auto page = matrix_html("lab", with_one_fault());
  EXPECT_THAT(page, Not(HasSubstr("http://")));
  EXPECT_THAT(page, Not(HasSubstr("https://")));
  EXPECT_THAT(page, Not(HasSubstr("<host>"))) << "nothing of the data can be a tag";
  const auto begin = page.find("application/json\">") + std::string_view("application/json\">").size();
  const auto data = nlohmann::json::parse(page.substr(begin, page.find("</script>", begin) - begin));
  EXPECT_EQ(data["rows"][0]["name"], "vm");
  EXPECT_EQ(data["rows"][0]["marks"][2], "!!");
  EXPECT_EQ(data["cells"][0]["measured"]["detail"], "ICMP <host> unreachable");
}
