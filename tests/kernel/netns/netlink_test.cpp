// SPDX-License-Identifier: Apache-2.0
// Every request of netns/netlink against the kernel: what was asked for reads back equal, and a refusal says why.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include <optional>

#include "netns/base/error.hpp"
#include "netns/netlink/dumps.hpp"
#include "netns/netlink/requests.hpp"
#include "netns/reconcile/link_diff.hpp"
#include "tests/support/command.hpp"
#include "tests/support/scratch.hpp"
#include "tests/support/topology.hpp"

using netns::InterfaceAddress;
using netns::Ipv4Address;
using netns::Ipv4Prefix;
using netns::KernelError;
using netns::Link;
using netns::LinkKind;
using netns::MacAddress;
using netns::ObservedLink;
using netns::Route;
using netns::RouteType;
using netns::Rule;
using netns::Socket;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

constexpr MacAddress kMac{{0x00, 0x0d, 0x3a, 1, 2, 3}};
constexpr MacAddress kOtherMac{{0x00, 0x0d, 0x3a, 4, 5, 6}};

Ipv4Address address(std::string_view text) { return Ipv4Address::parse(text).value(); }
Ipv4Prefix prefix(std::string_view text) { return Ipv4Prefix::parse(text).value(); }

Route unicast(std::string_view destination, std::string device, std::optional<Ipv4Address> gateway = {},
              std::uint32_t table = netns::kMainTable) {
  return {.table = table, .destination = prefix(destination), .type = RouteType::Unicast, .device = std::move(device), .gateway = gateway};
}

Route without_device(RouteType type, std::string_view destination, std::uint32_t table) {
  return {.table = table, .destination = prefix(destination), .type = type, .device = {}, .gateway = {}};
}

class Netlink : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!test::may_make_namespaces()) GTEST_SKIP() << "making network namespaces needs root";
    scratch_.emplace();
    scratch_->make("a");
    scratch_->make("b");
    in_b_ = netns::open_namespace(scratch_->name("b"));
    a_.emplace(socket("a"));
    b_.emplace(socket("b"));
    set_link(*a_, "lo", netns::loopback(), false);  // without it the kernel knows no local address, and of no gateway that it is none
    a_->flush();
  }

  Socket socket(std::string_view node) const {
    return scratch_->in(node, [&] { return Socket{NETLINK_ROUTE, scratch_->name(node)}; });
  }

  /// A pair `eth0` - `eth0` between a and b, both ends up.
  void connect(const Link& wanted = {}) {
    add_veth_pair(*a_, "eth0", wanted, 0, in_b_, "eth0", {});
    a_->flush();
    set_link(*a_, "eth0", wanted, true);
    a_->flush();
    set_link(*b_, "eth0", {}, false);
    b_->flush();
  }

  int index(std::string_view node, const char* link) const {
    return scratch_->in(node, [&] { return static_cast<int>(::if_nametoindex(link)); });
  }

  std::map<std::string, ObservedLink> links(Socket& from, std::string_view node) const {
    return scratch_->in(node, [&] {
      auto found = dump_links(from);
      dump_addresses(from, found);
      found.erase("lo");
      return found;
    });
  }
  std::map<std::string, ObservedLink> links() { return links(*a_, "a"); }

  void add(const Route& route) {
    add_route(*a_, route, index("a", route.device.c_str()));
    a_->flush();
  }

  /// The refusal of what is in the batch of a's socket.
  KernelError refusal() {
    try {
      a_->flush();
    } catch (const KernelError& error) {
      return error;
    }
    throw std::logic_error("nothing was refused");
  }

  std::optional<test::Scratch> scratch_;
  netns::UniqueFd in_b_;
  std::optional<Socket> a_;
  std::optional<Socket> b_;
};

}  // namespace

