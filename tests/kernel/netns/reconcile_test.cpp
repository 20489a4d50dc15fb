// SPDX-License-Identifier: Apache-2.0
// The contract of netns/reconcile on the kernel. The state it is tried on:
//
//   vm1 eth0 10.0.0.4/24 --- p-vm1 \                                                   down 10.1.0.1/24 --- eth0 10.1.0.4/24 vm3
//                                   br0 10.0.0.1/24  r1  wire 169.254.0.1 --- 169.254.0.2 wire  r2
//   vm2 eth0 10.0.0.5/24 --- p-vm2 /   iif br0 -> table 7
#include "netns/reconcile/reconcile.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <net/if.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <future>
#include <optional>

#include "netns/base/error.hpp"
#include "netns/namespace/namespace.hpp"
#include "netns/probe/echo.hpp"
#include "tests/support/command.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/scratch.hpp"
#include "tests/support/topology.hpp"

namespace netns {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAreArray;

constexpr std::uint32_t kTable = 7;
constexpr std::uint32_t kTag = 0xabad1dea;

Ipv4Address address(std::string_view text) { return Ipv4Address::parse(text).value(); }
Ipv4Prefix prefix(std::string_view text) { return Ipv4Prefix::parse(text).value(); }

Route unicast(std::string_view destination, std::string device, std::string_view gateway, std::uint32_t table = kMainTable) {
  return {.table = table,
          .destination = prefix(destination),
          .type = RouteType::Unicast,
          .device = std::move(device),
          .gateway = address(gateway)};
}

Route without_device(RouteType type, std::string_view destination, std::uint32_t table = kMainTable) {
  return {.table = table, .destination = prefix(destination), .type = type, .device = {}, .gateway = {}};
}

Ruleset ruleset(std::set<std::string> dropped) {
  return Ruleset::of(
      "table inet t {\n set dropped { type ipv4_addr\n }\n chain forward {\n  type filter hook forward priority 0;\n"
      "  counter\n  ip daddr @dropped drop\n }\n}\n",
      {{"inet t dropped", std::move(dropped)}});
}

class Reconcile : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!test::may_make_namespaces()) GTEST_SKIP() << "making network namespaces needs root";
    scratch_.emplace();
    records_.emplace(
        Records{NamespaceRecords{scratch_->folder() / "namespaces"}, ProcessRecords{scratch_->folder() / "processes", LAZULI_SUPERVISOR}});
    desired_ = sample();
  }

  std::string name(std::string_view node) const { return scratch_->name(node); }
  Namespace& at(std::string_view node) { return desired_.namespaces.at(name(node)); }

  Link end(std::string_view peer, std::string link) const {
    Link result;
    result.peer = VethPeer{name(peer), std::move(link)};
    result.alias = fmt::format("to {}", peer);
    return result;
  }

  void add_machine(State& state, std::string_view node, std::string_view its_address) const {
    auto& machine = state.namespaces[name(node)];
    const auto port_name = fmt::format("p-{}", node);
    const MacAddress mac{{0x00, 0x0d, 0x3a, 0, 0, static_cast<std::uint8_t>(address(its_address).value)}};
    auto link = end("r1", port_name);
    link.address = mac;
    link.addresses = {{address(its_address), 24, true}};
    machine.links.emplace("eth0", std::move(link));
    machine.routes.insert(unicast("0.0.0.0/0", "eth0", "10.0.0.1"));
    auto port = end(node, "eth0");
    port.master = "br0";
    port.isolated = true;
    port.forwards = true;
    auto& router = state.namespaces[name("r1")];
    router.neighbours.insert({"br0", address(its_address), mac, port_name});
    router.links.emplace(port_name, std::move(port));
  }

  void forget_neighbour_behind(std::string_view port) {
    std::erase_if(at("r1").neighbours, [&](const Neighbour& neighbour) { return neighbour.port == port; });
  }

  static void forward(Namespace& router) {
    router.custody = Custody::Exclusive;
    router.sysctls = {{"ipv4/ip_forward", "1"}};
  }

  State sample() const {
    State state;
    state.link_mark = "to ";
    auto& r1 = state.namespaces[name("r1")];
    forward(r1);
    Link bridge;
    bridge.kind = LinkKind::Bridge;
    bridge.address = MacAddress{{0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc}};  // the kernel's choice would change with its ports
    bridge.forwards = true;
    bridge.addresses = {{address("10.0.0.1"), 24, true}};
    bridge.proxy_arp = true;
    r1.links.emplace("br0", std::move(bridge));
    auto wire = end("r2", "wire");
    wire.forwards = true;
    wire.addresses = {{address("169.254.0.1"), 32, false}};
    r1.links.emplace("wire", std::move(wire));
    r1.rules = {{1000, "br0", kTable}};
    r1.routes = {without_device(RouteType::Throw, "10.0.0.0/24", kTable), unicast("10.1.0.0/16", "wire", "169.254.0.2", kTable),
                 without_device(RouteType::Blackhole, "0.0.0.0/0", kTable), without_device(RouteType::Blackhole, "0.0.0.0/0")};
    r1.ruleset = ruleset({"10.0.0.99"});
    add_machine(state, "vm1", "10.0.0.4");
    add_machine(state, "vm2", "10.0.0.5");
    state.namespaces[name("vm1")].processes["sleeper"] = {{"/bin/sleep", "1000"}, {"vm1", {}, {}}};

    auto& r2 = state.namespaces[name("r2")];
    forward(r2);
    auto other_wire = end("r1", "wire");
    other_wire.forwards = true;
    other_wire.addresses = {{address("169.254.0.2"), 32, false}};
    r2.links.emplace("wire", std::move(other_wire));
    auto down = end("vm3", "eth0");
    down.forwards = true;
    down.addresses = {{address("10.1.0.1"), 24, true}};
    r2.links.emplace("down", std::move(down));
    r2.routes = {unicast("10.0.0.0/24", "wire", "169.254.0.1")};

    auto& vm3 = state.namespaces[name("vm3")];
    auto link = end("r2", "down");
    link.addresses = {{address("10.1.0.4"), 24, true}};
    vm3.links.emplace("eth0", std::move(link));
    vm3.routes = {unicast("0.0.0.0/0", "eth0", "10.1.0.1")};
    return state;
  }

  Observed observed() const { return observe(scratch_->prefix(), desired_, *records_); }
  Plan planned() const { return diff(desired_, observed()); }

  /// What is still to be done, one line a step, without the prefix that all names share.
  std::vector<std::string> steps() const {
    auto lines = step_lines(planned());
    for (auto& line : lines) line.erase(0, scratch_->prefix().size());
    return lines;
  }

  void reach(const State& previous = {}) {
    const auto before = observed();
    const auto plan = diff(desired_, before);
    netns::apply(plan, desired_, previous, *records_);
    netns::verify(plan, desired_, before, *records_);
  }

  /// All that can be told of the kernel's state, but for what the kernel chooses itself.
  std::map<std::string, ObservedNamespace> snapshot() const {
    auto all = observed().namespaces;
    for (auto& [place, found] : all) {
      for (auto& [link, one] : found.links) {
        one.ifindex = one.peer_ifindex = 0;
        one.link.address.reset();
      }
    }
    return all;
  }

  Answer ping_from(std::string_view node, std::string_view to, const Patience& patience) const {
    return scratch_->in(node, [&] { return ping(address(to), kTag, patience).answer; });
  }
  bool reaches(std::string_view node, std::string_view to) const { return ping_from(node, to, kProvesReply) == Answer::Reply; }
  bool is_silent(std::string_view node, std::string_view to) const { return ping_from(node, to, kProvesSilence) == Answer::Silence; }

  static std::size_t occupants_of(const NamespaceIdentity& identity) {
    std::size_t count = 0;
    for (const auto& pid : names_in_folder("/proc")) {
      struct stat status {};
      if (::stat(fmt::format("/proc/{}/ns/net", pid).c_str(), &status) == 0 && status.st_ino == identity.inode) ++count;
    }
    return count;
  }

  void run(const std::vector<std::string>& argv) const {
    const auto result = test::run(argv);
    ASSERT_EQ(result.status, 0) << fmt::format("{}: {}", fmt::join(argv, " "), result.output);
  }
  void ip(std::string_view node, std::vector<std::string> arguments) const {
    std::vector<std::string> argv{"ip", "-n", name(node)};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    run(argv);
  }

  std::optional<test::Scratch> scratch_;
  std::optional<Records> records_;
  State desired_;
};

