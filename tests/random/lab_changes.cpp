// SPDX-License-Identifier: Apache-2.0
#include "tests/random/lab_changes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "tests/random/growth.hpp"

namespace test {
namespace {

using Json = LabValue;

constexpr std::array kSpareBlocks{"10.20.0.0/16", "10.21.0.0/16", "172.20.0.0/16"};
constexpr std::array kPublicAddresses{"203.0.113.210", "203.0.113.211", "198.51.100.77"};

/// Calls `visit` with every text inside `value`, keys apart.
void each_text(Json& value, const std::function<void(std::string&)>& visit) {
  if (value.is_string()) return visit(value.get_ref<std::string&>());
  if (!value.is_structured()) return;
  for (auto& inner : value) each_text(inner, visit);
}

/// Gives what is called `from` the name `to`, wherever it is named: `net0`, and `net0/one` as well.
void rename(Json& lab, const std::string& from, const std::string& to) {
  each_text(lab, [&](std::string& text) {
    if (text == from || text.starts_with(from + "/")) text = to + text.substr(from.size());
  });
}

void exchange_names(Json& lab, const std::string& one, const std::string& other) {
  rename(lab, one, "between");
  rename(lab, other, one);
  rename(lab, "between", other);
}

void exchange(Json& one, Json& other, const char* key) {
  const auto value_of = [&](Json& place) { return place.contains(key) ? place[key] : Json{}; };
  const auto set = [&](Json& place, const Json& value) {
    if (value.is_null())
      place.erase(key);
    else
      place[key] = value;
  };
  const auto kept = value_of(one);
  set(one, value_of(other));
  set(other, kept);
}

void flip(Json& place, const char* key, bool otherwise) { place[key] = !place.value(key, otherwise); }

class Changes : public Growth {
 public:
  Changes(Json lab, std::uint64_t seed, const Ingredients& ingredients, const std::function<bool(const Json&)>& accepts)
      : Growth(std::move(lab), seed, ingredients), accepts_(accepts) {
    constexpr int kMostTries = 40;
    const int wanted = between(1, 5);
    int made = 0;
    for (int i = 0; i < kMostTries && made < wanted; ++i) {
      const auto before = lab_;
      change();
      if (lab_ != before && accepts_(lab_))
        ++made;
      else
        lab_ = before;
    }
  }

 private:
  void change() {
    if (!has("virtual_machines")) return machine_comes();
    switch (between(0, 21)) {
      case 0: return move_address();
      case 1: return exchange_addresses();
      case 2: return pass_addresses_on();
      case 3: return exchange_machine_names();
      case 4: return change_public_address();
      case 5: return exchange_of_machines(chance(70) ? "public_ip_address" : "public_ip_address_sku");
      case 6: return machine_goes();
      case 7: return machine_comes();
      case 8: return machine_takes_the_place_of_another();
      case 9: return move_machine();
      case 10: return rename_subnet_or_network();
      case 11: return exchange_network_names();
      case 12: return exchange_prefixes();
      case 13: return change_address_space();
      case 14: return change_peering();
      case 15: return change_route();
      case 16: return change_rule();
      case 17: return change_attachment();
      case 18: return flip(any_machine(), "ip_forwarding", false);
      case 19: return change_service();
      case 20: return move_laptop();
      default: return add_something(next_number());
    }
  }

  int next_number() { return 1000 + between(0, 99999); }  // nobody has it

  Json& any_machine() { return any("virtual_machines"); }
  std::string name_of(const Json& resource) { return resource["name"]; }

  /// Two different ones of a list; nothing where it has fewer.
  template <typename Work>
  void with_two(Json& list, Work work) {
    if (list.size() < 2) return;
    const auto one = static_cast<std::size_t>(between(0, static_cast<int>(list.size()) - 1));
    const auto other = (one + static_cast<std::size_t>(between(1, static_cast<int>(list.size()) - 1))) % list.size();
    work(list[one], list[other]);
  }

  /// Machines of one subnet, if there are that many.
  std::vector<Json*> neighbours(std::size_t at_least) {
    const std::string subnet = any_machine()["subnet"];
    std::vector<Json*> found;
    for (auto& machine : lab_["virtual_machines"])
      if (machine["subnet"] == subnet) found.push_back(&machine);
    return found.size() < at_least ? std::vector<Json*>{} : found;
  }

