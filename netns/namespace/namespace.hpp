// SPDX-License-Identifier: Apache-2.0
// netns/namespace/namespace.hpp — named network namespaces, as ip-netns(8) knows them.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "netns/base/unique_fd.hpp"

namespace netns {

/// Where ip-netns(8) keeps names: each is a file with the namespace mounted on it.
inline constexpr std::string_view kNamespaceDirectory = "/run/netns";

std::filesystem::path namespace_path(std::string_view name);

/// The handle of the namespace `name`. @throws KernelError when there is none.
UniqueFd open_namespace(std::string_view name);

/// Names of what is in `folder`, sorted; none when there is no such folder. @throws KernelError when it cannot be read
std::vector<std::string> names_in_folder(const std::filesystem::path& folder);

/// Names that start with `prefix`, sorted; also those a killed process left without a namespace behind them.
/// @throws KernelError when they cannot be listed: that is not the same as none
std::vector<std::string> list_namespaces(std::string_view prefix);

/// Makes the folder of the names a mount point that passes mounts on, unless it is one: as ip-netns(8) does when it makes its first
/// namespace. Were that to come later, names mounted before would stay below, out of everybody's reach. @throws KernelError
void prepare_namespace_directory();

/// The calling thread is in a new namespace without a name from here on, which goes with the thread unless `name_namespace` keeps it.
/// @param name  that it is to have, for messages
/// @throws KernelError
void make_namespace(std::string_view name);

/// Names the calling thread's namespace. A leftover file of that name is used again. @throws KernelError
void name_namespace(std::string_view name);

/// Makes a new namespace and names it. The calling thread is in the new namespace afterwards: use a thread of its own, or
/// EnteredNamespace around it. A leftover file of that name is used again.
void create_namespace(std::string_view name);

/// Takes the name away; the kernel frees the namespace when the last process and socket in it are gone. Missing is fine.
/// @throws KernelError
void remove_namespace(std::string_view name);

/// The calling thread is in namespace `name` from here on: for a thread that ends there. @throws KernelError
void enter_namespace(std::string_view name);
/// The same by a handle of it. @param name  for messages
void enter_namespace(const UniqueFd& handle, std::string_view name);

/// The calling thread is in another network namespace as long as this lives. Threads each have their own.
class EnteredNamespace {
 public:
  explicit EnteredNamespace(const UniqueFd& target);
  explicit EnteredNamespace(std::string_view name);
  EnteredNamespace(const EnteredNamespace&) = delete;
  EnteredNamespace& operator=(const EnteredNamespace&) = delete;
  /// Goes back; a thread that cannot must not go on, so this aborts.
  ~EnteredNamespace();

 private:
  UniqueFd home_;
};

}  // namespace netns
