// SPDX-License-Identifier: Apache-2.0
// emu/fabric/services.hpp — the namespace of all emulated services, and the backbone that leads to it.
//
// Theory of operation. A virtual network with a service endpoint has a link of its own to the services, the backbone:
//
//         <lab>.<vnet>                  <lab>.services                    <lab>.internet
//      br-web   backbone --------- vnet-<vnet>      internet ------------ services
//        |         ^                                  addresses of all services
//        +- table -+ VirtualNetworkServiceEndpoint    what has no endpoint arrives there, translated
//
// Identity is the link, never the address: a packet is marked with the link that it came in by, its answer carries the same mark, and
// each mark has a routing table with one route, back over that link. The sender's address is its own, since nothing translates on
// the way (SE-4). Nothing is tracked either, so two networks with one address space may send the same packet at the same moment
// (SE-10).
//
// A router lets a packet onto the backbone only from a subnet with an endpoint and with an address of that subnet: what a machine
// passes on for others is not the subnet's own (SE-8, SE-9). A connection goes on only the way that it began: when an endpoint is
// switched on or off, the next packet of an open connection is answered by a reset (SE-5).
#pragma once

#include <string>

#include "emu/fabric/fabric.hpp"

namespace emu {

/// Whether `model` has a namespace for services.
bool has_services(const Model& model);

/// The services' own address on each of their links.
Ipv4Address services_address();

netns::Namespace build_services(const Model& model, const Places& places);

/// Adds the backbone's link to the router of `network`, when a subnet has an endpoint.
void add_backbone(const Model& model, const VirtualNetwork& network, netns::Namespace& router);

/// What the router's ruleset has for services, empty in a lab without.
struct BackboneRules {
  std::string set;          ///< of subnets and their addresses; its elements are `elements`
  std::string forward;      ///< rules that come before what is established passes
  std::string established;  ///< rules that come behind
  std::string output;
  netns::Ruleset::Elements elements;
};
BackboneRules backbone_rules(const Model& model, const VirtualNetwork& network);

}  // namespace emu