TEST_F(Reconcile, MakesTheKernelHoldWhatIsDesiredAndThenHasNothingToDo) {
  EXPECT_THAT(observed().namespaces, IsEmpty());
  reach();
  EXPECT_THAT(steps(), IsEmpty());
  EXPECT_THAT(list_namespaces(scratch_->prefix()), ElementsAre(name("r1"), name("r2"), name("vm1"), name("vm2"), name("vm3")));
  EXPECT_EQ(observed().namespaces.at(name("vm1")).processes.size(), 1U);
}

TEST_F(Reconcile, WhatItMadeForwardsPackets) {
  at("r1").routes.erase(unicast("10.1.0.0/16", "wire", "169.254.0.2", kTable));
  reach();
  EXPECT_TRUE(reaches("vm1", "10.0.0.5")) << "from port to port, which are isolated, by way of the bridge itself";
  EXPECT_TRUE(is_silent("vm1", "10.1.0.4"));
  const auto before = desired_;
  at("r1").routes.insert(unicast("10.1.0.0/16", "wire", "169.254.0.2", kTable));
  reach(before);
  EXPECT_TRUE(reaches("vm1", "10.1.0.4"));
}

struct Drift {
  const char* name;
  std::vector<std::vector<std::string>> by_hand;  ///< commands; `@` stands for the prefix of names
  std::vector<std::string> found;                 ///< steps that mend it
};

void PrintTo(const Drift& drift, std::ostream* out) { *out << drift.name; }

class ReconcileDrift : public Reconcile, public testing::WithParamInterface<Drift> {};

TEST_P(ReconcileDrift, IsFoundAsJustThatAndMended) {
  reach();
  // The kernel tells a bridge a moment later that the far end of a port came up, and the bridge then lets the port forward.
  ASSERT_TRUE(test::eventually([&] {
    return test::run({"ip", "-n", name("r1"), "-br", "link", "show", "p-vm1"}).output.find(" UP ") != std::string::npos;
  }));
  for (auto command : GetParam().by_hand) {
    for (auto& word : command)
      if (const auto at = word.find('@'); at != std::string::npos) word.replace(at, 1, scratch_->prefix());
    run(command);
  }
  std::vector<std::string> found;
  EXPECT_TRUE(test::eventually([&] {
    found = steps();
    return found == GetParam().found;
  })) << testing::PrintToString(found);
  reach(desired_);
  EXPECT_THAT(steps(), IsEmpty());
  EXPECT_TRUE(reaches("vm1", "10.0.0.5"));
  EXPECT_TRUE(reaches("vm1", "10.1.0.4"));
}

