// SPDX-License-Identifier: Apache-2.0
// netns/capture/capture.hpp — streams what crosses a link, or all links of a namespace, as a pcap file.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace netns {

struct CaptureCounts {
  std::uint64_t written = 0;  ///< packets
  std::uint64_t dropped = 0;  ///< packets that came faster than `out` took them
};

/// Writes pcap to `out` until told to stop; `tcpdump -r -` reads it while it grows. Packets appear at once when traffic is
/// light and in large writes when it is heavy. A packet that crosses several links is written once for each; what crosses `lo`
/// is written once.
///
/// Ends when `stop` becomes readable (StopSignals, an eventfd, a pipe), when the reader of `out` closed it, and within a second
/// of the one link being removed or the namespace losing its name; packets seen until then are written. A closed pipe ends
/// it only where SIGPIPE is ignored or blocked; otherwise that signal ends the process, as it does for any writer.
/// @param link  empty for all links
/// @param out   a pipe, file or socket; not closed
/// @param begun  called when every packet from now on will be seen
/// @throws KernelError
CaptureCounts capture(std::string_view namespace_name, std::string_view link, int out, int stop, const std::function<void()>& begun = {});

}  // namespace netns
