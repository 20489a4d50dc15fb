// SPDX-License-Identifier: Apache-2.0
#include "tests/faults/fault_lab.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "tests/support/eventually.hpp"

namespace test {

const std::string_view kFaultLab = R"(
location: westeurope
virtual_networks:
  - name: hub
    address_space: [10.0.0.0/16]
    subnets:
      - {name: default, address_prefixes: [10.0.0.0/24]}
      - {name: nva, address_prefixes: [10.0.2.0/24]}
    peerings:
      - {name: hub-to-spoke, remote_virtual_network: spoke, allow_forwarded_traffic: true}
      - {name: hub-to-far, remote_virtual_network: far, allow_forwarded_traffic: true}
  - name: spoke
    address_space: [10.1.0.0/16]
    subnets:
      - {name: app, address_prefixes: [10.1.0.0/24], service_endpoints: [Microsoft.Storage], network_security_group: web-nsg,
         route_table: via-fw}
    peerings: [{name: spoke-to-hub, remote_virtual_network: hub, allow_forwarded_traffic: true}]
  - name: far
    address_space: [10.2.0.0/16]
    subnets: [{name: app, address_prefixes: [10.2.0.0/24], route_table: back-via-fw}]
    peerings: [{name: far-to-hub, remote_virtual_network: hub, allow_forwarded_traffic: true}]
route_tables:
  - name: via-fw
    routes:
      - {name: far, address_prefix: 10.2.0.0/16, next_hop_type: VirtualAppliance, next_hop_in_ip_address: 10.0.2.4}
      - {name: nowhere, address_prefix: 192.0.2.0/24, next_hop_type: None}
  - name: back-via-fw
    routes: [{name: spoke, address_prefix: 10.1.0.0/16, next_hop_type: VirtualAppliance, next_hop_in_ip_address: 10.0.2.4}]
network_security_groups:
  - name: web-nsg
    security_rules:
      - {name: allow-http, priority: 100, direction: Inbound, access: Allow, protocol: Tcp, source_address_prefix: '*',
         destination_port_range: '80'}
      - {name: no-udp, priority: 110, direction: Outbound, access: Deny, protocol: Udp, destination_address_prefix: 10.2.0.0/16}
  - name: vm1-nsg
    security_rules:
      - {name: ping, priority: 100, direction: Inbound, access: Allow, protocol: Icmp, source_address_prefix: Internet}
flow_logs:
  - {name: audit, target: hub}
virtual_machines:
  - {name: vm1, subnet: hub/default, private_ip_address: 10.0.0.4, public_ip_address: 203.0.113.10, network_security_group: vm1-nsg}
  - {name: fw, subnet: hub/nva, private_ip_address: 10.0.2.4, ip_forwarding: true}
  - {name: web, subnet: spoke/app, private_ip_address: 10.1.0.4, public_ip_address: 203.0.113.11, web: 80}
  - {name: app, subnet: far/app, private_ip_address: 10.2.0.4, run: [exec sleep 1000000]}
storage_accounts:
  - name: data
    network_rules: {default_action: Deny, virtual_network_subnets: [spoke/app], ip_rules: [203.0.113.200]}
internet:
  hosts: [{name: laptop, ip_address: 203.0.113.200, web: 80}]
)";

const std::string_view kChangedFaultLab = R"(
location: westeurope
virtual_networks:
  - name: hub
    address_space: [10.0.0.0/16]
    subnets:
      - {name: default, address_prefixes: [10.0.0.0/24]}
      - {name: nva, address_prefixes: [10.0.2.0/24]}
      - {name: more, address_prefixes: [10.0.3.0/24], service_endpoints: [Microsoft.Storage]}
    peerings:
      - {name: hub-to-spoke, remote_virtual_network: spoke, allow_forwarded_traffic: true}
      - {name: hub-to-far, remote_virtual_network: far}
  - name: spoke
    address_space: [10.1.0.0/16, 10.7.0.0/24]
    subnets:
      - {name: app, address_prefixes: [10.1.0.0/23], service_endpoints: [Microsoft.Storage], network_security_group: web-nsg,
         route_table: via-fw}
    peerings: [{name: spoke-to-hub, remote_virtual_network: hub, allow_forwarded_traffic: true}]
  - name: far
    address_space: [10.2.0.0/16]
    subnets: [{name: app, address_prefixes: [10.2.0.0/24]}]
    peerings: [{name: far-to-hub, remote_virtual_network: hub, allow_forwarded_traffic: true}]
route_tables:
  - name: via-fw
    routes:
      - {name: far, address_prefix: 10.2.0.0/24, next_hop_type: VirtualAppliance, next_hop_in_ip_address: 10.0.2.4}
