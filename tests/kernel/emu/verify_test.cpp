// SPDX-License-Identifier: Apache-2.0
// A lab in small, built by hand with the names that emu/fabric/names.hpp gives, so that nothing but `verify` is under test:
//
//   vm1 10.1.0.4 --+                                         +-- vm2 10.2.0.4
//                  +-- vnet1 == peer-vnet2 / peer-vnet1 == vnet2
//   vm3 10.1.0.5 --+       \                               /
//                           +-------- internet -----------+
//   public 203.0.113.4 = vm1, 203.0.113.5 = vm2    |
//                                        laptop 203.0.113.200
#include "emu/verify/verify.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <memory>
#include <optional>

#include "emu/fabric/names.hpp"
#include "emu/services/web_page.hpp"
#include "netns/base/error.hpp"
#include "netns/namespace/namespace.hpp"
#include "tests/support/command.hpp"
#include "tests/support/topology.hpp"

namespace emu {
namespace {

Ipv4Address address(std::string_view text) { return Ipv4Address::parse(text).value(); }

Check check(std::string from, CheckKind kind, std::string target, Outcome expect, std::optional<Path> path = {}, int status = 0) {
  return {std::move(from), kind, std::move(target), expect, status, path, "", {}, "", {}};
}

class Verify : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!test::may_make_namespaces()) GTEST_SKIP() << "making network namespaces needs root";
    lab_.emplace();
    describe();
    for (const char* node : {"internet", "vnet1", "vnet2", "vm1", "vm2", "vm3", "laptop"}) lab_->add(node);
    lab_->connect("vnet1", "peer-vnet2", "vnet2", "peer-vnet1");
    join_machine("vnet1", "vm1", "10.1.0.4");
    join_machine("vnet1", "vm3", "10.1.0.5");
    join_machine("vnet2", "vm2", "10.2.0.4");
    join_internet("vnet1", "10.2.0.0/16", "vnet2", "203.0.113.4", "10.1.0.4", "192.0.2.1");
    join_internet("vnet2", "10.1.0.0/16", "vnet1", "203.0.113.5", "10.2.0.4", "192.0.2.2");
    lab_->connect("internet", "host-laptop", "laptop", "eth0");
    lab_->ip("internet", "addr add 192.0.2.254/32 dev lo");
    lab_->ip("internet", "route add 203.0.113.200/32 dev host-laptop");
    lab_->ip("laptop", "addr add 203.0.113.200/32 dev eth0");
    lab_->ip("laptop", "route add 192.0.2.254/32 dev eth0");
    lab_->ip("laptop", "route add default via 192.0.2.254");
    forward(true);
  }

  void describe() {
    model_.lab = lab_->lab();
    for (const char* name : {"vnet1", "vnet2"}) {
      model_.virtual_networks.emplace_back();
      model_.virtual_networks.back().name = name;
    }
    const auto add = [&](const char* name, const char* private_address, const char* public_address) {
      VirtualMachine machine;
      machine.name = name;
      machine.private_ip_address = address(private_address);
      if (public_address != nullptr) machine.public_ip_address = address(public_address);
      model_.virtual_machines.push_back(machine);
    };
    add("vm1", "10.1.0.4", "203.0.113.4");
    add("vm2", "10.2.0.4", "203.0.113.5");
    add("vm3", "10.1.0.5", nullptr);
    model_.internet.hosts.push_back({"laptop", address("203.0.113.200"), {}, {}});
  }

  void join_machine(const char* router, const std::string& machine, const char* private_address) {
    lab_->connect(router, port_name(machine), machine, kMachineLink);
    lab_->ip(machine, fmt::format("addr add {}/32 dev eth0", private_address));
    const std::string gateway = router == std::string("vnet1") ? "169.254.1.1" : "169.254.1.2";
    lab_->ip(machine, fmt::format("route add {}/32 dev eth0", gateway));
    lab_->ip(machine, fmt::format("route add default via {}", gateway));
    lab_->ip(router, fmt::format("route add {}/32 dev {}", private_address, port_name(machine)));
    lab_->ip(router, fmt::format("addr add {}/32 dev {}", gateway, port_name(machine)));
  }

  void join_internet(const char* router, const char* peer_space, const char* peer, const char* public_address, const char* private_address,
                     const char* edge) {
    lab_->ip(router, fmt::format("route add {} dev {}", peer_space, peering_link_name(peer)));
    lab_->sysctl(router, fmt::format("net/ipv4/conf/{}/proxy_arp", peering_link_name(peer)), "1");
    lab_->sysctl(router, fmt::format("net/ipv4/neigh/{}/proxy_delay", peering_link_name(peer)), "0");
    const auto far = internet_to_network_name(router);
    lab_->connect(router, kEdgeLink, "internet", far);
    lab_->ip(router, fmt::format("addr add {}/32 dev internet", edge));
    lab_->ip(router, "route add 192.0.2.254/32 dev internet");
    lab_->ip(router, "route add default via 192.0.2.254 dev internet");
    lab_->ip("internet", fmt::format("route add {}/32 dev {}", edge, far));
    lab_->ip("internet", fmt::format("route add {}/32 via {} dev {}", public_address, edge, far));
    lab_->nft(router, fmt::format("table ip nat {{\n"
                                  "  chain in {{ type nat hook prerouting priority -100; iifname internet ip daddr {0} dnat to {1}; }}\n"
                                  "  chain out {{ type nat hook postrouting priority 100; oifname internet ip saddr {1} snat to {0}; }}\n"
                                  "}}\n",
                                  public_address, private_address));
  }

  void forward(bool on) {
    for (const char* router : {"vnet1", "vnet2", "internet"}) lab_->forward(router, on);
  }

  void filter_input(const std::string& node, const std::string& rules) {
    lab_->nft(node, "table inet filter {\nchain input {\ntype filter hook input priority 0\n" + rules + "\n}\n}\n");
  }

  /// A page in a process of its own, as a lab has it.
  std::unique_ptr<test::Child> serve(const std::string& node) {
    return std::make_unique<test::Child>([this, node] {
      const netns::EnteredNamespace inside(lab_->name(node));
      std::string error;
      return serve_web_page({node, "", 80}, error);
    });
  }

  std::vector<CheckResult> run(std::vector<Check> checks) {
    model_.checks = std::move(checks);
    auto results = run_checks(model_).results;
    EXPECT_EQ(results.size(), model_.checks.size());
    return results;
  }

  std::optional<test::Topology> lab_;
  Model model_;
};

