// SPDX-License-Identifier: Apache-2.0
// emu/verify/target.hpp — what a check points at: `vm2`, `vm2.public:22`, `http://vm2/index.html`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "emu/model/model.hpp"

namespace emu {

struct Target {
  std::string host;            ///< as written: a node, `node.public`, an address
  std::uint16_t port = 0;      ///< 0 for ping, 80 or 443 where a URL names none
  std::string authority;       ///< http: `host` or `host:port` as written, the Host header
  std::string resource = "/";  ///< http: path and query, starts with a slash
  bool secure = false;         ///< http: over TLS

  bool operator==(const Target&) const = default;
};

/// Reads a check's target; empty when it is not of the kind's form: a host, `host:port`, or an
/// `http://` or `https://` URL without user name. A command is no target.
std::optional<Target> parse_target(CheckKind kind, std::string_view text);

}  // namespace emu