  /// An address of the subnet, which another one may have: then the change is refused.
  std::string address_in(const std::string& subnet) {
    for (const auto& network : lab_["virtual_networks"]) {
      for (const auto& candidate : network["subnets"]) {
        if (fmt::format("{}/{}", network["name"].get<std::string>(), candidate["name"].get<std::string>()) != subnet) continue;
        const std::string prefix = candidate["address_prefixes"][0];
        const auto first = prefix.substr(0, prefix.find('/'));
        const auto last = std::stoi(first.substr(first.rfind('.') + 1));
        return fmt::format("{}.{}", first.substr(0, first.rfind('.')), last + between(4, 20));
      }
    }
    return {};
  }

  /// Routes go on to lead to the address, which is another machine's now or nobody's.
  void move_address() {
    auto& machine = any_machine();
    machine["private_ip_address"] = address_in(machine["subnet"]);
  }

  void exchange_addresses() {
    const auto machines = neighbours(2);
    if (!machines.empty()) exchange(*machines[0], *machines[1], "private_ip_address");
  }

  /// The first takes the second's address, that the third's, and so on; the last one a new one.
  void pass_addresses_on() {
    const auto machines = neighbours(2);
    for (std::size_t i = 0; i < machines.size(); ++i)
      (*machines[i])["private_ip_address"] =
          i + 1 < machines.size() ? (*machines[i + 1])["private_ip_address"] : Json(address_in((*machines[i])["subnet"]));
  }

  void exchange_machine_names() {
    with_two(lab_["virtual_machines"], [&](Json& one, Json& other) {
      const auto first = name_of(one);
      exchange_names(lab_, first, name_of(other));
    });
  }

  void change_public_address() {
    auto& machine = any_machine();
    if (chance(40)) {
      machine.erase("public_ip_address");
      machine.erase("public_ip_address_sku");
    } else if (chance(40)) {
      machine["public_ip_address"] = true;
    } else {
      machine["public_ip_address"] = std::string(one_of(kPublicAddresses));
    }
  }

  void exchange_of_machines(const char* key) {
    with_two(lab_["virtual_machines"], [&](Json& one, Json& other) { exchange(one, other, key); });
  }

  void machine_goes() {
    auto& machines = lab_["virtual_machines"];
    if (machines.size() > 2) machines.erase(static_cast<std::size_t>(between(0, static_cast<int>(machines.size()) - 1)));
  }

  void machine_comes() {
    const std::string subnet = any_subnet();
    Json machine{{"name", fmt::format("vm{}", next_number())}, {"subnet", subnet}, {"private_ip_address", address_in(subnet)}};
    if (chance(60)) machine["web"] = 80;
    if (chance(35)) machine["public_ip_address"] = true;
    lab_["virtual_machines"].push_back(std::move(machine));
  }

  /// All that it had, under another name.
  void machine_takes_the_place_of_another() { rename(lab_, name_of(any_machine()), fmt::format("vm{}", next_number())); }

  void move_machine() {
    auto& machine = any_machine();
    machine["subnet"] = any_subnet();
    machine["private_ip_address"] = address_in(machine["subnet"]);
  }

  void rename_subnet_or_network() {
    auto& network = any("virtual_networks");
    const auto old = name_of(network);
    if (chance(30)) return rename(lab_, old, fmt::format("net{}", next_number()));
    auto& subnet = one_of(network["subnets"]);
    const auto path = fmt::format("{}/{}", old, name_of(subnet));
    const auto name = fmt::format("s{}", next_number());
    subnet["name"] = name;
    rename(lab_, path, fmt::format("{}/{}", old, name));
  }

  void exchange_network_names() {
    with_two(lab_["virtual_networks"], [&](Json& one, Json& other) {
      const auto first = name_of(one);
      exchange_names(lab_, first, name_of(other));
    });
  }

  /// Two subnets exchange their prefixes, and their machines go along.
  void exchange_prefixes() {
    auto& network = any("virtual_networks");
    const auto name = name_of(network);
    with_two(network["subnets"], [&](Json& one, Json& other) {
      const auto start_of = [](const Json& subnet) {
        const std::string prefix = subnet["address_prefixes"][0];
        return prefix.substr(0, prefix.rfind('.') + 1);
      };
      const auto first = start_of(one);
      const auto second = start_of(other);
      for (auto& machine : lab_["virtual_machines"]) {
        const std::string address = machine["private_ip_address"];
        const auto last = address.substr(address.rfind('.') + 1);
        if (machine["subnet"] == name + "/" + name_of(one)) machine["private_ip_address"] = second + last;
        if (machine["subnet"] == name + "/" + name_of(other)) machine["private_ip_address"] = first + last;
      }
      exchange(one, other, "address_prefixes");
    });
  }

