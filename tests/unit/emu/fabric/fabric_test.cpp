// SPDX-License-Identifier: Apache-2.0
#include "emu/fabric/fabric.hpp"

#include <gmock/gmock.h>

#include <string>

#include "emu/semantics/resolve.hpp"
#include "netns/process/process.hpp"
#include "tests/unit/emu/sample_model.hpp"

namespace sample = emu::sample;
using emu::Model;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Key;
using testing::Not;

namespace {

const emu::Places kPlaces{"/usr/bin/lazuli", "/run/lazuli/lab"};

Model model() {
  Model model;
  model.lab = "lab";
  model.virtual_networks = {sample::network("a", {"10.0.0.0/16"}, {sample::subnet("default", {"10.0.0.0/24"})}),
                            sample::network("b", {"10.1.0.0/16"}, {sample::subnet("default", {"10.1.0.0/24"})})};
  model.virtual_networks[0].peerings = {sample::peering("a-to-b", "b")};
  model.virtual_networks[1].peerings = {sample::peering("b-to-a", "a")};
  model.virtual_machines = {sample::with_public(sample::machine("vm1", "a", "default")), sample::machine("vm2", "b", "default")};
  model.virtual_machines[1].web = 80;
  model.virtual_machines[1].programs.run = {"sleep 1", "sleep 2"};
  model.internet.hosts = {sample::host("laptop", "203.0.113.200")};
  return emu::resolve(model, nullptr).model;
}

}  // namespace

TEST(Fabric, HasANamespaceForEveryNode) {
  EXPECT_THAT(build_state(model(), kPlaces).namespaces,
              ElementsAre(Key("lab.a"), Key("lab.b"), Key("lab.internet"), Key("lab.laptop"), Key("lab.vm1"), Key("lab.vm2")));
}

TEST(Fabric, NamesBothEndsOfEveryPair) {
  const auto state = build_state(model(), kPlaces);
  for (const auto& [place, name_space] : state.namespaces) {
    for (const auto& [name, link] : name_space.links) {
      if (!link.peer) continue;
      ASSERT_TRUE(state.namespaces.contains(link.peer->name_space)) << place << ' ' << name;
      const auto& links = state.namespaces.at(link.peer->name_space).links;
      ASSERT_TRUE(links.contains(link.peer->link)) << place << ' ' << name;
      EXPECT_EQ(links.at(link.peer->link).peer, (netns::VethPeer{place, name}));
    }
  }
}

// PIP-4: it is NAT at the network's edge; a machine never sees it.
TEST(Fabric, PutsNoPublicAddressOfAMachineOnAnInterface) {
  const auto resolved = model();
  const auto state = build_state(resolved, kPlaces);
  for (const auto& [place, name_space] : state.namespaces) {
    for (const auto& [name, link] : name_space.links)
      for (const auto& address : link.addresses)
        EXPECT_NE(address.address, *resolved.virtual_machines[0].public_ip_address) << place << ' ' << name;
  }
}

TEST(Fabric, ReachesPublicAddressesByTheNetworksEdge) {
  const auto resolved = model();
  const auto internet = build_state(resolved, kPlaces).namespaces.at("lab.internet");
  const netns::Ipv4Prefix public_address{*resolved.virtual_machines[0].public_ip_address, 32};
  const auto route = std::ranges::find(internet.routes, public_address, &netns::Route::destination);
  ASSERT_NE(route, internet.routes.end());
  EXPECT_EQ(route->device, "vnet-a");
}

TEST(Fabric, MachineHasItsAddressAndTheSubnetsGateway) {
  const auto resolved = model();
  const auto machine = build_state(resolved, kPlaces).namespaces.at("lab.vm1");
  EXPECT_THAT(machine.links.at("eth0").addresses,
              ElementsAre(netns::InterfaceAddress{*resolved.virtual_machines[0].private_ip_address, 24, false}));
  const auto gateway = sample::address("10.0.0.1");
  EXPECT_THAT(machine.routes, testing::UnorderedElementsAre(netns::Route{.destination = {gateway, 32}, .device = "eth0", .gateway = {}},
                                                            netns::Route{.destination = {{0}, 0}, .device = "eth0", .gateway = gateway}));
  EXPECT_FALSE(machine.links.at("eth0").forwards);
  EXPECT_FALSE(machine.ruleset);
}

TEST(Fabric, MachineForwardsWhenItIsToldTo) {
  auto resolved = model();
  resolved.virtual_machines[0].ip_forwarding = true;
  const auto machine = build_state(resolved, kPlaces).namespaces.at("lab.vm1");
  EXPECT_TRUE(machine.links.at("eth0").forwards) << "UDR-8";
  EXPECT_EQ(machine.sysctls.at("ipv4/ip_forward"), "1");
}

TEST(Fabric, StartsThePageAndTheCommandsOfAMachine) {
  const auto machine = build_state(model(), kPlaces).namespaces.at("lab.vm2");
  EXPECT_THAT(machine.processes, ElementsAre(Key("run0"), Key("run1"), Key("web")));
  EXPECT_EQ(machine.processes.at("run1").arguments, (std::vector<std::string>{"/bin/sh", "-c", "sleep 2"}));
  EXPECT_EQ(machine.processes.at("web").arguments.front(), "/usr/libexec/lazuli/lazuli-server");
}

