// SPDX-License-Identifier: Apache-2.0
// tests/unit/emu/sample_services.hpp — services in few words.
#pragma once

#include "tests/unit/emu/sample_model.hpp"

namespace emu::sample {

inline Service service(std::string name, std::string type, std::string location) {
  Service out;
  out.name = std::move(name);
  out.type = std::move(type);
  out.location = std::move(location);
  return out;
}

inline Service account(std::string name, std::string location = "westus") {
  return service(std::move(name), std::string(kStorage), std::move(location));
}

/// net 10.0.0.0/16 in westus: app 10.0.0.0/24 with `endpoints`, other 10.0.1.0/24 without; accounts here (westus), paired (eastus) and
/// far (westeurope), and a database here. A machine in each subnet.
inline Model lab_with_services(std::vector<std::string> endpoints) {
  Model model;
  model.lab = "lab";
  model.virtual_networks = {network("net", {"10.0.0.0/16"}, {subnet("app", {"10.0.0.0/24"}), subnet("other", {"10.0.1.0/24"})})};
  model.virtual_networks[0].subnets[0].service_endpoints = std::move(endpoints);
  model.virtual_machines = {machine("vm", "net", "app"), machine("vm2", "net", "other")};
  model.storage_accounts = {account("here"), account("paired", "eastus"), account("far", "westeurope")};
  model.services = {service("db", "Microsoft.Sql", "westus")};
  return model;
}

}  // namespace emu::sample