INSTANTIATE_TEST_SUITE_P(
    OfEveryKind, ReconcileDrift,
    testing::Values(
        Drift{"LinkDeleted",
              {{"ip", "-n", "@r1", "link", "del", "wire"}},
              {"r1: add link wire", "r1: add address 169.254.0.1/32 to wire", "r1: bring up link wire",
               "r1: add route 10.1.0.0/16 via 169.254.0.2 dev wire table 7", "r2: add address 169.254.0.2/32 to wire",
               "r2: bring up link wire", "r2: add route 10.0.0.0/24 via 169.254.0.1 dev wire"}},
        Drift{
            "BridgeDeleted",
            {{"ip", "-n", "@r1", "link", "del", "br0"}},
            {"r1: add link br0", "r1: add address 10.0.0.1/24 to br0", "r1: bring up link br0", "r1: set link p-vm1: it is no port of br0",
             "r1: set link p-vm2: it is no port of br0", "r1: add neighbour 10.0.0.4 lladdr 00:0d:3a:00:00:04 dev br0",
             "r1: add neighbour 10.0.0.5 lladdr 00:0d:3a:00:00:05 dev br0", "r1: add bridge entry 00:0d:3a:00:00:04 dev p-vm1 master br0",
             "r1: add bridge entry 00:0d:3a:00:00:05 dev p-vm2 master br0"}},
        Drift{"LinkDown",
              {{"ip", "-n", "@vm1", "link", "set", "eth0", "down"}},
              {"vm1: bring up link eth0", "vm1: add route default via 10.0.0.1 dev eth0"}},
        Drift{"LinkDownInARouter",
              {{"ip", "-n", "@r1", "link", "set", "wire", "down"}},
              {"r1: bring up link wire", "r1: add route 10.1.0.0/16 via 169.254.0.2 dev wire table 7"}},
        Drift{"PortDown", {{"ip", "-n", "@r1", "link", "set", "p-vm1", "down"}}, {"r1: bring up link p-vm1"}},
        Drift{"LoDown", {{"ip", "-n", "@vm1", "link", "set", "lo", "down"}}, {"vm1: bring up link lo"}},
        Drift{"LoDownInARouter", {{"ip", "-n", "@r1", "link", "set", "lo", "down"}}, {"r1: bring up link lo"}},
        Drift{
            "LoWithoutItsAddress", {{"ip", "-n", "@r1", "addr", "del", "127.0.0.1/8", "dev", "lo"}}, {"r1: add address 127.0.0.1/8 to lo"}},
        Drift{"LoWithAnotherAddress",
              {{"ip", "-n", "@r1", "addr", "add", "10.0.0.77/32", "dev", "lo"}},
              {"r1: delete address 10.0.0.77/32 from lo"}},
        Drift{"MtuOfABridge", {{"ip", "-n", "@r1", "link", "set", "br0", "mtu", "1300"}}, {"r1: set link br0: mtu is 1300"}},
        Drift{"MtuOfAPort",
              {{"ip", "-n", "@r1", "link", "set", "p-vm2", "mtu", "1400"}},
              {"r1: set link br0: mtu is 1400", "r1: set link p-vm2: mtu is 1400"}},
        Drift{"MtuOfALink", {{"ip", "-n", "@vm1", "link", "set", "eth0", "mtu", "1400"}}, {"vm1: set link eth0: mtu is 1400"}},
        Drift{"MtuOfLo", {{"ip", "-n", "@r1", "link", "set", "lo", "mtu", "1500"}}, {"r1: set link lo: mtu is 1500"}},
        Drift{"ArpOff", {{"ip", "-n", "@vm1", "link", "set", "eth0", "arp", "off"}}, {"vm1: set link eth0: arp is off"}},
        Drift{"StrangerAddedToARouter", {{"ip", "-n", "@r1", "link", "add", "br9", "type", "bridge"}}, {"r1: delete link br9"}},
        Drift{"PairAddedToARouter",
              {{"ip", "-n", "@r1", "link", "add", "x1", "type", "veth", "peer", "name", "x2"}},
              {"r1: delete link x1", "r1: delete link x2"}},
        Drift{"AnotherKindOfLinkUnderTheName",
              {{"ip", "-n", "@r2", "link", "set", "wire", "down"},
               {"ip", "-n", "@r2", "link", "set", "wire", "name", "old"},
               {"ip", "-n", "@r2", "link", "add", "wire", "type", "bridge"}},
              {"r1: delete link wire", "r1: add link wire", "r1: add address 169.254.0.1/32 to wire", "r1: bring up link wire",
               "r1: add route 10.1.0.0/16 via 169.254.0.2 dev wire table 7", "r2: delete link old", "r2: delete link wire",
               "r2: add address 169.254.0.2/32 to wire", "r2: bring up link wire", "r2: add route 10.0.0.0/24 via 169.254.0.1 dev wire"}},
        Drift{"PortNoLongerIsolated",
              {{"bridge", "-n", "@r1", "link", "set", "dev", "p-vm1", "isolated", "off"}},
              {"r1: set link p-vm1: isolated is 0, learning is 0, flood is 0, mcast_flood is 0, bcast_flood is 0"}},
        Drift{
            "PortHairpin", {{"bridge", "-n", "@r1", "link", "set", "dev", "p-vm1", "hairpin", "on"}}, {"r1: set link p-vm1: hairpin is 1"}},
        Drift{
            "PortGuard", {{"bridge", "-n", "@r1", "link", "set", "dev", "p-vm1", "guard", "on"}}, {"r1: set link p-vm1: bpdu_guard is 1"}},
        Drift{"PortRootBlock",
              {{"bridge", "-n", "@r1", "link", "set", "dev", "p-vm1", "root_block", "on"}},
              {"r1: set link p-vm1: root_block is 1"}},
        Drift{"PortFastLeave",
              {{"bridge", "-n", "@r1", "link", "set", "dev", "p-vm1", "fastleave", "on"}},
              {"r1: set link p-vm1: fastleave is 1"}},
        Drift{"PortLearns",
              {{"bridge", "-n", "@r1", "link", "set", "dev", "p-vm1", "learning", "on"}},
              {"r1: set link p-vm1: learning is 1"}},
        Drift{"PortFloods", {{"bridge", "-n", "@r1", "link", "set", "dev", "p-vm1", "flood", "on"}}, {"r1: set link p-vm1: flood is 1"}},
        Drift{"PortFloodsMulticast",
              {{"bridge", "-n", "@r1", "link", "set", "dev", "p-vm1", "mcast_flood", "on"}},
              {"r1: set link p-vm1: mcast_flood is 1"}},
        Drift{"PortFloodsBroadcast",
              {{"bridge", "-n", "@r1", "link", "set", "dev", "p-vm1", "bcast_flood", "on"}},
              {"r1: set link p-vm1: bcast_flood is 1"}},
        Drift{"PortSuppressesNeighbours",
              {{"bridge", "-n", "@r1", "link", "set", "dev", "p-vm1", "neigh_suppress", "on"}},
              {"r1: set link p-vm1: neigh_suppress is 1"}},
        Drift{"PortMulticastToUnicast",
              {{"bridge", "-n", "@r1", "link", "set", "dev", "p-vm1", "mcast_to_unicast", "on"}},
              {"r1: set link p-vm1: mcast_to_unicast is 1"}},
        Drift{"PortDisabled", {{"bridge", "-n", "@r1", "link", "set", "dev", "p-vm1", "state", "0"}}, {"r1: set link p-vm1: state is 0"}},
        Drift{"PortTakenOut",
              {{"ip", "-n", "@r1", "link", "set", "p-vm1", "nomaster"}},
              {"r1: set link p-vm1: it is no port of br0", "r1: add bridge entry 00:0d:3a:00:00:04 dev p-vm1 master br0"}},
        Drift{"PortOnAnotherBridge",
              {{"ip", "-n", "@r1", "link", "add", "br9", "type", "bridge"}, {"ip", "-n", "@r1", "link", "set", "p-vm1", "master", "br9"}},
              {"r1: delete link br9", "r1: set link p-vm1: it is a port of br9, state is 0",
               "r1: add bridge entry 00:0d:3a:00:00:04 dev p-vm1 master br0"}},
        Drift{
            "StpOn", {{"ip", "-n", "@r1", "link", "set", "br0", "type", "bridge", "stp_state", "1"}}, {"r1: set link br0: stp_state is 1"}},
        Drift{"Ageing",
              {{"ip", "-n", "@r1", "link", "set", "br0", "type", "bridge", "ageing_time", "100"}},
              {"r1: set link br0: ageing_time is 100"}},
        Drift{"GroupForwardMask",
              {{"ip", "-n", "@r1", "link", "set", "br0", "type", "bridge", "group_fwd_mask", "8"}},
              {"r1: set link br0: group_fwd_mask is 8"}},
        Drift{"AliasChanged", {{"ip", "-n", "@vm1", "link", "set", "eth0", "alias", "mine"}}, {"vm1: set link eth0: alias is 'mine'"}},
        Drift{"MacChanged",
              {{"ip", "-n", "@vm1", "link", "set", "eth0", "address", "02:00:00:00:00:09"}},
              {"vm1: set link eth0: its MAC address is another"}},
        Drift{"MacOfABridgeChanged",
              {{"ip", "-n", "@r1", "link", "set", "br0", "address", "02:00:00:00:00:09"}},
              {"r1: set link br0: its MAC address is another", "r1: add neighbour 10.0.0.4 lladdr 00:0d:3a:00:00:04 dev br0",
               "r1: add neighbour 10.0.0.5 lladdr 00:0d:3a:00:00:05 dev br0"}},
        Drift{"QueueingAtALink",
              {{"tc", "-n", "@vm1", "qdisc", "add", "dev", "eth0", "root", "pfifo", "limit", "1"}},
              {"vm1: set link eth0: qdisc is pfifo"}},
        Drift{"QueueingAtAPort",
              {{"tc", "-n", "@r1", "qdisc", "add", "dev", "p-vm1", "root", "tbf", "rate", "1kbit", "burst", "1600", "latency", "1ms"}},
              {"r1: set link p-vm1: qdisc is tbf"}},
        Drift{"IngressAtALink",
              {{"tc", "-n", "@r1", "qdisc", "add", "dev", "wire", "ingress"}},
              {"r1: set link wire: qdisc is also ingress"}},
        Drift{
            "ClsactAtALink", {{"tc", "-n", "@vm2", "qdisc", "add", "dev", "eth0", "clsact"}}, {"vm2: set link eth0: qdisc is also clsact"}},
        Drift{"AddressRemoved",
              {{"ip", "-n", "@vm1", "addr", "del", "10.0.0.4/24", "dev", "eth0"}},
              {"vm1: add address 10.0.0.4/24 to eth0", "vm1: add route default via 10.0.0.1 dev eth0"}},
        Drift{"AddressAddedWhereAllIsOurs",
              {{"ip", "-n", "@r1", "addr", "add", "10.9.0.4/24", "dev", "br0"}},
              {"r1: delete address 10.9.0.4/24 from br0"}},
        Drift{"AddressExchanged",
              {{"ip", "-n", "@vm1", "addr", "add", "10.9.0.4/24", "dev", "eth0"},
               {"ip", "-n", "@vm1", "addr", "del", "10.0.0.4/24", "dev", "eth0"}},
              {"vm1: add address 10.0.0.4/24 to eth0"}},
        Drift{"AddressWithAnotherPrefix",
              {{"ip", "-n", "@vm1", "addr", "add", "10.0.0.4/16", "dev", "eth0"},
               {"ip", "-n", "@vm1", "addr", "del", "10.0.0.4/24", "dev", "eth0"}},
              {"vm1: delete address 10.0.0.4/16 from eth0", "vm1: add address 10.0.0.4/24 to eth0",
               "vm1: add route default via 10.0.0.1 dev eth0"}},
        Drift{"AddressOfABridgeRemoved",
              {{"ip", "-n", "@r1", "addr", "del", "10.0.0.1/24", "dev", "br0"}},
              {"r1: add address 10.0.0.1/24 to br0", "r1: add neighbour 10.0.0.4 lladdr 00:0d:3a:00:00:04 dev br0",
               "r1: add neighbour 10.0.0.5 lladdr 00:0d:3a:00:00:05 dev br0"}},
        Drift{"NeighbourRemoved",
              {{"ip", "-n", "@r1", "neighbour", "del", "10.0.0.4", "dev", "br0"}},
              {"r1: add neighbour 10.0.0.4 lladdr 00:0d:3a:00:00:04 dev br0"}},
        Drift{"NeighbourChanged",
              {{"ip", "-n", "@r1", "neighbour", "replace", "10.0.0.4", "lladdr", "02:00:00:00:00:09", "dev", "br0"}},
              {"r1: add neighbour 10.0.0.4 lladdr 00:0d:3a:00:00:04 dev br0"}},
        Drift{"NeighbourAdded",
              {{"ip", "-n", "@r1", "neighbour", "add", "10.0.0.9", "lladdr", "02:00:00:00:00:09", "dev", "br0"}},
              {"r1: delete neighbour 10.0.0.9 lladdr 02:00:00:00:00:09 dev br0"}},
        Drift{"NeighbourAddedToAnotherLink",
              {{"ip", "-n", "@r1", "neighbour", "replace", "169.254.0.2", "lladdr", "02:00:00:00:00:09", "dev", "wire"}},
              {"r1: delete neighbour 169.254.0.2 lladdr 02:00:00:00:00:09 dev wire"}},
        Drift{"GatewayOfAMachineFixed",
              {{"ip", "-n", "@vm1", "neighbour", "replace", "10.0.0.1", "lladdr", "02:00:00:00:00:09", "dev", "eth0"}},
              {"vm1: delete neighbour 10.0.0.1 lladdr 02:00:00:00:00:09 dev eth0"}},
        Drift{"BridgeEntryRemoved",
              {{"bridge", "-n", "@r1", "fdb", "del", "00:0d:3a:00:00:04", "dev", "p-vm1", "master"}},
              {"r1: add bridge entry 00:0d:3a:00:00:04 dev p-vm1 master br0"}},
        Drift{"BridgeEntryAtAnotherPort",
              {{"bridge", "-n", "@r1", "fdb", "replace", "00:0d:3a:00:00:04", "dev", "p-vm2", "master", "static"}},
              {"r1: delete bridge entry 00:0d:3a:00:00:04 dev p-vm2 master br0",
               "r1: add bridge entry 00:0d:3a:00:00:04 dev p-vm1 master br0"}},
        Drift{"BridgeEntryAdded",
              {{"bridge", "-n", "@r1", "fdb", "add", "02:00:00:00:00:09", "dev", "p-vm1", "master", "static"}},
              {"r1: delete bridge entry 02:00:00:00:00:09 dev p-vm1 master br0"}},
        Drift{"BridgeEntryOfTheBridgeItself",
              {{"bridge", "-n", "@r1", "fdb", "add", "02:00:00:00:00:09", "dev", "p-vm1", "master"}},
              {"r1: delete bridge entry 02:00:00:00:00:09 dev p-vm1 master br0 local"}},
        Drift{"RouteRemoved",
              {{"ip", "-n", "@r1", "route", "del", "throw", "10.0.0.0/24", "table", "7"}},
              {"r1: add route throw 10.0.0.0/24 table 7"}},
        Drift{"RouteChanged",
              {{"ip", "-n", "@r1", "route", "replace", "blackhole", "10.1.0.0/16", "table", "7", "proto", "76"}},
              {"r1: add route 10.1.0.0/16 via 169.254.0.2 dev wire table 7"}},
        Drift{"RouteAdded",
              {{"ip", "-n", "@r1", "route", "add", "blackhole", "10.3.0.0/16", "table", "7", "proto", "76"}},
              {"r1: delete route blackhole 10.3.0.0/16 table 7"}},
        Drift{"RouteOfAnother",
              {{"ip", "-n", "@r1", "route", "add", "blackhole", "10.3.0.0/16", "table", "7"}},
              {"r1: delete route blackhole 10.3.0.0/16 table 7"}},
        Drift{"RouteOfAnotherInPlaceOfOurs",
              {{"ip", "-n", "@r1", "route", "replace", "blackhole", "10.1.0.0/16", "table", "7"}},
              {"r1: delete route blackhole 10.1.0.0/16 table 7", "r1: add route 10.1.0.0/16 via 169.254.0.2 dev wire table 7"}},
        Drift{"RouteThatIsLonger",
              {{"ip", "-n", "@r1", "route", "add", "10.1.0.4/32", "dev", "br0", "table", "7"}},
              {"r1: delete route 10.1.0.4/32 dev br0 table 7"}},
        Drift{"RouteWithAMetric",
              {{"ip", "-n", "@r2", "route", "add", "10.0.0.4/32", "dev", "down", "metric", "5"}},
              {"r2: delete route 10.0.0.4/32 dev down metric 5"}},
        Drift{"RouteUnreachable",
              {{"ip", "-n", "@r2", "route", "add", "unreachable", "10.0.0.4/32"}},
              {"r2: delete route unreachable 10.0.0.4/32"}},
        Drift{"RouteWithAnMtu",
              {{"ip", "-n", "@r2", "route", "replace", "10.0.0.0/24", "via", "169.254.0.1", "dev", "wire", "onlink", "proto", "76", "mtu",
                "600"}},
              {"r2: delete route 10.0.0.0/24 via 169.254.0.1 dev wire with metrics of its own",
               "r2: add route 10.0.0.0/24 via 169.254.0.1 dev wire"}},
        Drift{"RoutesFlushed",
              {{"ip", "-n", "@r1", "route", "flush", "table", "7"}},
              {"r1: add route blackhole default table 7", "r1: add route throw 10.0.0.0/24 table 7",
               "r1: add route 10.1.0.0/16 via 169.254.0.2 dev wire table 7"}},
        Drift{"DefaultRouteRemoved", {{"ip", "-n", "@vm1", "route", "del", "default"}}, {"vm1: add route default via 10.0.0.1 dev eth0"}},
        Drift{"ConnectedRouteRemoved",
              {{"ip", "-n", "@r1", "route", "del", "10.0.0.0/24", "dev", "br0"}},
              {"r1: add route 10.0.0.0/24 dev br0"}},
        Drift{"LocalRouteRemoved",
              {{"ip", "-n", "@r1", "route", "del", "local", "10.0.0.1", "dev", "br0", "table", "local"}},
              {"r1: add route local 10.0.0.1/32 dev br0 table local"}},
        Drift{"LocalTableFlushed",
              {{"ip", "-n", "@vm1", "route", "flush", "table", "local"}},
              {"vm1: add route local 10.0.0.4/32 dev eth0 table local", "vm1: add route broadcast 10.0.0.255/32 dev eth0 table local",
               "vm1: add route local 127.0.0.1/32 dev lo table local", "vm1: add route local 127.0.0.0/8 dev lo table local",
               "vm1: add route broadcast 127.255.255.255/32 dev lo table local"}},
        Drift{"RuleDeleted", {{"ip", "-n", "@r1", "rule", "del", "pref", "1000"}}, {"r1: add rule 1000: from all iif br0 lookup 7"}},
        Drift{"RuleChanged",
              {{"ip", "-n", "@r1", "rule", "del", "pref", "1000"},
               {"ip", "-n", "@r1", "rule", "add", "pref", "900", "iif", "br0", "lookup", "7"}},
              {"r1: delete rule 900: from all iif br0 lookup 7", "r1: add rule 1000: from all iif br0 lookup 7"}},
        Drift{"RuleAddedByHand",
              {{"ip", "-n", "@r1", "rule", "add", "pref", "10", "lookup", "99"}},
              {"r1: delete rule 10: from all lookup 99"}},
        Drift{"RuleByAddress",
              {{"ip", "-n", "@r1", "rule", "add", "pref", "10", "from", "10.0.0.4", "to", "10.1.0.0/16", "prohibit"}},
              {"r1: delete rule 10: from all from 10.0.0.4/32 to 10.1.0.0/16 prohibit"}},
        Drift{"RuleAsOurs",
              {{"ip", "-n", "@r1", "rule", "add", "pref", "10", "iif", "br0", "lookup", "9", "protocol", "76"}},
              {"r1: delete rule 10: from all iif br0 lookup 9"}},
        Drift{"LocalRuleDeleted", {{"ip", "-n", "@vm1", "rule", "del", "pref", "0"}}, {"vm1: add rule 0: from all lookup local"}},
        Drift{"MainRuleDeleted", {{"ip", "-n", "@r1", "rule", "del", "pref", "32766"}}, {"r1: add rule 32766: from all lookup main"}},
        Drift{"DefaultRuleDeleted", {{"ip", "-n", "@r2", "rule", "del", "pref", "32767"}}, {"r2: add rule 32767: from all lookup default"}},
        Drift{"RulesFlushed",
              {{"ip", "-n", "@vm1", "rule", "flush"}},
              {"vm1: add rule 32766: from all lookup main", "vm1: add rule 32767: from all lookup default"}},
        Drift{"RulesetFlushed", {{"ip", "netns", "exec", "@r1", "nft", "flush", "ruleset"}}, {"r1: load ruleset"}},
        Drift{"TableAdded", {{"ip", "netns", "exec", "@r1", "nft", "add", "table", "ip", "other"}}, {"r1: load ruleset"}},
        Drift{"RulesetChanged",
              {{"ip", "netns", "exec", "@r1", "nft", "add", "element", "inet", "t", "dropped", "{ 10.1.0.4 }"}},
              {"r1: load ruleset"}},
        Drift{"ProxyArpOff",
              {{"ip", "netns", "exec", "@r1", "sysctl", "-qw", "net.ipv4.conf.br0.proxy_arp=0"}},
              {"r1: set link br0: proxy_arp is 0, proxy_arp_pvlan is 1"}},
        Drift{"ProxyArpForPortsOff",
              {{"ip", "netns", "exec", "@r1", "sysctl", "-qw", "net.ipv4.conf.br0.proxy_arp_pvlan=0"}},
              {"r1: set link br0: proxy_arp_pvlan is 0"}},
        Drift{"ProxyDelay",
              {{"ip", "netns", "exec", "@r1", "sysctl", "-qw", "net.ipv4.neigh.br0.proxy_delay=80"}},
              {"r1: set link br0: proxy_delay is 800"}},
        Drift{"NeverAsks",
              {{"ip", "netns", "exec", "@r1", "sysctl", "-qw", "net.ipv4.neigh.wire.mcast_solicit=0"}},
              {"r1: set link wire: mcast_solicit is 0"}},
        Drift{"SwitchChanged",
              {{"ip", "netns", "exec", "@r2", "sysctl", "-qw", "net.ipv4.ip_forward=0"}},
              {"r2: set net/ipv4/conf/all/accept_redirects to 0", "r2: set net/ipv4/ip_forward to 1"}},
        Drift{"ForwardingOfALinkChanged",
              {{"ip", "netns", "exec", "@r2", "sysctl", "-qw", "net.ipv4.conf.wire.forwarding=0"}},
              {"r2: set link wire: forwarding is 0"}},
        Drift{"ForwardingInAMachine",
              {{"ip", "netns", "exec", "@vm1", "sysctl", "-qw", "net.ipv4.conf.eth0.forwarding=1"}},
              {"vm1: set link eth0: forwarding is 1"}},
        Drift{"ArpIgnoreOfALink",
              {{"ip", "netns", "exec", "@r1", "sysctl", "-qw", "net.ipv4.conf.wire.arp_ignore=8"}},
              {"r1: set link wire: arp_ignore is 8"}},
        Drift{"ArpIgnoreOfAll",
              {{"ip", "netns", "exec", "@r1", "sysctl", "-qw", "net.ipv4.conf.all.arp_ignore=8"}},
              {"r1: set net/ipv4/conf/all/arp_ignore to 0"}},
        Drift{"ArpFilterOfALink",
              {{"ip", "netns", "exec", "@r1", "sysctl", "-qw", "net.ipv4.conf.wire.arp_filter=1"}},
              {"r1: set link wire: arp_filter is 1"}},
        Drift{"ArpFilterOfAll",
              {{"ip", "netns", "exec", "@r1", "sysctl", "-qw", "net.ipv4.conf.all.arp_filter=1"}},
              {"r1: set net/ipv4/conf/all/arp_filter to 0"}},
        Drift{"ReversePathFilterOfALink",
              {{"ip", "netns", "exec", "@r1", "sysctl", "-qw", "net.ipv4.conf.wire.rp_filter=1"}},
              {"r1: set link wire: rp_filter is 1"}},
        Drift{"ReversePathFilterOfAll",
              {{"ip", "netns", "exec", "@r1", "sysctl", "-qw", "net.ipv4.conf.all.rp_filter=1"}},
              {"r1: set net/ipv4/conf/all/rp_filter to 0"}},
        Drift{"AcceptLocalOfALink",
              {{"ip", "netns", "exec", "@r1", "sysctl", "-qw", "net.ipv4.conf.wire.accept_local=1"}},
              {"r1: set link wire: accept_local is 1"}},
        Drift{"AcceptLocalOfAll",
              {{"ip", "netns", "exec", "@r1", "sysctl", "-qw", "net.ipv4.conf.all.accept_local=1"}},
              {"r1: set net/ipv4/conf/all/accept_local to 0"}},
        Drift{"RouteLocalnetOfALink",
              {{"ip", "netns", "exec", "@r1", "sysctl", "-qw", "net.ipv4.conf.wire.route_localnet=1"}},
              {"r1: set link wire: route_localnet is 1"}},
        Drift{"RouteLocalnetOfAll",
              {{"ip", "netns", "exec", "@r1", "sysctl", "-qw", "net.ipv4.conf.all.route_localnet=1"}},
              {"r1: set net/ipv4/conf/all/route_localnet to 0"}},
        Drift{"SendRedirectsOfALink",
              {{"ip", "netns", "exec", "@r1", "sysctl", "-qw", "net.ipv4.conf.wire.send_redirects=1"}},
              {"r1: set link wire: send_redirects is 1"}},
        Drift{"SendRedirectsOfAll",
              {{"ip", "netns", "exec", "@r1", "sysctl", "-qw", "net.ipv4.conf.all.send_redirects=1"}},
              {"r1: set net/ipv4/conf/all/send_redirects to 0"}},
        Drift{"AcceptRedirectsOfALink",
              {{"ip", "netns", "exec", "@r1", "sysctl", "-qw", "net.ipv4.conf.wire.accept_redirects=1"}},
              {"r1: set link wire: accept_redirects is 1"}},
        Drift{"AcceptRedirectsOfAll",
              {{"ip", "netns", "exec", "@r1", "sysctl", "-qw", "net.ipv4.conf.all.accept_redirects=1"}},
              {"r1: set net/ipv4/conf/all/accept_redirects to 0"}},
        Drift{"ArpAnnounceOfALink",
              {{"ip", "netns", "exec", "@r1", "sysctl", "-qw", "net.ipv4.conf.wire.arp_announce=2"}},
              {"r1: set link wire: arp_announce is 2"}},
        Drift{"ArpAnnounceOfAll",
              {{"ip", "netns", "exec", "@r1", "sysctl", "-qw", "net.ipv4.conf.all.arp_announce=2"}},
              {"r1: set net/ipv4/conf/all/arp_announce to 0"}},
        Drift{"SourceMarkOfALink",
              {{"ip", "netns", "exec", "@r1", "sysctl", "-qw", "net.ipv4.conf.wire.src_valid_mark=1"}},
              {"r1: set link wire: src_valid_mark is 1"}},
        Drift{"SourceMarkOfAll",
              {{"ip", "netns", "exec", "@r1", "sysctl", "-qw", "net.ipv4.conf.all.src_valid_mark=1"}},
              {"r1: set net/ipv4/conf/all/src_valid_mark to 0"}},
        Drift{"NoPolicyOfALink",
              {{"ip", "netns", "exec", "@r1", "sysctl", "-qw", "net.ipv4.conf.wire.disable_policy=1"}},
              {"r1: set link wire: disable_policy is 1"}},
        Drift{"ArpIgnoreInAMachine",
              {{"ip", "netns", "exec", "@vm1", "sysctl", "-qw", "net.ipv4.conf.all.arp_ignore=8"}},
              {"vm1: set net/ipv4/conf/all/arp_ignore to 0"}},
        Drift{"ArpFilterInAMachine",
              {{"ip", "netns", "exec", "@vm1", "sysctl", "-qw", "net.ipv4.conf.eth0.arp_filter=1"}},
              {"vm1: set link eth0: arp_filter is 1"}},
        Drift{"NoAnswerToPing",
              {{"ip", "netns", "exec", "@vm1", "sysctl", "-qw", "net.ipv4.icmp_echo_ignore_all=1"}},
              {"vm1: set net/ipv4/icmp_echo_ignore_all to 0"}},
        Drift{"HopLimit",
              {{"ip", "netns", "exec", "@r1", "sysctl", "-qw", "net.ipv4.ip_default_ttl=3"}},
              {"r1: set net/ipv4/ip_default_ttl to 64"}},
        Drift{"MarkReflected",
              {{"ip", "netns", "exec", "@r1", "sysctl", "-qw", "net.ipv4.fwmark_reflect=1"}},
              {"r1: set net/ipv4/fwmark_reflect to 0"}}),
    [](const auto& drift) { return drift.param.name; });

