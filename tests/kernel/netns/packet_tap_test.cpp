// SPDX-License-Identifier: Apache-2.0
#include "netns/capture/packet_tap.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>

#include <array>
#include <chrono>
#include <vector>

#include "netns/base/error.hpp"
#include "netns/capture/packet.hpp"
#include "netns/probe/echo.hpp"
#include "netns/probe/tcp.hpp"
#include "tests/kernel/netns/wire.hpp"
#include "tests/support/eventually.hpp"

using netns::Answer;
using netns::Direction;
using netns::EnteredNamespace;
using netns::PacketTap;
using netns::ProbePacket;
using std::chrono::milliseconds;
using testing::ElementsAre;

namespace {

constexpr std::uint32_t kTag = 0xdeadbeef;
constexpr std::uint16_t kTapPort = 8080;

struct Seen {
  ProbePacket request;
  std::string link;
  Direction direction;

  bool operator==(const Seen&) const = default;
};

std::vector<Seen> take_probes(PacketTap& tap) {
  std::vector<Seen> seen;
  while (const auto packet = tap.receive()) {
    if (const auto request = netns::parse_probe_packet(packet->frame))
      seen.push_back({*request, tap.link_name(packet->ifindex), packet->direction});
  }
  return seen;
}

int count_packets(PacketTap& tap) {
  int count = 0;
  while (tap.receive()) ++count;
  return count;
}

class Tap : public test::WireTest {
 protected:
  Answer ping_b(std::uint32_t tag) {
    const EnteredNamespace inside(topology_->name("a"));
    return netns::ping(b_, tag, netns::kProvesReply).answer;
  }
  Answer connect_to_b(std::uint32_t tag) {
    const EnteredNamespace inside(topology_->name("a"));
    return netns::connect_tcp(b_, kTapPort, tag, netns::kProvesReply).answer.answer;
  }
};

}  // namespace

TEST_F(Tap, SeesAnEchoAndAConnectionByTheirTagsAndNothingElse) {
  const auto server = listen("b", kTapPort);
  PacketTap in_a(topology_->name("a"), {}, netns::requests_only());
  PacketTap in_b(topology_->name("b"), {}, netns::requests_only());
  EXPECT_EQ(count_packets(in_a), 0);
  ASSERT_EQ(ping_b(kTag), Answer::Reply);
  ASSERT_EQ(connect_to_b(kTag + 1), Answer::Reply);

  const ProbePacket echo{ProbePacket::Kind::Echo, a_, b_, kTag};
  const ProbePacket connection{ProbePacket::Kind::Syn, a_, b_, kTag + 1, 0, 0, kTapPort};
  EXPECT_THAT(take_probes(in_a), ElementsAre(Seen{echo, "eth0", Direction::Out}, Seen{connection, "eth0", Direction::Out}));
  EXPECT_THAT(take_probes(in_b), ElementsAre(Seen{echo, "eth0", Direction::In}, Seen{connection, "eth0", Direction::In}));

  // Two requests were let through and no reply, acknowledgement or ARP, though those crossed the link as well.
  PacketTap filtered(topology_->name("b"), {}, netns::requests_only());
  PacketTap everything(topology_->name("b"));
  ASSERT_EQ(ping_b(kTag), Answer::Reply);
  ASSERT_EQ(connect_to_b(kTag + 1), Answer::Reply);
  EXPECT_EQ(count_packets(filtered), 2);
  EXPECT_GE(count_packets(everything), 5);
}

TEST_F(Tap, SeesTheAnswersAsWellWhereAskedTo) {
  const auto server = listen("b", kTapPort);
  PacketTap tap(topology_->name("a"), {}, netns::requests_and_answers());
  ASSERT_EQ(ping_b(kTag), Answer::Reply);
  ASSERT_EQ(connect_to_b(kTag + 1), Answer::Reply);
  EXPECT_THAT(take_probes(tap), ElementsAre(Seen{{ProbePacket::Kind::Echo, a_, b_, kTag}, "eth0", Direction::Out},
                                            Seen{{ProbePacket::Kind::EchoReply, b_, a_, kTag}, "eth0", Direction::In},
                                            Seen{{ProbePacket::Kind::Syn, a_, b_, kTag + 1, 0, 0, kTapPort}, "eth0", Direction::Out},
                                            Seen{{ProbePacket::Kind::SynAck, b_, a_, kTag + 1}, "eth0", Direction::In}));
  const EnteredNamespace inside(topology_->name("a"));
  ASSERT_EQ(netns::connect_tcp(b_, kTapPort + 1, kTag + 2, netns::kProvesSilence).answer.answer, Answer::Refused);
  EXPECT_THAT(take_probes(tap), ElementsAre(Seen{{ProbePacket::Kind::Syn, a_, b_, kTag + 2, 0, 0, kTapPort + 1}, "eth0", Direction::Out},
                                            Seen{{ProbePacket::Kind::Reset, b_, a_, kTag + 2}, "eth0", Direction::In}));
}