void expect_all_passed(const std::vector<CheckResult>& results) {
  for (const auto& result : results)
    EXPECT_TRUE(result.passed) << result.check.from << " -> " << result.check.target << ": " << result.actual << ", path "
                               << (result.path ? to_string(*result.path) : "none") << "; " << result.detail;
}

TEST_F(Verify, NothingPassesWhileRoutersDoNotForwardAndEverythingWhenTheyDo) {
  forward(false);
  auto results = run({check("vm1", CheckKind::Ping, "vm3", Outcome::Blocked), check("vm1", CheckKind::Ping, "vm2", Outcome::Blocked),
                      check("vm1", CheckKind::Ping, "vm2.public", Outcome::Blocked)});
  // Linux drops what it may not forward without a word.
  expect_all_passed(results);
  for (const auto& result : results) EXPECT_EQ(result.path, Path::VirtualNetwork);

  forward(true);
  const auto page = serve("vm2");
  expect_all_passed(run({
      check("vm1", CheckKind::Ping, "vm3", Outcome::Reachable, Path::VirtualNetwork),
      check("vm1", CheckKind::Ping, "vm2", Outcome::Reachable, Path::Peering),
      check("vm1", CheckKind::Ping, "vm2.public", Outcome::Reachable, Path::Internet),
      check("vm1", CheckKind::Ping, "laptop", Outcome::Reachable, Path::Internet),
      check("laptop", CheckKind::Ping, "vm1.public", Outcome::Reachable, Path::Internet),
      check("vm1", CheckKind::Tcp, "vm2:80", Outcome::Reachable, Path::Peering),
      check("vm1", CheckKind::Tcp, "203.0.113.5:80", Outcome::Reachable, Path::Internet),
      check("vm1", CheckKind::Http, "http://vm2/", Outcome::Status, Path::Peering, 200),
      check("vm1", CheckKind::Http, "http://vm2/nothing", Outcome::Status, Path::Peering, 404),
      check("vm1", CheckKind::Http, "http://vm2.public/whoami", Outcome::Status, Path::Internet, 200),
      check("vm3", CheckKind::Http, "http://10.2.0.4/", Outcome::Reachable, Path::Peering),
  }));
}

