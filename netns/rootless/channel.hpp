// SPDX-License-Identifier: Apache-2.0
// netns/rootless/channel.hpp — what a holder and its starter tell each other.
#pragma once

#include <string>
#include <string_view>

#include "netns/base/unique_fd.hpp"

namespace netns {

/// One message. @throws KernelError
void send_word(const UniqueFd& socket, std::string_view word);
/// The next message; empty when the other side has ended. @throws KernelError
std::string receive_word(const UniqueFd& socket);

}  // namespace netns
