// SPDX-License-Identifier: Apache-2.0
// emu/semantics/service_tags.hpp — names that stand for the addresses of Azure's own services (UDR-15, TAG-5).
//
// Each tag has a part of the range that the emulated services are addressed from. A tag of one region, `Storage.westus`, has the
// same addresses as the tag without: the emulated services are not spread over regions.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "emu/model/model.hpp"
#include "emu/semantics/addresses.hpp"

namespace emu {

struct ServiceTag {
  std::string_view name;
  Ipv4Prefix prefix;
};

inline constexpr std::array kServiceTags{
    ServiceTag{"Storage", {{0xC6130000}, 18}},  // 198.19.0.0/18
    ServiceTag{"Sql", {{0xC6134000}, 18}},      // 198.19.64.0/18
    ServiceTag{"AzureCloud", kServicesRange},
};

/// The tag behind `Storage` or `Storage.WestUS`; nullopt when there is none.
inline std::optional<ServiceTag> find_service_tag(std::string_view text) {
  const auto dot = text.find('.');
  const auto region = dot == std::string_view::npos ? std::string_view{} : text.substr(dot + 1);
  const auto is_letter_or_digit = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
  if (dot != std::string_view::npos && (region.empty() || !std::ranges::all_of(region, is_letter_or_digit))) return std::nullopt;
  const auto found = std::ranges::find_if(kServiceTags, [&](const auto& tag) { return same_name(tag.name, text.substr(0, dot)); });
  return found == kServiceTags.end() ? std::nullopt : std::optional(*found);
}

/// How much a tag stands behind others for one prefix (UDR-15): a tag of a region, a tag, AzureCloud of a region, AzureCloud.
inline int breadth(std::string_view service_tag) {
  const auto dot = service_tag.find('.');
  const bool is_cloud = same_name(service_tag.substr(0, dot), "AzureCloud");
  return (is_cloud ? 2 : 0) + (dot == std::string_view::npos ? 1 : 0);
}

}  // namespace emu
