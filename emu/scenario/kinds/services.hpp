// SPDX-License-Identifier: Apache-2.0
// emu/scenario/kinds/services.hpp — storage accounts and other emulated services, and their firewalls.
#pragma once

#include <fmt/format.h>

#include <array>
#include <utility>

#include "emu/model/model.hpp"
#include "emu/model/service_lookup.hpp"
#include "emu/model/wording.hpp"
#include "emu/scenario/kinds/common.hpp"
#include "emu/scenario/kinds/machine.hpp"

namespace emu {

/// The firewall of a service, and its kin of a storage account, which has no `ignore_missing_vnet_service_endpoint` (SE-6).
struct StorageNetworkRules : NetworkRules {};

/// A service, and a storage account, whose type need not be said.
struct StorageAccount : Service {};

template <auto Member, typename T>
void read_inherited(FieldReader& reader, const Place& place, T& into) {
  reader.read(place, into.*Member);
}

template <typename T>
void read_default_action(FieldReader& reader, const Place& place, T& rules) {
  read_enumerated(reader, place, std::array{DefaultAction::Allow, DefaultAction::Deny}, rules.default_action);
}

/// SA-1: some of three, or None alone.
template <typename T>
void read_bypass(FieldReader& reader, const Place& place, T& rules) {
  constexpr std::array<std::string_view, 4> kWords{"AzureServices", "Logging", "Metrics", "None"};
  reader.read(place, rules.bypass);
  for (auto& word : rules.bypass) {
    spell_as(kWords, word);
    if (!find_word(kWords, word))
      reader.error(place, fmt::format("'bypass' is a list of {}, not {}{}", one_of(kWords), in_quotes(word), did_you_mean(word, kWords)));
    else if (word == "None" && rules.bypass.size() > 1)
      reader.error(place, "'bypass' is None, or what is let through, not both");
  }
}

/// `[spoke/web, hub/app]`
template <typename T>
void read_allowed_subnets(FieldReader& reader, const Place& place, T& rules) {
  for (const auto& item : reader.items_of(place)) {
    VirtualMachine machine;
    read_subnet_reference(reader, item, machine);
    rules.virtual_network_subnets.push_back(std::move(machine.subnet));  // empty when it was not understood
  }
}

/// SA-4: single addresses, and prefixes of up to 30 bits; which addresses they may be is for `validate` to say.
template <typename T>
void read_ip_rules(FieldReader& reader, const Place& place, T& rules) {
  for (const auto& item : reader.items_of(place)) {
    const auto text = reader.scalar(item, "an address or an address prefix");
    if (!text) continue;
    std::optional<netns::Ipv4Prefix> prefix;
    if (const auto address = netns::Ipv4Address::parse(*text))
      prefix = netns::Ipv4Prefix{*address, 32};
    else
      reader.read(item, prefix);
    if (prefix && prefix->length > 30 && text->find('/') != std::string_view::npos)
      reader.error(item, fmt::format("{} is too small a prefix for a rule", *text), "", "list its addresses one by one");
    rules.ip_rules.push_back(prefix.value_or(netns::Ipv4Prefix{}));
  }
}

/// SE-2.
inline void read_service_type(FieldReader& reader, const Place& place, Service& service) {
  reader.read(place, service.type);
  spell_as(service_types(), service.type);
}

template <typename T>
void read_service_location(FieldReader& reader, const Place& place, T& service) {
  read_location(reader, place, service.location);
}

template <typename Rules, typename T>
void read_network_rules(FieldReader& reader, const Place& place, T& service) {
  Rules rules;
  reader.read_object(place, rules);
  service.network_rules = std::move(rules);  // the part that both kinds have
}

template <>
struct ObjectKind<StorageNetworkRules> {
  using T = StorageNetworkRules;
  static constexpr std::string_view kTitle = "storage firewall";
  static constexpr std::array kFields{
      Field<T>{"default_action", read_default_action<T>, Presence::Required},
      Field<T>{"bypass", read_bypass<T>},
      Field<T>{"virtual_network_subnets", read_allowed_subnets<T>},
      Field<T>{"ip_rules", read_ip_rules<T>},
  };
  static constexpr auto kNotYet = kNothing;
  static void finish(FieldReader& /*reader*/, const Place& /*place*/, T& /*rules*/) {}
};

template <>
struct ObjectKind<NetworkRules> {
  using T = NetworkRules;
  static constexpr std::string_view kTitle = "firewall";
  static constexpr std::array kFields{
      Field<T>{"default_action", read_default_action<T>, Presence::Required},
      Field<T>{"bypass", read_bypass<T>},
      Field<T>{"virtual_network_subnets", read_allowed_subnets<T>},
      Field<T>{"ip_rules", read_ip_rules<T>},
      Field<T>{"ignore_missing_vnet_service_endpoint", member<&T::ignore_missing_vnet_service_endpoint>},
  };
  static constexpr auto kNotYet = kNothing;
  static void finish(FieldReader& /*reader*/, const Place& /*place*/, T& /*rules*/) {}
};

template <>
struct ObjectKind<StorageAccount> {
  using T = StorageAccount;
  static constexpr std::string_view kTitle = "storage account";
  static constexpr std::array kFields{
      Field<T>{"name", read_inherited<&Service::name, T>, Presence::Required},
      Field<T>{"location", read_service_location<T>},
      Field<T>{"network_rules", read_network_rules<StorageNetworkRules, T>},
      Field<T>{"command", read_inherited<&Service::command, T>},
  };
  static constexpr auto kNotYet = kNothing;
  static void finish(FieldReader& /*reader*/, const Place& /*place*/, T& account) { account.type = kStorage; }
};

template <>
struct ObjectKind<Service> {
  using T = Service;
  static constexpr std::string_view kTitle = "service";
  static constexpr std::array kFields{
      Field<T>{"name", member<&T::name>, Presence::Required},
      Field<T>{"type", read_service_type, Presence::Required},
      Field<T>{"location", read_service_location<T>},
      Field<T>{"network_rules", read_network_rules<NetworkRules, T>},
      Field<T>{"command", member<&T::command>},
  };
  static constexpr auto kNotYet = kNothing;
  static void finish(FieldReader& /*reader*/, const Place& /*place*/, T& /*service*/) {}
};

inline void read_storage_accounts(FieldReader& reader, const Place& place, Model& model) {
  std::vector<StorageAccount> accounts;
  reader.read(place, accounts);
  model.storage_accounts.assign(accounts.begin(), accounts.end());  // the part that both kinds have
}

}  // namespace emu
