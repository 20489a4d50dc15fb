// SPDX-License-Identifier: Apache-2.0
// tests/scenario/host_state.hpp — what the host's own network namespace looks like, so that a test can prove a lab left no trace in it.
#pragma once

#include "tests/scenario/lab.hpp"

namespace test {

/// Links, addresses, routes, rules, rulesets, IP switches and mounts of the host, line by line. Mounts of network namespaces are left
/// out: other labs may come and go at the same time.
Lines observe_host();

}  // namespace test
