// SPDX-License-Identifier: Apache-2.0
// netns/netlink/nft_process.hpp — nft(8)'s language, carried out by a process of its own.
//
// Theory of operation. libnftables ends the process that it is in, with exit(3), where it gets no socket or a signal interrupts it: half a
// lab would stay behind, and nobody to undo it. So it runs in a child, which is forked when it is first needed and works through one
// request after the other; where it ends instead of answering, that is an error like any other, and the next request starts a new one.
// The child ends when its parent has. It keeps what the parent had open until then, and with it the locks of flock(2): who waits for such
// a lock of a parent that was killed waits for the transaction that was under way.
#pragma once

#include <string>

namespace netns {

/// Carries out `commands` in the calling thread's namespace, as one transaction. @return nft's complaint; empty when it was done
/// @throws std::runtime_error with what the process last said, when it ended instead; whether the transaction took place is not known then
/// @throws KernelError when there can be no process
std::string run_nft(const std::string& commands);

}  // namespace netns