TEST_F(Reconcile, StartsAProcessThatWasKilled) {
  reach();
  ASSERT_EQ(test::processes_in(name("vm1")), 1);
  stop_all_in({name("vm1")});
  EXPECT_THAT(steps(), ElementsAre("vm1: start process sleeper"));
  reach(desired_);
  EXPECT_THAT(steps(), IsEmpty());
  EXPECT_EQ(test::processes_in(name("vm1")), 1);
}

TEST_F(Reconcile, StartsAProcessAnewThatIsToBeAnother) {
  reach();
  at("vm1").processes["sleeper"].arguments[1] = "1001";
  EXPECT_THAT(steps(), ElementsAre("vm1: stop process sleeper", "vm1: start process sleeper"));
  reach();
  EXPECT_EQ(test::processes_in(name("vm1")), 1);
}

// sleep(1) would end at SIGHUP: the signal is blocked from the start, so that a process can be told before it listens.
TEST_F(Reconcile, TellsAProcessThatRereadsItsFilesWhenTheyChange) {
  const auto folder = scratch_->folder() / "sleeper";
  at("vm1").processes["sleeper"] = {{"/bin/sleep", "1000"}, {"vm1", {}, {}}, {folder, {{"file", "one"}}, true}};
  reach();
  const auto running = observed().namespaces.at(name("vm1")).processes.at("sleeper");
  at("vm1").processes["sleeper"].folder.files["file"] = "two";
  EXPECT_THAT(steps(), ElementsAre("vm1: tell process sleeper what changed"));
  reach();
  EXPECT_THAT(steps(), IsEmpty());
  EXPECT_EQ(test::read_file(folder / "file"), "two");
  EXPECT_TRUE(same_program(running, observed().namespaces.at(name("vm1")).processes.at("sleeper")));
  EXPECT_EQ(test::processes_in(name("vm1")), 1);
}

