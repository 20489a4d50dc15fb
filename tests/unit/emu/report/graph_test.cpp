// SPDX-License-Identifier: Apache-2.0
// The pictures of tests/data/graph/lab.yaml, which has something of every kind, are lab.txt, lab.mmd and lab.dot there.
//
// LAZULI_UPDATE_GOLDEN=1 build/dev/tests/unit/unit_tests --gtest_filter='*GraphGolden*' rewrites what is expected.
#include "emu/report/graph.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "emu/report/graph_style.hpp"
#include "emu/report/graph_writers.hpp"
#include "emu/scenario/lab_file.hpp"
#include "emu/semantics/resolve.hpp"
#include "emu/semantics/validate.hpp"
#include "tests/unit/emu/sample_services.hpp"
#include "tests/unit/emu/sample_vpn.hpp"

using emu::ConnectionStatus;
using emu::Graph;
using emu::GraphEdge;
using emu::GraphItem;
using emu::GraphKind;
using emu::Model;
using testing::HasSubstr;
using testing::Not;
namespace fs = std::filesystem;
namespace sample = emu::sample;

namespace {

fs::path golden_folder() { return fs::path(LAZULI_SOURCE_DIR) / "tests/data/graph"; }

Model model_of_golden_lab() {
  const auto lab = emu::read_lab_file(golden_folder());
  EXPECT_FALSE(emu::has_errors(lab.diagnostics)) << emu::render(lab.diagnostics, lab.file);
  const auto found = emu::validate(lab.model, lab.positions, nullptr);
  EXPECT_FALSE(emu::has_errors(found)) << emu::render(found, lab.file);
  return emu::resolve(lab.model, nullptr).model;
}

/// The text, one word for each edge: its ends, its labels.
std::string edges_of(const Model& model, const std::vector<ConnectionStatus>& connections = {}) {
  const auto text = graph_text(graph_of(model, connections));
  const auto start = text.find("\n\n");
  return start == std::string::npos ? "" : text.substr(start + 2);
}

ConnectionStatus status(std::string connection, ConnectionStatus::State state) {
  ConnectionStatus out;
  out.name = std::move(connection);
  out.connection_status = state;
  return out;
}

/// A box with a node in it and an edge between the two, every text of which is `text`.
Graph everything_called(const std::string& text) {
  Graph graph{text, {{1, GraphKind::VirtualNetwork, text, {text}, {{2, GraphKind::Machine, text, {text}, {}}}}}, {}};
  graph.edges = {{GraphEdge::Kind::Peering, 1, 2, {text}, true, true}};
  return graph;
}

struct Format {
  const char* name;
  const char* file;
  std::string (*write)(const Graph&);
};

std::string name_of(const testing::TestParamInfo<Format>& format) { return format.param.name; }

class GraphGolden : public testing::TestWithParam<Format> {};

/// WCAG 2: how much lighter one colour is than the other, from 1 to 21.
double contrast(std::string_view a, std::string_view b) {
  const auto luminance = [](std::string_view colour) {
    double sum = 0;
    for (int i = 0; i < 3; ++i) {
      const double share = std::stoi(std::string(colour.substr(1 + 2 * i, 2)), nullptr, 16) / 255.0;
      constexpr std::array kWeights{0.2126, 0.7152, 0.0722};
      sum += kWeights.at(i) * (share <= 0.04045 ? share / 12.92 : std::pow((share + 0.055) / 1.055, 2.4));
    }
    return sum + 0.05;
  };
  const auto [low, high] = std::minmax({luminance(a), luminance(b)});
  return high / low;
}

}  // namespace

TEST_P(GraphGolden, IsAsExpected) {
  const auto written = GetParam().write(graph_of(model_of_golden_lab()));
  const auto expected = golden_folder() / GetParam().file;
  if (std::getenv("LAZULI_UPDATE_GOLDEN") != nullptr) std::ofstream(expected, std::ios::binary) << written;
  std::ostringstream text;
  text << std::ifstream(expected, std::ios::binary).rdbuf();
  EXPECT_EQ(written, text.str());
}

INSTANTIATE_TEST_SUITE_P(Formats, GraphGolden,
                         testing::Values(Format{"Text", "lab.txt", emu::graph_text}, Format{"Mermaid", "lab.mmd", emu::graph_mermaid},
                                         Format{"Dot", "lab.dot", emu::graph_dot}),
                         name_of);

TEST(Graph, OfAnEmptyLabHasNothingInIt) {
  Model model;
  model.lab = "empty";
  const auto graph = graph_of(model);
  EXPECT_EQ(graph, (Graph{"empty", {}, {}}));
  EXPECT_EQ(graph_text(graph), "empty\n");
  EXPECT_THAT(graph_mermaid(graph), HasSubstr("title: \"empty\"\n---\nflowchart LR\n  classDef"));
  EXPECT_THAT(graph_dot(graph), HasSubstr("arrowsize=0.6, tailport=e, headport=w]\n}\n"));
}

