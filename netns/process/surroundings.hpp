// SPDX-License-Identifier: Apache-2.0
// netns/process/surroundings.hpp — makes the calling process one of a namespace, with what it sees besides its network.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "netns/state/state.hpp"

namespace netns {

/// Gives the calling process mount and host names of its own in which `surroundings` hold; its network stays.
/// @throws KernelError
void surround(const Surroundings& surroundings);

/// Makes the calling process one of namespace `name`: its network and `surroundings`. For a process that is about to become another
/// program; there is no way back. @throws KernelError
void enter_for_good(std::string_view name, const Surroundings& surroundings);

/// By what every process in namespace `<lab>.<node>` knows where it is: LAZULI_LAB and LAZULI_NODE. `down` knows it by them as well.
std::map<std::string, std::string> marks_of(std::string_view name);

}  // namespace netns
