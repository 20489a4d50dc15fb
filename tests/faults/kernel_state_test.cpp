// SPDX-License-Identifier: Apache-2.0
// tests/faults/kernel_state_test.cpp — the comparer that all other tests of faults rest on: it is blind to what is free, and to nothing
// else.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/faults/fault_lab.hpp"

namespace test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(KernelStateOf, NoLabIsEmpty) { EXPECT_THAT(differences({}, observe_kernel("no-such-lab")), IsEmpty()); }

TEST(KernelStateOf, UndisturbedLabsIsTheSameEachTime) {
  const FaultLab faults;
  ASSERT_EQ(lazuli({"up", "--replace", faults.file()}).status, 0);
  const auto found = faults.differences_from(faults.whole());
  EXPECT_THAT(found, IsEmpty()) << text_of(found);
  EXPECT_GT(faults.whole().size(), 10000U) << "switches alone are more";
}

/// A change by hand, and what has to be in the difference it makes.
struct Mutation {
  const char* command;
  const char* noticed;
};

// One for each kind of thing that is read.
constexpr Mutation kMutations[] = {
    {"ip -n $L.vm1 link set lo down", "vm1: link lo: flags"},
    {"ip -n $L.vm1 link set eth0 mtu 1400", "other: vm1: link eth0: mtu = 1400, was 1500"},
    {"ip -n $L.vm1 link add own type veth peer name its", "new: vm1: link own: other end = here, its"},
    {"ip -n $L.hub link set vm-vm1 address 00:34:56:00:00:01", "hub: link vm-vm1: address"},
    {"bridge -n $L.hub link set dev vm-vm1 isolated off", "hub: link vm-vm1: linkinfo.info_slave_data.isolated = false, was true"},
    {"bridge -n $L.hub link set dev vm-vm1 learning on", "hub: link vm-vm1: linkinfo.info_slave_data.learning"},
    {"ip -n $L.hub link set br-default type bridge stp_state 1", "hub: link br-default: linkinfo.info_data.stp_state = 1, was 0"},
    {"ip -n $L.vm1 address add 10.9.9.9/32 dev eth0", "new: vm1: address on eth0: "},
    {"ip -n $L.vm1 route add 10.9.9.0/24 dev eth0 proto 99 table 7", "new: vm1: route "},
    {"ip -n $L.vm1 -6 route add blackhole 2001:db8::/32", "new: vm1: route "},
    {"ip -n $L.vm1 rule add from 10.9.9.9 lookup 7", "new: vm1: rule "},
    {"ip -n $L.vm1 neigh add 10.0.0.77 lladdr 00:0d:3a:01:02:03 dev eth0 nud permanent", "new: vm1: neighbour "},
    {"ip -n $L.hub neigh add proxy 10.0.0.78 dev vm-vm1", "new: hub: proxy on vm-vm1"},
    {"bridge -n $L.hub fdb add 00:0d:3a:01:02:03 dev vm-vm1 master static", "new: hub: bridge entry on vm-vm1 00:0d:3a:01:02:03"},
    {"nsenter --net=/run/netns/$L.vm1 sysctl -qw net.ipv4.conf.eth0.arp_ignore=1", "other: vm1: net/ipv4/conf/eth0/arp_ignore = 1, was 0"},
    {"nsenter --net=/run/netns/$L.vm1 sysctl -qw net.ipv4.tcp_syncookies=0", "other: vm1: net/ipv4/tcp_syncookies = 0, was 1"},
    {"nsenter --net=/run/netns/$L.vm1 nft add table ip own", "new: vm1: ruleset: table ip own"},
    {"nsenter --net=/run/netns/$L.hub nft add chain inet router forward '{ policy drop; }'", "hub: ruleset: chain inet router forward"},
    {"tc -n $L.vm1 qdisc add dev eth0 root pfifo_fast 2>/dev/null || tc -n $L.vm1 qdisc add dev eth0 root pfifo limit 5", "vm1: qdisc "},
    {"ip -n $L.hub link set vm-vm1 nomaster", "gone: hub: link vm-vm1: master"},
    {"kill -KILL $(ip netns pids $L.web) || true", "gone: web: process "},
    {"nsenter --net=/run/netns/$L.app setsid -f sleep 1000 </dev/null >/dev/null 2>&1; sleep 0.05", "new: app: process sleep 1000"},
    {"touch /run/lazuli/$L/stray", "new: file stray"},
    {"chmod 0644 /run/lazuli/$L/model.json", "other: file model.json"},
    {"echo >> /run/lazuli/$L/model.json", "other: file model.json"},
    {"rm /run/lazuli/$L/model.json", "gone: file model.json"},
    {"umount /run/netns/$L.laptop", "other: namespace laptop = a file that is no namespace"},
    {"mount --bind /run/netns/$L.hub /run/netns/$L.hub", "mount /run/netns/"},
};

TEST(KernelStateOf, NoticesEveryKindOfChange) {
  const FaultLab faults;
  ASSERT_EQ(lazuli({"up", "--replace", faults.file()}).status, 0);
  auto before = faults.settled();
  for (const auto& [command, noticed] : kMutations) {
    SCOPED_TRACE(command);
    const auto done = run({"env", "L=" + faults.lab().name(), "sh", "-c", command});
    ASSERT_EQ(done.status, 0) << done.output;
    auto after = observe_kernel(faults.lab().name());
    const auto found = differences(before, after);
    EXPECT_THAT(found, Contains(HasSubstr(noticed))) << text_of(found);
    before = std::move(after);
  }
}

}  // namespace
}  // namespace test
