// SPDX-License-Identifier: Apache-2.0
// tests/faults/fault_lab.hpp — the lab that all faults are tried on, the same lab changed, and how both are when nobody disturbed them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/faults/kernel_state.hpp"
#include "tests/scenario/lab.hpp"

namespace test {

// Ten namespaces: three peered networks, of which two have an appliance between them, security groups, a service endpoint and the
// firewall of what it leads to, public addresses, a page, a program, a flow log, and a host on the internet.
//
//   vm1 (public) ---+                      +--- web (page, security group, endpoint; to `far` by way of fw)
//                   hub ---- peering ---- spoke
//   fw (forwards) --+ \                    |
//                      +---- peering --- far --- app (program)           services: data (lets spoke/app in, and the laptop)
//                                                                         internet: laptop
extern const std::string_view kFaultLab;

/// What an engineer makes of it one day later: a subnet and a machine come, another machine goes, addresses, a prefix, a peering's
/// flag, rules, routes, the firewall and a port change. vm1, fw and how they reach each other stay.
extern const std::string_view kChangedFaultLab;

/// Both labs as files under one name, in one folder, and their undisturbed states.
class FaultLab {
 public:
  /// Builds each lab from nothing and removes it. @throws std::runtime_error when that fails or leaves something
  FaultLab();

  const Lab& lab() const { return lab_; }
  const std::string& file() const { return file_; }
  const std::string& changed_file() const { return changed_file_; }
  const KernelState& whole() const { return whole_; }
  const KernelState& changed_whole() const { return changed_whole_; }

  /// Differences from `wanted`, of the networks of `only` and of what is of the lab as a whole, once they are none or have not gone within
  /// a second: links and programs take a moment to settle.
  std::vector<std::string> differences_from(const KernelState& wanted, const std::set<std::string>& only = {}) const;
  /// What there is, once it stays for a while.
  KernelState settled() const;
  /// What a lab that is down has left: all of what observe_kernel finds.
  std::vector<std::string> remains() const;
  /// Removes the lab, by force where `down` leaves something: what one fault left is not to be found again at the next.
  void begin_anew() const;

 private:
  KernelState build_undisturbed(const std::string& file) const;

  Lab lab_;
  std::string file_;
  std::string changed_file_;
  KernelState whole_;
  KernelState changed_whole_;
};

/// `lazuli` run by at_syscall.
struct Struck {
  CommandStreams streams;
  long calls = 0;      ///< that were counted, up to the one that was struck
  std::string struck;  ///< which call, or empty: there were fewer
};

/// @param options of at_syscall, without --report
Struck at_syscall(const Lab& lab, const std::vector<std::string>& options, const std::vector<std::string>& arguments);

/// Points to try of 1 to `count`: as many as wanted, evenly spread; LAZULI_FAULT_POINTS times as many when that is a number, and all when
/// it is `all`. Of `shards` runs that share the work each takes its own.
std::vector<long> points(long count, long wanted, int shard, int shards);

}  // namespace test