TEST_F(Tap, TimesCanBeWaitedFor) {
  topology_->ip("a", "link set up dev lo");
  PacketTap tap(topology_->name("b"), {}, netns::requests_only());
  {
    const EnteredNamespace inside(topology_->name("a"));
    netns::await_packet_times();
  }
  ASSERT_EQ(ping_b(kTag), Answer::Reply);
  const auto after = std::chrono::system_clock::now().time_since_epoch();
  const auto packet = tap.receive();
  ASSERT_TRUE(packet);
  EXPECT_LE(packet->time, after);
}

TEST_F(Tap, FilterFollowsIpOptions) {
  const auto server = listen("b", kTapPort);
  PacketTap tap(topology_->name("b"), {}, netns::requests_only());
  const EnteredNamespace inside(topology_->name("a"));
  const netns::UniqueFd socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  const std::array<std::uint8_t, 4> no_operation{1, 1, 1, 1};
  ASSERT_EQ(::setsockopt(socket.get(), IPPROTO_IP, IP_OPTIONS, no_operation.data(), no_operation.size()), 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(kTapPort);
  address.sin_addr.s_addr = htonl(b_.value);
  ASSERT_EQ(::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  const auto seen = take_probes(tap);
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].request.kind, ProbePacket::Kind::Syn);
  EXPECT_EQ(seen[0].request.destination, b_);
}

TEST_F(Tap, ListensToOneLinkOrToAll) {
  topology_->connect("a", "eth1", "b", "eth1");
  topology_->ip("a", "addr add 10.0.1.1/24 dev eth1");
  topology_->ip("b", "addr add 10.0.1.2/24 dev eth1");
  PacketTap all(topology_->name("b"), {}, netns::requests_only());
  PacketTap one(topology_->name("b"), "eth1", netns::requests_only());
  ASSERT_EQ(ping_b(kTag), Answer::Reply);
  EXPECT_EQ(take_probes(all).size(), 1U);
  EXPECT_EQ(take_probes(one).size(), 0U);
  const EnteredNamespace inside(topology_->name("a"));
  ASSERT_EQ(netns::ping({0x0a000102}, kTag, netns::kProvesReply).answer, Answer::Reply);
  EXPECT_EQ(take_probes(one).size(), 1U);
  const auto seen = take_probes(all);
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].link, "eth1");
}

TEST_F(Tap, PacketsBearTheTimeAtWhichTheyCrossed) {
  PacketTap tap(topology_->name("b"), {}, netns::requests_only());
  // The kernel begins to note times a moment after the first socket asks for them; until then it gives the time of reading.
  EXPECT_TRUE(test::eventually([&] {
    const auto before = std::chrono::system_clock::now().time_since_epoch();
    EXPECT_EQ(ping_b(kTag), Answer::Reply);
    const auto after = std::chrono::system_clock::now().time_since_epoch();
    const auto packet = tap.receive();
    if (!packet) return false;
    EXPECT_GE(packet->time, before);
    EXPECT_EQ(packet->length, 14U + 20 + 64);
    EXPECT_EQ(packet->frame.size(), packet->length);
    return packet->time <= after;
  }));
}

TEST_F(Tap, BareIpGetsAnEthernetHeader) {
  const EnteredNamespace inside(topology_->name("a"));
  const netns::UniqueFd tunnel{::open("/dev/net/tun", O_RDWR | O_CLOEXEC)};
  ifreq request{};
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  if (!tunnel || ::ioctl(tunnel.get(), TUNSETIFF, &request) != 0) GTEST_SKIP() << "no TUN links here";
  topology_->ip("a", std::string("addr add 10.9.0.1/24 dev ") + request.ifr_name);
  topology_->ip("a", std::string("link set up dev ") + request.ifr_name);
  PacketTap tap(topology_->name("a"), request.ifr_name, netns::requests_only());
  netns::ping({0x0a090002}, kTag, {milliseconds{100}, false});
  EXPECT_THAT(take_probes(tap),
              ElementsAre(Seen{{ProbePacket::Kind::Echo, {0x0a090001}, {0x0a090002}, kTag}, request.ifr_name, Direction::Out}));
}

TEST_F(Tap, KnowsWhenItsLinkIsGone) {
  PacketTap tap(topology_->name("a"), "eth0", netns::requests_only());
  topology_->ip("a", "link set eth0 down");
  topology_->ip("a", "link set eth0 up");
  while (tap.receive()) {
  }
  EXPECT_FALSE(tap.lost_its_link());
  ASSERT_EQ(ping_b(kTag), Answer::Reply);
  EXPECT_THAT(take_probes(tap), ElementsAre(Seen{{ProbePacket::Kind::Echo, a_, b_, kTag}, "eth0", Direction::Out}));
  topology_->ip("a", "link del eth0");
  EXPECT_TRUE(tap.lost_its_link());
}

TEST_F(Tap, SaysWhichLinkOrNamespaceIsMissing) {
  try {
    PacketTap tap(topology_->name("a"), "eth7");
    FAIL() << "there is no eth7";
  } catch (const netns::KernelError& error) {
    EXPECT_EQ(error.code().value(), ENODEV);
    EXPECT_THAT(error.what(), testing::HasSubstr("find link eth7 in " + topology_->name("a")));
  }
  EXPECT_THROW(PacketTap(topology_->name("nowhere")), netns::KernelError);
  EXPECT_THROW(PacketTap(topology_->name("a"), "a-name-longer-than-a-link-can-have"), netns::KernelError);
}