TEST_F(Reconcile, MakesANamespaceAgainThatWasRemoved) {
  reach();
  remove_namespace(name("vm2"));
  // The kernel takes the port away some time after the name.
  ASSERT_TRUE(test::eventually(std::chrono::seconds{10}, [&] { return !observed().namespaces.at(name("r1")).links.contains("p-vm2"); }));
  EXPECT_THAT(steps(), ElementsAre("vm2: end what is left in the namespace that had this name", "r1: add link p-vm2",
                                   "r1: bring up link p-vm2", "r1: add bridge entry 00:0d:3a:00:00:05 dev p-vm2 master br0",
                                   "vm2: create namespace", "vm2: add address 10.0.0.5/24 to eth0", "vm2: bring up link eth0",
                                   "vm2: add route default via 10.0.0.1 dev eth0"));
  reach(desired_);
  EXPECT_THAT(steps(), IsEmpty());
  EXPECT_TRUE(reaches("vm1", "10.0.0.5"));
}

TEST_F(Reconcile, UsesANameAgainThatAKilledProcessLeft) {
  reach();
  stop_all_in({name("vm1")});
  ASSERT_EQ(::umount2(namespace_path(name("vm1")).c_str(), MNT_DETACH), 0);
  EXPECT_THAT(observed().broken, ElementsAre(name("vm1")));
  reach(desired_);
  EXPECT_THAT(steps(), IsEmpty());
  EXPECT_TRUE(reaches("vm1", "10.0.0.5"));
}

