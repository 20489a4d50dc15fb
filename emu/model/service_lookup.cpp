// SPDX-License-Identifier: Apache-2.0
#include "emu/model/service_lookup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace emu {
namespace {

using enum EndpointReach;

constexpr std::array kKinds{
    ServiceKind{kStorage, "blob", PairedRegions, 400},
    ServiceKind{"Microsoft.Sql", "database", SameRegion, 128},
    ServiceKind{"Microsoft.AzureCosmosDB", "documents", AnyRegion, 64},
    ServiceKind{"Microsoft.KeyVault", "vault", AnyRegion, 127},
    ServiceKind{"Microsoft.ServiceBus", "servicebus", AnyRegion, 128},
    ServiceKind{"Microsoft.EventHub", "eventhub", AnyRegion, 128},
    ServiceKind{"Microsoft.AzureActiveDirectory", "azuredatalakestore", AnyRegion, 100},
    ServiceKind{"Microsoft.Web", "azurewebsites", AnyRegion, 512},
    ServiceKind{"Microsoft.CognitiveServices", "cognitiveservices", AnyRegion, 100},
    ServiceKind{"Microsoft.ContainerRegistry", "azurecr", AnyRegion, 100},
};

/// Azure's cross-region pairs. A few lead one way only: those of the second list.
constexpr std::array<std::pair<std::string_view, std::string_view>, 21> kPairs{{
    {"eastus", "westus"},
    {"eastus2", "centralus"},
    {"northcentralus", "southcentralus"},
    {"westus2", "westcentralus"},
    {"canadacentral", "canadaeast"},
    {"northeurope", "westeurope"},
    {"uksouth", "ukwest"},
    {"francecentral", "francesouth"},
    {"germanywestcentral", "germanynorth"},
    {"switzerlandnorth", "switzerlandwest"},
    {"norwayeast", "norwaywest"},
    {"swedencentral", "swedensouth"},
    {"eastasia", "southeastasia"},
    {"japaneast", "japanwest"},
    {"koreacentral", "koreasouth"},
    {"australiaeast", "australiasoutheast"},
    {"australiacentral", "australiacentral2"},
    {"centralindia", "southindia"},
    {"southafricanorth", "southafricawest"},
    {"uaenorth", "uaecentral"},
    {"chinanorth", "chinaeast"},
}};
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kOneWay{
    {{"westus3", "eastus"}, {"brazilsouth", "southcentralus"}, {"westindia", "southindia"}}};

}  // namespace

std::span<const ServiceKind> service_kinds() { return kKinds; }

std::span<const std::string_view> service_types() {
  static const auto types = [] {
    std::vector<std::string_view> names;
    for (const auto& kind : kKinds) names.push_back(kind.type);
    names.push_back(kStorageGlobal);
    return names;
  }();
  return types;
}

const ServiceKind* find_service_kind(std::string_view type) {
  const auto found = std::ranges::find_if(kKinds, [&](const ServiceKind& kind) { return kind.type == type; });
  return found == kKinds.end() ? nullptr : &*found;
}

std::vector<const Service*> services_of(const Model& model) {
  std::vector<const Service*> services;
  services.reserve(model.storage_accounts.size() + model.services.size());
  for (const auto* list : {&model.storage_accounts, &model.services})
    for (const auto& service : *list) services.push_back(&service);
  return services;
}

const Service* find_service(const Model& model, std::string_view name) {
  for (const auto* list : {&model.storage_accounts, &model.services}) {
    for (const auto& service : *list)
      if (same_name(service.name, name) || same_name(dns_name(service), name)) return &service;
  }
  return nullptr;
}

std::string dns_name(const Service& service) {
  const auto* kind = find_service_kind(service.type);
  return fmt::format("{}.{}.lazuli.test", service.name, kind == nullptr ? "service" : kind->domain);
}

std::string_view paired_region(std::string_view location) {
  for (const auto& [a, b] : kPairs) {
    if (location == a) return b;
    if (location == b) return a;
  }
  for (const auto& [from, to] : kOneWay)
    if (location == from) return to;
  return {};
}

bool endpoint_covers(std::string_view endpoint, std::string_view location, const Service& service) {
  if (endpoint == kStorageGlobal) return service.type == kStorage;
  const auto* kind = find_service_kind(service.type);
  if (endpoint != service.type || kind == nullptr) return false;
  switch (kind->reach) {
    case SameRegion: return service.location == location;
    case PairedRegions: return service.location == location || service.location == paired_region(location);
    case AnyRegion: return true;
  }
  return false;
}

bool has_endpoint_for(const VirtualNetwork& network, const Subnet& subnet, const Service& service) {
  return std::ranges::any_of(subnet.service_endpoints,
                             [&](const auto& endpoint) { return endpoint_covers(endpoint, network.location, service); });
}

bool uses_backbone(const Model& model, const VirtualNetwork& network) {
  const auto services = services_of(model);
  return std::ranges::any_of(network.subnets, [&](const Subnet& subnet) {
    return std::ranges::any_of(services, [&](const auto* service) { return has_endpoint_for(network, subnet, *service); });
  });
}

}  // namespace emu