TEST(Graph, ShowsTheInternetAndServicesOnlyWhereTheyHaveSomethingInThem) {
  Model model;
  model.lab = "lab";
  model.virtual_networks = {sample::network("net", {"10.0.0.0/16"})};
  EXPECT_EQ(graph_of(model).items.size(), 1);
  model.internet.hosts = {sample::host("laptop", "203.0.113.200")};
  EXPECT_EQ(graph_of(model).items.back().kind, GraphKind::Internet);
  model.internet.hosts.clear();
  model.services = {sample::service("db", "Microsoft.Sql", "westus")};
  EXPECT_EQ(graph_of(model).items.back().kind, GraphKind::Services);
}

// PEER-1, PEER-5, PEER-6, SUB-11
TEST(Graph, ShowsEachLinkThatIsNotConnected) {
  Model model;
  model.lab = "lab";
  model.virtual_networks = {sample::network("a", {"10.1.0.0/16"}), sample::network("b", {"10.2.0.0/16"})};
  model.virtual_networks[0].peerings = {sample::peering("a-to-b", "B")};
  EXPECT_EQ(edges_of(resolve(model, nullptr).model), "  a -> b   peering Initiated\n");

  auto both = model;
  both.virtual_networks[1].peerings = {sample::peering("b-to-a", "a")};
  const auto running = resolve(both, nullptr).model;
  EXPECT_EQ(edges_of(running), "  a <-> b   peering Connected\n");

  const auto one_side = resolve(model, &running).model;
  EXPECT_EQ(edges_of(one_side), "  a -> b   peering Disconnected\n");
  EXPECT_EQ(edges_of(resolve(both, &one_side).model), "  a -> b   peering Disconnected\n  b -> a   peering Initiated\n");
  for (const auto& edge : graph_of(resolve(both, &one_side).model).edges) EXPECT_FALSE(edge.connected);

  model.virtual_networks.pop_back();
  const auto removed = graph_of(resolve(model, &running).model);
  EXPECT_EQ(graph_text(removed),
            "lab\n"
            "├─ VNet a   10.1.0.0/16, westus\n"
            "└─ B        removed\n"
            "\n"
            "  a -> B   peering Disconnected\n");
}

TEST(Graph, ShowsWhatIsNotConnectedInDashes) {
  Graph graph{"lab", {{1, GraphKind::Machine, "a", {}, {}}, {2, GraphKind::Machine, "b", {}, {}}}, {}};
  graph.edges = {{GraphEdge::Kind::Peering, 1, 2, {"x"}, false, true}};
  EXPECT_THAT(graph_dot(graph), Not(HasSubstr("dashed")));
  EXPECT_THAT(graph_mermaid(graph), HasSubstr("n1 -->|\"x\"| n2"));
  graph.edges[0].connected = false;
  EXPECT_THAT(graph_dot(graph), HasSubstr("style=dashed"));
  EXPECT_THAT(graph_mermaid(graph), HasSubstr("n1 -.->|\"x\"| n2"));
  graph.edges[0].both_ways = true;
  EXPECT_THAT(graph_dot(graph), HasSubstr("dir=both, style=dashed"));
  EXPECT_THAT(graph_mermaid(graph), HasSubstr("n1 <-.->|\"x\"| n2"));
}

TEST(Graph, SaysHowTheTunnelsOfARunningLabDo) {
  const auto model = sample::resolved_vpn_lab();
  EXPECT_THAT(edges_of(model), HasSubstr("  gw <-> dc       VPN to-dc\n"));
  EXPECT_TRUE(graph_of(model).edges.back().connected) << "nobody asked";

  const std::vector connected{status("to-dc", ConnectionStatus::State::Connected)};
  EXPECT_THAT(edges_of(model, connected), HasSubstr("  gw <-> dc       VPN to-dc Connected\n"));
  EXPECT_TRUE(graph_of(model, connected).edges.back().connected);

  const std::vector not_connected{status("to-dc", ConnectionStatus::State::NotConnected)};
  EXPECT_THAT(edges_of(model, not_connected), HasSubstr("  gw <-> dc       VPN to-dc NotConnected\n"));
  EXPECT_FALSE(graph_of(model, not_connected).edges.back().connected);
}

TEST(Graph, HasNoKeyInIt) {
  const auto graph = graph_of(sample::resolved_vpn_lab());
  for (const auto& text : {graph_text(graph), graph_mermaid(graph), graph_dot(graph)}) EXPECT_THAT(text, Not(HasSubstr("Str0ngKey")));
}

