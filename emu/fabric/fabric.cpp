// SPDX-License-Identifier: Apache-2.0
#include "emu/fabric/fabric.hpp"

#include <fmt/format.h>

#include <array>

#include "emu/fabric/flow_logs.hpp"
#include "emu/fabric/gateway.hpp"
#include "emu/fabric/main_routes.hpp"
#include "emu/fabric/names.hpp"
#include "emu/fabric/programs.hpp"
#include "emu/fabric/router.hpp"
#include "emu/fabric/services.hpp"
#include "emu/fabric/site.hpp"
#include "emu/model/gateway_lookup.hpp"
#include "emu/model/service_lookup.hpp"
#include "emu/semantics/addresses.hpp"

namespace emu {
namespace {

constexpr std::string_view kResolverFile = "resolv.conf";

/// Where name services of the host are asked: nscd(8), systemd-resolved(8) and what it is asked through, avahi-daemon(8), sssd(8). They
/// know nothing of a lab, and a question to them would leave it.
constexpr std::array<const char*, 6> kNameServices{"/run/nscd", "/var/run/nscd",     "/run/systemd/resolve",
                                                   "/run/dbus", "/run/avahi-daemon", "/var/lib/sss/pipes"};

/// Contents of /etc/hosts are shared by the machines of one network, or site: a name of another one is not known there (DNS-3).
std::string hosts_file(std::string_view network) { return fmt::format("hosts/{}", network); }

netns::Namespace build_machine(const Model& model, const VirtualMachine& machine, const Places& places) {
  const auto& network = *find_virtual_network(model, machine.subnet.virtual_network);
  const auto& subnet = *find_subnet(network, machine.subnet.subnet);
  const auto address = *machine.private_ip_address;
  const auto prefix = prefix_of(subnet, address);

  netns::Namespace result;
  // What the guest's system would do; `ip_forwarding` stands for the NIC's flag and the system's switch (UDR-8).
  if (machine.ip_forwarding) result.sysctls = forwarding_sysctls();
  netns::Link link;
  link.peer = netns::VethPeer{namespace_name(model.lab, network.name), port_name(machine.name)};
  link.address = mac_address(subnet, address);
  link.forwards = machine.ip_forwarding;
  link.alias = fmt::format("{}/virtualMachines/{}", model.lab, machine.name);
  // Neighbours, too, are reached by the gateway, which alone is on the link. Each that is on the link needs an entry in the kernel's table
  // of neighbours, which is one for all namespaces and the host, and holds about a thousand (net.ipv4.neigh.default.gc_thresh3): fifty
  // machines of a subnet that ask each other would fill it.
  link.addresses.insert({address, prefix.length, false});
  result.links.emplace(kMachineLink, std::move(link));
  const Ipv4Address gateway{prefix.first().value + 1};
  result.routes.insert(main_route({gateway, 32}, std::string(kMachineLink)));
  result.routes.insert(main_route(kEverything, std::string(kMachineLink), gateway));
  add_programs(model,
               {machine.name, fmt::format("{}/{}", network.name, subnet.name), machine.web, machine.programs,
                fmt::format("{}/{} {}{}", network.name, subnet.name, to_string(address), machine.ip_forwarding ? " forwards" : "")},
               places, result);
  return result;
}

netns::Namespace build_internet_host(const Model& model, const InternetHost& host, const Places& places) {
  netns::Namespace result;
  netns::Link link;
  link.peer = netns::VethPeer{namespace_name(model.lab, kInternetNode), internet_to_host_name(host.name)};
  link.alias = fmt::format("{}/internet/{}", model.lab, host.name);
  link.addresses.insert({host.ip_address, 32, true});
  result.links.emplace(kMachineLink, std::move(link));
  result.routes.insert(main_route(kEverything, std::string(kMachineLink), internet_address()));
  add_programs(model, {host.name, kInternetNode, host.web, host.programs, to_string(host.ip_address)}, places, result);
  return result;
}

netns::Link internet_link(const Model& model, std::string_view node, netns::VethPeer peer) {
  netns::Link link;
  link.peer = std::move(peer);
  link.forwards = true;
  link.alias = fmt::format("{}/internet/{}", model.lab, node);
  link.addresses.insert({internet_address(), 32, false});
  return link;
}

/// Knows every public address and nothing else: what is for nobody is dropped.
netns::Namespace build_internet(const Model& model) {
  netns::Namespace internet;
  internet.custody = netns::Custody::Exclusive;
  internet.sysctls = forwarding_sysctls();
  const auto route = [&](Ipv4Address to, const std::string& device, std::optional<Ipv4Address> gateway) {
    internet.routes.insert(main_route({to, 32}, device, gateway));
  };
  for (const auto& network : model.virtual_networks) {
    const auto name = internet_to_network_name(network.name);
    internet.links.emplace(name, internet_link(model, network.name, {namespace_name(model.lab, network.name), std::string(kEdgeLink)}));
    route(*network.default_outbound_address, name, router_address(network));
  }
  for (const auto& machine : model.virtual_machines) {
    if (!machine.public_ip_address) continue;
    const auto& network = *find_virtual_network(model, machine.subnet.virtual_network);
    route(*machine.public_ip_address, internet_to_network_name(network.name), router_address(network));
  }
  for (const auto& gateway : model.virtual_network_gateways) {
    const auto name = internet_to_gateway_name(gateway.name);
    internet.links.emplace(name, internet_link(model, gateway.name, {namespace_name(model.lab, gateway.name), std::string(kEdgeLink)}));
    route(*gateway.public_ip_address, name, std::nullopt);
  }
  for (const auto& site : model.on_premises) {
    const auto name = internet_to_site_name(site.name);
    internet.links.emplace(name, internet_link(model, site.name, {namespace_name(model.lab, site.name), std::string(kEdgeLink)}));
    route(*site.public_ip_address, name, std::nullopt);
  }
  for (const auto& host : model.internet.hosts) {
    const auto name = internet_to_host_name(host.name);
    internet.links.emplace(name, internet_link(model, host.name, {namespace_name(model.lab, host.name), std::string(kMachineLink)}));
    route(host.ip_address, name, std::nullopt);
  }
  if (has_services(model)) {
    internet.links.emplace(kServicesNode,
                           internet_link(model, kServicesNode, {namespace_name(model.lab, kServicesNode), std::string(kEdgeLink)}));
    internet.routes.insert(main_route(kServicesRange, std::string(kServicesNode), services_address()));
  }
  internet.routes.insert(blackhole(kEverything));
  return internet;
}

/// Programs that are not for people are in a folder of their own, in a build folder as where Lazuli is installed.
std::filesystem::path started_program(const Places& places, const char* name) {
  return (places.program.parent_path() / LAZULI_LIBEXEC / name).lexically_normal();
}

}  // namespace

std::filesystem::path Places::server() const { return started_program(*this, "lazuli-server"); }

std::filesystem::path Places::supervisor() const { return started_program(*this, "lazuli-supervisor"); }

netns::State build_state(const Model& model, const Places& places) {
  netns::State state;
  state.link_mark = fmt::format("{}/", model.lab);
  state.namespaces.emplace(namespace_name(model.lab, kInternetNode), build_internet(model));
  for (const auto& network : model.virtual_networks) {
    auto& router = state.namespaces.emplace(namespace_name(model.lab, network.name), build_router(model, network)).first->second;
    add_flow_log_collector(model, network, places, router);
  }
  for (const auto& machine : model.virtual_machines)
    state.namespaces.emplace(namespace_name(model.lab, machine.name), build_machine(model, machine, places));
  for (const auto& gateway : model.virtual_network_gateways)
    state.namespaces.emplace(namespace_name(model.lab, gateway.name), build_gateway(model, gateway, places));
  for (const auto& site : model.on_premises) {
    state.namespaces.emplace(namespace_name(model.lab, site.name), build_site(model, site, places));
    for (const auto& host : site.hosts)
      state.namespaces.emplace(namespace_name(model.lab, host.name), build_site_host(model, site, host, places));
  }
  if (has_services(model)) state.namespaces.emplace(namespace_name(model.lab, kServicesNode), build_services(model, places));
  for (const auto& host : model.internet.hosts)
    state.namespaces.emplace(namespace_name(model.lab, host.name), build_internet_host(model, host, places));
  for (auto& [name, one] : state.namespaces)  // where nobody else has anything to do there is no table of another's, either
    if (one.custody == netns::Custody::Exclusive && !one.ruleset) one.ruleset = netns::Ruleset::of({});
  return state;
}

netns::Surroundings surroundings_of(const Model& model, std::string_view node, const Places& places) {
  netns::Surroundings surroundings;
  surroundings.hostname = node;
  std::string_view network = kInternetNode;
  if (const auto* machine = find_virtual_machine(model, node)) network = find_virtual_network(model, machine->subnet.virtual_network)->name;
  if (const auto* router = find_virtual_network(model, node)) network = router->name;
  if (const auto* site = find_site(model, node)) network = site->name;
  if (const auto* site = site_of_host(model, node)) network = site->name;
  surroundings.files = {{"/etc/hosts", places.folder / hosts_file(network)}, {"/etc/resolv.conf", places.folder / kResolverFile}};
  surroundings.hidden = {kNameServices.begin(), kNameServices.end()};
  surroundings.hidden.insert(places.folder.parent_path());
  surroundings.confined = model.isolation == Isolation::Sandbox;
  return surroundings;
}

netns::Surroundings daemon_surroundings(const Model& model, std::string_view node, const Places& places) {
  auto surroundings = surroundings_of(model, node, places);
  surroundings.hidden.erase(places.folder.parent_path());
  surroundings.confined = false;
  return surroundings;
}

std::map<std::string, std::string> surrounding_files(const Model& model) {
  const std::string loopback = "127.0.0.1 localhost\n";
  std::map<std::string, std::string> files{{std::string(kResolverFile), "# no name servers: /etc/hosts knows the names of this network\n"}};
  for (const auto& network : model.virtual_networks) files.emplace(hosts_file(network.name), loopback);
  for (const auto& machine : model.virtual_machines) {
    files.at(hosts_file(find_virtual_network(model, machine.subnet.virtual_network)->name)) +=
        fmt::format("{} {}\n", to_string(*machine.private_ip_address), machine.name);
  }
  for (const auto& site : model.on_premises) {
    auto& hosts = files.emplace(hosts_file(site.name), loopback).first->second;
    for (const auto& host : site.hosts) hosts += fmt::format("{} {}\n", to_string(host.ip_address), host.name);
  }
  auto& internet = files.emplace(hosts_file(kInternetNode), loopback).first->second;
  for (const auto& host : model.internet.hosts) internet += fmt::format("{} {}\n", to_string(host.ip_address), host.name);
  std::string services;
  for (const auto* service : services_of(model)) {
    const bool is_its_alone = address_of(model, service->name) == service->address;  // else a node of the lab is called so, too
    services += fmt::format("{} {}{}{}\n", to_string(*service->address), dns_name(*service), is_its_alone ? " " : "",
                            is_its_alone ? service->name : "");
  }
  for (auto& [name, content] : files)
    if (name != kResolverFile) content += services;  // a service's name means the same everywhere, its public address (SE-3)
  return files;
}

}  // namespace emu