  /// A block comes or goes; or a subnet becomes smaller, or larger again.
  void change_address_space() {
    auto& network = any("virtual_networks");
    if (chance(50)) {
      auto& blocks = network["address_space"];
      if (blocks.size() > 1)
        blocks.erase(blocks.size() - 1);
      else
        blocks.push_back(std::string(one_of(kSpareBlocks)));
      return;
    }
    auto& prefixes = one_of(network["subnets"])["address_prefixes"];
    const std::string prefix = prefixes[0];
    const auto slash = prefix.find('/');
    prefixes[0] = prefix.substr(0, slash) + (prefix.substr(slash) == "/24" ? "/25" : "/24");
  }

  void change_peering() {
    auto& network = any("virtual_networks");
    if (!network.contains("peerings") || network["peerings"].empty() || chance(20)) return add_peering(next_number());
    auto& peerings = network["peerings"];
    switch (between(0, 3)) {
      case 0: return flip(one_of(peerings), "allow_virtual_network_access", true);
      case 1: return flip(one_of(peerings), "allow_forwarded_traffic", false);
      default: break;
    }
    const auto remote = one_of(peerings)["remote_virtual_network"];
    const auto leave = [&](Json& place, const Json& other) {
      if (!place.contains("peerings")) return;
      auto& links = place["peerings"];
      for (std::size_t i = links.size(); i-- > 0;)
        if (links[i]["remote_virtual_network"] == other) links.erase(i);
    };
    const Json name = network["name"];
    leave(network, remote);
    if (chance(70))
      for (auto& other : lab_["virtual_networks"])
        if (other["name"] == remote) leave(other, name);
  }

  void change_route() {
    if (!has("route_tables")) return add_route(next_number());
    auto& routes = any("route_tables")["routes"];
    if (routes.empty() || chance(30)) return add_route(next_number());
    if (chance(40)) return static_cast<void>(routes.erase(static_cast<std::size_t>(between(0, static_cast<int>(routes.size()) - 1))));
    auto& route = one_of(routes);
    if (chance(50)) {
      route["address_prefix"] = any_prefix();
    } else {
      route["next_hop_type"] = "VirtualAppliance";
      route["next_hop_in_ip_address"] = any_next_hop();
    }
  }

  void change_rule() {
    if (!has("network_security_groups")) return add_rule(next_number());
    auto& rules = any("network_security_groups")["security_rules"];
    if (rules.empty() || chance(30)) return add_rule(next_number());
    if (chance(30)) return static_cast<void>(rules.erase(static_cast<std::size_t>(between(0, static_cast<int>(rules.size()) - 1))));
    if (chance(30)) return with_two(rules, [&](Json& one, Json& other) { exchange(one, other, "priority"); });
    auto& rule = one_of(rules);
    rule["access"] = rule["access"] == "Allow" ? "Deny" : "Allow";
  }

  /// A table or a group comes to a subnet or a machine, leaves it, or two exchange theirs.
  void change_attachment() {
    const char* const key = chance(50) ? "route_table" : "network_security_group";
    auto& subnets = any("virtual_networks")["subnets"];
    switch (between(0, 3)) {
      case 0: return attach("route_tables", "route_table", false);
      case 1: return attach("network_security_groups", "network_security_group", chance(50));
      case 2: return static_cast<void>(one_of(subnets).erase(key));
      default: return with_two(subnets, [&](Json& one, Json& other) { exchange(one, other, key); });
    }
  }

  void change_service() {
    if (!has("storage_accounts") || chance(30)) return add_service(next_number());
    auto& subnet = one_of(any("virtual_networks")["subnets"]);
    if (chance(40)) {
      if (subnet.contains("service_endpoints"))
        subnet.erase("service_endpoints");
      else
        subnet["service_endpoints"] = {"Microsoft.Storage"};
      return;
    }
    auto& accounts = lab_["storage_accounts"];
    if (chance(30)) return static_cast<void>(accounts.erase(static_cast<std::size_t>(between(0, static_cast<int>(accounts.size()) - 1))));
    auto& rules = one_of(accounts)["network_rules"];
    if (rules.is_null()) rules = Json::object();
    rules["default_action"] = rules.value("default_action", "Allow") == "Allow" ? "Deny" : "Allow";
  }

  void move_laptop() { lab_["internet"]["hosts"][0]["ip_address"] = std::string(one_of(kPublicAddresses)); }

  const std::function<bool(const Json&)>& accepts_;
};

}  // namespace

LabValue random_change(const LabValue& lab, std::uint64_t seed, const Ingredients& ingredients,
                       const std::function<bool(const LabValue&)>& accepts) {
  return Changes(lab, seed, ingredients, accepts).result();
}

}  // namespace test
