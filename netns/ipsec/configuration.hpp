// SPDX-License-Identifier: Apache-2.0
// netns/ipsec/configuration.hpp — what an IKE daemon is told: connections as values, and libreswan's files made of them (pure).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "netns/base/address.hpp"

namespace netns {

/// One end of a tunnel, as this end sees it (ipsec.conf(5)). Both ends authenticate by addresses and a shared key (IKEv2, RFC 7296).
struct IpsecConnection {
  std::string name;  ///< letters, digits, `-`, `_` and `.`
  Ipv4Address local;
  Ipv4Address remote;
  Ipv4Address next_hop;            ///< towards `remote`
  std::uint32_t interface_id = 0;  ///< of the xfrm interface `ipsec_interface_name(interface_id)`
  /// What may go through: every pair of a local and a remote prefix gets a tunnel of its own. `0.0.0.0/0` on both: routes decide.
  std::vector<Ipv4Prefix> local_prefixes;
  std::vector<Ipv4Prefix> remote_prefixes;
  std::string ike;  ///< proposals in libreswan's words: `aes256-sha2_256;modp2048`
  std::string esp;
  bool perfect_forward_secrecy = false;
  std::chrono::seconds ike_lifetime{28800};
  std::chrono::seconds ipsec_lifetime{27000};
  std::uint64_t ipsec_kilobytes = 0;           ///< a tunnel's keys are renewed after so much traffic; 0: only by time
  std::chrono::seconds dead_peer_timeout{45};  ///< a peer that is silent for so long is taken for dead (RFC 7296, 2.4)
  bool initiates = true;                       ///< at once, and again when the peer is lost
  std::string shared_key;

  bool operator==(const IpsecConnection&) const = default;
};

/// libreswan wants this name for the interface of a connection (`ipsec-interface=` in ipsec.conf(5)).
std::string ipsec_interface_name(std::uint32_t interface_id);

/// The daemon's ipsec.conf(5). Holds no key.
std::string ipsec_configuration(const std::vector<IpsecConnection>& connections);

/// The daemon's ipsec.secrets(5).
std::string ipsec_secrets(const std::vector<IpsecConnection>& connections);

}  // namespace netns
