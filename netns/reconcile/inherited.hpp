// SPDX-License-Identifier: Apache-2.0
// netns/reconcile/inherited.hpp — what a new namespace takes over from the host, and what is to be set of it.
#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "netns/state/switches.hpp"

namespace netns {

/// Sets the switches of new namespaces. All that are made within moments take over the same values, so these are read once, in the first
/// one, and in each only what differs is set: on a host that nobody has tuned that is little, and setting is dear.
class InheritedSwitches {
 public:
  /// In the calling thread's namespace, which is new. @param name  for messages. @throws KernelError
  void set(const std::string& name, const Namespace& wanted);

 private:
  std::mutex mutex_;
  Switches inherited_;  ///< of those asked for so far; empty text: this kernel has no such switch
};

/// Whether links take over from the host what `neighbour_settings` wants; false as well when that is not to be known. The first call is to
/// be made in the host's namespace. @throws KernelError
bool neighbour_settings_are_inherited_well();

}  // namespace netns
