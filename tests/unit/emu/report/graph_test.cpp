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
#include <cstdio>
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
using emu::GraphKind;
using emu::Model;
using netns::Ipv4Address;
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
  EXPECT_THAT(graph_dot(graph), HasSubstr("arrowsize=0.6]\n}\n"));
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
  auto graph = everything_called("\"> \\N\n</b>&amp; 日本");
  graph.items.push_back({3, GraphKind::Absent, graph.lab, {graph.lab}, {}});
  graph.edges.push_back({GraphEdge::Kind::Peering, 2, 3, {graph.lab}, false, false});
  const auto text = graph_dot(graph);
  const std::string escaped = "&quot;&gt; \\&#8203;N&#10;&lt;/b&gt;&amp;amp; 日本";
  EXPECT_THAT(text, HasSubstr("label=<<b>" + escaped + "</b><br/>"));
  EXPECT_THAT(text, HasSubstr("<b>VNet " + escaped + "</b><br/><font point-size=\"9\">" + escaped + "</font>"));
  EXPECT_THAT(text, HasSubstr("<td>" + escaped + " &#8594; " + escaped + "<br/>" + escaped + "</td>"));
  EXPECT_THAT(text, Not(HasSubstr("日本\n")));
  EXPECT_THAT(text, Not(HasSubstr("\\N")));
}

// A screen is 16 wide where it is 9 high, of which the title takes a little.
TEST(GraphDot, FitsAScreenWhateverIsInIt) {
  for (const std::size_t boxes : {1, 2, 3, 7, 20, 60}) {
    for (const std::size_t nodes : {0, 1, 5, 40}) {
      Graph graph{"lab", {}, {}};
      std::size_t id = 0;
      for (std::size_t i = 0; i < boxes; ++i) {
        graph.items.push_back({++id, GraphKind::VirtualNetwork, "net", {"10.0.0.0/16"}, {}});
        for (std::size_t n = 0; n < nodes; ++n) graph.items.back().items.push_back({++id, GraphKind::Machine, "vm", {"10.0.0.4"}, {}});
      }
      const auto text = graph_dot(graph);
      constexpr std::string_view kCorner = "high [pos=\"";
      double width = 0;
      double height = 0;
      ASSERT_EQ(std::sscanf(text.c_str() + text.find(kCorner) + kCorner.size(), "%lf,%lf", &width, &height), 2);
      EXPECT_NEAR(width / (height + 45), 16.0 / 9, 0.02) << boxes << " boxes of " << nodes;
    }
  }
}

TEST(GraphDot, PutsTheBestConnectedBoxInTheMiddle) {
  Graph graph{"lab", {}, {}};
  for (std::size_t id = 1; id <= 9; ++id) {
    graph.items.push_back({id, GraphKind::VirtualNetwork, "net", {}, {}});
    if (id > 1) graph.edges.push_back({GraphEdge::Kind::Peering, 1, id, {"peering"}, true, true});
  }
  const auto text = graph_dot(graph);
  const auto place = [&](std::size_t id) { return text.find("  n" + std::to_string(id) + " [pos="); };
  EXPECT_EQ(std::ranges::count_if(graph.items, [&](const auto& item) { return place(item.id) < place(1); }), 4);
}

TEST(Graph, NamesAFewOfManyMachinesAndAllAppliances) {
  Model model;
  model.lab = "lab";
  model.virtual_networks = {sample::network("net", {"10.0.0.0/16"})};
  model.virtual_networks[0].subnets = {sample::subnet("many", {"10.0.0.0/24"}), sample::subnet("few", {"10.0.1.0/24"})};
  const auto add = [&](const std::string& name, const std::string& subnet) {
    model.virtual_machines.emplace_back();
    model.virtual_machines.back().name = name;
    model.virtual_machines.back().subnet = {"net", subnet};
  };
  for (int i = 1; i <= 120; ++i) add("m" + std::to_string(i), "many");
  for (int i = 1; i <= 4; ++i) add("f" + std::to_string(i), "few");
  model.virtual_machines[60].ip_forwarding = true;
  const auto graph = graph_of(resolve(model, nullptr).model);
  const auto& many = graph.items[0].items[0].items;
  ASSERT_EQ(many.size(), 2);
  EXPECT_EQ(many[0].name, "m61");
  EXPECT_EQ(many[1].kind, GraphKind::Several);
  EXPECT_EQ(many[1].name, "119 machines");
  EXPECT_THAT(many[1].details, testing::ElementsAre("m1", "m2", "m3", "... m120"));
  EXPECT_EQ(graph.items[0].items[1].items.size(), 4);
}

// UDR next hops: the machine of this network or of a peer has the address, not one of a network that only uses the same addresses.
TEST(Graph, DrawsRoutesThroughAppliancesAndTheWayToTheInternet) {
  Model model;
  model.lab = "lab";
  for (const auto* name : {"other", "hub", "spoke"}) {
    model.virtual_networks.push_back(sample::network(name, {std::string(name) == "spoke" ? "10.1.0.0/16" : "10.0.0.0/16"}));
    model.virtual_networks.back().subnets = {sample::subnet("s", {std::string(name) == "spoke" ? "10.1.0.0/24" : "10.0.0.0/24"})};
    if (std::string(name) == "spoke") continue;
    model.virtual_machines.emplace_back();
    model.virtual_machines.back().name = std::string("fw-") + name;
    model.virtual_machines.back().subnet = {name, "s"};
    model.virtual_machines.back().private_ip_address = Ipv4Address::parse("10.0.0.4");
    model.virtual_machines.back().ip_forwarding = true;
  }
  model.virtual_networks[1].peerings = {sample::peering("a", "spoke")};
  model.virtual_networks[2].peerings = {sample::peering("b", "hub")};
  model.virtual_networks[2].subnets[0].route_table = "rt";
  model.route_tables = {{"rt", {}, true, {}}};
  for (const auto* prefix : {"0.0.0.0/0", "10.9.0.0/16"})
    model.route_tables[0].routes.push_back(
        {prefix, netns::Ipv4Prefix::parse(prefix), {}, emu::NextHopType::VirtualAppliance, Ipv4Address::parse("10.0.0.4")});
  EXPECT_EQ(edges_of(resolve(model, nullptr).model),
            "  hub <-> spoke       peering Connected\n"
            "  spoke/s -> fw-hub   0.0.0.0/0, 10.9.0.0/16 via fw-hub\n");
  model.virtual_machines[1].has_public_ip_address = true;
  model.virtual_machines[1].public_ip_allocation_method = "Static";
  model.virtual_machines[1].public_ip_address = Ipv4Address::parse("203.0.113.9");
  EXPECT_THAT(edges_of(resolve(model, nullptr).model), HasSubstr("public fw-hub\n"));
}

TEST(GraphColours, CanBeReadOnWhatTheyAreDrawnOn) {
  for (const auto kind : emu::kGraphKinds) {
    EXPECT_GE(contrast(emu::kGraphInk, emu::colours_of(kind).fill), 12) << emu::colours_of(kind).fill;
  }
  for (const auto kind : {GraphEdge::Kind::Peering, GraphEdge::Kind::Vpn, GraphEdge::Kind::ServiceEndpoint, GraphEdge::Kind::Route,
                          GraphEdge::Kind::Internet}) {
    for (const bool connected : {true, false}) {
      const auto colour = emu::colour_of(GraphEdge{kind, 1, 2, {}, true, connected});
      EXPECT_GE(contrast(colour, "#ffffff"), 4.5) << colour;
    }
  }
}
