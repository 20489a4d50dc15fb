// SPDX-License-Identifier: Apache-2.0
#include "emu/report/diagnostics_report.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "emu/report/table.hpp"

namespace {

using emu::Diagnostic;
using emu::Severity;
using emu::source_excerpt;
using testing::HasSubstr;
using testing::Not;

Diagnostic fault_at(int line, int column, Severity severity = Severity::Error) {
  return {severity, {line, column}, "this is wrong", "Code", "write it right"};
}

}  // namespace

TEST(SourceExcerpt, ShowsTheLineAndPointsAtTheColumn) {
  EXPECT_EQ(source_excerpt("lab: a\nlocation: Mars\n", {2, 11}, 80),
            "    2 | location: Mars\n"
            "      |           ^\n");
}

TEST(SourceExcerpt, PointsBehindTheEndOfTheLine) {
  EXPECT_EQ(source_excerpt("lab:", {1, 5}, 80), "    1 | lab:\n      |     ^\n");
  EXPECT_EQ(source_excerpt("lab:", {1, 50}, 80), "    1 | lab:\n      |     ^\n");
}

TEST(SourceExcerpt, CountsTheColumnsOfATerminalNotBytes) {
  EXPECT_EQ(source_excerpt("# größe: x", {1, 12}, 80), "    1 | # größe: x\n      |          ^\n");
  EXPECT_EQ(source_excerpt("東京: x", {1, 9}, 80), "    1 | 東京: x\n      |       ^\n");
  EXPECT_EQ(source_excerpt("\tlab:\tx", {1, 7}, 80), "    1 |         lab:    x\n      |                 ^\n");
}

TEST(SourceExcerpt, EscapesWhatATerminalWouldObey) {
  EXPECT_EQ(source_excerpt("a\x1b[31m: x", {1, 9}, 80), "    1 | a\\x1b[31m: x\n      |            ^\n");
}

TEST(SourceExcerpt, CutsALongLineAroundTheColumn) {
  const auto line = std::string(500, 'a') + "HERE" + std::string(500, 'b');
  const auto shown = source_excerpt(line, {1, 501}, 80);
  EXPECT_THAT(shown, HasSubstr("HERE"));
  EXPECT_THAT(shown, testing::StartsWith("    1 | …a"));
  const auto end = shown.find('\n');
  EXPECT_LE(emu::display_width(shown.substr(0, end)), 80U);
  const auto caret = shown.find('^') - end - 1;
  EXPECT_EQ(emu::display_width(shown.substr(0, shown.find('H'))), caret);
  EXPECT_THAT(source_excerpt(line, {1, 1}, 80), testing::StartsWith("    1 | aaa"));
}

TEST(SourceExcerpt, ShowsTheFirstLineWithoutItsByteOrderMarkAndNoCarriageReturn) {
  EXPECT_EQ(source_excerpt("\xEF\xBB\xBFlab: a\r\nx: y\r\n", {1, 6}, 80), "    1 | lab: a\n      |      ^\n");
}

TEST(SourceExcerpt, IsEmptyWhereThereIsNothingToShow) {
  EXPECT_EQ(source_excerpt("lab: a\n", {0, 0}, 80), "");
  EXPECT_EQ(source_excerpt("lab: a\n", {2, 1}, 80), "");
  EXPECT_EQ(source_excerpt("lab: a\n", {9, 1}, 80), "");
  EXPECT_EQ(source_excerpt("  shared_key: [Secret]\n", {1, 15}, 80), "") << "a key is not shown";
  EXPECT_EQ(source_excerpt("  shared_key:\n    my~secret\n", {2, 5}, 80), "") << "nor below its name";
  EXPECT_EQ(source_excerpt("  shared_key:\n\n  - my~secret\n", {3, 5}, 80), "");
  EXPECT_NE(source_excerpt("- name: a\n  shared_key: x\n- name: b\n", {3, 3}, 80), "") << "the next one's name is none";
}

TEST(DiagnosticsReport, HasOneLineForGrepEachAndTheLineOfTheFileOnlyWhereItIsWanted) {
  emu::DiagnosticsView view;
  EXPECT_EQ(diagnostics_report({fault_at(1, 6)}, "lab.yaml", "lab: a\n", view),
            "lab.yaml:1:6: error: this is wrong [Code]\n"
            "  write it right\n");
  view.with_lines = true;
  EXPECT_EQ(diagnostics_report({fault_at(1, 6)}, "lab.yaml", "lab: a\n", view),
            "lab.yaml:1:6: error: this is wrong [Code]\n"
            "    1 | lab: a\n"
            "      |      ^\n"
            "  write it right\n");
}

TEST(DiagnosticsReport, ColorsTheSeverityOnly) {
  emu::DiagnosticsView view;
  view.in_color = true;
  EXPECT_THAT(diagnostics_report({fault_at(1, 6)}, "error: x", "", view), HasSubstr("error: x:1:6: \x1b[1;31merror:\x1b[0m this is wrong"));
  EXPECT_THAT(diagnostics_report({fault_at(1, 6, Severity::Warning)}, "f", "", view), HasSubstr("\x1b[1;33mwarning:\x1b[0m"));
}

TEST(DiagnosticsReport, ShowsTheFirstOfManyAndHowManyThereAre) {
  emu::Diagnostics many;
  for (int i = 1; i <= 60; ++i) many.push_back(fault_at(i, 1, Severity::Warning));
  for (int i = 1; i <= 100'000; ++i) many.push_back(fault_at(100 + i, 1));
  const auto report = diagnostics_report(many, "lab.yaml", "", {});
  EXPECT_THAT(report, HasSubstr("lab.yaml:50:1: warning"));
  EXPECT_THAT(report, Not(HasSubstr("lab.yaml:51:1: warning")));
  EXPECT_THAT(report, HasSubstr("lab.yaml:150:1: error"));
  EXPECT_THAT(report, Not(HasSubstr("lab.yaml:151:1: error")));
  EXPECT_THAT(report, HasSubstr("lab.yaml: 10 more warnings like these\nlab.yaml: 99950 more errors like these\n"));
}
