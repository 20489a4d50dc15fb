// SPDX-License-Identifier: Apache-2.0
// emu/verify/byte_stream.hpp — bytes over a connection that is there already, plain or over TLS, each step with a limit of time.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "netns/base/unique_fd.hpp"

namespace emu {

class ByteStream {
 public:
  using Time = std::chrono::steady_clock::time_point;

  ByteStream() = default;
  ByteStream(const ByteStream&) = delete;
  ByteStream& operator=(const ByteStream&) = delete;
  virtual ~ByteStream() = default;

  /// False when `end` came first, or the other side is gone.
  virtual bool send(std::string_view bytes, Time end) = 0;
  /// Adds what comes next to `text`; false at its end, at `end`, and on an error.
  virtual bool receive(std::string& text, Time end) = 0;
};

/// @param connection  a connected, non-blocking socket, which outlives the stream
std::unique_ptr<ByteStream> plain_stream(const netns::UniqueFd& connection);

/// TLS whose certificate nobody checks, as `curl -k` speaks it: servers of a lab have made their own.
/// @param host  what the server is told to be (SNI, RFC 6066), when it is no address
/// @return empty when the other side does not speak TLS until `end`
std::unique_ptr<ByteStream> tls_stream(const netns::UniqueFd& connection, const std::string& host, ByteStream::Time end);

}  // namespace emu
