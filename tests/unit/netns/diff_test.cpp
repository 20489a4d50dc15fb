// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "netns/netlink/requests.hpp"
#include "netns/reconcile/reconcile.hpp"

namespace netns {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Ipv4Address address(std::string_view text) { return Ipv4Address::parse(text).value(); }

Route via(std::string_view destination, std::string device, std::string_view gateway) {
  return {.table = kMainTable,
          .destination = Ipv4Prefix::parse(destination).value(),
          .type = RouteType::Unicast,
          .device = std::move(device),
          .gateway = address(gateway)};
}

Link end(std::string name_space, std::string link, std::string master = {}) {
  Link result;
  result.peer = VethPeer{std::move(name_space), std::move(link)};
  result.master = std::move(master);
  return result;
}

/// a x --- y b; `y` is a port of the bridge `br` there
State sample() {
  State state;
  auto& a = state.namespaces["a"];
  a.links["x"] = end("b", "y");
  a.links["x"].addresses = {{address("10.0.0.4"), 24, true}};
  a.routes = {via("0.0.0.0/0", "x", "10.0.0.1")};
  auto& b = state.namespaces["b"];
  b.links["br"].kind = LinkKind::Bridge;
  b.links["y"] = end("a", "x", "br");
  b.neighbours = {{"br", address("10.0.0.4"), {{2, 0, 0, 0, 0, 4}}, "y"}};
  b.rules = {{1000, "br", 7}};
  b.ruleset = Ruleset::of("text");
  b.sysctls = {{"ipv4/ip_forward", "1"}};
  b.processes["p"] = {{"/bin/true"}, {}};
  return state;
}

/// What a kernel shows that holds `state`.
Observed held(const State& state) {
  Observed observed;
  int last = 0;
  for (const auto& [name, wanted] : state.namespaces) {
    auto& found = observed.namespaces[name];
    found.sysctls = wanted.sysctls;
    found.routes = wanted.routes;
    for (auto neighbour : wanted.neighbours) {
      neighbour.port.clear();
      found.neighbours.insert(neighbour);
    }
    found.rules = wanted.rules;
    found.ruleset = wanted.ruleset;
    for (const auto& [link, one] : wanted.links) {
      found.links[link] = {.ifindex = ++last, .peer_ifindex = 0, .up = true, .link = one};
      found.links[link].link.peer.reset();
    }
    for (const auto& [process, one] : wanted.processes) found.processes[process] = digest_of(one);
  }
  for (const auto& [name, wanted] : state.namespaces) {
    for (const auto& [link, one] : wanted.links)
      if (one.peer)
        observed.namespaces[name].links[link].peer_ifindex = observed.namespaces[one.peer->name_space].links[one.peer->link].ifindex;
  }
  return observed;
}

std::vector<std::string> steps(const State& desired, const Observed& observed) { return describe(diff(desired, observed)); }

}  // namespace

TEST(Diff, HasNothingToDoWhereTheKernelHoldsWhatIsDesired) {
  EXPECT_TRUE(diff(sample(), held(sample())).empty());
  EXPECT_TRUE(diff({}, {}).empty());
}

TEST(Diff, MakesEverythingWhereNothingIs) {
  EXPECT_THAT(steps(sample(), {}), ElementsAre("a: create namespace", "a: add address 10.0.0.4/24 to x", "a: bring up link x",
                                               "a: add route default via 10.0.0.1 dev x", "b: create namespace", "b: add link br",
                                               "b: add link y", "b: load ruleset", "b: set net/ipv4/ip_forward to 1", "b: bring up link br",
                                               "b: bring up link y", "b: add neighbour 10.0.0.4 lladdr 02:00:00:00:00:04 dev br",
                                               "b: add rule 1000: from all iif br lookup 7", "b: start process p"));
}

TEST(Diff, RemovesNamespacesAndLeftoversThatAreNotDesired) {
  auto observed = held(sample());
  observed.broken = {"c", "d"};
  EXPECT_THAT(diff({}, observed).remove, testing::UnorderedElementsAre("a", "b", "c", "d"));
  EXPECT_THAT(diff({}, observed).change, IsEmpty());
}

TEST(Diff, CreatesWhatIsDesiredOnALeftoverName) {
  auto observed = held(sample());
  observed.namespaces.erase("a");
  observed.broken = {"a"};
  const auto plan = diff(sample(), observed);
  EXPECT_THAT(plan.remove, IsEmpty());
  EXPECT_TRUE(plan.change.at("a").create);
}