TEST_F(Reconcile, RemovesWhatIsNoLongerDesired) {
  reach();
  const auto before = desired_;
  desired_.namespaces.erase(name("vm3"));
  desired_.namespaces.erase(name("r2"));
  desired_.namespaces.erase(name("vm2"));
  auto& r1 = at("r1");
  r1.links.erase("wire");
  r1.links.erase("p-vm2");
  forget_neighbour_behind("p-vm2");
  r1.rules.clear();
  r1.routes = {without_device(RouteType::Blackhole, "0.0.0.0/0")};
  at("vm1").processes.clear();
  reach(before);
  EXPECT_THAT(steps(), IsEmpty());
  EXPECT_THAT(list_namespaces(scratch_->prefix()), ElementsAre(name("r1"), name("vm1")));
  EXPECT_EQ(test::processes_in(name("vm1")), 0);
  EXPECT_EQ(observed().namespaces.at(name("r1")).routes, r1.routes);
}

TEST_F(Reconcile, RemovesALeftoverNameThatIsNotDesired) {
  scratch_->make("x");
  records_->namespaces.write(name("x"), identity_of(open_namespace(name("x"))));
  ASSERT_EQ(::umount2(namespace_path(name("x")).c_str(), MNT_DETACH), 0);
  reach();
  EXPECT_THAT(list_namespaces(scratch_->prefix()), testing::SizeIs(5));
}

