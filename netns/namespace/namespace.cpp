// SPDX-License-Identifier: Apache-2.0
#include "netns/namespace/namespace.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

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

void enter(const UniqueFd& target) {
  if (::setns(target.get(), CLONE_NEWNET) != 0) {
    const int error = errno;
    throw KernelError(error, "enter network namespace");
  }
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

std::vector<std::string> list_namespaces(std::string_view prefix) {
  std::vector<std::string> names;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(kNamespaceDirectory, none)) {
    auto name = entry.path().filename().string();
    if (name.starts_with(prefix)) names.push_back(std::move(name));
  }
  std::ranges::sort(names);
  return names;
}

void prepare_namespace_directory() {
  const std::string path{kNamespaceDirectory};
  std::filesystem::create_directories(path);
  const auto share = [&] { return ::mount("", path.c_str(), "none", MS_SHARED | MS_REC, nullptr) == 0; };
  if (share()) return;
  const bool made = ::mount(path.c_str(), path.c_str(), "none", MS_BIND | MS_REC, nullptr) == 0 && share();
  const int error = errno;
  if (!made) throw KernelError(error, "make " + path + " a mount point");
}

void create_namespace(std::string_view name) {
  const auto path = namespace_path(name);
  if (::unshare(CLONE_NEWNET) != 0) {
    const int error = errno;
    throw KernelError(error, "create network namespace " + std::string(name));
  }
  const UniqueFd file{::open(path.c_str(), O_CREAT | O_RDONLY | O_CLOEXEC, 0444)};
  if (!file) {
    const int error = errno;
    throw KernelError(error, "create " + path.string());
  }
  if (::mount(kThisThread, path.c_str(), nullptr, MS_BIND, nullptr) != 0) {
    const int error = errno;
    throw KernelError(error, "mount network namespace " + std::string(name));
  }
}

void remove_namespace(std::string_view name) {
  const auto path = namespace_path(name);
  while (::umount2(path.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) == 0) {
  }
  ::unlink(path.c_str());
}

void enter_namespace(std::string_view name) { enter(open_namespace(name)); }

EnteredNamespace::EnteredNamespace(const UniqueFd& target) : home_(open_read_only(kThisThread)) { enter(target); }

EnteredNamespace::EnteredNamespace(std::string_view name) : home_(open_read_only(kThisThread)) { enter(open_namespace(name)); }

EnteredNamespace::~EnteredNamespace() {
  if (::setns(home_.get(), CLONE_NEWNET) != 0) std::abort();
}

}  // namespace netns