TEST_F(Netlink, AddsABridge) {
  Link bridge;
  bridge.kind = LinkKind::Bridge;
  bridge.address = kMac;
  add_bridge(*a_, "br0", bridge);
  a_->flush();
  const auto found = links();
  ASSERT_TRUE(found.contains("br0"));
  EXPECT_EQ(found.at("br0").link.kind, LinkKind::Bridge);
  EXPECT_EQ(found.at("br0").link.address, kMac);
  EXPECT_FALSE(found.at("br0").up);
}

TEST_F(Netlink, MakesBothEndsOfAPairWhereTheyBelongInOneMessage) {
  Link in_a;
  in_a.address = kMac;
  Link in_b;
  in_b.address = kOtherMac;
  add_veth_pair(*a_, "to-b", in_a, 0, in_b_, "to-a", in_b);
  a_->flush();
  const auto found_in_a = links();
  const auto found_in_b = links(*b_, "b");
  ASSERT_EQ(found_in_a.size(), 1U);
  ASSERT_EQ(found_in_b.size(), 1U);
  EXPECT_EQ(found_in_a.at("to-b").link.address, kMac);
  EXPECT_EQ(found_in_b.at("to-a").link.address, kOtherMac);
  EXPECT_FALSE(found_in_a.at("to-b").up);
}

TEST_F(Netlink, EnslavesTheFirstEndOfAPairAtOnce) {
  Link bridge;
  bridge.kind = LinkKind::Bridge;
  add_bridge(*a_, "br0", bridge);
  a_->flush();
  add_veth_pair(*a_, "port", {}, index("a", "br0"), in_b_, "eth0", {});
  a_->flush();
  EXPECT_EQ(links().at("port").link.master, "br0");
}

TEST_F(Netlink, SetsEverythingOfALink) {
  Link wanted;
  wanted.address = kMac;
  wanted.forwards = true;
  wanted.mtu = 1400;
  wanted.ipv6 = true;
  wanted.alias = "lab/something/with a name";
  connect(wanted);
  const auto found = links().at("eth0");
  EXPECT_TRUE(found.up);
  EXPECT_EQ(found.link, wanted);

  wanted = {};
  wanted.address = kOtherMac;
  wanted.mtu = 1500;
  set_link(*a_, "eth0", wanted, true);
  a_->flush();
  EXPECT_EQ(links().at("eth0").link, wanted) << "and takes it back";
}

TEST_F(Netlink, AliasMayHave255Bytes) {
  Link wanted;
  wanted.address = kMac;
  wanted.alias = std::string(255, 'x');
  connect(wanted);
  EXPECT_EQ(links().at("eth0").link.alias, wanted.alias);
}

TEST_F(Netlink, PutsALinkInABridgeIsolatesItAndTakesItOut) {
  connect();
  Link bridge;
  bridge.kind = LinkKind::Bridge;
  add_bridge(*a_, "br0", bridge);
  a_->flush();
  Link port;
  port.master = "br0";
  port.isolated = true;
  set_master(*a_, "eth0", index("a", "br0"));
  set_link(*a_, "eth0", port, false);
  a_->flush();
  EXPECT_EQ(links().at("eth0").link.master, "br0");
  EXPECT_TRUE(links().at("eth0").link.isolated);
  EXPECT_TRUE(scratch_->in("a", [&] { return read_links(*a_, {"eth0"}); }).at("eth0").link.isolated);
  EXPECT_EQ(scratch_->in("a", [&] { return read_links(*a_, {"eth0"}); }).at("eth0").link.master, "br0")
      << "also when the bridge itself is not asked for";

  port.isolated = false;
  set_link(*a_, "eth0", port, false);
  a_->flush();
  EXPECT_FALSE(links().at("eth0").link.isolated);

  set_master(*a_, "eth0", 0);
  a_->flush();
  EXPECT_EQ(links().at("eth0").link.master, "");
}

TEST_F(Netlink, DeletesAPairByEitherEnd) {
  connect();
  delete_link(*b_, "eth0");
  b_->flush();
  EXPECT_THAT(links(), IsEmpty());
}