TEST(Diff, TheEndThatIsAPortMakesThePair) {
  const auto plan = diff(sample(), {});
  EXPECT_THAT(plan.change.at("a").add_links, IsEmpty());
  EXPECT_THAT(plan.change.at("b").add_links, ElementsAre("br", "y"));
}

TEST(Diff, TheLesserNameMakesAPairWithoutPorts) {
  State state;
  state.namespaces["a"].links["x"] = end("b", "a");
  state.namespaces["b"].links["a"] = end("a", "x");
  const auto plan = diff(state, {});
  EXPECT_THAT(plan.change.at("a").add_links, ElementsAre("x"));
  EXPECT_THAT(plan.change.at("b").add_links, IsEmpty());
}

TEST(Diff, MakesAPairOfOneNamespaceOnce) {
  State state;
  state.namespaces["a"].links["x"] = end("a", "y");
  state.namespaces["a"].links["y"] = end("a", "x");
  EXPECT_THAT(diff(state, {}).change.at("a").add_links, ElementsAre("x"));
}

TEST(Diff, DeletesTheRestOfABrokenPairBeforeItMakesItAnew) {
  auto observed = held(sample());
  observed.namespaces.at("a").links.erase("x");
  const auto plan = diff(sample(), observed);
  EXPECT_THAT(plan.change.at("b").delete_links, ElementsAre("y"));
  EXPECT_THAT(plan.change.at("b").add_links, ElementsAre("y"));
  EXPECT_THAT(plan.change.at("a").set_links, ElementsAre("x"));
}

TEST(Diff, DeletesBothEndsOfPairsThatLeadElsewhere) {
  auto observed = held(sample());
  observed.namespaces.at("a").links.at("x").peer_ifindex = 99;
  const auto plan = diff(sample(), observed);
  EXPECT_THAT(plan.change.at("a").delete_links, ElementsAre("x"));
  EXPECT_THAT(plan.change.at("b").delete_links, ElementsAre("y"));
}

TEST(Diff, DeletesALinkOfAnotherKindAndTheEndThatWasPairedWithItsName) {
  auto observed = held(sample());
  auto& x = observed.namespaces.at("a").links.at("x");
  x.link.kind = LinkKind::Bridge;
  x.peer_ifindex = 0;
  const auto plan = diff(sample(), observed);
  EXPECT_THAT(plan.change.at("a").delete_links, ElementsAre("x"));
  EXPECT_THAT(plan.change.at("b").delete_links, ElementsAre("y"));
}

TEST(Diff, ReplacedRoutesAreNotDeleted) {
  auto state = sample();
  state.namespaces["a"].routes = {via("0.0.0.0/0", "x", "10.0.0.2")};
  const auto plan = diff(state, held(sample()));
  EXPECT_THAT(plan.change.at("a").add_routes, testing::SizeIs(1));
  EXPECT_THAT(plan.change.at("a").delete_routes, IsEmpty());
}

TEST(Diff, ARouteForThePrefixInAnotherTableReplacesNothing) {
  auto state = sample();
  auto route = via("0.0.0.0/0", "x", "10.0.0.1");
  route.table = 7;
  state.namespaces["a"].routes = {route};
  EXPECT_THAT(steps(state, held(sample())),
              ElementsAre("a: delete route default via 10.0.0.1 dev x", "a: add route default via 10.0.0.1 dev x table 7"));
}

TEST(Diff, RoutesOfADeletedLinkGoWithIt) {
  auto state = sample();
  state.namespaces["a"] = {};
  state.namespaces["b"].links.erase("y");
  state.namespaces["b"].neighbours.clear();
  EXPECT_THAT(steps(state, held(sample())),
              ElementsAre("a: delete link x", "b: delete link y", "b: delete neighbour 10.0.0.4 lladdr 02:00:00:00:00:04 dev br"));
}

TEST(Diff, AddsRoutesAgainThatALinkLosesWithItsLastAddress) {
  auto state = sample();
  state.namespaces["a"].links["x"].addresses = {{address("10.0.0.5"), 24, true}};
  EXPECT_THAT(steps(state, held(sample())), ElementsAre("a: delete address 10.0.0.4/24 from x", "a: add address 10.0.0.5/24 to x",
                                                        "a: add route default via 10.0.0.1 dev x"));
}

