// SPDX-License-Identifier: Apache-2.0
// tests/kernel/netns/reconcile_fixture.hpp — the state that netns/reconcile is tried on:
//
//   vm1 eth0 10.0.0.4/24 --- p-vm1 \                                                   down 10.1.0.1/24 --- eth0 10.1.0.4/24 vm3
//                                   br0 10.0.0.1/24  r1  wire 169.254.0.1 --- 169.254.0.2 wire  r2
//   vm2 eth0 10.0.0.5/24 --- p-vm2 /   iif br0 -> table 7
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "netns/namespace/namespace.hpp"
#include "netns/probe/echo.hpp"
#include "netns/reconcile/reconcile.hpp"
#include "tests/support/command.hpp"
#include "tests/support/scratch.hpp"
#include "tests/support/topology.hpp"

namespace netns {

class Reconcile : public ::testing::Test {
 protected:
  static constexpr std::uint32_t kTable = 7;
  static constexpr std::uint32_t kTag = 0xabad1dea;

  static Ipv4Address address(std::string_view text) { return Ipv4Address::parse(text).value(); }
  static Ipv4Prefix prefix(std::string_view text) { return Ipv4Prefix::parse(text).value(); }

  static Route unicast(std::string_view destination, std::string device, std::string_view gateway, std::uint32_t table = kMainTable) {
    return {.table = table,
            .destination = prefix(destination),
            .type = RouteType::Unicast,
            .device = std::move(device),
            .gateway = address(gateway)};
  }

  static Route without_device(RouteType type, std::string_view destination, std::uint32_t table = kMainTable) {
    return {.table = table, .destination = prefix(destination), .type = type, .device = {}, .gateway = {}};
  }

  static Ruleset ruleset(std::set<std::string> dropped) {
    return Ruleset::of(
        "table inet t {\n set dropped { type ipv4_addr\n }\n chain forward {\n  type filter hook forward priority 0;\n"
        "  counter\n  ip daddr @dropped drop\n }\n}\n",
        {{"inet t dropped", std::move(dropped)}});
  }

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

}  // namespace netns
