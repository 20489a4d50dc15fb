// SPDX-License-Identifier: Apache-2.0
#include "emu/semantics/azure_regions.hpp"

#include <algorithm>
#include <array>

namespace emu {
namespace {

constexpr auto kRegions = std::to_array<std::string_view>(
    {// America
     "brazilsouth", "brazilsoutheast", "canadacentral", "canadaeast", "centralus", "chilecentral", "eastus", "eastus2", "eastus3",
     "mexicocentral", "northcentralus", "southcentralus", "westcentralus", "westus", "westus2", "westus3",
     // Europe
     "austriaeast", "belgiumcentral", "denmarkeast", "finlandcentral", "francecentral", "francesouth", "germanynorth", "germanywestcentral",
     "greececentral", "italynorth", "northeurope", "norwayeast", "norwaywest", "polandcentral", "spaincentral", "swedencentral",
     "swedensouth", "switzerlandnorth", "switzerlandwest", "uksouth", "ukwest", "westeurope",
     // Asia and Australia
     "australiacentral", "australiacentral2", "australiaeast", "australiasoutheast", "centralindia", "eastasia", "indonesiacentral",
     "japaneast", "japanwest", "jioindiacentral", "jioindiawest", "koreacentral", "koreasouth", "malaysiasouth", "malaysiawest",
     "newzealandnorth", "southcentralindia", "southeastasia", "southindia", "taiwannorth", "taiwannorthwest", "westindia",
     // Middle East and Africa
     "israelcentral", "israelnorthwest", "qatarcentral", "saudiarabiaeast", "southafricanorth", "southafricawest", "uaecentral", "uaenorth",
     // clouds of their own
     "chinaeast", "chinaeast2", "chinaeast3", "chinanorth", "chinanorth2", "chinanorth3", "usdodcentral", "usdodeast", "usgovarizona",
     "usgovtexas", "usgovvirginia", "usnateast", "usnatwest", "usseceast", "ussecwest"});

}  // namespace

std::span<const std::string_view> azure_regions() { return kRegions; }

bool is_azure_region(std::string_view location) { return std::ranges::find(kRegions, location) != kRegions.end(); }

}  // namespace emu