TEST_F(Netlink, ReadsTheLinksThatAreNamedAndLeavesOutWhatIsNotThere) {
  connect();
  const auto found = scratch_->in("a", [&] { return read_links(*a_, {"nothing", "eth0"}); });
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(found.at("eth0").up);
}

TEST_F(Netlink, AddressesReadBackWithAndWithoutTheirRoute) {
  connect();
  const InterfaceAddress with{address("10.0.0.4"), 24, true};
  const InterfaceAddress without{address("169.254.0.1"), 32, false};
  for (const auto& one : {with, without}) add_address(*a_, "eth0", index("a", "eth0"), one);
  a_->flush();
  EXPECT_THAT(links().at("eth0").link.addresses, ElementsAre(with, without));

  delete_address(*a_, "eth0", index("a", "eth0"), with);
  a_->flush();
  EXPECT_THAT(links().at("eth0").link.addresses, ElementsAre(without));
}

TEST_F(Netlink, RoutesOfEveryTypeReadBack) {
  connect();
  const std::set<Route> wanted{
      unicast("10.1.0.0/16", "eth0"),
      unicast("0.0.0.0/0", "eth0", address("169.254.0.1")),
      unicast("10.1.0.0/16", "eth0", address("10.9.9.9"), 0x0a000000),
      without_device(RouteType::Blackhole, "0.0.0.0/0", 7),
      without_device(RouteType::Throw, "10.0.0.0/24", 7),
  };
  for (const auto& route : wanted) add(route);
  EXPECT_EQ(dump_routes(*a_, links()).ours, wanted);

  for (const auto& route : wanted) delete_route(*a_, route);
  a_->flush();
  EXPECT_THAT(dump_routes(*a_, links()).ours, IsEmpty());
}

TEST_F(Netlink, ARouteForTheSamePrefixInTheSameTableIsReplaced) {
  connect();
  add(unicast("10.1.0.0/16", "eth0", address("169.254.0.1"), 7));
  for (const auto& next :
       {unicast("10.1.0.0/16", "eth0", address("169.254.0.2"), 7), without_device(RouteType::Blackhole, "10.1.0.0/16", 7),
        without_device(RouteType::Throw, "10.1.0.0/16", 7), unicast("10.1.0.0/16", "eth0", {}, 7)}) {
    add(next);
    EXPECT_THAT(dump_routes(*a_, links()).ours, ElementsAre(next));
  }
}

TEST_F(Netlink, RoutesOfOthersAreNotRead) {
  connect();
  add_address(*a_, "eth0", index("a", "eth0"), {address("10.0.0.4"), 24, true});  // brings routes of the kernel's own
  a_->flush();
  EXPECT_THAT(dump_routes(*a_, links()).ours, IsEmpty());
}

TEST_F(Netlink, RulesReadBackWhetherTheirLinkIsThereOrNot) {
  const Rule one{1000, "br0", 7};
  const Rule other{1000, "br1", 0x0a000000};
  add_rule(*a_, one);
  add_rule(*a_, other);
  a_->flush();
  EXPECT_THAT(dump_rules(*a_).ours, ElementsAre(one, other)) << "and not the kernel's three";

  delete_rule(*a_, one);
  a_->flush();
  EXPECT_THAT(dump_rules(*a_).ours, ElementsAre(other));
}

TEST_F(Netlink, TellsRulesOfOthersAndOfTheKernelFromOurs) {
  EXPECT_EQ(dump_rules(*a_).kernels, netns::kernel_rules());
  const auto name = scratch_->name("a");
  ASSERT_EQ(test::run({"ip", "-n", name, "rule", "add", "pref", "5", "from", "10.0.0.0/8", "lookup", "7"}).status, 0);
  ASSERT_EQ(test::run({"ip", "-n", name, "rule", "add", "pref", "6", "iif", "br0", "lookup", "7"}).status, 0);
  const auto found = dump_rules(*a_);
  EXPECT_THAT(found.ours, IsEmpty());
  ASSERT_THAT(found.foreign, testing::SizeIs(2));
  EXPECT_EQ(found.foreign.begin()->text, "5: from all lookup 7 from 10.0.0.0/8");
  for (const auto& rule : found.foreign) delete_rule(*a_, rule);
  a_->flush();
  EXPECT_THAT(dump_rules(*a_).foreign, IsEmpty());
}

