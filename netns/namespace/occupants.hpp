// SPDX-License-Identifier: Apache-2.0
// netns/namespace/occupants.hpp — the processes in a namespace, whatever its name has become.
#pragma once

#include <set>

#include "netns/namespace/records.hpp"

namespace netns {

/// Ends every process in one of `namespaces`, whoever started it, the caller excepted: SIGTERM, and SIGKILL for what is left after a
/// second. A namespace that is gone has none, also when the kernel gave its number to another one.
/// @throws KernelError when processes cannot be listed, or are there still after SIGKILL
void end_occupants(const std::set<NamespaceIdentity>& namespaces);

}  // namespace netns
