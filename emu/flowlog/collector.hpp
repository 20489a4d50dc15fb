// SPDX-License-Identifier: Apache-2.0
// emu/flowlog/collector.hpp — the process that keeps the flow logs of one virtual network, in the namespace of its router.
#pragma once

#include <filesystem>
#include <string>

namespace emu {

struct CollectorPlaces {
  std::filesystem::path model;    ///< a file that holds the lab's resolved model; read again at SIGHUP
  std::string network;            ///< the virtual network's name
  std::filesystem::path records;  ///< the folder that records go to
};

/// Listens to the kernel in the calling thread's namespace and writes records, each at the latest a second after what it tells of,
/// until SIGTERM or SIGINT. SIGHUP has to be blocked already when it is sent before this runs.
/// @throws std::exception
void run_flow_log_collector(const CollectorPlaces& places);

}  // namespace emu
