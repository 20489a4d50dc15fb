// SPDX-License-Identifier: Apache-2.0
#include "netns/base/sysctl.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <array>
#include <cerrno>

#include "netns/base/error.hpp"
#include "netns/base/unique_fd.hpp"

namespace netns {
namespace {

UniqueFd open_switch(const std::string& path, int flags) { return UniqueFd{::open(("/proc/sys/net/" + path).c_str(), flags | O_CLOEXEC)}; }

}  // namespace

std::optional<std::string> read_sysctl(const std::string& path) {
  const auto file = open_switch(path, O_RDONLY);
  std::array<char, 64> text{};
  const auto size = file ? ::read(file.get(), text.data(), text.size()) : -1;
  if (size < 0) return std::nullopt;
  std::string value{text.data(), static_cast<std::size_t>(size)};
  while (!value.empty() && value.back() == '\n') value.pop_back();
  return value;
}

bool is_optional_sysctl(const std::string& path) { return path.starts_with("bridge/") || path.starts_with("ipv6/"); }

void write_sysctl(const std::string& path, const std::string& value, const std::string& place) {
  const auto file = open_switch(path, O_WRONLY);
  const bool written = file && ::write(file.get(), value.data(), value.size()) >= 0;
  const int error = errno;
  if (!written) throw KernelError(error, fmt::format("set net/{} to {} in {}", path, value, place));
}

}  // namespace netns
