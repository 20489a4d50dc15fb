// SPDX-License-Identifier: Apache-2.0
#include "emu/scenario/lab_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <memory>
#include <system_error>

#include "emu/model/name_key.hpp"
#include "emu/model/wording.hpp"
#include "emu/scenario/field_reader.hpp"
#include "emu/scenario/lab_file_keys.hpp"
#include "emu/scenario/yaml_tree.hpp"

namespace emu {
namespace {

constexpr std::string_view kDefaultLocation = "westus";

/// What the portal fills in: a block and one subnet (VNET-10).
constexpr Ipv4Prefix kDefaultAddressSpace{{0x0A020000}, 16};
constexpr Ipv4Prefix kDefaultSubnet{{0x0A020000}, 24};

constexpr std::array<std::string_view, 0> kNothing{};

bool has_key(const YamlNode& mapping, std::string_view key) {
  return std::ranges::any_of(mapping.entries,
                             [&](const auto& entry) { return entry.key.text == key && entry.value.kind != YamlNode::Kind::Null; });
}

/// `West US` and `westus` are one location.
void read_location(FieldReader& reader, const Place& place, std::string& into) {
  std::string written;
  reader.read(place, written);
  std::erase(written, ' ');
  into = name_key(written);
}

void read_lab_location(FieldReader& reader, const Place& place, Model& model) { read_location(reader, place, model.location); }

void read_network_location(FieldReader& reader, const Place& place, VirtualNetwork& network) {
  read_location(reader, place, network.location);
}

/// `hub/default`
void read_subnet_reference(FieldReader& reader, const Place& place, VirtualMachine& machine) {
  const auto text = reader.scalar(place, "a subnet, written network/subnet");
  if (!text) return;
  const auto slash = text->find('/');
  if (slash == 0 || slash == std::string_view::npos || slash + 1 == text->size() || text->find('/', slash + 1) != std::string_view::npos)
    return reader.error(place, fmt::format("{} does not name a subnet", quoted(*text)), "", "write it as network/subnet, like hub/default");
  machine.subnet = {std::string(text->substr(0, slash)), std::string(text->substr(slash + 1))};
}

void read_private_address(FieldReader& reader, const Place& place, VirtualMachine& machine) {
  reader.read(place, machine.private_ip_address);
  if (machine.private_ip_address) machine.private_ip_allocation_method = "Static";
}

/// `true`, `false` or an address.
void read_public_address(FieldReader& reader, const Place& place, VirtualMachine& machine) {
  constexpr std::string_view kWhat = "true, false or an address";
  const auto text = reader.scalar(place, kWhat);
  if (!text) return;
  const auto word = name_key(*text);
  if (place.node.plain && (word == "true" || word == "false")) {
    machine.has_public_ip_address = word == "true";
    return;
  }
  if (text->find_first_of(".:") == std::string_view::npos)
    return reader.error(place, fmt::format("'public_ip_address' must be {}, not {}", kWhat, quoted(*text)));
  machine.has_public_ip_address = true;  // that it has one is plain, only not which
  reader.read(place, machine.public_ip_address);
  if (machine.public_ip_address) machine.public_ip_allocation_method = "Static";
}

template <CheckKind kKind>
void read_target(FieldReader& reader, const Place& place, Check& check) {
  if (!check.target.empty())
    return reader.error(place, fmt::format("a check has one target, and this one has '{}' already", to_string(check.kind)));
  check.kind = kKind;
  reader.read(place, check.target);
}

/// `reachable`, `blocked` or an HTTP status.
void read_expectation(FieldReader& reader, const Place& place, Check& check) {
  constexpr std::string_view kWhat = "reachable, blocked or an HTTP status";
  const auto text = reader.scalar(place, kWhat);
  if (!text) return;
  int status = 0;
  const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), status);
  if (*text == "reachable")
    check.expect = Outcome::Reachable;
  else if (*text == "blocked")
    check.expect = Outcome::Blocked;
  else if (failure == std::errc{} && end == text->data() + text->size() && status >= 100 && status <= 599)
    check.expect = Outcome::Status, check.expected_status = status;
  else
    reader.error(place, fmt::format("'expect' must be {}, not {}", kWhat, quoted(*text)));
}

void read_path(FieldReader& reader, const Place& place, Check& check) {
  constexpr std::array kPaths{Path::VirtualNetwork, Path::Peering, Path::Internet};
  constexpr std::array<std::string_view, 3> kPathsNotYet{"ipsec", "service-endpoint", "appliance"};
  const auto text = reader.scalar(place, "vnet, peering or internet");
  if (!text) return;
  const auto known = std::ranges::find(kPaths, *text, [](Path path) { return to_string(path); });
  if (known != kPaths.end())
    check.path = *known;
  else if (std::ranges::find(kPathsNotYet, *text) != kPathsNotYet.end())
    reader.error(place, fmt::format("the path {} is not supported yet", quoted(*text)));
  else
    reader.error(place, fmt::format("'path' must be vnet, peering or internet, not {}", quoted(*text)));
}

