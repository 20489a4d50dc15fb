// SPDX-License-Identifier: Apache-2.0
#include "netns/process/surroundings.hpp"

#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "netns/base/error.hpp"
#include "netns/namespace/namespace.hpp"

namespace netns {
namespace {

void require_done(bool done, const std::string& what) {
  const int error = errno;
  if (!done) throw KernelError(error, what);
}

/// Read-only: others have the same file mounted.
void mount_over(const std::filesystem::path& path, const std::string& source) {
  std::error_code none;
  const auto target = std::filesystem::canonical(path, none);  // /etc/resolv.conf is often a link, sometimes one to nowhere
  if (none) return;
  const auto what = "mount " + source + " on " + target.string();
  require_done(::mount(source.c_str(), target.c_str(), nullptr, MS_BIND, nullptr) == 0, what);
  require_done(::mount(nullptr, target.c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV, nullptr) == 0, what);
}

void hide(const std::filesystem::path& path) {
  std::error_code none;
  const auto target = std::filesystem::canonical(path, none);
  if (none || !std::filesystem::is_directory(target, none)) return;
  require_done(::mount("none", target.c_str(), "tmpfs", MS_RDONLY, "size=4k") == 0, "hide " + target.string());
}

}  // namespace

void surround(const Surroundings& surroundings) {
  require_done(::unshare(CLONE_NEWNS | CLONE_NEWUTS) == 0, "unshare mount and host names");
  require_done(::mount("", "/", nullptr, MS_SLAVE | MS_REC, nullptr) == 0, "make mounts private");
  require_done(::sethostname(surroundings.hostname.data(), surroundings.hostname.size()) == 0, "set hostname " + surroundings.hostname);
  // Files first: they may lie in a folder that is hidden, or be found through one.
  for (const auto& [path, source] : surroundings.files) mount_over(path, source);
  for (const auto& folder : surroundings.hidden) hide(folder);
  // /sys/class/net shows the links of the namespace it was mounted in. Not every container lets us: then it shows the host's.
  ::mount("sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr);
}

void enter_for_good(std::string_view name, const Surroundings& surroundings) {
  require_done(::setns(open_namespace(name).get(), CLONE_NEWNET) == 0, "enter network namespace " + std::string(name));
  surround(surroundings);
}

std::map<std::string, std::string> marks_of(std::string_view name) {
  const auto dot = name.find('.');
  const auto node = dot == std::string_view::npos ? std::string_view{} : name.substr(dot + 1);
  return {{"LAZULI_LAB", std::string(name.substr(0, dot))}, {"LAZULI_NODE", std::string(node)}};
}

}  // namespace netns
