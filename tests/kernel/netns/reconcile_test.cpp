// SPDX-License-Identifier: Apache-2.0
// The contract of netns/reconcile on the kernel.
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
#include "tests/kernel/netns/reconcile_fixture.hpp"
#include "tests/support/command.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/scratch.hpp"
#include "tests/support/topology.hpp"

namespace netns {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

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
