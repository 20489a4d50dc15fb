// SPDX-License-Identifier: Apache-2.0
// tests/scenario/graph_test.cpp — `lazuli graph`: of a file that does not run, of a running lab, and what Graphviz says to it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/scenario/lab.hpp"
#include "tests/scenario/scenarios.hpp"

namespace test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view kLab = R"(
virtual_networks:
  - name: left
    address_space: [10.1.0.0/16]
    subnets: [{name: s, address_prefixes: [10.1.0.0/24]}]
    peerings: [{name: left-to-right, remote_virtual_network: right}]
  - name: right
    address_space: [10.2.0.0/16]
    peerings: [{name: right-to-left, remote_virtual_network: left}]
virtual_machines:
  - {name: vm1, subnet: left/s, web: 80}
)";

std::string picture(std::string_view lab) {
  return std::string(lab) +
         "\n"
         "├─ VNet left     10.1.0.0/16, westus\n"
         "│  └─ subnet s   10.1.0.0/24\n"
         "│     └─ vm1     10.1.0.4, http :80\n"
         "└─ VNet right    10.2.0.0/16, westus\n"
         "\n"
         "  left <-> right   peering Connected\n";
}

/// Words of an SVG as a reader of XML sees them, a line each; fails when it is none.
std::string words_of_svg(const std::string& svg) {
  const auto read = run_apart({"/usr/bin/env", "python3", "-c",
                               "import sys, xml.etree.ElementTree as tree\n"
                               "root = tree.parse(sys.stdin).getroot()\n"
                               "assert root.tag == '{http://www.w3.org/2000/svg}svg', root.tag\n"
                               "print(*(text.text for text in root.iter('{http://www.w3.org/2000/svg}text')), sep='\\n')"},
                              svg);
  EXPECT_EQ(read.status, 0) << read.errors << svg;
  return read.output;
}

TEST(AGraph, OfAFileNeedsNoLab) {
  const Lab lab;
  const auto file = lab.file(kLab);
  const auto drawn = lazuli({"graph", file});
  EXPECT_EQ(drawn.status, 0) << drawn.errors;
  EXPECT_EQ(drawn.output, picture(lab.name()));
  EXPECT_EQ(lazuli({"graph", lab.folder()}).output, drawn.output) << "a folder means the lab.yaml in it";
  EXPECT_THAT(remains_of(lab.name()), IsEmpty());
}

TEST(AGraph, OfAFileNeedsNoRoot) {
  const Lab lab;
  const auto file = lab.file(kLab);
  fs::permissions(lab.folder(), fs::perms{0755});
  const auto as_nobody = [](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", lazuli_path(), "graph"});
    return run_apart(arguments);
  };
  EXPECT_EQ(as_nobody({file}).output, picture(lab.name()));
  const auto refused = as_nobody({lab.name()});
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.errors, StartsWith("error: no lab ")) << "root's are out of sight";
}

TEST(AGraph, OfAWrongFileSaysWhatUpSays) {
  const Lab lab;
  const auto file = lab.file(std::string(kLab) + "  - {name: vm2, subnet: left/t}\n  - {name: vm3, sub: left/s}\n");
  const auto drawn = lazuli({"graph", file});
  EXPECT_EQ(drawn.status, 2);
  EXPECT_THAT(drawn.output, IsEmpty());
  EXPECT_THAT(drawn.errors, AllOf(StartsWith(file + ":"), HasSubstr(": error: ")));
  EXPECT_EQ(drawn.errors, lazuli({"up", file}).errors);

  const auto missing = lazuli({"graph", lab.folder() / "missing.yaml"});
  EXPECT_EQ(missing.status, 2);
  EXPECT_EQ(missing.errors, lazuli({"up", lab.folder() / "missing.yaml"}).errors);
  EXPECT_EQ(lazuli({"graph", file, "--format", "gif"}).status, 2);
}

