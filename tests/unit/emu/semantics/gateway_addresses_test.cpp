// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "emu/semantics/addresses.hpp"
#include "tests/unit/emu/sample_vpn.hpp"

namespace sample = emu::sample;

TEST(GatewayAddresses, AreTheFirstOfGatewaySubnetAndTheNextPublicOneAfterMachines) {
  auto model = sample::vpn_lab();
  model.virtual_machines[0] = sample::with_public(model.virtual_machines[0]);
  const auto resolved = resolve(model, nullptr).model;
  EXPECT_EQ(resolved.virtual_machines[0].public_ip_address, sample::address("203.0.113.4"));
  EXPECT_EQ(resolved.virtual_network_gateways[0].private_ip_address, sample::address("10.0.255.4"));
  EXPECT_EQ(resolved.virtual_network_gateways[0].public_ip_address, sample::address("203.0.113.5"));
  EXPECT_EQ(resolved.on_premises[0].public_ip_address, sample::address("203.0.113.6"));
}

TEST(GatewayAddresses, StayWhenOthersComeAndGo) {
  const auto running = sample::resolved_vpn_lab();
  auto model = sample::vpn_lab();
  model.virtual_machines[0] = sample::with_public(model.virtual_machines[0]);
  model.virtual_network_gateways.insert(model.virtual_network_gateways.begin(), sample::gateway("new", "spoke"));
  const auto resolved = resolve(model, &running).model;
  EXPECT_EQ(resolved.virtual_network_gateways[1].public_ip_address, running.virtual_network_gateways[0].public_ip_address);
  EXPECT_EQ(resolved.on_premises[0].public_ip_address, running.on_premises[0].public_ip_address);
}

TEST(GatewayAddresses, OfTheFileComeFirst) {
  auto model = sample::vpn_lab();
  model.virtual_machines[0] = sample::with_public(model.virtual_machines[0]);
  model.on_premises[0].public_ip_address = sample::address("203.0.113.4");
  const auto resolved = resolve(model, nullptr).model;
  EXPECT_EQ(resolved.on_premises[0].public_ip_address, sample::address("203.0.113.4"));
  EXPECT_EQ(resolved.virtual_machines[0].public_ip_address, sample::address("203.0.113.5"));
}

TEST(DeviceAddress, IsTheFirstOfAPrefixThatHasRoomForIt) {
  EXPECT_EQ(emu::device_address(sample::prefixes({"192.168.0.0/16"})[0]), sample::address("192.168.0.1"));
  EXPECT_EQ(emu::device_address(sample::prefixes({"192.168.0.4/30"})[0]), sample::address("192.168.0.5"));
  EXPECT_EQ(emu::device_address(sample::prefixes({"192.168.0.4/31"})[0]), std::nullopt);
}