TEST_F(Netlink, DeletesARouteOfOthersWhateverItsShape) {
  connect();
  const auto name = scratch_->name("a");
  const std::vector<std::vector<std::string>> routes{
      {"10.1.0.0/16", "dev", "eth0"},
      {"10.2.0.0/16", "dev", "eth0", "metric", "7"},
      {"10.3.0.0/16", "dev", "eth0", "table", "9", "mtu", "900"},
      {"unreachable", "10.4.0.0/16"},
      {"prohibit", "10.5.0.0/16", "tos", "0x10"},
      {"10.6.0.0/16", "nexthop", "dev", "eth0", "nexthop", "via", "10.1.0.1", "dev", "eth0", "onlink"},
      {"10.7.0.0/16", "via", "10.1.0.1", "dev", "eth0", "onlink", "proto", "76", "metric", "3"},
  };
  for (auto route : routes) {
    std::vector<std::string> argv{"ip", "-n", name, "route", "add"};
    argv.insert(argv.end(), route.begin(), route.end());
    ASSERT_EQ(test::run(argv).status, 0) << testing::PrintToString(route);
  }
  const auto found = dump_routes(*a_, links());
  EXPECT_THAT(found.ours, IsEmpty());
  EXPECT_THAT(found.foreign, testing::SizeIs(routes.size()));
  for (const auto& route : found.foreign) {
    delete_route(*a_, route);
    EXPECT_NO_THROW(a_->flush()) << route.text;
  }
  EXPECT_THAT(dump_routes(*a_, links()).foreign, IsEmpty());
}

TEST_F(Netlink, RulesByMarkReadBackAndAreDeletedOneByOne) {
  const Rule one{1000, {}, 0x10001, 0x10001};
  const Rule other{1000, {}, 0x10002, 0x10002};
  const Rule both{1000, "br0", 7, 0x10001};
  for (const auto& rule : {one, other, both}) add_rule(*a_, rule);
  a_->flush();
  EXPECT_THAT(dump_rules(*a_).ours, testing::UnorderedElementsAre(one, other, both));
  delete_rule(*a_, one);
  a_->flush();
  EXPECT_THAT(dump_rules(*a_).ours, testing::UnorderedElementsAre(other, both));
  EXPECT_EQ(describe(both), "1000: from all iif br0 fwmark 0x10001 lookup 7");
}

TEST_F(Netlink, RefusalSaysWhatWasTriedWhereAndTheKernelsWords) {
  connect();
  const auto message = netns::make_message(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE);
  rtmsg header{};
  header.rtm_family = AF_INET;
  header.rtm_dst_len = 16;
  header.rtm_table = RT_TABLE_MAIN;
  header.rtm_type = RTN_UNICAST;
  netns::append(message, header);
  nla_put_u32(message.get(), RTA_DST, htonl(0x0a010000));
  nla_put_u32(message.get(), RTA_GATEWAY, htonl(0x0a090909));
  a_->add(message, "add route 10.1.0.0/16 via 10.9.9.9");
  const auto error = refusal();
  EXPECT_EQ(error.code(), std::errc::network_unreachable);
  EXPECT_EQ(error.what(),
            fmt::format("add route 10.1.0.0/16 via 10.9.9.9 in {}: kernel says \"Nexthop has invalid gateway\": Network is unreachable",
                        scratch_->name("a")));
}

TEST_F(Netlink, RefusesALinkNameThatIsTaken) {
  connect();
  add_veth_pair(*a_, "eth0", {}, 0, in_b_, "eth1", {});
  const auto error = refusal();
  EXPECT_EQ(error.code(), std::errc::file_exists);
  EXPECT_THAT(error.what(), HasSubstr("add veth pair eth0"));
  EXPECT_THAT(links(*b_, "b"), testing::SizeIs(1)) << "nor is the other end made";
}

