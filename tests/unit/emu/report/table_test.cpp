// SPDX-License-Identifier: Apache-2.0
#include "emu/report/table.hpp"

#include <gtest/gtest.h>

using emu::display_width;
using emu::Table;

TEST(DisplayWidth, CountsWhatATerminalShows) {
  EXPECT_EQ(display_width(""), 0U);
  EXPECT_EQ(display_width("vm1"), 3U);
  EXPECT_EQ(display_width("größe"), 5U);
  EXPECT_EQ(display_width("e\xCC\x81"), 1U) << "a combining accent takes no column";
  EXPECT_EQ(display_width("東京"), 4U);
  EXPECT_EQ(display_width("a\xE6"), 2U) << "a letter that is cut off still counts";
}

TEST(Table, AlignsColumnsAndEndsNoLineInASpace) {
  Table table(2);
  table.add({"NODE", "PUBLIC", "SERVES"});
  table.add({"größe", "", "http://10.0.0.4/"});
  table.add({"b", "203.0.113.4", ""});
  table.add({});
  EXPECT_EQ(table.text(),
            "  NODE    PUBLIC        SERVES\n"
            "  größe                 http://10.0.0.4/\n"
            "  b       203.0.113.4\n"
            "\n");
}

TEST(Table, LeavesOutAColumnThatIsEmptyThroughout) {
  Table table;
  table.add({"a", "", "b"});
  table.add({"c", "", "d"});
  EXPECT_EQ(table.text(), "a   b\nc   d\n");
}

TEST(Table, GoesOnWithColumnsAsWideAsTheyWere) {
  Table table;
  table.add({"MACHINE", "RULE"});
  table.add({"a", "deny-in"});
  EXPECT_EQ(table.take_text(), "MACHINE   RULE\na         deny-in\n");
  EXPECT_EQ(table.take_text(), "");
  table.add({"b", "x"});
  EXPECT_EQ(table.take_text(), "b         x\n");
}
