// SPDX-License-Identifier: Apache-2.0
#include "netns/namespace/records.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>

#include "netns/base/error.hpp"
#include "netns/namespace/namespace.hpp"

namespace netns {
namespace {

#ifndef SO_NETNS_COOKIE
constexpr int SO_NETNS_COOKIE = 71;
#endif

/// A record is a symbolic link to nowhere, whose text is the record: it is made in one step, or not at all.
std::string text_of(const NamespaceIdentity& identity) { return fmt::format("net:[{}] {}", identity.inode, identity.cookie); }

NamespaceIdentity parse_record(std::string_view text, const std::filesystem::path& path) {
  NamespaceIdentity identity;
  const auto number = [&](std::string_view before, std::uint64_t& value) {
    if (!text.starts_with(before)) return false;
    text.remove_prefix(before.size());
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return error == std::errc{};
  };
  if (!number("net:[", identity.inode) || !number("] ", identity.cookie) || !text.empty())
    throw KernelError(EINVAL, "read " + path.string() + ", which is no record of a namespace");
  return identity;
}

}  // namespace

std::uint64_t cookie_of_this_namespace() {
  const UniqueFd socket{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  const int error = errno;
  if (!socket) throw KernelError(error, "open a socket to tell a namespace by");
  std::uint64_t cookie = 0;
  socklen_t size = sizeof cookie;
  if (::getsockopt(socket.get(), SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &size) == 0) return cookie;
  const int refused = errno;
  if (refused == ENOPROTOOPT) return 0;
  throw KernelError(refused, "read a namespace's cookie");
}

NamespaceIdentity identity_of_this_namespace() {
  struct stat status {};
  if (::stat("/proc/thread-self/ns/net", &status) != 0) {
    const int error = errno;
    throw KernelError(error, "look at /proc/thread-self/ns/net");
  }
  return {status.st_ino, cookie_of_this_namespace()};
}

bool enter_recorded_namespace(std::string_view name, const NamespaceIdentity& record) {
  const auto handle = open_namespace(name);
  struct stat status {};
  if (::fstat(handle.get(), &status) != 0 || status.st_ino != record.inode) return false;
  enter_namespace(handle, name);
  return cookie_of_this_namespace() == record.cookie;
}

NamespaceIdentity identity_of(const UniqueFd& handle) {
  const EnteredNamespace inside{handle};
  return identity_of_this_namespace();
}

void NamespaceRecords::write(std::string_view name, const NamespaceIdentity& identity) const {
  std::filesystem::create_directories(folder_);
  const auto draft = folder_ / fmt::format(".{}", name);
  ::unlink(draft.c_str());
  if (::symlink(text_of(identity).c_str(), draft.c_str()) != 0 || ::rename(draft.c_str(), (folder_ / name).c_str()) != 0) {
    const int error = errno;
    throw KernelError(error, fmt::format("record network namespace {} in {}", name, folder_.string()));
  }
}

std::map<std::string, NamespaceIdentity> NamespaceRecords::read() const {
  std::map<std::string, NamespaceIdentity> records;
  for (const auto& name : names_in_folder(folder_)) {
    if (name.starts_with('.')) continue;  // a draft that a killed process left
    const auto path = folder_ / name;
    std::array<char, 128> text{};
    const auto size = ::readlink(path.c_str(), text.data(), text.size());
    const int error = errno;
    if (size < 0 && error == ENOENT) continue;
    if (size < 0) throw KernelError(error, "read " + path.string());
    records.emplace(name, parse_record({text.data(), static_cast<std::size_t>(size)}, path));
  }
  return records;
}

void NamespaceRecords::remove_drafts() const {
  for (const auto& name : names_in_folder(folder_))
    if (name.starts_with('.')) forget(name);
}

void NamespaceRecords::forget(std::string_view name) const {
  const auto path = folder_ / name;
  if (::unlink(path.c_str()) == 0) return;
  const int error = errno;
  if (error != ENOENT && error != ENOTDIR) throw KernelError(error, "remove " + path.string());
}

NamespacePresence presence_of(const NamespaceRecords& records) {
  NamespacePresence presence;
  for (const auto& [name, identity] : records.read()) {
    struct stat status {};
    const bool there = ::stat(namespace_path(name).c_str(), &status) == 0;
    const int error = errno;
    if (!there && error != ENOENT) throw KernelError(error, "look at " + namespace_path(name).string());
    (there && status.st_ino == identity.inode ? presence.present : presence.missing).push_back(name);
  }
  return presence;
}

}  // namespace netns
