// SPDX-License-Identifier: Apache-2.0
// netns/ipsec/paths.hpp — libreswan's programs, as Debian installs them, and the files in a daemon's folder.
#pragma once

namespace netns {

inline constexpr const char* kPluto = "/usr/libexec/ipsec/pluto";
inline constexpr const char* kWhack = "/usr/libexec/ipsec/whack";
inline constexpr const char* kAddConnection = "/usr/libexec/ipsec/addconn";

inline constexpr const char* kIpsecConfiguration = "ipsec.conf";
inline constexpr const char* kIpsecSecrets = "ipsec.secrets";
inline constexpr const char* kIpsecConnections = "connections";
inline constexpr const char* kIpsecLoaded = "connections.loaded";
inline constexpr const char* kIpsecControl = "pluto.ctl";
inline constexpr const char* kIpsecLog = "pluto.log";

}  // namespace netns
