// SPDX-License-Identifier: Apache-2.0
// emu/cli/version.hpp — which Lazuli this is; the definition is made by cmake/version.cmake.
#pragma once

namespace emu::cli {

/// `0.2.0 (01ca7fa)`: the version of CMakeLists.txt and the commit it was built from, `, changed` where files differed from it. Without
/// the commit where there is no repository.
extern const char* const kVersion;

}  // namespace emu::cli
