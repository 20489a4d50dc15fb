// SPDX-License-Identifier: Apache-2.0
// netns/ipsec/daemon.hpp — libreswan's IKE daemon, pluto(8), one for each namespace that has tunnels.
//
// Theory of operation. A daemon is a Process like any other: its folder holds its configuration and its keys, a change of either
// restarts it, and its end is noticed by the next `observe`. Everything it reads, writes and listens on is in that folder, so
// that nothing of the host's own libreswan is touched. It loads its connections itself as it starts, and starts those that it
// is to start. The xfrm interfaces are not its: they are there before it and stay when it goes, and with them the routes.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "netns/ipsec/configuration.hpp"
#include "netns/state/state.hpp"

namespace netns {

/// The folder of a daemon with `connections`. @param path  short: a socket's path (folder and 10 more bytes) has at most 107 bytes
ProcessFolder ipsec_daemon_folder(std::string path, const std::vector<IpsecConnection>& connections);

/// Makes the calling process, which is in the namespace already, the daemon of `folder`; does not return.
///
/// What an earlier daemon that was killed left in the kernel (security associations and policies) is removed first; its tunnels are
/// made again from here.
/// @param key_store  libreswan's database of certificates, for all daemons; made when it is not there. It stays empty: keys are shared
/// ones.
/// @throws KernelError, CommandError
[[noreturn]] void become_ipsec_daemon(const std::filesystem::path& folder, const std::filesystem::path& key_store);

}  // namespace netns