TEST_F(Reconcile, LeavesANamespaceThatItDidNotMake) {
  scratch_->make("x");
  reach();
  EXPECT_THAT(list_namespaces(scratch_->prefix()), testing::Contains(name("x")));
  netns::apply(removal(*records_), {}, {}, *records_);
  EXPECT_THAT(list_namespaces(scratch_->prefix()), ElementsAre(name("x")));
}

// `ip netns attach` gives a name to the namespace of any process, the host's as well: whoever ended what is in it would end the machine.
TEST_F(Reconcile, NeverTouchesTheHostsNamespaceUnderANameOfOurs) {
  reach();
  test::Child bystander{[] {
    ::pause();
    return 0;
  }};
  for (const char* node : {"vm2", "other"}) {
    remove_namespace(name(node));
    run({"ip", "netns", "attach", name(node), fmt::format("{}", ::getpid())});
  }
  EXPECT_THAT(planned().obstacles, testing::SizeIs(1));
  EXPECT_THROW(reach(), std::runtime_error);
  netns::apply(removal(*records_), {}, {}, *records_);
  EXPECT_THAT(list_namespaces(scratch_->prefix()), ElementsAre(name("other"), name("vm2")));
  EXPECT_EQ(::kill(bystander.pid(), 0), 0);
  for (const char* node : {"vm2", "other"}) remove_namespace(name(node));
  bystander.signal(SIGKILL);
  bystander.wait();
}

TEST_F(Reconcile, FindsANamespaceThatLostItsNameAndEndsWhatIsInIt) {
  reach();
  ASSERT_EQ(test::processes_in(name("vm1")), 1);
  const auto lost = identity_of(open_namespace(name("vm1")));
  run({"ip", "netns", "del", name("vm1")});
  EXPECT_EQ(observed().lost, std::vector{name("vm1")});
  EXPECT_THAT(presence_of(records_->namespaces).missing, ElementsAre(name("vm1")));
  EXPECT_EQ(occupants_of({lost}), 2U) << "the process, and who watches over it";
  reach(desired_);
  EXPECT_EQ(occupants_of({lost}), 0U);
  EXPECT_THAT(steps(), IsEmpty());
  EXPECT_TRUE(reaches("vm1", "10.0.0.5"));

  const auto again = identity_of(open_namespace(name("vm1")));
  run({"ip", "netns", "del", name("vm1")});
  EXPECT_EQ(occupants_of({again}), 2U);
  netns::apply(removal(*records_), {}, {}, *records_);
  EXPECT_EQ(occupants_of({again}), 0U);
  EXPECT_THAT(list_namespaces(scratch_->prefix()), IsEmpty());
}

// The kernel gives the number of a namespace that is gone to the next one.
TEST_F(Reconcile, TakesNoNamespaceForOursThatHasTheNumberOfOneOfOurs) {
  reach();
  const auto identity = identity_of(open_namespace(name("vm1")));
  records_->namespaces.write(name("vm1"), {identity.inode, identity.cookie + 1});
  EXPECT_EQ(observed().strangers, std::vector{name("vm1")});
  EXPECT_EQ(removal(*records_).bury, std::vector{name("vm1")});
  netns::apply(removal(*records_), {}, {}, *records_);
  EXPECT_EQ(test::processes_in(name("vm1")), 1);
  stop_all_in({name("vm1")});
}

TEST_F(Reconcile, AFailureToLookIsNotAnEmptyAnswer) {
  reach();
  test::Child without_descriptors{[&] {
    const rlimit few{8, 8};
    ::setrlimit(RLIMIT_NOFILE, &few);
    std::vector<UniqueFd> all;
    while (true) {
      UniqueFd one{::open("/dev/null", O_RDONLY)};
      if (!one) break;
      all.push_back(std::move(one));
    }
    try {
      list_namespaces(scratch_->prefix());
    } catch (const KernelError& error) {
      return error.code() == std::errc::too_many_files_open ? 0 : 2;
    }
    return 1;
  }};
  EXPECT_EQ(without_descriptors.wait(), 0);
}

TEST_F(Reconcile, LeavesWhatAProgramMadeInAMachine) {
  reach();
  ip("vm1", {"link", "add", "docker0", "type", "bridge"});
  ip("vm1", {"addr", "add", "172.17.0.1/16", "dev", "docker0"});
  ip("vm1", {"link", "add", "in", "type", "veth", "peer", "name", "out"});
  ip("vm1", {"link", "set", "out", "master", "docker0"});
  ip("vm1", {"link", "set", "docker0", "up"});
  ip("vm1", {"rule", "add", "pref", "100", "from", "172.17.0.2", "lookup", "100"});
  ip("vm1", {"route", "add", "192.168.7.0/24", "dev", "eth0"});
  run({"ip", "netns", "exec", name("vm1"), "nft", "add", "table", "ip", "docker"});
  EXPECT_THAT(steps(), IsEmpty());
  EXPECT_THAT(planned().notes, ElementsAre(HasSubstr("route 192.168.7.0/24 dev eth0 is not Lazuli's"),
                                           HasSubstr("rule 100: from all lookup 100 from 172.17.0.2/32 is not Lazuli's")));
  at("vm1").links.at("eth0").addresses.insert({address("10.0.0.44"), 24, false});
  reach(desired_);
  EXPECT_THAT(observed().namespaces.at(name("vm1")).links, testing::SizeIs(5)) << "lo, eth0, docker0, in and out";
  EXPECT_THAT(test::run({"ip", "netns", "exec", name("vm1"), "nft", "list", "tables"}).output, HasSubstr("docker"));
}

TEST_F(Reconcile, LeavesTablesOfOthersBesideARulesetOfOurs) {
  at("r1").custody = Custody::Shared;
  reach();
  run({"ip", "netns", "exec", name("r1"), "nft", "add", "table", "ip", "mine"});
  const auto before = desired_;
  at("r1").ruleset = Ruleset::of("table inet u {\n chain c { }\n}\n");
  reach(before);
  EXPECT_THAT(steps(), IsEmpty());
  EXPECT_THAT(test::run({"ip", "netns", "exec", name("r1"), "nft", "list", "tables"}).output, HasSubstr("table ip mine"));
}

// A new namespace takes over what the host has.
TEST_F(Reconcile, TakesOverNoSwitchOfTheHosts) {
  test::Child on_a_tuned_host{[&] {
    EXPECT_EQ(::unshare(CLONE_NEWNET), 0);
    // Only the first namespace of all hands its switches on; another one stands in for it as far as it goes: the default of a link.
    reach();
    return HasFailure() ? 1 : 0;
  }};
  EXPECT_EQ(on_a_tuned_host.wait(), 0);
  for (const char* node : {"r1", "r2", "vm1"}) {
    const auto value = test::run({"ip", "netns", "exec", name(node), "sysctl", "-n", "net.ipv4.conf.all.rp_filter"}).output;
    EXPECT_EQ(value, "0\n") << node;
  }
}

