// SPDX-License-Identifier: Apache-2.0
// netns/base/sysctl.hpp — the switches under /proc/sys/net, which belong to the namespace of the thread that opens them.
#pragma once

#include <optional>
#include <string>

namespace netns {

/// Empty when this kernel has no such switch.
/// @param place  the namespace's name, for messages
/// @throws KernelError when it cannot be read
std::optional<std::string> read_sysctl(const std::string& path, const std::string& place);

/// Whether a kernel may do without this switch, because it lacks what the switch is for.
bool is_optional_sysctl(const std::string& path);

/// @param place  the namespace's name, for messages
/// @throws KernelError
void write_sysctl(const std::string& path, const std::string& value, const std::string& place);

}  // namespace netns