// VPN-40
TEST(Graph, DrawsOneTunnelOfTwoConnectionsAndNoneThatHasNobodyAtItsOtherEnd) {
  auto model = sample::vpn_lab();
  model.virtual_networks[1].subnets.push_back(sample::subnet("GatewaySubnet", {"10.1.255.0/27"}));
  model.virtual_network_gateways.push_back(sample::gateway("gw2", "spoke"));
  model.virtual_networks[0].peerings.clear();
  model.virtual_networks[1].peerings.clear();
  model.virtual_network_gateway_connections = {sample::vnet_to_vnet("there", "gw", "GW2")};
  EXPECT_EQ(edges_of(resolve(model, nullptr).model), "  gw -> gw2   VPN there\n");
  EXPECT_FALSE(graph_of(resolve(model, nullptr).model).edges[0].connected);
  model.virtual_network_gateway_connections.push_back(sample::vnet_to_vnet("back", "gw2", "gw"));
  EXPECT_EQ(edges_of(resolve(model, nullptr).model), "  gw <-> gw2   VPN there, VPN back\n");
  EXPECT_TRUE(graph_of(resolve(model, nullptr).model).edges[0].connected);
}

// SE-2, SE-11
TEST(Graph, JoinsASubnetToTheServicesThatItsEndpointsAreFor) {
  EXPECT_EQ(edges_of(sample::lab_with_services({})), "");
  EXPECT_EQ(edges_of(sample::lab_with_services({"Microsoft.Storage"})),
            "  net/app -> here     service endpoint\n"
            "  net/app -> paired   service endpoint\n");
  EXPECT_EQ(edges_of(sample::lab_with_services({"Microsoft.Sql"})), "  net/app -> db   service endpoint\n");
}

TEST(GraphText, EscapesWhatATerminalWouldObey) {
  const auto text = graph_text(everything_called("a\n\x1b[2Jb"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_EQ(text,
            "a\\x0a\\x1b[2Jb\n"
            "└─ VNet a\\x0a\\x1b[2Jb   a\\x0a\\x1b[2Jb\n"
            "   └─ a\\x0a\\x1b[2Jb     a\\x0a\\x1b[2Jb\n"
            "\n"
            "  a\\x0a\\x1b[2Jb <-> a\\x0a\\x1b[2Jb   a\\x0a\\x1b[2Jb\n");
}

TEST(GraphMermaid, EscapesWhatItWouldTakeForItsOwn) {
  const auto text = graph_mermaid(everything_called("\"] end\n<script>`x` #35; 日本"));
  const std::string escaped = "#34;#93; end?#60;script#62;#96;x#96; #35;35#59; 日本";
  EXPECT_THAT(text, HasSubstr("title: \"" + escaped + "\"\n"));
  EXPECT_THAT(text, HasSubstr("  subgraph n1[\"VNet " + escaped + " · " + escaped + "\"]\n"));
  EXPECT_THAT(text, HasSubstr("    n2[\"" + escaped + "<br/>" + escaped + "\"]:::machine\n  end\n"));
  EXPECT_THAT(text, HasSubstr("  n1 <-->|\"" + escaped + "\"| n2\n"));
}

TEST(GraphDot, EscapesWhatItWouldTakeForItsOwn) {
  const auto text = graph_dot(everything_called("\"> \\N\n</b>&amp; 日本"));
  const std::string escaped = "&quot;&gt; \\&#8203;N&#10;&lt;/b&gt;&amp;amp; 日本";
  EXPECT_THAT(text, HasSubstr("label=<<b>" + escaped + "</b>>, labelloc=t"));
  EXPECT_THAT(text, HasSubstr("graph [label=<<b>VNet " + escaped + "</b><br/>" + escaped + ">,"));
  EXPECT_THAT(text, HasSubstr("n2 [label=<<b>" + escaped + "</b><br/>" + escaped + ">,"));
  EXPECT_THAT(text, HasSubstr("n2 -> n2 [label=<" + escaped + ">,"));
}

TEST(GraphDot, StacksNodesInColumnsAndBoxesAsTheyCome) {
  Graph graph{"lab", {}, {}};
  for (std::size_t id = 1; id <= 9; ++id) graph.items.push_back({id, GraphKind::VirtualNetwork, "net", {}, {}});
  graph.items.push_back({10, GraphKind::Absent, "away", {}, {}});
  EXPECT_THAT(graph_dot(graph), Not(HasSubstr(" -> ")));
  for (std::size_t id = 11; id <= 19; ++id) graph.items[0].items.push_back({id, GraphKind::Machine, "vm", {}, {}});
  EXPECT_THAT(graph_dot(graph), HasSubstr("    n11 -> n19 [style=invis]\n  }\n"));
}

TEST(GraphColours, CanBeReadOnWhatTheyAreDrawnOn) {
  for (const auto kind : emu::kGraphKinds) {
    EXPECT_GE(contrast(emu::kGraphInk, emu::colours_of(kind).fill), 12) << emu::colours_of(kind).fill;
  }
  for (const auto kind : {GraphEdge::Kind::Peering, GraphEdge::Kind::Vpn, GraphEdge::Kind::ServiceEndpoint}) {
    for (const bool connected : {true, false}) {
      const auto colour = emu::colour_of(GraphEdge{kind, 1, 2, {}, true, connected});
      EXPECT_GE(contrast(colour, "#ffffff"), 4.5) << colour;
    }
  }
}
