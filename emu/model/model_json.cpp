// SPDX-License-Identifier: Apache-2.0
#include "emu/model/model_json.hpp"

#include <fmt/format.h>

#include <array>
#include <new>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <vector>

#include "emu/model/properties.hpp"

namespace emu {
namespace {

using Json = nlohmann::ordered_json;

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::Reachable: return "reachable";
    case Outcome::Blocked: return "blocked";
    case Outcome::Refused: return "refused";
    case Outcome::Status: return "status";
  }
  return "";
}

template <typename Enum>
struct Values;
template <>
struct Values<PeeringState> {
  static constexpr std::array kAll{PeeringState::Initiated, PeeringState::Connected, PeeringState::Disconnected};
};
template <>
struct Values<PeeringSyncLevel> {
  static constexpr std::array kAll{PeeringSyncLevel::FullyInSync, PeeringSyncLevel::RemoteNotInSync, PeeringSyncLevel::LocalNotInSync,
                                   PeeringSyncLevel::LocalAndRemoteNotInSync};
};
template <>
struct Values<CheckKind> {
  static constexpr std::array kAll{CheckKind::Ping, CheckKind::Tcp, CheckKind::Udp, CheckKind::Http, CheckKind::Run};
};
template <>
struct Values<Outcome> {
  static constexpr std::array kAll{Outcome::Reachable, Outcome::Blocked, Outcome::Refused, Outcome::Status};
};
template <>
struct Values<Path> {
  static constexpr std::array kAll{Path::VirtualNetwork, Path::Peering,  Path::ServiceEndpoint,
                                   Path::Ipsec,          Path::Internet, Path::Appliance};
};
template <>
struct Values<DefaultAction> {
  static constexpr std::array kAll{DefaultAction::Allow, DefaultAction::Deny};
};

template <>
struct Values<RuleDirection> {
  static constexpr std::array kAll{RuleDirection::Inbound, RuleDirection::Outbound};
};
template <>
struct Values<RuleAccess> {
  static constexpr std::array kAll{RuleAccess::Allow, RuleAccess::Deny};
};
template <>
struct Values<RuleProtocol> {
  static constexpr std::array kAll{RuleProtocol::Any,  RuleProtocol::Tcp, RuleProtocol::Udp,
                                   RuleProtocol::Icmp, RuleProtocol::Esp, RuleProtocol::Ah};
};
template <>
struct Values<PublicIpAddressSku> {
  static constexpr std::array kAll{PublicIpAddressSku::Basic, PublicIpAddressSku::Standard};
};
template <>
struct Values<Isolation> {
  static constexpr std::array kAll{Isolation::Sandbox, Isolation::None};
};
template <>
struct Values<VpnType> {
  static constexpr std::array kAll{VpnType::RouteBased, VpnType::PolicyBased};
};
template <>
struct Values<ConnectionMode> {
  static constexpr std::array kAll{ConnectionMode::Default, ConnectionMode::InitiatorOnly, ConnectionMode::ResponderOnly};
};
template <>
struct Values<NextHopType> {
  static constexpr std::array kAll{NextHopType::VnetLocal,
                                   NextHopType::VNetPeering,
                                   NextHopType::VNetGlobalPeering,
                                   NextHopType::Internet,
                                   NextHopType::None,
                                   NextHopType::VirtualAppliance,
                                   NextHopType::VirtualNetworkGateway,
                                   NextHopType::VirtualNetworkServiceEndpoint};
};

template <typename T>
concept Enumeration = std::is_enum_v<T>;

template <typename T>
Json write(const T& value) {
  return value;
}

template <Enumeration T>
Json write(const T& value) {
  return to_string(value);
}

template <Resource T>
Json write(const T& value);

Json write(const Ipv4Address& value) { return to_string(value); }

Json write(const Ipv4Prefix& value) { return to_string(value); }

/// The one place besides the IPsec configuration that a key is written to: the file is the owner's alone.
Json write(const Secret& value) { return value.reveal(); }

Json write(const SubnetReference& value) { return fmt::format("{}/{}", value.virtual_network, value.subnet); }

template <typename T>
Json write(const std::vector<T>& values) {
  Json out = Json::array();
  auto& elements = out.get_ref<Json::array_t&>();
  elements.reserve(values.size());
  for (const auto& value : values) elements.push_back(write(value));
  return out;
}

/// The properties of a resource that says nothing, in the order of `each_property`: what a missing key is read as.
template <Resource T>
const std::vector<const void*>& defaults() {
  static const T resource{};
  static const auto properties = [] {
    std::vector<const void*> pointers;
    each_property(resource, [&](const char*, const auto& property) { pointers.push_back(&property); });
    return pointers;
  }();
  return properties;
}

template <Resource T>
Json write(const T& value) {
  Json out = Json::object();
  auto& members = out.get_ref<Json::object_t&>();
  auto otherwise = defaults<T>().begin();
  each_property(value, [&]<typename Property>(const char* key, const Property& property) {
    if (property == *static_cast<const Property*>(*otherwise++)) return;
    if constexpr (requires { property.has_value(); }) {
      if (property) members.emplace_back(key, write(*property));
    } else {
      members.emplace_back(key, write(property));
    }
  });
  return out;
}

/// What `parse` made of `text`.
template <typename T>
T understood(const std::optional<T>& parsed, std::string_view text) {
  if (!parsed) throw std::runtime_error(fmt::format("'{}' is not a value of its kind", text));
  return *parsed;
}

template <typename T>
void read(const Json& json, T& value) {
  json.get_to(value);
}

template <Enumeration T>
void read(const Json& json, T& value) {
  const auto& text = json.get_ref<const std::string&>();
  std::optional<T> found;
  for (const auto candidate : Values<T>::kAll) {
    if (to_string(candidate) == text) found = candidate;
  }
  value = understood(found, text);
}

template <Resource T>
void read(const Json& json, T& value);

void read(const Json& json, Ipv4Address& value) {
  const auto& text = json.get_ref<const std::string&>();
  value = understood(Ipv4Address::parse(text), text);
}

void read(const Json& json, Ipv4Prefix& value) {
  const auto& text = json.get_ref<const std::string&>();
  value = understood(Ipv4Prefix::parse(text), text);
}

void read(const Json& json, Secret& value) { value = Secret(json.get<std::string>()); }

void read(const Json& json, SubnetReference& value) {
  const auto& text = json.get_ref<const std::string&>();
  const auto slash = text.find('/');
  if (slash == std::string::npos) throw std::runtime_error(fmt::format("'{}' is not a subnet", text));
  value = {text.substr(0, slash), text.substr(slash + 1)};
}

template <typename T>
void read(const Json& json, std::optional<T>& value) {
  read(json, value.emplace());
}

template <typename T>
void read(const Json& json, std::vector<T>& values) {
  values.reserve(json.size());
  for (const auto& element : json.get_ref<const Json::array_t&>()) read(element, values.emplace_back());
}

template <Resource T>
void read(const Json& json, T& value) {
  const auto& object = json.get_ref<const Json::object_t&>();
  each_property(value, [&](const char* key, auto& property) {
    if (const auto found = object.find(key); found != object.end()) read(found->second, property);
  });
}

}  // namespace

std::string to_json(const Model& model) { return write(model).dump() + '\n'; }

Model model_from_json(std::string_view text) {
  try {
    Model model;
    read(Json::parse(text), model);
    return model;
  } catch (const std::bad_alloc&) {
    throw;  // that there is no memory says nothing of the model
  } catch (const std::exception& error) {
    throw std::runtime_error(fmt::format("this is not a saved model: {}", error.what()));
  }
}

}  // namespace emu