network_security_groups:
  - name: web-nsg
    security_rules:
      - {name: allow-http, priority: 100, direction: Inbound, access: Allow, protocol: Tcp, source_address_prefix: 10.0.0.0/8,
         destination_port_range: '8080'}
  - name: vm1-nsg
    security_rules:
      - {name: ping, priority: 100, direction: Inbound, access: Allow, protocol: Icmp, source_address_prefix: Internet}
flow_logs:
  - {name: audit, target: hub}
virtual_machines:
  - {name: vm1, subnet: hub/default, private_ip_address: 10.0.0.4, public_ip_address: 203.0.113.10, network_security_group: vm1-nsg}
  - {name: fw, subnet: hub/nva, private_ip_address: 10.0.2.4, ip_forwarding: true}
  - {name: web, subnet: spoke/app, private_ip_address: 10.1.1.9, web: 8080}
  - {name: other, subnet: far/app, private_ip_address: 10.2.0.9, public_ip_address: 203.0.113.11, run: [exec sleep 2000000]}
storage_accounts:
  - name: data
    network_rules: {default_action: Deny, virtual_network_subnets: [hub/more]}
internet:
  hosts: [{name: laptop, ip_address: 203.0.113.200, web: 80}]
)";

FaultLab::FaultLab() {
  const auto write = [&](const char* name, std::string_view body) {
    const auto path = lab_.folder() / name;
    std::ofstream{path} << "lab: " << lab_.name() << '\n' << body;
    return path.string();
  };
  file_ = write("lab.yaml", kFaultLab);
  changed_file_ = write("changed.yaml", kChangedFaultLab);
  changed_whole_ = build_undisturbed(changed_file_);
  whole_ = build_undisturbed(file_);
}

KernelState FaultLab::build_undisturbed(const std::string& file) const {
  const auto built = lazuli({"up", "--replace", file});
  if (built.status != 0) throw std::runtime_error("the undisturbed lab: " + built.errors);
  auto state = settled();
  const auto removed = lab_.down();
  if (removed.status != 0) throw std::runtime_error("down of the undisturbed lab: " + removed.errors);
  if (const auto left = remains(); !left.empty()) throw std::runtime_error("down of the undisturbed lab left:\n" + text_of(left));
  return state;
}

KernelState FaultLab::settled() const {
  KernelState state;
  eventually(std::chrono::seconds{3}, [&] {
    auto now = observe_kernel(lab_.name());
    const bool stays = now == state;
    state = std::move(now);
    return stays;
  });
  return state;
}

std::vector<std::string> FaultLab::differences_from(const KernelState& wanted, const std::set<std::string>& only) const {
  const auto part = only.empty() ? wanted : part_of(wanted, only);
  std::vector<std::string> found;
  eventually(std::chrono::seconds{3}, [&] {
    found = differences(part, observe_kernel(lab_.name(), only));
    return found.empty();
  });
  return found;
}

std::vector<std::string> FaultLab::remains() const { return differences_from({}); }

void FaultLab::begin_anew() const {
  lab_.down();
  if (!identities(lab_.name()).empty()) lab_.down();
  for (const auto& [what, numbers] : identities(lab_.name())) {
    if (what.find(": process ") == std::string::npos) continue;
    std::istringstream all{numbers};
    for (pid_t pid = 0; all >> pid;) ::kill(pid, SIGKILL);
  }
}

Struck at_syscall(const Lab& lab, const std::vector<std::string>& options, const std::vector<std::string>& arguments) {
  const auto report = (lab.folder() / "report").string();
  std::vector<std::string> argv{AT_SYSCALL, "--report", report};
  argv.insert(argv.end(), options.begin(), options.end());
  argv.insert(argv.end(), {"--", lazuli_path()});
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  Struck result;
  result.streams = run_apart(argv);
  if (result.streams.status == 125) throw std::runtime_error(result.streams.errors);
  for (const auto& line : lines_of(read_file(report))) {
    if (line.starts_with("calls ")) result.calls = std::stol(line.substr(6));
    if (line.starts_with("struck ")) result.struck = line.substr(7);
  }
  return result;
}

std::vector<long> points(long count, long wanted, int shard, int shards) {
  if (const char* said = std::getenv("LAZULI_FAULT_POINTS")) wanted = std::string_view{said} == "all" ? count : wanted * std::atol(said);
  wanted = std::min(wanted, count);
  std::vector<long> chosen;
  for (long i = shard; i < wanted; i += shards) chosen.push_back(1 + i * count / wanted);
  return chosen;
}

}  // namespace test
