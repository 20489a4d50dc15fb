// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <functional>
#include <string>
#include <vector>

#include "netns/netlink/dumps.hpp"
#include "netns/netlink/requests.hpp"
#include "netns/reconcile/link_diff.hpp"
#include "netns/reconcile/reconcile.hpp"
#include "netns/state/switches.hpp"

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
  b.custody = Custody::Exclusive;
  b.ruleset = Ruleset::of("text");
  b.sysctls = {{"ipv4/ip_forward", "1"}};
  b.processes["p"] = {{"/bin/true"}, {}};
  return state;
}

Route of_kernel(RouteType type, std::string_view destination, std::string device) {
  const auto table = type == RouteType::Unicast ? kMainTable : kLocalTable;
  return {.table = table, .destination = Ipv4Prefix::parse(destination).value(), .type = type, .device = std::move(device), .gateway = {}};
}

/// Of `lo`, and of addresses with 24 bits of prefix.
std::set<Route> kernel_routes_of(const Namespace& wanted) {
  std::set<Route> routes{of_kernel(RouteType::Local, "127.0.0.0/8", "lo"), of_kernel(RouteType::Local, "127.0.0.1/32", "lo"),
                         of_kernel(RouteType::Broadcast, "127.255.255.255/32", "lo")};
  for (const auto& [name, link] : wanted.links) {
    for (const auto& one : link.addresses) {
      const auto prefix = Ipv4Prefix::of(one.address, 24);
      routes.insert(of_kernel(RouteType::Local, to_string(one.address) + "/32", name));
      routes.insert(of_kernel(RouteType::Unicast, to_string(prefix), name));
      routes.insert(of_kernel(RouteType::Broadcast, to_string(prefix.last()) + "/32", name));
    }
  }
  return routes;
}

Link link_of(LinkKind kind, std::string alias = {}) {
  Link link;
  link.kind = kind;
  link.alias = std::move(alias);
  return link;
}

/// One that is up.
netns::ObservedLink found_link(int ifindex, std::string kernel_kind, Link link) {
  netns::ObservedLink found;
  found.ifindex = ifindex;
  found.up = true;
  found.kernel_kind = std::move(kernel_kind);
  found.link = std::move(link);
  return found;
}

