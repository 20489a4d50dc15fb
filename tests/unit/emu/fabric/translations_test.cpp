// SPDX-License-Identifier: Apache-2.0
// PIP-4: which known flows have another translation than their first packet would get now.
#include "emu/fabric/translations.hpp"

#include <gmock/gmock.h>

#include "emu/fabric/fabric.hpp"
#include "emu/fabric/tunnel.hpp"
#include "tests/unit/emu/sample_vpn.hpp"

namespace emu {
namespace {

const Ipv4Address kVm1 = sample::address("10.0.0.4");
const Ipv4Address kVm2 = sample::address("10.0.0.5");
const Ipv4Address kOwned = sample::address("203.0.113.4");
const Ipv4Address kFar = sample::address("203.0.113.200");

/// vm1 has 203.0.113.4, vm2 has no public address, fw may pass on; a laptop on the internet.
Model changing_lab() {
  Model model;
  model.lab = "lab";
  model.virtual_networks = {
      sample::network("net", {"10.0.0.0/16"}, {sample::subnet("s", {"10.0.0.0/24"}), sample::subnet("nva", {"10.0.9.0/24"})})};
  model.virtual_machines = {sample::with_public(sample::with_private(sample::machine("vm1", "net", "s"), "10.0.0.4"), "203.0.113.4"),
                            sample::with_private(sample::machine("vm2", "net", "s"), "10.0.0.5"),
                            sample::with_private(sample::machine("fw", "net", "nva"), "10.0.9.4")};
  model.virtual_machines[2].ip_forwarding = true;
  model.internet.hosts = {sample::host("laptop", "203.0.113.200")};
  return model;
}

/// A flow as its first packet came in, the destination that it was delivered to, the source that it was shown with.
netns::Flow flow(Ipv4Address source, Ipv4Address destination, Ipv4Address delivered, Ipv4Address shown) {
  netns::Flow out;
  out.opened = {17, source, destination, 5000, 9000};
  out.delivered = {17, source, delivered, 5000, 9000};
  out.shown = shown;
  return out;
}

netns::Flow inbound(Ipv4Address public_address, Ipv4Address to) { return flow(kFar, public_address, to, kFar); }
netns::Flow outbound(Ipv4Address from, Ipv4Address shown) { return flow(from, kFar, kFar, shown); }

bool is_outdated(const Model& model, const netns::Flow& flow, const std::string& name_space = "lab.net") {
  const auto after = sample::resolved(model);
  const auto state = build_state(after, {"/usr/bin/lazuli", "/run/lazuli/lab"});
  return outdated_translations(after, state).at(name_space)(flow);
}

Ipv4Address shared_address(const Model& model) { return *sample::resolved(model).virtual_networks[0].default_outbound_address; }

}  // namespace

TEST(Translations, OfAnUnchangedLabAreAllInForce) {
  EXPECT_FALSE(is_outdated(changing_lab(), inbound(kOwned, kVm1)));
  EXPECT_FALSE(is_outdated(changing_lab(), outbound(kVm1, kOwned)));
  EXPECT_FALSE(is_outdated(changing_lab(), outbound(kVm2, shared_address(changing_lab()))));
  EXPECT_FALSE(is_outdated(changing_lab(), flow(kVm1, kVm2, kVm2, kVm1))) << "nothing is translated inside the network";
  EXPECT_FALSE(is_outdated(changing_lab(), flow(kVm2, kOwned, kOwned, shared_address(changing_lab()))))
      << "what goes out to come in again (PIP-13)";
  EXPECT_FALSE(is_outdated(changing_lab(), flow(sample::address("10.7.0.4"), kOwned, kOwned, sample::address("10.7.0.4"))))
      << "what an appliance of this network was given by a peer";
}

TEST(Translations, FollowAPublicAddressThatMoves) {
  auto model = changing_lab();
  std::swap(model.virtual_machines[0].public_ip_address, model.virtual_machines[1].public_ip_address);
  std::swap(model.virtual_machines[0].has_public_ip_address, model.virtual_machines[1].has_public_ip_address);
  std::swap(model.virtual_machines[0].public_ip_allocation_method, model.virtual_machines[1].public_ip_allocation_method);
  EXPECT_TRUE(is_outdated(model, inbound(kOwned, kVm1)));
  EXPECT_FALSE(is_outdated(model, inbound(kOwned, kVm2)));
  EXPECT_TRUE(is_outdated(model, outbound(kVm1, kOwned)));
  EXPECT_TRUE(is_outdated(model, outbound(kVm2, shared_address(model))));
  EXPECT_FALSE(is_outdated(model, flow(kVm1, kVm2, kVm2, kVm1))) << "which no public address concerns";
}

TEST(Translations, EndWithThePublicAddressOrItsMachine) {
  auto model = changing_lab();
  model.virtual_machines[0].has_public_ip_address = false;
  model.virtual_machines[0].public_ip_address.reset();
  EXPECT_TRUE(is_outdated(model, inbound(kOwned, kVm1)));
  EXPECT_TRUE(is_outdated(model, outbound(kVm1, kOwned)));

  model = changing_lab();
  model.virtual_machines.erase(model.virtual_machines.begin());
  EXPECT_TRUE(is_outdated(model, inbound(kOwned, kVm1)));
  EXPECT_TRUE(is_outdated(model, outbound(kVm1, kOwned)));
}

TEST(Translations, EndWithDefaultOutboundAccess) {
  auto model = changing_lab();
  const auto shared = shared_address(model);
  model.virtual_networks[0].subnets[0].default_outbound_access = false;
  EXPECT_TRUE(is_outdated(model, outbound(kVm2, shared)));
  EXPECT_FALSE(is_outdated(model, outbound(kVm1, kOwned)));
}

// A default route to an appliance: what it is given has the machine's own address.
TEST(Translations, FollowTheRoutes) {
  auto model = changing_lab();
  model.route_tables = {sample::route_table("via", {sample::route("out", "0.0.0.0/0", NextHopType::VirtualAppliance, "10.0.9.4")})};
  const auto through_fw = outbound(kVm1, kVm1);
  EXPECT_TRUE(is_outdated(model, through_fw)) << "the table is on no subnet: it has to be translated";
  model.virtual_networks[0].subnets[0].route_table = "via";
  EXPECT_FALSE(is_outdated(model, through_fw));
  EXPECT_TRUE(is_outdated(model, outbound(kVm1, kOwned)));
  EXPECT_FALSE(is_outdated(model, inbound(kOwned, kVm1))) << "the way in is what it was (DEF-2 is about the way back)";
  EXPECT_FALSE(is_outdated(model, outbound(sample::address("10.0.9.4"), shared_address(model))))
      << "the appliance's own subnet has no table";
}

TEST(Translations, OfASiteFollowItsAddressAndItsTunnels) {
  auto model = sample::vpn_lab();
  const auto resolved = sample::resolved(model);
  const auto device = *resolved.on_premises[0].public_ip_address;
  const auto server = sample::address("192.168.1.10");
  const auto vm = sample::address("10.0.0.4");
  EXPECT_FALSE(is_outdated(model, outbound(server, device), "vpn.dc"));
  EXPECT_TRUE(is_outdated(model, outbound(server, sample::address("198.51.100.99")), "vpn.dc"));
  EXPECT_TRUE(is_outdated(model, outbound(server, server), "vpn.dc"));
  EXPECT_FALSE(is_outdated(model, flow(server, vm, vm, server), "vpn.dc")) << "in the tunnel";
  EXPECT_TRUE(is_outdated(model, flow(server, vm, vm, device), "vpn.dc")) << "in the tunnel";
  const auto gateway = *resolved.virtual_network_gateways[0].public_ip_address;
  EXPECT_FALSE(is_outdated(model, flow(gateway, device, device, gateway), "vpn.dc")) << "IKE and ESP";
  EXPECT_FALSE(is_outdated(model, flow(device, gateway, gateway, device), "vpn.dc"));
}

}  // namespace emu
