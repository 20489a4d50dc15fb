// SPDX-License-Identifier: Apache-2.0
// netns/namespace/records.hpp — which namespaces are ours: a name alone does not say so.
//
// Theory of operation. Anybody can put a name under /run/netns, also one of ours, and take ours away, while the namespace lives on as long
// as a process is in it. So each namespace that we make is recorded, by the number of its file (stat(2), st_ino) and by its cookie
// (socket(7), SO_NETNS_COOKIE). The kernel gives a number again when a namespace is gone, a cookie never until it boots. The record is
// written before the namespace is named: whatever has its name has a record, whenever its maker was killed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "netns/base/unique_fd.hpp"

namespace netns {

struct NamespaceIdentity {
  std::uint64_t inode = 0;
  std::uint64_t cookie = 0;  ///< 0 where the kernel has none (before Linux 5.14)

  auto operator<=>(const NamespaceIdentity&) const = default;
};

/// Of the calling thread's namespace. @throws KernelError
NamespaceIdentity identity_of_this_namespace();

/// The kernel's number for the namespace that this thread is in, which none has that comes after it; 0 from a kernel that has no such
/// numbers (before 5.14). @throws KernelError
std::uint64_t cookie_of_this_namespace();

/// Enters the namespace `name` when it is the one recorded, for a thread that ends there. @return whether it is
/// @throws KernelError, also when nothing has that name (ENOENT)
bool enter_recorded_namespace(std::string_view name, const NamespaceIdentity& record);

/// Of the namespace that `handle` is open on; the calling thread visits it. @throws KernelError
NamespaceIdentity identity_of(const UniqueFd& handle);

class NamespaceRecords {
 public:
  /// @param folder  where the records are kept, one a namespace; it is made when the first one is written
  explicit NamespaceRecords(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// Records the namespace that is about to be named `name`, in place of an older record. @throws KernelError
  void write(std::string_view name, const NamespaceIdentity& identity) const;

  /// All records, by name. @throws KernelError when they cannot be read: that is not the same as none
  std::map<std::string, NamespaceIdentity> read() const;

  /// Removes what a killed `write` left. Nobody else is to write at the time. @throws KernelError
  void remove_drafts() const;

  /// Missing is fine. @throws KernelError
  void forget(std::string_view name) const;

 private:
  std::filesystem::path folder_;
};

struct NamespacePresence {
  std::vector<std::string> present;  ///< names that still stand for what was recorded; sorted
  std::vector<std::string> missing;  ///< those that do not: taken away, or given to another namespace; sorted
};

/// Looks for every recorded namespace under its name, with one stat(2) each. @throws KernelError
NamespacePresence presence_of(const NamespaceRecords& records);

}  // namespace netns
