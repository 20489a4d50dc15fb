// SPDX-License-Identifier: Apache-2.0
// tests/scenario/translated_flows_test.cpp — PIP-4: a public address is stateless, so flows that are known follow every change of their
// translation with the next packet, both ways, and no other flow notices.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>

#include "tests/scenario/lab.hpp"
#include "tests/support/eventually.hpp"

namespace test {
namespace {

constexpr std::string_view kLaptop = "203.0.113.200";
constexpr std::string_view kOwned = "203.0.113.41";

/// Sends a datagram every 0.05 s from one socket, and writes every answer on a line.
constexpr std::string_view kAsk = R"(
import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(0.05)
while True:
    try:
        s.sendto(b"?", (sys.argv[1], 9000))
        print(s.recv(200).decode(), flush=True)
        time.sleep(0.05)
    except OSError:
        time.sleep(0.02)
)";

/// Answers every datagram with a name and the address that it came from.
constexpr std::string_view kAnswer = R"(
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("0.0.0.0", 9000))
while True:
    _, who = s.recvfrom(200)
    s.sendto(f"{sys.argv[1]} {who[0]}".encode(), who)
)";

/// Takes connections and writes a line into each every 0.02 s.
constexpr std::string_view kTick = R"(
import socket, threading, time
def tick(client):
    while True:
        client.sendall(b"tick\n")
        time.sleep(0.02)
listener = socket.create_server(("0.0.0.0", 9000))
while True:
    threading.Thread(target=tick, args=(listener.accept()[0],), daemon=True).start()
)";

/// A program in a node, and the lines that it wrote.
class Talker {
 public:
  Talker(const Lab& lab, std::string_view node, std::string_view script, std::string_view argument = {})
      : Talker(lab, node, {"python3", "-c", std::string(script), std::string(argument)}) {}
  Talker(const Lab& lab, std::string_view node, const std::vector<std::string>& command)
      : log_(lab.folder() / fmt::format("{}-{}.txt", node, count_++)), program_([&] {
          std::vector<std::string> arguments{lazuli_path(), "exec", "-l", lab.name(), std::string(node), "--"};
          arguments.insert(arguments.end(), command.begin(), command.end());
          return start(arguments, log_);
        }()) {}

  std::size_t heard() const { return lines_of(read_file(log_)).size(); }
  bool hears(std::size_t lines) const {
    const auto by_now = heard();
    return eventually([&] { return heard() >= by_now + lines; });
  }
  /// From now on some lines come, and all of them are `line`: what was under way has been heard before.
  bool hears_only(std::string_view line) const {
    if (!eventually([&] { return last() == line; })) return false;
    const auto by_now = heard();
    if (!hears(5)) return false;
    const auto lines = lines_of(read_file(log_));
    return std::all_of(lines.begin() + static_cast<std::ptrdiff_t>(by_now), lines.end(), [&](const auto& one) { return one == line; });
  }
  std::string last() const {
    const auto lines = lines_of(read_file(log_));
    return lines.empty() ? "" : lines.back();
  }

 private:
  static inline int count_ = 0;
  std::filesystem::path log_;
  Child program_;
};

/// While `other` hears some lines, `talker` hears none.
bool hears_nothing(const Talker& talker, const Talker& other) {
  if (!other.hears(5)) return false;  // what was under way has come
  const auto by_now = talker.heard();
  return other.hears(30) && talker.heard() == by_now;
}

struct Is {
  std::string owner = "v1";     ///< who has 203.0.113.41; or nobody
  bool via_appliance = false;   ///< whether the subnet's default route leads through nva
  bool outbound_access = true;  ///< the subnet's default outbound access
};

std::string lab_where(const Is& is) {
  const auto public_of = [&](std::string_view machine) {
    return is.owner == machine ? fmt::format(", public_ip_address: {}", kOwned) : std::string{};
  };
  return fmt::format(R"(
virtual_networks:
  - name: net
    address_space: [10.1.0.0/16]
    subnets:
      - name: s
        address_prefixes: [10.1.0.0/24]
        network_security_group: open
        default_outbound_access: {3}{2}
      - {{name: nva, address_prefixes: [10.1.9.0/24]}}
network_security_groups:
  - name: open
    security_rules: [{{name: in, priority: 100, direction: Inbound, access: Allow, protocol: '*'}}]
route_tables:
  - name: via-nva
    routes: [{{name: out, address_prefix: 0.0.0.0/0, next_hop_type: VirtualAppliance, next_hop_in_ip_address: 10.1.9.4}}]
virtual_machines:
  - {{name: v1, subnet: net/s, private_ip_address: 10.1.0.4{0}}}
  - {{name: v2, subnet: net/s, private_ip_address: 10.1.0.5{1}}}
  - {{name: v3, subnet: net/s, private_ip_address: 10.1.0.6, public_ip_address: 203.0.113.43}}
  - {{name: nva, subnet: net/nva, private_ip_address: 10.1.9.4, public_ip_address: 203.0.113.49, ip_forwarding: true}}
internet:
  hosts: [{{name: laptop, ip_address: {4}}}]
)",
                     public_of("v1"), public_of("v2"), is.via_appliance ? "\n        route_table: via-nva" : "", is.outbound_access,
                     kLaptop);
}

