// SPDX-License-Identifier: Apache-2.0
// emu/semantics/service_tags.hpp — names that stand for the addresses of Azure's own services (UDR-15, TAG-5).
//
// Azure has some hundred and twenty tags, and all of them are known here. Those of services that a lab can have stand for a part of the
// range that these are addressed from. The others are Azure's own machinery, of which a lab has nothing: they match nothing. A tag of one
// region, `Storage.westus`, has the same addresses as the tag without: the emulated services are not spread over regions.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "emu/model/model.hpp"
#include "emu/semantics/addresses.hpp"

namespace emu {

/// A tag that stands for something in a lab.
struct ServiceTag {
  std::string_view name;
  Ipv4Prefix prefix;
  std::string_view type = {};  ///< of the services that are addressed from `prefix` (SE-2); empty for AzureCloud
};

inline constexpr std::array kServiceTags{
    ServiceTag{"Storage", {{0xC6130000}, 18}, kStorage},                                           // 198.19.0.0/18
    ServiceTag{"Sql", {{0xC6134000}, 18}, "Microsoft.Sql"},                                        // 198.19.64.0/18
    ServiceTag{"AzureCosmosDB", {{0xC6138000}, 21}, "Microsoft.AzureCosmosDB"},                    // 198.19.128.0/21
    ServiceTag{"AzureKeyVault", {{0xC6138800}, 21}, "Microsoft.KeyVault"},                         // 198.19.136.0/21
    ServiceTag{"ServiceBus", {{0xC6139000}, 21}, "Microsoft.ServiceBus"},                          // 198.19.144.0/21
    ServiceTag{"EventHub", {{0xC6139800}, 21}, "Microsoft.EventHub"},                              // 198.19.152.0/21
    ServiceTag{"AzureActiveDirectory", {{0xC613A000}, 21}, "Microsoft.AzureActiveDirectory"},      // 198.19.160.0/21
    ServiceTag{"AppService", {{0xC613A800}, 21}, "Microsoft.Web"},                                 // 198.19.168.0/21
    ServiceTag{"CognitiveServicesManagement", {{0xC613B000}, 21}, "Microsoft.CognitiveServices"},  // 198.19.176.0/21
    ServiceTag{"AzureContainerRegistry", {{0xC613B800}, 21}, "Microsoft.ContainerRegistry"},       // 198.19.184.0/21
    ServiceTag{"AzureCloud", kServicesRange},
};

/// The tag behind `Storage` or `Storage.WestUS`; nullopt when it stands for nothing in a lab, or is none.
std::optional<ServiceTag> find_service_tag(std::string_view text);

/// Whether `text` is a tag of Azure's for one of its services, of a region or not, whatever it stands for. VirtualNetwork, Internet and the
/// like are none: those are tags of security rules alone (security_tags.hpp).
bool is_service_tag(std::string_view text);

/// All of them, without regions.
std::span<const std::string_view> service_tag_names();

/// How much a tag stands behind others for one prefix (UDR-15): a tag of a region, a tag, AzureCloud of a region, AzureCloud.
int breadth(std::string_view service_tag);

}  // namespace emu
