// SPDX-License-Identifier: Apache-2.0
#include "emu/services/service_configuration.hpp"

#include <nlohmann/json.hpp>
#include <stdexcept>

namespace emu {
namespace {

using Json = nlohmann::ordered_json;
using netns::Ipv4Address;
using netns::Ipv4Prefix;

template <typename T>
Json texts(const std::vector<T>& values) {
  auto out = Json::array();
  for (const auto& value : values) out.push_back(to_string(value));
  return out;
}

template <typename T>
T value_of(const Json& json) {
  const auto value = T::parse(json.get_ref<const std::string&>());
  if (!value) throw std::runtime_error(json.dump() + " is not an address or a prefix");
  return *value;
}

template <typename T>
std::vector<T> values_of(const Json& json) {
  std::vector<T> out;
  for (const auto& element : json) out.push_back(value_of<T>(element));
  return out;
}

}  // namespace

std::string to_json(const ServiceConfiguration& configuration) {
  Json out{{"links", Json::array()}, {"services", Json::array()}, {"azureAddresses", Json::object()}};
  for (const auto& link : configuration.links) {
    auto subnets = Json::array();
    for (const auto& subnet : link.subnets) subnets.push_back({{"name", subnet.name}, {"prefixes", texts(subnet.prefixes)}});
    out["links"].push_back({{"device", link.device},
                            {"virtualNetwork", link.virtual_network},
                            {"subnets", std::move(subnets)},
                            {"services", texts(link.services)}});
  }
  for (const auto& service : configuration.services) {
    out["services"].push_back({{"name", service.name},
                               {"location", service.location},
                               {"address", to_string(service.address)},
                               {"denies", service.denies},
                               {"allowedSubnets", service.allowed_subnets},
                               {"allowedAddresses", texts(service.allowed_addresses)}});
  }
  for (const auto& [location, addresses] : configuration.azure_addresses) out["azureAddresses"][location] = texts(addresses);
  return out.dump(1) + '\n';
}

ServiceConfiguration service_configuration_from_json(std::string_view text) {
  const auto json = Json::parse(text);
  ServiceConfiguration out;
  for (const auto& link : json.at("links")) {
    ServiceLink read{link.at("device"), link.at("virtualNetwork"), {}, values_of<Ipv4Address>(link.at("services"))};
    for (const auto& subnet : link.at("subnets")) read.subnets.push_back({subnet.at("name"), values_of<Ipv4Prefix>(subnet.at("prefixes"))});
    out.links.push_back(std::move(read));
  }
  for (const auto& service : json.at("services")) {
    out.services.push_back({service.at("name"), service.at("location"), value_of<Ipv4Address>(service.at("address")), service.at("denies"),
                            service.at("allowedSubnets"), values_of<Ipv4Prefix>(service.at("allowedAddresses"))});
  }
  for (const auto& [location, addresses] : json.at("azureAddresses").items())
    out.azure_addresses.emplace(location, values_of<Ipv4Address>(addresses));
  return out;
}

}  // namespace emu