TEST(Fabric, SetsAMachineUpBeforeItRunsAnything) {
  auto resolved = model();
  auto& programs = resolved.virtual_machines[1].programs;
  programs = {{"first", "second"}, {"stay"}, {{"LEVEL", "debug"}}, "nobody", {9000}};
  auto places = kPlaces;
  places.directory = "/home/someone/lab";
  const auto before = build_state(resolved, places).namespaces.at("lab.vm2").processes;
  const auto& setup = before.at("setup1");
  EXPECT_EQ(setup.arguments.back(), "second");
  EXPECT_EQ(setup.lifetime, netns::Lifetime::RunsFirst);
  const auto& run = before.at("run0");
  EXPECT_EQ(run.lifetime, netns::Lifetime::MayEnd);
  for (const auto* process : {&setup, &run}) {
    EXPECT_EQ(process->environment, programs.environment);
    EXPECT_EQ(process->user, "nobody");
    EXPECT_EQ(process->directory, "/home/someone/lab");
  }
  EXPECT_EQ(before.at("web").lifetime, netns::Lifetime::Stays);

  programs.setup[0] = "another";
  const auto after = build_state(resolved, places).namespaces.at("lab.vm2").processes;
  EXPECT_NE(digest_of(after.at("setup1")), digest_of(setup)) << "a setup that changed runs from its beginning";
  EXPECT_NE(digest_of(after.at("run0")), digest_of(run)) << "and what comes after it runs again";
  EXPECT_EQ(digest_of(after.at("web")), digest_of(before.at("web")));
}

TEST(Fabric, RunsAnewWhenTheMachineChanges) {
  auto resolved = model();
  const auto digest = [&] { return digest_of(build_state(resolved, kPlaces).namespaces.at("lab.vm2").processes.at("run0")); };
  const auto before = digest();
  resolved.virtual_machines[0].ip_forwarding = true;
  EXPECT_EQ(digest(), before) << "another machine's";
  resolved.virtual_machines[1].private_ip_address->value += 1;
  EXPECT_NE(digest(), before);
}

TEST(Fabric, IsTheSameForTheSameModel) { EXPECT_EQ(build_state(model(), kPlaces), build_state(model(), kPlaces)); }

TEST(Surroundings, OfAMachineAreItsNamesAndItsNetworksHosts) {
  const auto seen = surroundings_of(model(), "vm2", kPlaces);
  EXPECT_EQ(seen.hostname, "vm2");
  EXPECT_EQ(seen.files.at("/etc/hosts"), "/run/lazuli/lab/hosts/b");
  EXPECT_EQ(seen.files.at("/etc/resolv.conf"), "/run/lazuli/lab/resolv.conf");
  EXPECT_TRUE(seen.hidden.contains("/run/lazuli")) << "what Lazuli keeps is not for machines";
  EXPECT_TRUE(seen.hidden.contains("/run/nscd")) << "nor are the host's name services";
  EXPECT_FALSE(daemon_surroundings(model(), "vm2", kPlaces).hidden.contains("/run/lazuli"));
}

TEST(Surroundings, MountOnlyFilesThatAreWritten) {
  const auto resolved = model();
  const auto files = surrounding_files(resolved);
  for (const char* node : {"vm1", "vm2", "laptop", "a", "internet"}) {
    for (const auto& [path, source] : surroundings_of(resolved, node, kPlaces).files)
      EXPECT_TRUE(files.contains(std::filesystem::path(source).lexically_relative(kPlaces.folder))) << node << ' ' << source;
  }
}

TEST(SurroundingFiles, KnowTheNamesOfTheirOwnNetworkAlone) {  // DNS-3
  const auto files = surrounding_files(model());
  EXPECT_EQ(files.at("hosts/a"), "127.0.0.1 localhost\n10.0.0.4 vm1\n");
  EXPECT_EQ(files.at("hosts/b"), "127.0.0.1 localhost\n10.1.0.4 vm2\n");
  EXPECT_EQ(files.at("hosts/internet"), "127.0.0.1 localhost\n203.0.113.200 laptop\n");
  EXPECT_THAT(files.at("resolv.conf"), Not(HasSubstr("nameserver")));
}

// VPN-43: `remote_address_space` is what a site's device sends into the tunnel; the tunnel itself goes over the internet all the same.
TEST(Fabric, ADeviceSendsEverythingIntoItsTunnelWhenItIsToldTo) {
  auto lab = model();
  lab.virtual_networks[0].subnets.push_back(sample::subnet("GatewaySubnet", {"10.0.255.0/27"}));
  auto& gateway = lab.virtual_network_gateways.emplace_back();
  gateway.name = "gw";
  gateway.virtual_network = "a";
  lab.local_network_gateways = {{"local", "on_premises.dc", sample::prefixes({"192.168.0.0/16"})}};
  auto& connection = lab.virtual_network_gateway_connections.emplace_back();
  connection.name = "to-dc";
  connection.virtual_network_gateway = "gw";
  connection.local_network_gateway = "local";
  auto& site = lab.on_premises.emplace_back();
  site.name = "dc";
  site.address_space = sample::prefixes({"192.168.0.0/16"});
  const auto way_out = [](const Model& unresolved, std::string_view destination) {
    const auto resolved = emu::resolve(unresolved, nullptr).model;
    const auto device = build_state(resolved, kPlaces).namespaces.at("lab.dc");
    const auto prefix = destination == "gateway" ? netns::Ipv4Prefix{*resolved.virtual_network_gateways[0].public_ip_address, 32}
                                                 : netns::Ipv4Prefix::parse(destination).value();
    return std::ranges::find(device.routes, prefix, &netns::Route::destination)->device;
  };
  EXPECT_EQ(way_out(lab, "0.0.0.0/0"), "internet");
  site.remote_address_space = sample::prefixes({"0.0.0.0/0"});
  EXPECT_THAT(way_out(lab, "0.0.0.0/0"), testing::StartsWith("ipsec"));
  EXPECT_EQ(way_out(lab, "gateway"), "internet");
}
