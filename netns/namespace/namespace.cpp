// SPDX-License-Identifier: Apache-2.0
#include "netns/namespace/namespace.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>

#include "netns/base/error.hpp"

namespace netns {
namespace {

constexpr const char* kThisThread = "/proc/thread-self/ns/net";

UniqueFd open_read_only(const char* path) {
  UniqueFd fd{::open(path, O_RDONLY | O_CLOEXEC)};
  if (!fd) {
    const int error = errno;
    throw KernelError(error, std::string("open ") + path);
  }
  return fd;
}

void enter(const UniqueFd& target, std::string_view name) {
  if (::setns(target.get(), CLONE_NEWNET) != 0) {
    const int error = errno;
    throw KernelError(error, fmt::format("enter network namespace {}", name));
  }
}

/// The kernel says "no space left" of everything that a limit holds back.
KernelError creation_refused(int error, std::string_view name) {
  const auto what = fmt::format("create network namespace {}", name);
  if (error != ENOSPC) return {error, what};
  return {error, what + ": as many as `sysctl user.max_net_namespaces` allows are there already"};
}

}  // namespace

std::filesystem::path namespace_path(std::string_view name) { return std::filesystem::path(kNamespaceDirectory) / name; }

UniqueFd open_namespace(std::string_view name) {
  auto fd = open_read_only(namespace_path(name).c_str());
  struct statfs file_system {};
  if (::fstatfs(fd.get(), &file_system) != 0 || file_system.f_type != NSFS_MAGIC)
    throw KernelError(ENOENT, "open network namespace " + std::string(name));
  return fd;
}

std::vector<std::string> names_in_folder(const std::filesystem::path& folder) {
  const std::unique_ptr<DIR, int (*)(DIR*)> listing{::opendir(folder.c_str()), &::closedir};
  if (!listing) {
    const int error = errno;
    if (error == ENOENT) return {};
    throw KernelError(error, "list " + folder.string());
  }
  std::vector<std::string> names;
  errno = 0;
  while (const auto* entry = ::readdir(listing.get())) {
    if (const std::string_view name{entry->d_name}; name != "." && name != "..") names.emplace_back(name);
    errno = 0;
  }
  if (const int error = errno; error != 0) throw KernelError(error, "list " + folder.string());
  std::ranges::sort(names);
  return names;
}

std::vector<std::string> list_namespaces(std::string_view prefix) {
  auto names = names_in_folder(kNamespaceDirectory);
  std::erase_if(names, [&](const std::string& name) { return !name.starts_with(prefix); });
  return names;
}

void prepare_namespace_directory() {
  const std::string path{kNamespaceDirectory};
  std::filesystem::create_directories(path);
  const auto share = [&] { return ::mount("", path.c_str(), "none", MS_SHARED | MS_REC, nullptr) == 0; };
  if (share()) return;
  int error = errno;
  if (error == EINVAL) {  // it is no mount point; bound to itself for any other reason, all mounts below it would double
    if (::mount(path.c_str(), path.c_str(), "none", MS_BIND | MS_REC, nullptr) == 0 && share()) return;
    error = errno;
  }
  throw KernelError(error, "make " + path + " a mount point");
}

void make_namespace(std::string_view name) {
  if (::unshare(CLONE_NEWNET) != 0) {
    const int error = errno;
    throw creation_refused(error, name);
  }
}

void name_namespace(std::string_view name) {
  const auto path = namespace_path(name);
  const UniqueFd file{::open(path.c_str(), O_CREAT | O_RDONLY | O_CLOEXEC, 0444)};
  if (!file) {
    const int error = errno;
    throw KernelError(error, "create " + path.string());
  }
  if (::mount(kThisThread, path.c_str(), nullptr, MS_BIND, nullptr) != 0) {
    const int error = errno;
    throw KernelError(error, fmt::format("mount network namespace {}", name));
  }
}

void create_namespace(std::string_view name) {
  make_namespace(name);
  name_namespace(name);
}

void remove_namespace(std::string_view name) {
  const auto path = namespace_path(name);
  while (::umount2(path.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) == 0) {
  }
  int error = errno;
  if (error == ENOENT) return;
  if (error == EINVAL) {  // nothing is mounted there any more
    if (::unlink(path.c_str()) == 0) return;
    error = errno;
    if (error == ENOENT) return;
  }
  throw KernelError(error, fmt::format("remove network namespace {}", name));
}

void enter_namespace(std::string_view name) { enter(open_namespace(name), name); }

void enter_namespace(const UniqueFd& handle, std::string_view name) { enter(handle, name); }

EnteredNamespace::EnteredNamespace(const UniqueFd& target) : home_(open_read_only(kThisThread)) { enter(target, "of a process"); }

EnteredNamespace::EnteredNamespace(std::string_view name) : home_(open_read_only(kThisThread)) { enter(open_namespace(name), name); }

EnteredNamespace::~EnteredNamespace() {
  if (::setns(home_.get(), CLONE_NEWNET) != 0) std::abort();
}

}  // namespace netns
