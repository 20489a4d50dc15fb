// SPDX-License-Identifier: Apache-2.0
// tests/pages/notation_test.cpp — what a page may leave open, and what it may not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/pages/likeness.hpp"
#include "tests/pages/page.hpp"

namespace test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST(Notation, WhatDiffersFromRunToRunMayDiffer) {
  EXPECT_TRUE(line_matches("  two-vnets  5 namespaces, 7 links  up in 0.07 s", "  two-vnets  5 namespaces, 7 links  up in 12.30 s"));
  EXPECT_TRUE(line_matches("  ok    vm1 -> vm2  ping  0.17 ms  over the peering", "  ok    vm1 -> vm2  ping  41.24 ms  over the peering"));
  EXPECT_TRUE(line_matches("  ok    a -> b  http       200  over", "  ok    a -> b  http  200  over"));
  EXPECT_TRUE(
      line_matches("64 bytes from 10.0.0.4: icmp_seq=1 ttl=61 time=6.26 ms", "64 bytes from 10.0.0.4: icmp_seq=1 ttl=61 time=10 ms"));
  EXPECT_TRUE(line_matches("rtt min/avg/max/mdev = 0.1/0.2/0.3/0.0 ms", "rtt min/avg/max/mdev = 1.123/0.2/0.3/0.01 ms"));
  EXPECT_TRUE(line_matches("IP 10.1.0.4.37780 > 10.2.0.4.80: tcp 72", "IP 10.1.0.4.40001 > 10.2.0.4.80: tcp 72"));
  EXPECT_TRUE(line_matches("19:55:32.417   TCP   10.1.0.4:58176   end   x   6/402   6/472",
                           "09:00:00.001   TCP   10.1.0.4:58170   end   x   5/302   4/72"));
  EXPECT_TRUE(line_matches("\t\tpackets 14 bytes 938", "\t\tpackets 1 bytes 9"));
  EXPECT_TRUE(line_matches("  to-dc   gw   dc   Connected   964   96", "  to-dc   gw   dc   Connected   1   2"));
}

TEST(Notation, NothingElseMayDiffer) {
  EXPECT_FALSE(line_matches("  two-vnets  5 namespaces, 7 links  up in 0.07 s", "  two-vnets  6 namespaces, 7 links  up in 0.07 s"));
  EXPECT_FALSE(
      line_matches("  ok    vm1 -> vm2  ping  0.17 ms  over the peering", "  ok    vm1 -> vm2  ping  blocked  got as far as the VNet"));
  EXPECT_FALSE(line_matches("  ok    vm1 -> vm2  http  200", "  ok    vm1 -> vm2  http  403"));
  EXPECT_FALSE(line_matches("IP 10.1.0.4.37780 > 10.2.0.4.80: tcp 72", "IP 10.1.0.4.37780 > 10.2.0.4.81: tcp 72"));
  EXPECT_FALSE(line_matches("Default   Active   10.0.0.0/16   VnetLocal", "Default   Active   10.0.0.0/8   VnetLocal"));
  EXPECT_FALSE(line_matches("  indented", "indented"));
  EXPECT_FALSE(line_matches("a b", "ab"));
}

TEST(Notation, AnEllipsisStandsForTextAndAloneForLines) {
  EXPECT_TRUE(line_matches("RequestId:…", "RequestId:6b15243b"));
  EXPECT_TRUE(line_matches("a … c … e", "a b c d e"));
  EXPECT_FALSE(line_matches("a … c", "a b"));
  EXPECT_TRUE(matches({"one", "…", "four"}, {"one", "two", "three", "four"}));
  EXPECT_TRUE(matches({"one", "…", "two"}, {"one", "two"}));
  EXPECT_TRUE(matches({"one", "  …", "four"}, {"one", "two", "  three", "four"}));
  EXPECT_TRUE(matches({"…"}, {}));
  EXPECT_FALSE(matches({"one", "…", "four"}, {"one", "two", "three"}));
  EXPECT_FALSE(matches({"one"}, {"one", "two"}));
  EXPECT_FALSE(matches({}, {"one"}));
}

TEST(Notation, CommandsHaveContinuedLinesAndHereDocuments) {
  const auto page = read_page(
      "```console\n$ echo a \\\n  b\na b\n$ cat >x <<'END'\n$ no prompt\nEND\n$ true\n```\n\n<!-- file: lab.yaml -->\n```yaml\nlab: "
      "x\n```\n");
  EXPECT_THAT(page.faults, IsEmpty());
  ASSERT_THAT(page.steps, SizeIs(4));
  EXPECT_EQ(page.steps[0].text, "echo a \\\n  b");
  EXPECT_THAT(page.steps[0].output, ElementsAre("a b"));
  EXPECT_EQ(page.steps[1].text, "cat >x <<'END'\n$ no prompt\nEND");
  EXPECT_THAT(page.steps[2].output, IsEmpty());
  EXPECT_EQ(page.steps[3].file, "lab.yaml");
  EXPECT_EQ(page.steps[3].text, "lab: x\n");
}

TEST(Notation, ABlockIsRunOrSaysWhyNot) {
  EXPECT_THAT(read_page("<!-- not run: it asks for a password -->\n```console\n$ su\n```\n").steps, IsEmpty());
  EXPECT_THAT(read_page("```text\n$ a drawing\n```\n").steps, IsEmpty());
  EXPECT_THAT(read_page("```\n$ su\n```\n").faults, ElementsAre(HasSubstr("line 1: a block is of a kind")));
  EXPECT_THAT(read_page("```console\nsu\n```\n").faults, ElementsAre(HasSubstr("begins with a command")));
  EXPECT_THAT(read_page("```console\n$ su\n").faults, ElementsAre(HasSubstr("without an end")));
}

TEST(Notation, RenewedOutputsKeepWhatStandsForAnything) {
  EXPECT_THAT(renewed({"up in 0.07 s", "…"}, {"up in 0.10 s", "x"}), ElementsAre("up in 0.07 s", "…"));
  EXPECT_THAT(renewed({"up 5", "…"}, {"up 6", "x"}), ElementsAre("up 6", "…"));
  EXPECT_THAT(renewed({"…", "b 1", "…"}, {"a", "b 2", "c"}), ElementsAre("…", "b 2", "…"));
  EXPECT_THAT(renewed({"a 1", "  …", "d 1"}, {"a 2", "  b", "  c", "d 2"}), ElementsAre("a 2", "  …", "d 2"));
  EXPECT_THAT(renewed({"one", "two"}, {"one", "zero", "two"}), ElementsAre("one", "zero", "two"));
  EXPECT_THAT(renewed({"…", "last"}, {"a", "new"}), ElementsAre("…", "new"));
  const auto page = read_page("```console\n$ a\n1\n$ b\n```\nend\n");
  EXPECT_EQ(with_outputs(page, {{}, {"x", "y"}}), "```console\n$ a\n$ b\nx\ny\n```\nend\n");
}

}  // namespace
}  // namespace test
