// SPDX-License-Identifier: Apache-2.0
#include "emu/semantics/service_tags.hpp"

#include <algorithm>

namespace emu {
namespace {

/// Azure's list (learn.microsoft.com/azure/virtual-network/service-tags-overview, and what the service tag discovery API adds to it).
constexpr std::array<std::string_view, 110> kNames{
    "ActionGroup",
    "ApiManagement",
    "AppConfiguration",
    "AppService",
    "AppServiceManagement",
    "ApplicationInsightsAvailability",
    "AutonomousDevelopmentPlatform",
    "AzureActiveDirectory",
    "AzureActiveDirectoryDomainServices",
    "AzureAdvancedThreatProtection",
    "AzureArcInfrastructure",
    "AzureAttestation",
    "AzureBackup",
    "AzureBotService",
    "AzureCloud",
    "AzureCognitiveSearch",
    "AzureConnectors",
    "AzureContainerAppsService",
    "AzureContainerRegistry",
    "AzureCosmosDB",
    "AzureDataExplorerManagement",
    "AzureDataLake",
    "AzureDatabricks",
    "AzureDevOps",
    "AzureDevSpaces",
    "AzureDeviceUpdate",
    "AzureDigitalTwins",
    "AzureEventGrid",
    "AzureFrontDoor.Backend",
    "AzureFrontDoor.FirstParty",
    "AzureFrontDoor.Frontend",
    "AzureFrontDoor.MicrosoftSecurity",
    "AzureHealthcareAPIs",
    "AzureInformationProtection",
    "AzureIoTHub",
    "AzureKeyVault",
    "AzureLoadTestingInstanceManagement",
    "AzureMachineLearning",
    "AzureMachineLearningInference",
    "AzureManagedGrafana",
    "AzureMonitor",
    "AzureMonitorForSAP",
    "AzureOpenDatasets",
    "AzurePortal",
    "AzureRemoteRendering",
    "AzureResourceManager",
    "AzureSecurityCenter",
    "AzureSentinel",
    "AzureSignalR",
    "AzureSiteRecovery",
    "AzureSphere",
    "AzureSphereSecureService_Prod",
    "AzureSpringCloud",
    "AzureStack",
    "AzureTrafficManager",
    "AzureUpdateDelivery",
    "AzureVideoAnalyzerForMedia",
    "AzureWebPubSub",
    "BatchNodeManagement",
    "ChaosStudio",
    "CognitiveServicesFrontend",
    "CognitiveServicesManagement",
    "ContainerAppsManagement",
    "CopilotActions",
    "DataFactory",
    "DataFactoryManagement",
    "Dynamics365BusinessCentral",
    "Dynamics365ForMarketingEmail",
    "Dynamics365FraudProtection",
    "EOPExternalPublishedIPs",
    "EventHub",
    "GatewayManager",
    "GenevaActions",
    "Grafana",
    "GuestAndHybridManagement",
    "HDInsight",
    "KustoAnalytics",
    "LogicApps",
    "LogicAppsManagement",
    "M365LighthouseProd",
    "M365ManagementActivityApi",
    "M365ManagementActivityApiWebhook",
    "Marketplace",
    "MicrosoftAzureFluidRelay",
    "MicrosoftCloudAppSecurity",
    "MicrosoftContainerRegistry",
    "MicrosoftDefenderForEndpoint",
    "MicrosoftPurviewPolicyDistribution",
    "OneDsCollector",
    "PowerBI",
    "PowerPlatformInfra",
    "PowerPlatformPlex",
    "PowerQueryOnline",
    "SCCservice",
    "Scuba",
    "SecurityCopilot",
    "SerialConsole",
    "ServiceBus",
    "ServiceFabric",
    "Sql",
    "SqlManagement",
    "Storage",
    "StorageMover",
    "StorageSyncService",
    "SystemServiceAzureSpringAppsResourceProvider",
    "TridentKusto",
    "VideoIndexer",
    "WindowsAdminCenter",
    "WindowsVirtualDesktop",
    "ZeroTrustSegmentation",
};

/// `AzureFrontDoor.Frontend` is a name, and `Storage.WestUS` one with a region behind it.
std::string_view without_region(std::string_view text) {
  const auto is_letter_or_digit = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
  const auto dot = text.rfind('.');
  if (dot == std::string_view::npos || std::ranges::any_of(kNames, [&](auto name) { return same_name(name, text); })) return text;
  const auto region = text.substr(dot + 1);
  return region.empty() || !std::ranges::all_of(region, is_letter_or_digit) ? text : text.substr(0, dot);
}

}  // namespace

std::optional<ServiceTag> find_service_tag(std::string_view text) {
  const auto wanted = without_region(text);
  const auto found = std::ranges::find_if(kServiceTags, [&](const auto& tag) { return same_name(tag.name, wanted); });
  return found == kServiceTags.end() ? std::nullopt : std::optional(*found);
}

bool is_service_tag(std::string_view text) {
  const auto wanted = without_region(text);
  return std::ranges::any_of(kNames, [&](auto name) { return same_name(name, wanted); });
}

std::span<const std::string_view> service_tag_names() { return kNames; }

int breadth(std::string_view service_tag) {
  const auto name = without_region(service_tag);
  return (same_name(name, "AzureCloud") ? 2 : 0) + (name.size() == service_tag.size() ? 1 : 0);
}

}  // namespace emu
