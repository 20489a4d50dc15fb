// SPDX-License-Identifier: Apache-2.0
// netns/process/surroundings.hpp — makes the calling process one of a namespace, with what it sees besides its network.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "netns/state/state.hpp"

namespace netns {

/// Gives the calling process mount and host names of its own in which `surroundings` hold; its network stays.
/// @param directory  is seen there, whatever a sandbox hides; may be empty
/// @throws KernelError
void surround(const Surroundings& surroundings, const std::string& directory = {});

/// By what every process in namespace `<lab>.<node>` knows where it is: LAZULI_LAB and LAZULI_NODE. `down` knows it by them as well.
std::map<std::string, std::string> marks_of(std::string_view name);

}  // namespace netns