/// What a kernel shows that holds `state`.
Observed held(const State& state) {
  Observed observed;
  int last = 0;
  for (const auto& [name, wanted] : state.namespaces) {
    auto& found = observed.namespaces[name];
    found.sysctls = watched_switches(wanted);
    found.kernel_rules = kernel_rules();
    found.links["lo"] = found_link(1, "", loopback());
    found.kernel_routes = kernel_routes_of(wanted);
    found.routes = wanted.routes;
    for (auto neighbour : wanted.neighbours) {
      neighbour.port.clear();
      found.neighbours.insert(neighbour);
      found.bridge_entries.insert({neighbour.bridge, neighbour.link_address, "y"});
    }
    found.rules = wanted.rules;
    found.ruleset = wanted.ruleset;
    for (const auto& [link, one] : wanted.links) {
      found.links[link] = found_link(++last, "some", one);
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

std::vector<std::string> steps(const State& desired, const Observed& observed) { return step_lines(diff(desired, observed)); }

/// The links that are to be set.
std::vector<std::string> set_in(const NamespaceChange& change) {
  std::vector<std::string> names;
  for (const auto& link : change.set_links) names.push_back(link.link);
  return names;
}

}  // namespace

TEST(Diff, HasNothingToDoWhereTheKernelHoldsWhatIsDesired) {
  EXPECT_TRUE(diff(sample(), held(sample())).empty());
  EXPECT_TRUE(diff({}, {}).empty());
}

TEST(Diff, MakesEverythingWhereNothingIs) {
  EXPECT_THAT(
      steps(sample(), {}),
      ElementsAre("a: create namespace", "a: add address 10.0.0.4/24 to x", "a: bring up link x", "a: add route default via 10.0.0.1 dev x",
                  "b: create namespace", "b: add link br", "b: add link y", "b: load ruleset", "b: bring up link br", "b: bring up link y",
                  "b: add neighbour 10.0.0.4 lladdr 02:00:00:00:00:04 dev br", "b: add bridge entry 02:00:00:00:00:04 dev y master br",
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
  EXPECT_THAT(set_in(plan.change.at("a")), ElementsAre("x"));
}

TEST(Diff, DeletesBothEndsOfPairsThatLeadElsewhere) {
  auto observed = held(sample());
  observed.namespaces.at("a").links.at("x").peer_ifindex = 99;
  const auto plan = diff(sample(), observed);
  EXPECT_THAT(plan.change.at("a").delete_links, ElementsAre("x"));
  EXPECT_THAT(plan.change.at("b").delete_links, ElementsAre("y"));
}

TEST(Diff, DeletesALinkOfAnotherKindAndTheEndThatWasPairedWithItsName) {
  auto state = sample();
  state.namespaces["a"].custody = Custody::Exclusive;
  auto observed = held(state);
  auto& x = observed.namespaces.at("a").links.at("x");
  x.link.kind = LinkKind::Bridge;
  x.peer_ifindex = 0;
  const auto plan = diff(state, observed);
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
  state.namespaces["a"].custody = Custody::Exclusive;
  state.namespaces["b"].links.erase("y");
  state.namespaces["b"].neighbours.clear();
  auto observed = held(sample());
  observed.namespaces["a"].sysctls = watched_switches(state.namespaces["a"]);
  EXPECT_THAT(steps(state, observed),
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
  EXPECT_THAT(steps(sample(), observed), ElementsAre("b: set net/ipv4/ip_forward to 1", "b: set link br: forwarding becomes 1",
                                                     "b: set link y: forwarding becomes 1"));
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
                                                      "b: add neighbour 10.0.0.5 lladdr 02:00:00:00:00:05 dev br",
                                                      "b: delete bridge entry 02:00:00:00:00:04 dev y master br",
                                                      "b: add bridge entry 02:00:00:00:00:05 dev y master br"));
}

TEST(Diff, ABridgeEntryIsSetAgainWhenItsPortIs) {
  auto without_port = held(sample());
  without_port.namespaces.at("b").links.erase("y");
  without_port.namespaces.at("b").bridge_entries.clear();
  EXPECT_THAT(steps(sample(), without_port), testing::Contains("b: add bridge entry 02:00:00:00:00:04 dev y master br"));
  auto on_no_bridge = held(sample());
  on_no_bridge.namespaces.at("b").links.at("y").link.master.clear();
  EXPECT_THAT(steps(sample(), on_no_bridge),
              ElementsAre("b: set link y: it is no port of br", "b: add bridge entry 02:00:00:00:00:04 dev y master br"));
}

// The table of a bridge decides where a frame goes, whatever the neighbours say.
TEST(Diff, FindsAnAddressThatLeavesByAnotherPort) {
  auto observed = held(sample());
  observed.namespaces.at("b").bridge_entries = {{"br", {{2, 0, 0, 0, 0, 4}}, "other"}};
  EXPECT_THAT(steps(sample(), observed), ElementsAre("b: delete bridge entry 02:00:00:00:00:04 dev other master br",
                                                     "b: add bridge entry 02:00:00:00:00:04 dev y master br"));
}

TEST(Diff, FindsBridgeEntriesThatAreGoneAndThoseOfNobody) {
  auto observed = held(sample());
  observed.namespaces.at("b").bridge_entries = {{"br", {{2, 0, 0, 0, 0, 9}}, "y"}, {"br", {{2, 0, 0, 0, 0, 8}}, "br", true}};
  EXPECT_THAT(steps(sample(), observed), ElementsAre("b: delete bridge entry 02:00:00:00:00:08 dev br master br local",
                                                     "b: delete bridge entry 02:00:00:00:00:09 dev y master br",
                                                     "b: add bridge entry 02:00:00:00:00:04 dev y master br"));
}

TEST(Diff, FindsALinkThatIsThereButNotSet) {
  struct Case {
    std::function<void(ObservedLink&)> change;
    const char* step;
  };
  const std::vector<Case> cases{
      {[](auto& x) { x.up = false; }, "a: bring up link x"},
      {[](auto& x) { x.link.mtu = 1300; }, "a: set link x: mtu is 1300"},
      {[](auto& x) { x.link.forwards = true; }, "a: set link x: forwarding is 1"},
      {[](auto& x) { x.link.proxy_arp = true; }, "a: set link x: proxy_arp is 1"},
      {[](auto& x) { x.link.ipv6 = true; }, "a: set link x: ipv6 is 1"},
      {[](auto& x) { x.link.alias = "mine"; }, "a: set link x: alias is 'mine'"},
      {[](auto& x) { x.off = {"arp_ignore is 8"}; }, "a: set link x: arp_ignore is 8"},
      {[](auto& x) { x.also_off = {"qdisc is also clsact"}; }, "a: set link x: qdisc is also clsact"},
  };
  for (const auto& one : cases) {
    auto observed = held(sample());
    one.change(observed.namespaces.at("a").links.at("x"));
    EXPECT_THAT(steps(sample(), observed), ElementsAre(one.step));
  }
}

TEST(Diff, SeesThatLoIsDownOrWithoutItsAddress) {
  auto observed = held(sample());
  observed.namespaces.at("a").links.at("lo").up = false;
  EXPECT_THAT(steps(sample(), observed), ElementsAre("a: bring up link lo"));
  observed = held(sample());
  observed.namespaces.at("a").links.at("lo").link.addresses.clear();
  EXPECT_THAT(steps(sample(), observed), ElementsAre("a: add address 127.0.0.1/8 to lo"));
}

TEST(Diff, AddsRoutesAndRulesOfTheKernelsThatAreGone) {
  auto observed = held(sample());
  auto& a = observed.namespaces.at("a");
  a.kernel_routes.erase(of_kernel(RouteType::Unicast, "10.0.0.0/24", "x"));
  a.kernel_routes.erase(of_kernel(RouteType::Local, "10.0.0.4/32", "x"));
  a.kernel_rules.erase({32766, {}, kMainTable, 0});
  EXPECT_THAT(steps(sample(), observed), ElementsAre("a: add route local 10.0.0.4/32 dev x table local", "a: add route 10.0.0.0/24 dev x",
                                                     "a: add rule 32766: from all lookup main"));
  a.links.at("x").up = false;
  EXPECT_THAT(steps(sample(), observed), ElementsAre("a: bring up link x", "a: add rule 32766: from all lookup main"))
      << "the kernel makes routes as the link comes up";
}

TEST(Diff, RemovesWhatOthersMadeWhereAllIsOurs) {
  auto observed = held(sample());
  auto& b = observed.namespaces.at("b");
  b.foreign_rules = {{"5: from all lookup 9", {}, "a"}};
  b.foreign_routes = {{"10.9.0.0/16 dev br", "br", "b"}};
  b.links["br9"] = found_link(90, "bridge", link_of(LinkKind::Bridge));
  b.neighbours.insert({"y", address("10.0.0.9"), {{2, 0, 0, 0, 0, 9}}, {}});
  EXPECT_THAT(steps(sample(), observed),
              ElementsAre("b: delete link br9", "b: delete rule 5: from all lookup 9",
                          "b: delete neighbour 10.0.0.9 lladdr 02:00:00:00:00:09 dev y", "b: delete route 10.9.0.0/16 dev br"));
  EXPECT_THAT(diff(sample(), observed).notes, IsEmpty());
}

TEST(Diff, LeavesWhatOthersMadeInAMachineAndSaysWhatMayBeInTheWay) {
  auto observed = held(sample());
  auto& a = observed.namespaces.at("a");
  a.foreign_rules = {{"5: from all lookup 9", {}, "a"}};
  a.foreign_routes = {{"172.17.0.0/16 dev docker0", "docker0", "b"}, {"10.9.0.0/16 dev x", "x", "c"}};
  a.links["docker0"] = found_link(90, "bridge", link_of(LinkKind::Bridge));
  a.bridge_entries = {{"docker0", {{2, 0, 0, 0, 0, 9}}, "veth1"}};
  const auto plan = diff(sample(), observed);
  EXPECT_TRUE(plan.empty());
  EXPECT_THAT(plan.notes, ElementsAre("a: route 10.9.0.0/16 dev x is not Lazuli's; it stays",
                                      "a: rule 5: from all lookup 9 is not Lazuli's; it stays"));
}

TEST(Diff, DoesNotSayThatARouteStaysWhichOneOfOursReplaces) {
  auto state = sample();
  const auto ours = *state.namespaces.at("a").routes.begin();
  auto observed = held(state);
  auto& a = observed.namespaces.at("a");
  a.routes.erase(ours);
  a.foreign_routes = {{"a route of theirs", ours.device, "b", false, std::pair{ours.table, ours.destination}}};
  const auto plan = diff(state, observed);
  EXPECT_THAT(plan.change.at("a").add_routes, ElementsAre(ours));
  EXPECT_THAT(plan.notes, IsEmpty());
}

TEST(Diff, RemovesRoutesAndRulesFromAMachineThatCarryOurNumber) {
  auto observed = held(sample());
  observed.namespaces.at("a").foreign_rules = {{"5: from 10.0.0.4", {}, "a", true}};
  observed.namespaces.at("a").foreign_routes = {{"default via 10.0.0.1 dev x metric 9", "x", "b", true}};
  EXPECT_THAT(steps(sample(), observed),
              ElementsAre("a: delete rule 5: from 10.0.0.4", "a: delete route default via 10.0.0.1 dev x metric 9"));
}

TEST(Diff, TakesALinkOutOfABridgeThatItIsNoPortOf) {
  auto observed = held(sample());
  observed.namespaces.at("a").links.at("x").link.master = "br9";
  EXPECT_THAT(steps(sample(), observed), ElementsAre("a: set link x: it is a port of br9"));
  EXPECT_THAT(diff(sample(), observed).change.at("a").set_masters, ElementsAre("x"));
}

TEST(Diff, RemovesALinkOfOursFromAMachineByItsMark) {
  auto state = sample();
  state.link_mark = "lab/";
  auto observed = held(state);
  observed.namespaces.at("a").links["old"] = found_link(90, "veth", link_of(LinkKind::Veth, "lab/old"));
  EXPECT_THAT(steps(state, observed), ElementsAre("a: delete link old"));
}

TEST(Diff, RefusesALinkOfOthersUnderANameThatIsWanted) {
  auto observed = held(sample());
  auto& x = observed.namespaces.at("a").links.at("x");
  x.link.kind = LinkKind::Other;
  x.kernel_kind = "dummy";
  EXPECT_THAT(diff(sample(), observed).obstacles,
              ElementsAre("a: a link that is not Lazuli's has the name x: `ip -n a link del x` frees it"));
}

TEST(Diff, RefusesANameThatStandsForSomethingElse) {
  auto observed = held(sample());
  observed.namespaces.erase("a");
  observed.strangers = {"a", "unwanted"};
  EXPECT_THAT(diff(sample(), observed).obstacles, testing::SizeIs(1));
  EXPECT_THAT(diff(sample(), observed).remove, IsEmpty());
}

TEST(Diff, EndsWhatIsLeftInANamespaceThatLostItsName) {
  auto observed = held(sample());
  observed.namespaces.erase("a");
  observed.lost = {"a", "unwanted"};
  const auto plan = diff(sample(), observed);
  EXPECT_THAT(plan.bury, ElementsAre("a", "unwanted"));
  EXPECT_TRUE(plan.change.at("a").create);
}

// Only what carries our mark is taken away with the wish for it; a machine moves to another network with its programs.
TEST(Diff, TakesItsOwnAddressesAndLeavesThoseOfOthers) {
  const InterfaceAddress before{address("10.9.0.4"), 24, true};
  const InterfaceAddress others{address("10.0.0.100"), 32, true};
  for (const auto custody : {Custody::Shared, Custody::SelfConfigured, Custody::Exclusive}) {
    auto state = sample();
    state.namespaces["a"].custody = custody;
    auto observed = held(state);
    auto& x = observed.namespaces.at("a").links.at("x");
    x.link.addresses.insert({before, others});
    x.foreign_addresses.insert(others);
    const auto plan = diff(state, observed);
    const auto& change = plan.change.at("a");
    std::vector<std::pair<std::string, InterfaceAddress>> gone{{"x", before}};
    if (custody == Custody::Exclusive) gone.insert(gone.begin(), {"x", others});
    EXPECT_THAT(change.delete_addresses, testing::UnorderedElementsAreArray(gone));
    EXPECT_EQ(plan.notes.size(), custody == Custody::Exclusive ? 0U : 1U);
  }
}

// The kernel deletes it together with ours, or has the machine send from it.
TEST(Diff, GivesAnAddressBackThatStandsBesideOneThatGoes) {
  const InterfaceAddress before{address("10.9.0.4"), 24, true};
  const InterfaceAddress others{address("10.9.0.50"), 24, true};
  auto observed = held(sample());
  auto& x = observed.namespaces.at("a").links.at("x");
  x.link.addresses.insert({before, others});
  x.foreign_addresses.insert(others);
  const auto plan = diff(sample(), observed);
  const auto& change = plan.change.at("a");
  EXPECT_THAT(change.delete_addresses, ElementsAre(std::pair{std::string("x"), others}, std::pair{std::string("x"), before}));
  EXPECT_THAT(change.return_addresses, ElementsAre(std::pair{std::string("x"), others}));
  EXPECT_THAT(plan.notes, ElementsAre("a: address 10.9.0.50/24 of x is not Lazuli's; it stays"));
}

// The address that the link is to have, given to it with another prefix, would keep a route in the way.
TEST(Diff, TakesItsOwnAddressWithAPrefixOfOthers) {
  auto observed = held(sample());
  auto& x = observed.namespaces.at("a").links.at("x");
  auto other = *x.link.addresses.begin();
  other.prefix_length -= 8;
  x.link.addresses = {other};
  x.foreign_addresses = {other};
  const auto change = diff(sample(), observed).change.at("a");
  EXPECT_EQ(change.delete_addresses.size(), 1U);
  EXPECT_EQ(change.add_addresses.size(), 1U);
}

// What a program of the lab sets in its machine is no difference to be mended at the next `up`.
TEST(Diff, LeavesSwitchesToAMachineThatConfiguresItself) {
  auto state = sample();
  state.namespaces["a"].custody = Custody::SelfConfigured;
  auto observed = held(state);
  auto& a = observed.namespaces.at("a");
  a.links.at("x").link.forwards = true;
  a.links.at("x").link.mtu = 1400;
  a.links.at("x").off = {"qdisc is netem", "rp_filter is 1"};
  EXPECT_THAT(steps(state, observed), IsEmpty());
  a.links.at("x").up = false;
  EXPECT_THAT(steps(state, observed), ElementsAre("a: bring up link x"));
}

TEST(Diff, WatchesTheSwitchesThatStopTraffic) {
  for (const char* path : {"ipv4/conf/all/arp_ignore", "ipv4/conf/all/arp_filter", "ipv4/icmp_echo_ignore_all"}) {
    auto observed = held(sample());
    observed.namespaces.at("a").sysctls[path] = "1";
    observed.namespaces.at("b").sysctls[path] = "1";
    EXPECT_THAT(steps(sample(), observed),
                ElementsAre(std::string("a: set net/") + path + " to 0", std::string("b: set net/") + path + " to 0"));
  }
}

}  // namespace netns