TEST(Diff, KeepsTheRoutesOfALinkThatKeepsAnAddress) {
  auto before = sample();
  before.namespaces["a"].links["x"].addresses.insert({address("10.9.0.4"), 24, true});
  EXPECT_THAT(steps(sample(), held(before)), ElementsAre("a: delete address 10.9.0.4/24 from x"));
}

TEST(Diff, SetsEveryLinkWhereItSwitchesForwarding) {
  auto observed = held(sample());
  observed.namespaces.at("b").sysctls["ipv4/ip_forward"] = "0";
  EXPECT_THAT(diff(sample(), observed).change.at("b").set_links, ElementsAre("br", "y"));
}

TEST(Diff, DoesNotMindTheAddressThatTheKernelChose) {
  auto observed = held(sample());
  observed.namespaces.at("a").links.at("x").link.address = MacAddress{{2, 0, 0, 0, 0, 1}};
  EXPECT_TRUE(diff(sample(), observed).empty());
}

TEST(Diff, StopsAndStartsAProcessThatIsToBeAnother) {
  auto state = sample();
  state.namespaces["b"].processes["p"].surroundings.hostname = "new";
  EXPECT_THAT(steps(state, held(sample())), ElementsAre("b: stop process p", "b: start process p"));
}

TEST(Diff, TellsAProcessThatRereadsItsFilesInsteadOfStartingItAnew) {
  auto state = sample();
  auto& process = state.namespaces["b"].processes["p"];
  process.folder = {"/run/p", {{"file", "one"}}, true};
  const auto running = held(state);
  EXPECT_THAT(steps(state, running), IsEmpty());
  process.folder.files["file"] = "two";
  EXPECT_THAT(steps(state, running), ElementsAre("b: tell process p what changed"));
  process.arguments.push_back("more");
  EXPECT_THAT(steps(state, running), ElementsAre("b: stop process p", "b: start process p"));

  process.folder.reread = false;
  const auto other = held(state);
  process.folder.files["file"] = "three";
  EXPECT_THAT(steps(state, other), ElementsAre("b: stop process p", "b: start process p"));
}

TEST(Diff, TellsAProcessThatRereadsOfNewLinks) {
  auto state = sample();
  state.namespaces["b"].processes["p"].folder = {"/run/p", {}, true};
  auto observed = held(state);
  observed.namespaces["b"].links.erase("br");
  EXPECT_THAT(steps(state, observed), testing::Contains("b: tell process p what changed"));
}

TEST(Diff, TellsWhichRulesetIsLoaded) {
  auto state = sample();
  state.namespaces["b"].ruleset = Ruleset::of("other");
  const auto plan = diff(state, held(sample()));
  EXPECT_TRUE(plan.change.at("b").set_ruleset);
  EXPECT_EQ(plan.change.at("b").loaded_ruleset, Ruleset::of("text").digest);
}

TEST(Diff, ABridgeLosesItsNeighboursWithItsLastAddress) {
  auto before = sample();
  before.namespaces["b"].links["br"].addresses = {{address("10.0.0.1"), 24, true}};
  auto after = before;
  after.namespaces["b"].links["br"].addresses = {{address("10.0.0.2"), 24, true}};
  after.namespaces["b"].neighbours = {{"br", address("10.0.0.5"), {{2, 0, 0, 0, 0, 5}}, "y"}};
  EXPECT_THAT(steps(after, held(before)), ElementsAre("b: delete address 10.0.0.1/24 from br", "b: add address 10.0.0.2/24 to br",
                                                      "b: add neighbour 10.0.0.5 lladdr 02:00:00:00:00:05 dev br"));
}

TEST(Diff, ANeighbourIsSetAgainWhenItsPortIs) {
  auto without_port = held(sample());
  without_port.namespaces.at("b").links.erase("y");
  EXPECT_THAT(steps(sample(), without_port), testing::Contains("b: add neighbour 10.0.0.4 lladdr 02:00:00:00:00:04 dev br"));
  auto on_no_bridge = held(sample());
  on_no_bridge.namespaces.at("b").links.at("y").link.master.clear();
  EXPECT_THAT(steps(sample(), on_no_bridge), testing::Contains("b: add neighbour 10.0.0.4 lladdr 02:00:00:00:00:04 dev br"));
}

}  // namespace netns