void read_internet(FieldReader& reader, const Place& place, Model& model);

}  // namespace

template <>
struct ObjectKind<VirtualNetworkPeering> {
  using T = VirtualNetworkPeering;
  static constexpr std::string_view kTitle = "peering";
  static constexpr std::array kFields{
      Field<T>{"name", member<&T::name>, Presence::Required},
      Field<T>{"remote_virtual_network", member<&T::remote_virtual_network>, Presence::Required},
      Field<T>{"allow_virtual_network_access", member<&T::allow_virtual_network_access>},
      Field<T>{"allow_forwarded_traffic", member<&T::allow_forwarded_traffic>},
      Field<T>{"allow_gateway_transit", member<&T::allow_gateway_transit>},
      Field<T>{"use_remote_gateways", member<&T::use_remote_gateways>},
  };
  static constexpr auto kNotYet = kNothing;
  static void finish(FieldReader& /*reader*/, const Place& /*place*/, T& /*peering*/) {}
};

template <>
struct ObjectKind<Subnet> {
  using T = Subnet;
  static constexpr std::string_view kTitle = "subnet";
  static constexpr std::array kFields{
      Field<T>{"name", member<&T::name>, Presence::Required},
      Field<T>{"address_prefixes", member<&T::address_prefixes>, Presence::Required},
      Field<T>{"default_outbound_access", member<&T::default_outbound_access>},
  };
  static constexpr std::array<std::string_view, 3> kNotYet{"service_endpoints", "network_security_group", "route_table"};
  static void finish(FieldReader& /*reader*/, const Place& /*place*/, T& /*subnet*/) {}
};

template <>
struct ObjectKind<VirtualNetwork> {
  using T = VirtualNetwork;
  static constexpr std::string_view kTitle = "virtual network";
  static constexpr std::array kFields{
      Field<T>{"name", member<&T::name>, Presence::Required},
      Field<T>{"location", read_network_location},
      Field<T>{"resource_group", member<&T::resource_group>},
      Field<T>{"address_space", member<&T::address_space>},
      Field<T>{"subnets", member<&T::subnets>},
      Field<T>{"peerings", member<&T::peerings>},
  };
  static constexpr auto kNotYet = kNothing;
  static void finish(FieldReader& /*reader*/, const Place& place, T& network) {
    if (place.node.kind != YamlNode::Kind::Mapping || has_key(place.node, "address_space") || !network.address_space.empty()) return;
    network.address_space = {kDefaultAddressSpace};
    if (has_key(place.node, "subnets") || !network.subnets.empty()) return;
    Subnet subnet;
    subnet.name = "default";
    subnet.address_prefixes = {kDefaultSubnet};
    network.subnets = {subnet};
  }
};

template <>
struct ObjectKind<VirtualMachine> {
  using T = VirtualMachine;
  static constexpr std::string_view kTitle = "virtual machine";
  static constexpr std::array kFields{
      Field<T>{"name", member<&T::name>, Presence::Required},
      Field<T>{"subnet", read_subnet_reference, Presence::Required},
      Field<T>{"private_ip_address", read_private_address},
      Field<T>{"public_ip_address", read_public_address},
      Field<T>{"ip_forwarding", member<&T::ip_forwarding>},
      Field<T>{"web", member<&T::web>},
      Field<T>{"run", member<&T::run>},
  };
  static constexpr std::array<std::string_view, 2> kNotYet{"network_security_group", "application_security_groups"};
  static void finish(FieldReader& /*reader*/, const Place& /*place*/, T& /*machine*/) {}
};

template <>
struct ObjectKind<InternetHost> {
  using T = InternetHost;
  static constexpr std::string_view kTitle = "internet host";
  static constexpr std::array kFields{
      Field<T>{"name", member<&T::name>, Presence::Required},
      Field<T>{"ip_address", member<&T::ip_address>, Presence::Required},
      Field<T>{"web", member<&T::web>},
      Field<T>{"run", member<&T::run>},
  };
  static constexpr auto kNotYet = kNothing;
  static void finish(FieldReader& /*reader*/, const Place& /*place*/, T& /*host*/) {}
};

template <>
struct ObjectKind<Internet> {
  using T = Internet;
  static constexpr std::string_view kTitle = "internet section";
  static constexpr std::array kFields{Field<T>{"hosts", member<&T::hosts>}};
  static constexpr auto kNotYet = kNothing;
  static void finish(FieldReader& /*reader*/, const Place& /*place*/, T& /*internet*/) {}
};

