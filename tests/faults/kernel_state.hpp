// SPDX-License-Identifier: Apache-2.0
// tests/faults/kernel_state.hpp — everything that a lab has in the kernel and on disk, as text that can be compared.
//
// Theory of operation. Each property becomes one entry, `vm1: link eth0: mtu` -> `1500`, so two states are compared entry by entry and
// a difference reads as a sentence. Read are, in every namespace of the lab: links with all their attributes, addresses, routes of all
// tables, rules, permanent neighbours, proxies, fixed entries of bridges, queueing disciplines, IPsec, the ruleset, and every readable
// switch under /proc/sys/net; of the lab: its namespaces' names, mounts, files, and all processes that are in its namespaces or in one
// that has no name, with what they were started with.
//
// Nothing is left out but what a lab that nobody disturbed is free to have otherwise the next time: numbers that the kernel gives
// (indexes, handles, process numbers, numbers of namespaces in each other), link addresses that the kernel chose (they are replaced by
// the link's name wherever they occur, so that what refers to them is still compared), timers, and what traffic leaves behind (learned
// neighbours, learned bridge entries, counters, contents of logs, what some links could offload at most).
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace test {

/// What something is, by its name.
using KernelState = std::map<std::string, std::string>;

/// @param lab a lab of this machine, running or not: of one that is not there nothing is left, so the state is empty
/// @param only nodes whose networks are read; all when empty. What is of the lab as a whole is read in any case.
KernelState observe_kernel(std::string_view lab, const std::set<std::string>& only = {});

/// Without what the networks of other nodes than `only` hold, which observe_kernel has not read then.
KernelState part_of(const KernelState& state, const std::set<std::string>& only);

/// A line for each entry that is gone, new or other.
std::vector<std::string> differences(const KernelState& before, const KernelState& after);

/// The same as one text, cut after some lines.
std::string text_of(const std::vector<std::string>& lines);

/// What tells a thing apart from its like that was made in its place: indexes of links, process numbers, identities of namespaces.
/// What `up` leaves alone keeps them.
KernelState identities(std::string_view lab);

}  // namespace test
