// SPDX-License-Identifier: Apache-2.0
// netns/ipsec/daemon.hpp — libreswan's IKE daemon, pluto(8), one for each namespace that has tunnels.
//
// Theory of operation. A daemon is a Process like any other: its folder holds its configuration and its keys, and its end is noticed
// by the next `observe`. Everything it reads, writes and listens on is in that folder, so that nothing of the host's own libreswan is
// touched. It loads its connections itself as it starts, and starts those that it is to start. When its files change, it is told over
// its own socket which connections are gone, new or other than before; the rest go on. The file `connections` holds a digest of each
// connection, `connections.loaded` the same of what the daemon has been told. The xfrm interfaces are not its: they are there before
// it and stay when it goes, and with them the routes.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "netns/ipsec/configuration.hpp"
#include "netns/state/state.hpp"

namespace netns {

/// The folder of a daemon with `connections`; it lacks a teller, whose work is `tell_ipsec_daemon`.
/// @param path  short: a socket's path (folder and 10 more bytes) has at most 107 bytes
ProcessFolder ipsec_daemon_folder(std::string path, const std::vector<IpsecConnection>& connections);

/// Makes the calling process, which is in the namespace already, the daemon of `folder`; does not return.
/// Keys that an earlier daemon left in the kernel when it was killed mean nothing to it: `remove_security_associations` before.
/// @param key_store  libreswan's database of certificates, for all daemons; made when it is not there. It stays empty: keys are shared
/// ones.
/// @throws KernelError, CommandError
[[noreturn]] void become_ipsec_daemon(const std::filesystem::path& folder, const std::filesystem::path& key_store);

/// Brings the daemon of `folder`, which runs, from what it has been told to what the files say now. A connection that changed is removed
/// and added, with a message to the other end; nothing is started, since the other end may have to be told as well. Told again, it has
/// nothing to do.
/// @throws KernelError, CommandError when the daemon does not answer
void tell_ipsec_daemon(const std::filesystem::path& folder);

/// Makes the daemon of `folder` start `connection`, which it has been told of, and returns before that has an outcome.
/// @param anew  ends first what goes on with it: keys, tries, and what is planned after one that failed
/// @throws KernelError, CommandError when the daemon does not answer
void start_ipsec_connection(const std::filesystem::path& folder, const std::string& connection, bool anew);

}  // namespace netns
