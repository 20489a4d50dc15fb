// SPDX-License-Identifier: Apache-2.0
#include "emu/scenario/lab_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>

#include "emu/scenario/key_files.hpp"
#include "emu/scenario/kinds/check.hpp"
#include "emu/scenario/kinds/flow_log.hpp"
#include "emu/scenario/kinds/gateway.hpp"
#include "emu/scenario/kinds/machine.hpp"
#include "emu/scenario/kinds/network.hpp"
#include "emu/scenario/kinds/on_premises.hpp"
#include "emu/scenario/kinds/routing.hpp"
#include "emu/scenario/kinds/security.hpp"
#include "emu/scenario/kinds/services.hpp"
#include "emu/scenario/kinds/step.hpp"
#include "emu/scenario/lab_file_keys.hpp"
#include "emu/scenario/lab_steps.hpp"
#include "emu/scenario/yaml_tree.hpp"
#include "netns/base/unique_fd.hpp"

namespace emu {
namespace {

constexpr std::string_view kDefaultLocation = "westus";

void read_lab_location(FieldReader& reader, const Place& place, Model& model) { read_location(reader, place, model.location); }

void read_isolation(FieldReader& reader, const Place& place, Model& model) {
  read_enumerated(reader, place, std::array{Isolation::Sandbox, Isolation::None}, model.isolation);
}

/// They are read apart, each as a lab (lab_steps.hpp).
void read_nothing(FieldReader& /*reader*/, const Place& /*place*/, Model& /*model*/) {}

void read_internet(FieldReader& reader, const Place& place, Model& model) { reader.read_object(place, model.internet); }

}  // namespace

template <>
struct ObjectKind<Model> {
  using T = Model;
  static constexpr std::string_view kTitle = "lab file";
  static constexpr std::array kFields{
      Field<T>{"lab", member<&T::lab>, Presence::Required},
      Field<T>{"location", read_lab_location},
      Field<T>{"resource_group", member<&T::resource_group>},
      Field<T>{"isolation", read_isolation},
      Field<T>{"virtual_networks", member<&T::virtual_networks>},
      Field<T>{"route_tables", member<&T::route_tables>},
      Field<T>{"network_security_groups", member<&T::network_security_groups>},
      Field<T>{"application_security_groups", member<&T::application_security_groups>},
      Field<T>{"flow_logs", member<&T::flow_logs>},
      Field<T>{"virtual_machines", member<&T::virtual_machines>},
      Field<T>{"virtual_network_gateways", member<&T::virtual_network_gateways>},
      Field<T>{"local_network_gateways", member<&T::local_network_gateways>},
      Field<T>{"virtual_network_gateway_connections", member<&T::virtual_network_gateway_connections>},
      Field<T>{"on_premises", member<&T::on_premises>},
      Field<T>{"storage_accounts", read_storage_accounts},
      Field<T>{"services", member<&T::services>},
      Field<T>{"internet", read_internet},
      Field<T>{"checks", member<&T::checks>},
      Field<T>{"steps", read_nothing},
  };
  static constexpr auto kNotYet = kNothing;
  /// Fills in what a resource takes from the lab.
  static void finish(FieldReader& /*reader*/, const Place& /*place*/, T& model) {
    if (model.location.empty()) model.location = kDefaultLocation;
    if (model.resource_group.empty()) model.resource_group = model.lab;
    for (auto& network : model.virtual_networks) {
      if (network.location.empty()) network.location = model.location;
      if (network.resource_group.empty()) network.resource_group = model.resource_group;
    }
    for (auto* services : {&model.storage_accounts, &model.services}) {
      for (auto& service : *services)
        if (service.location.empty()) service.location = model.location;
    }
  }
};

namespace {

template <typename T>
ObjectKeys keys_of() {
  ObjectKeys keys{ObjectKind<T>::kTitle, {}, {}};
  for (const auto& field : ObjectKind<T>::kFields) {
    keys.keys.push_back(field.key);
    if (field.presence == Presence::Required) keys.required.push_back(field.key);
  }
  return keys;
}

/// Waits until a pipe or a terminal has something to say. Throws std::runtime_error when it stays silent.
void wait_for_input(int file) {
  constexpr int kMilliseconds = 30'000;
  pollfd wanted{file, POLLIN, 0};
  if (::poll(&wanted, 1, kMilliseconds) == 0) throw std::runtime_error("cannot be read: nothing came out of it for 30 s");
}

/// The start of what `file` holds: all of it, or one byte more than a lab file may have. Throws std::system_error.
std::string read_start(int file, bool may_wait) {
  std::string text;
  std::array<char, 64 * 1024> part{};
  while (text.size() <= kLargestLabFile) {
    const auto length = ::read(file, part.data(), std::min(part.size(), kLargestLabFile + 1 - text.size()));
    const int error = errno;
    if (length == 0) break;
    if (length > 0) {
      text.append(part.data(), static_cast<std::size_t>(length));
    } else if (error == EAGAIN && !may_wait) {
      wait_for_input(file);
    } else if (error != EINTR) {
      throw std::system_error(error, std::generic_category());
    }
  }
  return text;
}

/// The same of a file by name. It is opened so that a pipe without a writer ends at once. Throws std::runtime_error, std::system_error.
std::string read_start(const std::filesystem::path& path) {
  const netns::UniqueFd file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
  const int error = errno;
  if (!file) throw std::system_error(error, std::generic_category());
  struct stat status {};
  if (::fstat(file.get(), &status) == 0) {
    if (S_ISDIR(status.st_mode)) throw std::runtime_error("is a folder, not a lab file");
    if (S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode))
      throw std::runtime_error("is a device, not a lab file; '-' is the standard input");
  }
  auto text = read_start(file.get(), false);
  if (text.empty() && S_ISFIFO(status.st_mode)) throw std::runtime_error("is a pipe that nobody writes to");
  return text;
}

/// The lab, and when it is understood what each step makes of it.
void read_lab(const YamlNode& root, LabFile& lab) {
  FieldReader(lab.positions, lab.diagnostics).read_object({root, ""}, lab.model);
  const auto trees = read_steps(root, lab.positions, lab.diagnostics);
  if (has_errors(lab.diagnostics)) return;
  for (const auto& tree : trees) {
    auto& step = lab.steps.emplace_back(LabStep{tree.name, tree.first, tree.last, {}});
    step.lab.file = lab.file;
    FieldReader(step.lab.positions, step.lab.diagnostics).read_object({tree.lab, ""}, step.lab.model);
  }
}

}  // namespace

