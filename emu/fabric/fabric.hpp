// SPDX-License-Identifier: Apache-2.0
// emu/fabric/fabric.hpp — from a resolved model to the network namespaces that behave like it.
//
// Theory of operation. A virtual network is one router namespace:
//
//        vm1 eth0          vm2 eth0                     machine namespaces
//          |                 |
//       vm-vm1 --.       .-- vm-vm2   isolated ports    <lab>.<vnet>, the router
//               br-default                               iif br-default -> table of the subnet's effective routes
//                  | routed                              main -> what arrives: subnets; everything else is a blackhole
//        peer-hub -+- internet
//           |            |
//      <lab>.hub     <lab>.internet
//
// Ports are isolated and the bridge answers ARP for every neighbour with one address, so there is no layer 2 between machines
// and every packet is routed (L3-5). A subnet's packets look up the subnet's own table, the effective routes; a VnetLocal route
// there is a `throw`, which goes on to the main table: the subnets themselves, then a blackhole for the rest of the address
// space. What comes in from a peering or the internet looks up the main table alone, so nothing is passed on to a third network
// (PEER-13). Public addresses exist only in the router's NAT at the link `internet` (PIP-4).
//
// A table's number is the subnet's first address read as a number: unique in its router, the same after every change.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "emu/model/model.hpp"
#include "netns/state/state.hpp"

namespace emu {

/// Folders in a lab's own, with one for each IKE daemon and for each collector of flow logs.
inline constexpr const char* kDaemonsFolder = "ipsec";
inline constexpr const char* kCollectorsFolder = "flow-log-collectors";

/// Where on this machine a lab finds what its processes need.
struct Places {
  std::filesystem::path program;  ///< this program, which watches over daemons
  std::filesystem::path folder;   ///< the lab's own folder; its parent is hidden from processes in the lab

  std::filesystem::path directory = {};  ///< the lab file's folder, where a lab's own commands work

  /// Where the records of flow logs are.
  std::filesystem::path flow_logs() const { return folder / "flow-logs"; }
  /// What serves the machines' pages and the services.
  std::filesystem::path server() const;
  /// What watches over every process of a lab.
  std::filesystem::path supervisor() const;
};

/// The namespaces of `model`, which must be resolved. Pure.
netns::State build_state(const Model& model, const Places& places);

/// What a program of the user's in `node` sees. Pure.
netns::Surroundings surroundings_of(const Model& model, std::string_view node, const Places& places);

/// What a program of Lazuli's own in `node` sees: the lab's folder as well, where its files are. Pure.
netns::Surroundings daemon_surroundings(const Model& model, std::string_view node, const Places& places);

/// The files that surroundings mount, by path inside `Places::folder`: each network's /etc/hosts with the services' names, and a resolver
/// configuration without servers, so that an unknown name is unknown at once. Pure.
std::map<std::string, std::string> surrounding_files(const Model& model);

}  // namespace emu
