// SPDX-License-Identifier: Apache-2.0
// emu/lab/daemons.hpp — what the IKE daemons of a running lab say, and what the kernels beneath them hold: each asked once.
#pragma once

#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "emu/fabric/tunnel.hpp"
#include "emu/lab/store.hpp"
#include "netns/ipsec/associations.hpp"
#include "netns/ipsec/status.hpp"

namespace emu {

/// One look at the lab: whoever wants to see a change makes a new one.
class Daemons {
 public:
  explicit Daemons(std::string lab) : lab_(std::move(lab)), places_(places_of(lab_)), running_(records_of(lab_).processes.running()) {}

  bool run_at(const PlacedEnd& end) const;

  /// Why the last try failed, in the words of the daemon of `end`; empty when it did not.
  const std::string& trouble(const PlacedEnd& end);

  /// What the daemon of `end` says; nothing when it does not answer, or not yet. Takes a program's time, the rest does not.
  std::optional<netns::IpsecStatus> answer(const PlacedEnd& end);

  /// Whether the kernel at `end` has keys for both directions, whatever the other end's has.
  bool has_keys(const PlacedEnd& end);

  /// Since when packets pass: both kernels have the same keys for both directions. Empty when they do not.
  ///
  /// The oldest tunnel of the connection counts: a renewal adds a younger one and interrupts nothing.
  std::optional<std::chrono::sys_seconds> keys_since(const std::array<PlacedEnd, 2>& ends);

 private:
  const netns::SecurityAssociations& keys(const std::string& node);

  std::string lab_;
  Places places_;
  std::map<std::string, std::map<std::string, std::string>> running_;
  std::map<std::string, netns::IpsecTroubles> troubles_;
  std::map<std::string, std::optional<netns::IpsecStatuses>> answers_;
  std::map<std::string, netns::SecurityAssociations> keys_;
};

}  // namespace emu
