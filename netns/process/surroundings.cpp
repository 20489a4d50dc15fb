// SPDX-License-Identifier: Apache-2.0
#include "netns/process/surroundings.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <set>
#include <utility>
#include <vector>

#include "netns/base/error.hpp"
#include "netns/base/unique_fd.hpp"
#include "netns/sandbox/own_system.hpp"

namespace netns {
namespace {

void require_done(bool done, const std::string& what) {
  const int error = errno;
  if (!done) throw KernelError(error, what);
}

/// A file that takes the place of another.
struct Substitute {
  std::filesystem::path target;
  UniqueFd source;
};

/// Found before anything is hidden: the file as well as its place may lie in what is.
std::vector<Substitute> find_substitutes(const std::map<std::string, std::string>& files) {
  std::vector<Substitute> found;
  for (const auto& [path, source] : files) {
    std::error_code none;
    auto target = std::filesystem::canonical(path, none);  // /etc/resolv.conf is often a link, sometimes one to nowhere
    if (none) continue;
    UniqueFd file{::open(source.c_str(), O_PATH | O_CLOEXEC)};
    require_done(static_cast<bool>(file), "open " + source);
    found.push_back({std::move(target), std::move(file)});
  }
  return found;
}

/// Read-only: others have the same file mounted.
void put_in_place(const Substitute& substitute) {
  const auto& target = substitute.target;
  std::error_code none;
  if (!std::filesystem::exists(target, none)) {  // its folder is hidden
    std::filesystem::create_directories(target.parent_path());
    require_done(static_cast<bool>(UniqueFd{::open(target.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0444)}), "create " + target.string());
  }
  const auto source = "/proc/self/fd/" + std::to_string(substitute.source.get());
  require_done(::mount(source.c_str(), target.c_str(), nullptr, MS_BIND, nullptr) == 0, "mount a file on " + target.string());
  require_done(::mount(nullptr, target.c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV, nullptr) == 0,
               "make " + target.string() + " read-only");
}

/// Where they really are; those that are not there are left out.
std::set<std::filesystem::path> existing(const std::set<std::string>& folders) {
  std::set<std::filesystem::path> found;
  for (const auto& folder : folders) {
    std::error_code none;
    auto path = std::filesystem::canonical(folder, none);
    if (!none && std::filesystem::is_directory(path, none)) found.insert(std::move(path));
  }
  return found;
}

constexpr const char* kNothingInside = "size=4k,mode=755";

}  // namespace

void surround(const Surroundings& surroundings, const std::string& directory) {
  require_done(::unshare(CLONE_NEWNS | CLONE_NEWUTS) == 0, "unshare mount and host names");
  require_done(::mount("", "/", nullptr, MS_SLAVE | MS_REC, nullptr) == 0, "make mounts private");
  require_done(::sethostname(surroundings.hostname.data(), surroundings.hostname.size()) == 0, "set hostname " + surroundings.hostname);
  const auto substitutes = find_substitutes(surroundings.files);
  if (surroundings.confined) arrange_own_system(directory);
  const auto hidden = existing(surroundings.hidden);
  for (const auto& folder : hidden)
    require_done(::mount("none", folder.c_str(), "tmpfs", 0, kNothingInside) == 0, "hide " + folder.string());
  for (const auto& substitute : substitutes) put_in_place(substitute);
  for (const auto& folder : hidden)
    require_done(::mount(nullptr, folder.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, kNothingInside) == 0, "hide " + folder.string());
  // /sys/class/net shows the links of the namespace it was mounted in. Not every container lets us: then it shows the host's.
  ::mount("sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr);
  if (surroundings.confined) make_read_only("/sys");
}

std::map<std::string, std::string> marks_of(std::string_view name) {
  const auto dot = name.find('.');
  const auto node = dot == std::string_view::npos ? std::string_view{} : name.substr(dot + 1);
  return {{"LAZULI_LAB", std::string(name.substr(0, dot))}, {"LAZULI_NODE", std::string(node)}};
}

}  // namespace netns