TEST_F(Verify, MeasuresThePathAndFailsWhereAnotherIsWanted) {
  const auto results = run(
      {check("vm1", CheckKind::Ping, "vm2", Outcome::Reachable, Path::Internet), check("vm1", CheckKind::Ping, "vm2", Outcome::Reachable)});
  EXPECT_FALSE(results[0].passed);
  EXPECT_EQ(results[0].actual, "reachable");
  EXPECT_EQ(results[0].detail, "expected path 'internet', seen on path 'peering'");
  EXPECT_TRUE(results[1].passed);
  EXPECT_EQ(results[1].path, Path::Peering);
  EXPECT_GT(results[1].round_trip.count(), 0);
}

TEST_F(Verify, FollowsThePacketsWhenTheirPathChanges) {
  expect_all_passed(run({check("vm1", CheckKind::Ping, "vm2", Outcome::Reachable, Path::Peering)}));
  // The same two machines and addresses, now over the internet.
  lab_->ip("vnet1", "route change 10.2.0.0/16 via 192.0.2.254 dev internet");
  lab_->ip("internet", "route add 10.2.0.0/16 via 192.0.2.2 dev vnet-vnet2");
  lab_->sysctl("vnet2", "net/ipv4/conf/all/rp_filter", "0");
  expect_all_passed(run({check("vm1", CheckKind::Ping, "vm2", Outcome::Reachable, Path::Internet)}));
}

TEST_F(Verify, OnlySilenceIsBlocked) {
  filter_input("vm2", "tcp dport 81 drop\nicmp type echo-request reject with icmp type admin-prohibited");
  const auto results = run({
      check("vm1", CheckKind::Tcp, "vm2:81", Outcome::Blocked, Path::Peering),
      check("vm1", CheckKind::Tcp, "vm2:80", Outcome::Blocked),
      check("vm1", CheckKind::Ping, "vm2", Outcome::Blocked),
      check("vm1", CheckKind::Http, "http://vm2:81/", Outcome::Blocked),
      check("laptop", CheckKind::Ping, "10.9.9.9", Outcome::Blocked),
  });
  EXPECT_TRUE(results[0].passed) << results[0].actual;
  EXPECT_FALSE(results[1].passed);
  EXPECT_EQ(results[1].actual, "refused");
  EXPECT_EQ(results[1].detail, "RST from 10.2.0.4; it got there: nothing listens, or something rejects it; 'expect: refused' is for that");
  EXPECT_FALSE(results[2].passed);
  EXPECT_EQ(results[2].actual, "unreachable");
  EXPECT_EQ(results[2].detail, "ICMP communication administratively prohibited from 10.2.0.4");
  EXPECT_TRUE(results[3].passed) << results[3].actual;
  EXPECT_EQ(results[4].actual, "unreachable");
  EXPECT_EQ(results[4].detail, "ICMP network unreachable from 192.0.2.254");
}

TEST_F(Verify, ARefusalIsNeitherReachableNorBlocked) {
  filter_input("vm2", "tcp dport 81 drop\nudp dport 54 drop");
  const auto page = serve("vm2");
  expect_all_passed(run({
      check("vm1", CheckKind::Tcp, "vm2:82", Outcome::Refused, Path::Peering),
      check("vm1", CheckKind::Http, "http://vm2:82/", Outcome::Refused, Path::Peering),
      check("vm1", CheckKind::Udp, "vm2:53", Outcome::Refused, Path::Peering),
  }));
  const auto wrong =
      run({check("vm1", CheckKind::Tcp, "vm2:81", Outcome::Refused), check("vm1", CheckKind::Tcp, "vm2:80", Outcome::Refused),
           check("vm1", CheckKind::Udp, "vm2:54", Outcome::Refused)});
  EXPECT_EQ(wrong[0].actual, "blocked");
  EXPECT_EQ(wrong[1].actual, "reachable");
  EXPECT_EQ(wrong[2].actual, "reachable");  // it arrives; who drops it inside says nothing
  for (const auto& result : wrong) EXPECT_FALSE(result.passed);
}

