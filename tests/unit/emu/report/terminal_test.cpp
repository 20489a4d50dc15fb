// SPDX-License-Identifier: Apache-2.0
#include "emu/report/terminal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "emu/report/table.hpp"

using emu::Table;
using testing::Each;
using testing::Le;

namespace {

/// A terminal that is so many columns wide, until the test ends.
class ATerminal : public testing::TestWithParam<std::size_t> {
 protected:
  ~ATerminal() override { emu::set_terminal({}); }

  static void of_width(std::size_t width) { emu::set_terminal({width, "lazuli"}); }

  static std::vector<std::size_t> widths_of(const std::string& text) {
    std::vector<std::size_t> widths;
    for (std::size_t start = 0; start < text.size();) {
      const auto end = std::min(text.find('\n', start), text.size());
      widths.push_back(emu::display_width(text.substr(start, end - start)));
      start = end + 1;
    }
    return widths;
  }

  static std::string without_layout(std::string text) {
    std::erase_if(text, [](char c) { return c == ' ' || c == '\n'; });
    return text;
  }
};

Table rules() {
  Table table{2};
  table.add({"DIRECTION", "NAME", "ACCESS", "SOURCE", "DESTINATION", "PORT"});
  table.add({"Inbound", "AllowVnetInBound", "Allow", "VirtualNetwork,10.0.0.0/16", "203.0.113.200/32", "0-65535"});
  return table;
}

}  // namespace

TEST_F(ATerminal, IsNoLimitWhereThereIsNone) {
  EXPECT_EQ(emu::wrapped("a b  c", 2, 4), "  a b  c");
  EXPECT_EQ(widths_of(rules().text()).front(), widths_of(rules().text()).back() - 3);
}

TEST_F(ATerminal, BreaksALineBetweenWords) {
  of_width(30);
  EXPECT_EQ(emu::wrapped("route 10.0.0.0/8 -> None drops it, as azure does", 2, 6),
            "  route 10.0.0.0/8 -> None\n      drops it, as azure does");
}

TEST_F(ATerminal, LeavesATableThatFitsAsItIs) {
  const auto wide = rules().text();
  of_width(120);
  EXPECT_EQ(rules().text(), wide);
}

TEST_F(ATerminal, BreaksCellsWhereTheyMayBeBroken) {
  Table table;
  table.add({"NAME", "WHAT"});
  table.add({"AllowVnetInBound", "10.0.0.0/16, 10.1.0.0/16"});
  of_width(24);
  EXPECT_EQ(table.text(),
            "NAME        WHAT\n"
            "AllowVnet   10.0.0.0/16,\n"
            "InBound     10.1.0.0/16\n");
}

TEST_P(ATerminal, HoldsATableWithoutLosingALetter) {
  const auto wide = rules().text();
  of_width(GetParam());
  const auto text = rules().text();
  EXPECT_THAT(widths_of(text), Each(Le(GetParam()))) << text;
  // Cells go on below, so the letters come in another order; none is missing.
  auto letters = without_layout(text);
  auto expected = without_layout(wide);
  std::ranges::sort(letters);
  std::ranges::sort(expected);
  EXPECT_EQ(letters, expected);
}

INSTANTIATE_TEST_SUITE_P(Widths, ATerminal, testing::Values(120, 100, 80, 72, 60, 50));
