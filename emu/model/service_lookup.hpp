// SPDX-License-Identifier: Apache-2.0
// emu/model/service_lookup.hpp — what kinds of services there are, which a lab has, and what they are called.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "emu/model/model.hpp"

namespace emu {

/// SE-11: the regions that a subnet's endpoint reaches services of a kind in.
enum class EndpointReach { SameRegion, PairedRegions, AnyRegion };

struct ServiceKind {
  std::string_view type;    ///< as a subnet and a service name it (SE-2)
  std::string_view domain;  ///< `<service>.<domain>.lazuli.test`
  EndpointReach reach = EndpointReach::AnyRegion;
  std::size_t most_rules = 0;  ///< of a firewall, for subnets and for addresses each (SE-12)
};

/// Every kind but Microsoft.Storage.Global, which is an endpoint's alone.
std::span<const ServiceKind> service_kinds();
/// What a subnet's service endpoints can be called: the types of all kinds, and Microsoft.Storage.Global.
std::span<const std::string_view> service_types();
/// nullptr when there is none.
const ServiceKind* find_service_kind(std::string_view type);

/// Storage accounts, then the others, in the order of the model.
std::vector<const Service*> services_of(const Model& model);

/// By name, or by its name in DNS; nullptr when there is none.
const Service* find_service(const Model& model, std::string_view name);

/// `contosodata.blob.lazuli.test`
std::string dns_name(const Service& service);

/// The other region of a pair, SE-1; empty when the region has none.
std::string_view paired_region(std::string_view location);

/// Whether endpoint `endpoint` of a subnet in `location` is for `service` (SE-2, SE-11).
bool endpoint_covers(std::string_view endpoint, std::string_view location, const Service& service);

/// Whether `subnet` of `network` has a service endpoint for `service`.
bool has_endpoint_for(const VirtualNetwork& network, const Subnet& subnet, const Service& service);

/// Whether packets of `network` can reach a service over Azure's backbone: some subnet of it has an endpoint for one.
bool uses_backbone(const Model& model, const VirtualNetwork& network);

}  // namespace emu