std::vector<ObjectKeys> lab_file_keys() {
  return {keys_of<Model>(),
          keys_of<VirtualNetwork>(),
          keys_of<Subnet>(),
          keys_of<VirtualNetworkPeering>(),
          keys_of<RouteTable>(),
          keys_of<UserDefinedRoute>(),
          keys_of<NetworkSecurityGroup>(),
          keys_of<SecurityRule>(),
          keys_of<ApplicationSecurityGroup>(),
          keys_of<FlowLog>(),
          keys_of<VirtualMachine>(),
          keys_of<VirtualNetworkGateway>(),
          keys_of<LocalNetworkGateway>(),
          keys_of<VirtualNetworkGatewayConnection>(),
          keys_of<IpsecPolicy>(),
          keys_of<TrafficSelectorPolicy>(),
          keys_of<OnPremises>(),
          keys_of<OnPremisesHost>(),
          keys_of<StorageAccount>(),
          keys_of<StorageNetworkRules>(),
          keys_of<Service>(),
          keys_of<NetworkRules>(),
          keys_of<Internet>(),
          keys_of<InternetHost>(),
          keys_of<Check>(),
          keys_of<StepText>()};
}

LabFile parse_lab_file(std::string_view text, std::string file) {
  LabFile lab;
  lab.file = std::move(file);
  lab.text = text;
  const auto root = parse_yaml(text, lab.diagnostics);
  if (root.kind == YamlNode::Kind::Null)
    lab.diagnostics.push_back(
        {Severity::Error, {}, "there is nothing in this file", "", "a lab file starts with its name, like lab: contoso"});
  else if (root.kind != YamlNode::Kind::Refused)
    read_lab(root, lab);
  sort_by_position(lab.diagnostics);
  return lab;
}

void rename_lab(LabFile& file, const std::string& name) {
  auto& model = file.model;
  // Without a name of its own, the resource group is called like the lab.
  if (model.resource_group == model.lab) {
    for (auto& network : model.virtual_networks)
      if (network.resource_group == model.lab) network.resource_group = name;
    model.resource_group = name;
  }
  model.lab = name;
  for (auto& step : file.steps) rename_lab(step.lab, name);
}

LabFile read_lab_file(const std::filesystem::path& path) {
  std::error_code ignored;
  const bool is_standard_input = path == "-";
  const bool is_folder = !is_standard_input && std::filesystem::is_directory(path, ignored);
  const auto file = is_folder ? path / "lab.yaml" : path;
  const auto shown = is_standard_input ? std::string("the standard input") : file.string();
  std::string wrong;
  try {
    auto lab = parse_lab_file(is_standard_input ? read_start(STDIN_FILENO, true) : read_start(file), shown);
    lab.is_standard_input = is_standard_input;
    read_key_files(lab, is_standard_input ? std::filesystem::path{} : file.parent_path());
    return lab;
  } catch (const std::system_error& error) {
    wrong = fmt::format("cannot be read: {}", error.code().message());
    if (is_folder && error.code() == std::errc::no_such_file_or_directory) wrong += "; a folder is taken for the lab.yaml in it";
  } catch (const std::runtime_error& error) {
    wrong = error.what();
  }
  LabFile lab;
  lab.file = shown;
  lab.is_standard_input = is_standard_input;
  lab.diagnostics.push_back({Severity::Error, {}, wrong, "", ""});
  return lab;
}

}  // namespace emu