TEST_F(Reconcile, LeavesNothingWhenNothingIsDesired) {
  reach();
  desired_ = {};
  reach();
  EXPECT_THAT(list_namespaces(scratch_->prefix()), IsEmpty());
  EXPECT_THAT(records_->processes.running(), IsEmpty());
}

TEST_F(Reconcile, TheOldStateAsTheDesiredOneUndoesAChange) {
  reach();
  const auto old = desired_;
  const auto before = snapshot();
  at("vm1").processes.clear();
  at("vm1").links.at("eth0").addresses = {{address("10.0.0.40"), 24, true}};
  at("r1").routes = {without_device(RouteType::Throw, "10.0.0.0/24", kTable), without_device(RouteType::Blackhole, "10.1.0.0/16", kTable)};
  at("r1").rules = {{1000, "br0", kTable}, {1000, "wire", kTable}};
  at("r1").links.at("p-vm1").isolated = false;
  at("r1").ruleset = ruleset({"10.0.0.98"});
  desired_.namespaces.erase(name("vm2"));
  at("r1").links.erase("p-vm2");
  forget_neighbour_behind("p-vm2");
  add_machine(desired_, "vm9", "10.0.0.9");
  reach(old);
  EXPECT_NE(snapshot(), before);
  const auto changed = desired_;
  desired_ = old;
  reach(changed);
  EXPECT_THAT(steps(), IsEmpty());
  EXPECT_EQ(snapshot(), before);
}

// Without an address of its own a link loses its routes: also those that are to stay.
TEST_F(Reconcile, KeepsTheRoutesOfALinkWhoseOnlyAddressChanges) {
  reach();
  const auto before = desired_;
  at("vm1").links.at("eth0").addresses = {{address("10.0.0.40"), 24, true}};
  reach(before);
  EXPECT_THAT(steps(), IsEmpty());
  EXPECT_TRUE(reaches("vm1", "10.1.0.4"));
}

TEST_F(Reconcile, DropsARouteTogetherWithTheOnlyAddressOfItsLink) {
  reach();
  const auto before = desired_;
  at("vm1").links.at("eth0").addresses = {{address("10.0.0.40"), 24, true}};
  at("vm1").routes.clear();
  reach(before);
  EXPECT_THAT(steps(), IsEmpty());
}

TEST_F(Reconcile, TurnsForwardingOnWithoutTurningItOnForALinkThatIsNotToForward) {
  reach();
  const auto before = desired_;
  at("vm1").sysctls = {{"ipv4/ip_forward", "1"}};
  EXPECT_THAT(steps(), ElementsAre("vm1: set net/ipv4/ip_forward to 1", "vm1: set link eth0: forwarding becomes 1"));
  reach(before);
  EXPECT_THAT(steps(), IsEmpty());
}

TEST_F(Reconcile, MovesALinkToAnotherNamespace) {
  reach();
  const auto before = desired_;
  auto port = at("r1").links.extract("p-vm2");
  forget_neighbour_behind("p-vm2");
  port.mapped().master.clear();
  port.mapped().isolated = false;
  port.mapped().addresses = {{address("10.0.0.1"), 24, true}};
  at("r2").links.insert(std::move(port));
  at("vm2").links.at("eth0").peer->name_space = name("r2");
  at("r2").routes.clear();
  reach(before);
  EXPECT_THAT(steps(), IsEmpty());
  EXPECT_TRUE(reaches("vm2", "10.1.0.4"));
}

TEST_F(Reconcile, FindsPairsWhoseEndsWereSwapped) {
  reach();
  // Both machines have their `eth0` and the router both ports, but each leads to the other machine.
  for (const char* machine : {"vm1", "vm2"})
    ip(machine, {"link", "set", "eth0", "netns", name("vm3"), "name", fmt::format("of-{}", machine)});
  ip("vm3", {"link", "set", "of-vm1", "netns", name("vm2"), "name", "eth0"});
  ip("vm3", {"link", "set", "of-vm2", "netns", name("vm1"), "name", "eth0"});
  EXPECT_THAT(steps(), testing::Contains("r1: add link p-vm1"));
  EXPECT_THAT(steps(), testing::Contains("r1: add link p-vm2"));
  reach(desired_);
  EXPECT_TRUE(reaches("vm1", "10.0.0.5"));
}

TEST_F(Reconcile, ExchangesOnlyElementsOfARulesetItLoaded) {
  reach();
  ASSERT_TRUE(reaches("vm1", "10.1.0.4"));
  const auto before = desired_;
  at("r1").ruleset = ruleset({"10.1.0.4"});
  EXPECT_THAT(steps(), ElementsAre("r1: load ruleset"));
  reach(before);
  EXPECT_TRUE(is_silent("vm1", "10.1.0.4"));
  const auto listed = test::run({"ip", "netns", "exec", name("r1"), "nft", "list", "chain", "inet", "t", "forward"}).output;
  EXPECT_THAT(listed, testing::Not(HasSubstr("counter packets 1 "))) << "the first ping's two packets count on";
}

TEST_F(Reconcile, GoesOnFromWhereARefusalStoppedIt) {
  const auto good = at("r1").ruleset;
  at("r1").ruleset = Ruleset::of("table inet t {\n chain c {\n  goto nowhere\n }\n}\n");
  EXPECT_THROW(reach(), KernelError);
  EXPECT_THAT(steps(), testing::Not(IsEmpty()));
  at("r1").ruleset = good;
  reach();
  EXPECT_THAT(steps(), IsEmpty());
  EXPECT_TRUE(reaches("vm1", "10.1.0.4"));
}

TEST_F(Reconcile, GoesOnFromWhereItsProcessWasKilled) {
  for (const auto limit : {5, 15, 25, 40}) {
    test::Child killed{[&] {
      reach();
      return 0;
    }};
    std::this_thread::sleep_for(std::chrono::milliseconds{limit});  // the moment is what is tried, not a wait
    killed.signal(SIGKILL);
    killed.wait();
    reach();
    EXPECT_THAT(steps(), IsEmpty()) << "killed after " << limit << " ms";
    desired_ = {};
    reach();
    desired_ = sample();
  }
}

TEST_F(Reconcile, TrafficFlowsThroughAChangeThatDoesNotConcernIt) {
  reach();
  auto pings = std::async(std::launch::async, [&] {
    return test::run({"ip", "netns", "exec", name("vm1"), "ping", "-q", "-i", "0.01", "-c", "100", "-W", "2", "10.1.0.4"}).output;
  });
  for (int i = 0; i < 5; ++i) {
    const auto before = desired_;
    add_machine(desired_, fmt::format("vm{}", 10 + i), fmt::format("10.0.0.{}", 10 + i));
    at("r1").ruleset = ruleset({fmt::format("10.0.0.{}", 100 + i)});
    reach(before);
  }
  EXPECT_EQ(pings.wait_for(std::chrono::seconds{0}), std::future_status::timeout) << "the changes came too late to matter";
  EXPECT_THAT(pings.get(), HasSubstr("100 packets transmitted, 100 received, 0% packet loss"));
}

}  // namespace
}  // namespace netns