template <>
struct ObjectKind<Check> {
  using T = Check;
  static constexpr std::string_view kTitle = "check";
  static constexpr std::array kFields{
      Field<T>{"from", member<&T::from>, Presence::Required},
      Field<T>{"ping", read_target<CheckKind::Ping>},
      Field<T>{"tcp", read_target<CheckKind::Tcp>},
      Field<T>{"http", read_target<CheckKind::Http>},
      Field<T>{"expect", read_expectation},
      Field<T>{"path", read_path},
  };
  static constexpr auto kNotYet = kNothing;
  static void finish(FieldReader& reader, const Place& place, T& check) {
    const bool targeted = !check.target.empty() || has_key(place.node, "ping") || has_key(place.node, "tcp") || has_key(place.node, "http");
    if (place.node.kind == YamlNode::Kind::Mapping && !targeted)
      reader.error(place, "a check needs a target", "", "give one of ping, tcp and http");
  }
};

template <>
struct ObjectKind<Model> {
  using T = Model;
  static constexpr std::string_view kTitle = "lab file";
  static constexpr std::array kFields{
      Field<T>{"lab", member<&T::lab>, Presence::Required},
      Field<T>{"location", read_lab_location},
      Field<T>{"resource_group", member<&T::resource_group>},
      Field<T>{"virtual_networks", member<&T::virtual_networks>},
      Field<T>{"virtual_machines", member<&T::virtual_machines>},
      Field<T>{"internet", read_internet},
      Field<T>{"checks", member<&T::checks>},
  };
  static constexpr std::array<std::string_view, 8> kNotYet{
      "network_security_groups", "application_security_groups",         "route_tables", "virtual_network_gateways",
      "local_network_gateways",  "virtual_network_gateway_connections", "on_premises",  "storage_accounts"};
  /// Fills in what a resource takes from the lab.
  static void finish(FieldReader& /*reader*/, const Place& /*place*/, T& model) {
    if (model.location.empty()) model.location = kDefaultLocation;
    if (model.resource_group.empty()) model.resource_group = model.lab;
    for (auto& network : model.virtual_networks) {
      if (network.location.empty()) network.location = model.location;
      if (network.resource_group.empty()) network.resource_group = model.resource_group;
    }
  }
};

namespace {

void read_internet(FieldReader& reader, const Place& place, Model& model) { reader.read_object(place, model.internet); }

template <typename T>
ObjectKeys keys_of() {
  ObjectKeys keys{ObjectKind<T>::kTitle, {}, {}};
  for (const auto& field : ObjectKind<T>::kFields) {
    keys.keys.push_back(field.key);
    if (field.presence == Presence::Required) keys.required.push_back(field.key);
  }
  return keys;
}

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

/// The start of `path`: all of it, or one byte more than a lab file may have. Throws std::system_error.
std::string read_start(const std::filesystem::path& path) {
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "rbe"));
  if (!file) {
    const int error = errno;
    throw std::system_error(error, std::generic_category());
  }
  std::string text(kLargestLabFile + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  if (std::ferror(file.get()) != 0) {
    const int error = errno;
    throw std::system_error(error, std::generic_category());
  }
  return text;
}

}  // namespace

std::vector<ObjectKeys> lab_file_keys() {
  return {keys_of<Model>(),          keys_of<VirtualNetwork>(), keys_of<Subnet>(),       keys_of<VirtualNetworkPeering>(),
          keys_of<VirtualMachine>(), keys_of<Internet>(),       keys_of<InternetHost>(), keys_of<Check>()};
}

LabFile parse_lab_file(std::string_view text, std::string file) {
  LabFile lab;
  lab.file = std::move(file);
  const auto root = parse_yaml(text, lab.diagnostics);
  if (root.kind == YamlNode::Kind::Null)
    lab.diagnostics.push_back(
        {Severity::Error, {}, "there is nothing in this file", "", "a lab file starts with its name, like lab: contoso"});
  else if (root.kind != YamlNode::Kind::Refused)
    FieldReader(lab.positions, lab.diagnostics).read_object({root, ""}, lab.model);
  sort_by_position(lab.diagnostics);
  return lab;
}

LabFile read_lab_file(const std::filesystem::path& path) {
  std::error_code ignored;
  const auto file = std::filesystem::is_directory(path, ignored) ? path / "lab.yaml" : path;
  try {
    return parse_lab_file(read_start(file), file.string());
  } catch (const std::system_error& error) {
    LabFile lab;
    lab.file = file.string();
    lab.diagnostics.push_back({Severity::Error, {}, fmt::format("cannot be read: {}", error.code().message()), "", ""});
    return lab;
  }
}

}  // namespace emu