TEST_F(Verify, ADatagramIsReachableWhenItArrives) {
  forward(false);
  expect_all_passed(run({check("vm1", CheckKind::Udp, "vm2:53", Outcome::Blocked, Path::VirtualNetwork)}));
  forward(true);
  filter_input("vm2", "udp dport 53 drop");
  expect_all_passed(run({check("vm1", CheckKind::Udp, "vm2:53", Outcome::Reachable, Path::Peering),
                         check("vm1", CheckKind::Udp, "vm2.public:53", Outcome::Reachable, Path::Internet)}));
}

TEST_F(Verify, MeasuresWhichNodesThePacketsComeThrough) {
  auto crosses = check("vm1", CheckKind::Ping, "vm2", Outcome::Reachable);
  crosses.through = {"VNET1", "vnet2"};
  auto over_the_internet = check("vm1", CheckKind::Tcp, "vm2.public:82", Outcome::Refused);
  over_the_internet.through = {"vnet1", "internet", "vnet2"};
  expect_all_passed(run({crosses, over_the_internet}));
  crosses.through = {"vnet2", "vnet1"};
  EXPECT_EQ(run({crosses})[0].detail, "expected through vnet2, vnet1, it went vm1 -> vnet1 -> vnet2 -> vm2");
}

TEST_F(Verify, RunsOnlyWhatItIsToldToAndTellsOfEachResult) {
  model_.checks = {check("vm1", CheckKind::Ping, "vm2", Outcome::Blocked), check("vm1", CheckKind::Ping, "vm3", Outcome::Reachable)};
  std::vector<std::string> told;
  CheckOptions options;
  options.only = {1};
  options.progress = [&](const CheckResult& done, const std::vector<std::string>&) { told.push_back(done.name); };
  const auto only = run_checks(model_, options);
  ASSERT_EQ(only.results.size(), 1U);
  EXPECT_TRUE(only.all_hold());
  EXPECT_THAT(told, testing::ElementsAre("ping vm1 -> vm3"));
}

TEST_F(Verify, RunsManyChecksAtOnce) {
  std::vector<Check> checks;
  for (int i = 0; i < 300; ++i) {
    checks.push_back(check("vm1", CheckKind::Tcp, "vm3:9", Outcome::Blocked));
    checks.push_back(check("vm3", CheckKind::Ping, "vm2", Outcome::Reachable, Path::Peering));
  }
  filter_input("vm3", "tcp dport 9 drop");
  const auto start = std::chrono::steady_clock::now();
  expect_all_passed(run(std::move(checks)));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds{8});
}

TEST_F(Verify, ChecksThatCannotRunAreFailedResults) {
  const auto results = run({check("vm1", CheckKind::Ping, "vm3.public", Outcome::Blocked),
                            check("vm9", CheckKind::Ping, "vm1", Outcome::Blocked), check("vm1", CheckKind::Tcp, "vm3", Outcome::Blocked)});
  for (const auto& result : results) {
    EXPECT_FALSE(result.passed);
    EXPECT_EQ(result.actual, "not run");
    EXPECT_EQ(result.path, std::nullopt);
  }
  EXPECT_EQ(results[0].detail, "'vm3.public' has no address");
  EXPECT_EQ(results[1].detail, "there is no node 'vm9'");
  EXPECT_EQ(results[2].detail, "'vm3' is not a target for tcp");
}

TEST_F(Verify, ALabThatDoesNotRunIsAnError) {
  model_.lab = "no-such-lab";
  EXPECT_THROW(run({check("vm1", CheckKind::Ping, "vm2", Outcome::Blocked)}), netns::KernelError);
}

}  // namespace
}  // namespace emu