TEST(TranslatedFlows, ComeInToWhoHasTheAddressNow) {
  const Lab lab;
  lab.build(lab_where({}));
  const Talker v1{lab, "v1", kAnswer, "v1"};
  const Talker v2{lab, "v2", kAnswer, "v2"};
  const Talker v3{lab, "v3", kAnswer, "v3"};
  const Talker laptop{lab, "laptop", kAsk, kOwned};
  const Talker other{lab, "laptop", kAsk, "203.0.113.43"};
  const auto from_laptop = [](std::string_view who) { return fmt::format("{} {}", who, kLaptop); };
  ASSERT_TRUE(laptop.hears_only(from_laptop("v1")));

  lab.build(lab_where({.owner = "v2"}));
  EXPECT_TRUE(laptop.hears_only(from_laptop("v2")));

  lab.build(lab_where({.owner = "nobody"}));
  EXPECT_TRUE(hears_nothing(laptop, other)) << "nobody has it: nobody answers";

  lab.build(lab_where({}));
  EXPECT_TRUE(laptop.hears_only(from_laptop("v1"))) << "it comes back";
  EXPECT_TRUE(other.hears_only(from_laptop("v3")));
}

TEST(TranslatedFlows, GoOutByTheAddressThatTheirMachineHasNow) {
  const Lab lab;
  lab.build(lab_where({}));
  const Talker laptop{lab, "laptop", kAnswer, "laptop"};
  const Talker v1{lab, "v1", kAsk, kLaptop};
  const Talker v2{lab, "v2", kAsk, kLaptop};
  const auto seen_as = [](std::string_view address) { return fmt::format("laptop {}", address); };
  ASSERT_TRUE(v1.hears_only(seen_as(kOwned)));
  ASSERT_TRUE(v2.hears(5));
  const auto shared = v2.last();
  ASSERT_NE(shared, seen_as(kOwned));

  lab.build(lab_where({.owner = "v2"}));
  EXPECT_TRUE(v1.hears_only(shared));
  EXPECT_TRUE(v2.hears_only(seen_as(kOwned)));

  lab.build(lab_where({.owner = "v2", .outbound_access = false}));
  EXPECT_TRUE(hears_nothing(v1, v2)) << "neither a public address nor default outbound access";
  lab.build(lab_where({}));
  EXPECT_TRUE(v1.hears_only(seen_as(kOwned)));
}

// A default route that leads to an appliance now, and no longer: what it is given has the machine's own address.
TEST(TranslatedFlows, FollowTheDefaultRoute) {
  const Lab lab;
  lab.build(lab_where({}));
  lab.ask("nva", {"nft",
                  "add table ip own; add chain ip own post { type nat hook postrouting priority 100; }; "
                  "add rule ip own post ip saddr 10.1.0.0/24 masquerade"});
  const Talker laptop{lab, "laptop", kAnswer, "laptop"};
  const Talker v1{lab, "v1", kAsk, kLaptop};
  const Talker v2{lab, "v2", kAsk, kLaptop};
  ASSERT_TRUE(v1.hears_only(fmt::format("laptop {}", kOwned)));
  ASSERT_TRUE(v2.hears(5));
  const auto shared = v2.last();

  lab.build(lab_where({.via_appliance = true}));
  EXPECT_TRUE(v1.hears_only("laptop 203.0.113.49"));
  EXPECT_TRUE(v2.hears_only("laptop 203.0.113.49"));

  lab.build(lab_where({}));
  EXPECT_TRUE(v1.hears_only(fmt::format("laptop {}", kOwned)));
  EXPECT_TRUE(v2.hears_only(shared));
}

TEST(TranslatedFlows, ThatNoChangeConcernsGoOn) {
  const Lab lab;
  lab.build(lab_where({}));
  const Talker ticks_v1{lab, "v1", kTick};
  const Talker ticks_laptop{lab, "laptop", kTick};
  const auto connected_to = [&](std::string_view from, std::string_view address) {
    const std::string file = fmt::format("/dev/tcp/{}/9000", address);
    EXPECT_TRUE(eventually([&] { return lab.exec(from, {"bash", "-c", "exec < " + file}).status == 0; })) << address;
    return std::vector<std::string>{"bash", "-c", "exec cat < " + file};
  };
  const Talker inside{lab, "v2", connected_to("v2", "10.1.0.4")};
  const Talker outside{lab, "v3", connected_to("v3", kLaptop)};
  const Talker concerned{lab, "laptop", connected_to("laptop", kOwned)};
  ASSERT_TRUE(inside.hears(10));
  ASSERT_TRUE(outside.hears(10));
  ASSERT_TRUE(concerned.hears(10));

  lab.build(lab_where({.owner = "v2"}));
  EXPECT_TRUE(inside.hears(10)) << "v1 and v2 by their private addresses";
  EXPECT_TRUE(outside.hears(10)) << "v3, whose address stays";
  EXPECT_TRUE(hears_nothing(concerned, outside));
}

// Whatever changed it: also somebody by hand, or an `up` that was killed before it got so far.
TEST(TranslatedFlows, AreMendedByTheNextUp) {
  const Lab lab;
  lab.build(lab_where({}));
  const Talker v1{lab, "v1", kAnswer, "v1"};
  const Talker v2{lab, "v2", kAnswer, "v2"};
  lab.ask("net", {"nft",
                  "delete element inet router to_private { 203.0.113.41 : 10.1.0.4 }; "
                  "add element inet router to_private { 203.0.113.41 : 10.1.0.5 }"});
  const Talker laptop{lab, "laptop", kAsk, kOwned};
  ASSERT_TRUE(laptop.hears_only(fmt::format("v2 {}", kLaptop)));
  lab.build(lab_where({}));
  EXPECT_TRUE(laptop.hears_only(fmt::format("v1 {}", kLaptop)));
}

}  // namespace
}  // namespace test