TEST_F(Netlink, RefusesALinkNameOf16Bytes) {
  add_bridge(*a_, "sixteen-letters-", {});
  EXPECT_THAT(refusal().what(), HasSubstr("add bridge sixteen-letters-"));
}

TEST_F(Netlink, CarriesOutABatchButForTheRequestItRefusesAndNamesThat) {
  Link bridge;
  bridge.kind = LinkKind::Bridge;
  add_bridge(*a_, "br0", bridge);
  a_->flush();
  for (const char* name : {"br1", "br0", "br2"}) add_bridge(*a_, name, bridge);
  const auto error = refusal();
  EXPECT_EQ(error.code(), std::errc::file_exists);
  EXPECT_THAT(error.what(), HasSubstr("add bridge br0"));
  EXPECT_THAT(links(), testing::SizeIs(3));

  add_bridge(*a_, "br3", bridge);
  EXPECT_NO_THROW(a_->flush()) << "the socket goes on as if nothing had been";
  EXPECT_THAT(links(), testing::SizeIs(4));
}

TEST_F(Netlink, NamesTheFirstOfAThousandRefusals) {
  connect();
  constexpr int kRoutes = 1000;
  const Route wrong = unicast("10.1.0.0/16", "gone");
  constexpr int kNoSuchLink = 4711;
  try {
    for (int i = 0; i < kRoutes; ++i) add_route(*a_, wrong, kNoSuchLink);
    a_->flush();
    FAIL() << "routes by a link that is not there were taken";
  } catch (const KernelError& error) {
    EXPECT_EQ(error.code(), std::errc::no_such_device);
    EXPECT_THAT(error.what(), HasSubstr("add route 10.1.0.0/16 dev gone"));
  }
}

TEST_F(Netlink, SendsABatchThatIsLargerThanItsBuffer) {
  connect();
  constexpr std::uint32_t kRoutes = 2000;
  std::set<Route> wanted;
  for (std::uint32_t i = 0; i < kRoutes; ++i)
    wanted.insert({.table = 7, .destination = {{0x0a000000 + i}, 32}, .type = RouteType::Blackhole, .device = {}, .gateway = {}});
  for (const auto& route : wanted) add_route(*a_, route, 0);
  a_->flush();
  EXPECT_EQ(dump_routes(*a_, links()).ours, wanted);
}

TEST_F(Netlink, ListsMoreLinksThanOneAnswerHolds) {
  Link bridge;
  bridge.kind = LinkKind::Bridge;
  constexpr int kLinks = 600;
  for (int i = 0; i < kLinks; ++i) add_bridge(*a_, fmt::format("br{}", i), bridge);
  a_->flush();
  EXPECT_THAT(links(), testing::SizeIs(kLinks));
}

TEST_F(Netlink, ADumpThatTheKernelRefusesIsNotAnEmptyAnswer) {
  const auto request = netns::make_message(RTM_GETROUTE, 0);
  rtmsg header{};
  header.rtm_family = AF_INET;
  header.rtm_tos = 1;  // which nobody may ask for
  netns::append(request, header);
  try {
    a_->dump(request, "list routes");
    FAIL() << "taken for an answer";
  } catch (const KernelError& error) {
    EXPECT_EQ(error.code(), std::errc::invalid_argument);
    EXPECT_THAT(error.what(), HasSubstr("list routes in " + scratch_->name("a") + ": kernel says \"Invalid values in header"));
  }
}

TEST_F(Netlink, SocketBelongsToTheNamespaceItWasOpenedIn) {
  Link bridge;
  bridge.kind = LinkKind::Bridge;
  scratch_->in("b", [&] {
    add_bridge(*a_, "br0", bridge);
    a_->flush();
  });
  EXPECT_THAT(links(), testing::SizeIs(1));
  EXPECT_THAT(links(*b_, "b"), IsEmpty());
}