TEST(AGraph, OfARunningLabShowsItAsItIs) {
  const Lab lab;
  EXPECT_EQ(lazuli({"graph", lab.name()}).status, 2) << "it does not run yet";
  EXPECT_EQ(lazuli({"graph", "-l", lab.name()}).status, 2);
  lab.build(kLab);
  EXPECT_EQ(lazuli({"graph", lab.name()}).output, picture(lab.name()));
  EXPECT_EQ(lazuli({"graph", "-l", lab.name()}).output, picture(lab.name()));

  // What happened to a lab is not in its file.
  constexpr std::string_view kLinkBack = "    peerings: [{name: right-to-left, remote_virtual_network: left}]\n";
  const auto one_side = std::string(kLab).erase(kLab.find(kLinkBack), kLinkBack.size());
  lab.build(one_side);
  EXPECT_THAT(lazuli({"graph", lab.name()}).output, HasSubstr("  left -> right   peering Disconnected\n"));
  EXPECT_THAT(lazuli({"graph", lab.file(one_side)}).output, HasSubstr("  left -> right   peering Initiated\n"));
}

TEST(AGraph, IsDrawnAsSvgByGraphviz) {
  const Lab lab;
  const auto file = lab.file(kLab);
  const auto drawn = lazuli({"graph", file, "--format", "svg"});
  ASSERT_EQ(drawn.status, 0) << drawn.errors;
  const auto words = lines_of(words_of_svg(drawn.output));
  for (const auto* name : {"VNet left", "VNet right", "subnet s", "vm1", "10.1.0.4", "peering Connected"})
    EXPECT_THAT(words, testing::Contains(name));

  const auto output = (lab.folder() / "lab.svg").string();
  const auto written = lazuli({"graph", file, "--format", "svg", "-o", output});
  EXPECT_EQ(written.status, 0) << written.errors;
  EXPECT_THAT(written.output, IsEmpty());
  EXPECT_EQ(read_file(output), drawn.output);
  const auto by_name = (lab.folder() / "by-name.svg").string();
  EXPECT_EQ(lazuli({"graph", file, "-o", by_name}).status, 0);
  EXPECT_EQ(read_file(by_name), drawn.output) << "the file's name says what it is to be";
  EXPECT_EQ(lazuli({"graph", file, "-o", lab.folder() / "none" / "lab.txt"}).status, 1);
}

TEST(AGraph, SaysHowToGetGraphviz) {
  const Lab lab;
  const auto file = lab.file(kLab);
  const auto refused = run_apart({"/usr/bin/env", "PATH=" + lab.folder().string(), lazuli_path(), "graph", file, "--format", "svg"});
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.output, IsEmpty());
  EXPECT_THAT(refused.errors, HasSubstr("apt-get install graphviz"));
  const auto dot = run_apart({"/usr/bin/env", "PATH=" + lab.folder().string(), lazuli_path(), "graph", file, "--format", "dot"});
  EXPECT_EQ(dot.status, 0) << "which only svg needs: " << dot.errors;
}

class GraphOfScenario : public testing::TestWithParam<std::string> {};

TEST_P(GraphOfScenario, IsAcceptedByDot) {
  const auto graph = lazuli({"graph", scenarios_folder() / GetParam(), "--format", "dot"});
  ASSERT_EQ(graph.status, 0) << graph.errors;
  const auto svg = run_apart({"/usr/bin/env", "dot", "-Tsvg"}, graph.output);
  EXPECT_EQ(svg.status, 0);
  EXPECT_THAT(svg.errors, AllOf(Not(HasSubstr("Warning")), Not(HasSubstr("Error"))));
  EXPECT_THAT(words_of_svg(svg.output), HasSubstr("VNet "));
}

INSTANTIATE_TEST_SUITE_P(Scenarios, GraphOfScenario, testing::ValuesIn(scenario_names()), test_name);

}  // namespace
}  // namespace test
