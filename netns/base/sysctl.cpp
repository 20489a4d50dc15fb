// SPDX-License-Identifier: Apache-2.0
#include "netns/base/sysctl.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mount.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <utility>

#include "netns/base/error.hpp"
#include "netns/base/unique_fd.hpp"

namespace netns {
namespace {

/// The kernel keeps the switches of all namespaces that were ever looked at through one mount of proc in one chain of its name cache, and
/// goes through it for each that it opens. So a thread that opens many goes on through a mount of its own, which nobody else sees; a new
/// one from time to time. Where no mount is to be had, /proc does as well, more slowly.
class SwitchFolder {
 public:
  UniqueFd open(const std::string& path, int flags) {
    if (++opened_ % kOpensPerMount == 0) mount_anew();
    if (own_) return UniqueFd{::openat(own_.get(), ("sys/net/" + path).c_str(), flags | O_CLOEXEC)};
    return UniqueFd{::open(("/proc/sys/net/" + path).c_str(), flags | O_CLOEXEC)};
  }

 private:
  static constexpr std::size_t kOpensPerMount = 32;

  void mount_anew() {
    const UniqueFd context{::fsopen("proc", FSOPEN_CLOEXEC)};
    if (!context || ::fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) return;
    if (UniqueFd mount{::fsmount(context.get(), FSMOUNT_CLOEXEC, 0)}) own_ = std::move(mount);
  }

  std::size_t opened_ = 0;
  UniqueFd own_;
};

UniqueFd open_switch(const std::string& path, int flags) {
  thread_local SwitchFolder folder;
  return folder.open(path, flags);
}

}  // namespace

std::optional<std::string> read_sysctl(const std::string& path, const std::string& place) {
  const auto file = open_switch(path, O_RDONLY);
  int error = errno;
  std::array<char, 128> text{};
  ssize_t size = -1;
  if (file) {
    size = ::read(file.get(), text.data(), text.size());
    error = errno;
  }
  if (size < 0 && !file && error == ENOENT) return std::nullopt;
  if (size < 0) throw KernelError(error, fmt::format("read net/{} in {}", path, place));
  std::string value{text.data(), static_cast<std::size_t>(size)};
  while (!value.empty() && value.back() == '\n') value.pop_back();
  return value;
}

bool is_optional_sysctl(const std::string& path) { return path.starts_with("bridge/") || path.starts_with("ipv6/"); }

void write_sysctl(const std::string& path, const std::string& value, const std::string& place) {
  const auto file = open_switch(path, O_WRONLY);
  int error = errno;
  if (file) {
    const auto size = ::write(file.get(), value.data(), value.size());
    error = size < 0 ? errno : 0;
  }
  if (error != 0) throw KernelError(error, fmt::format("set net/{} to {} in {}", path, value, place));
}

}  // namespace netns
