// SPDX-License-Identifier: Apache-2.0
#include "emu/verify/matrix.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

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
