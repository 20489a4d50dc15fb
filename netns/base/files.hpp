// SPDX-License-Identifier: Apache-2.0
// netns/base/files.hpp — files that are written whole or not at all, and small ones that are read whole.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "netns/base/unique_fd.hpp"

namespace netns {

/// All of `text`, which the kernel may take in parts. @param what  is written, for the error. @throws KernelError
void write_whole(const UniqueFd& file, std::string_view text, const std::string& what);

/// Writes `path` in one rename of `draft`: whoever reads it finds what was there before, or all of `content`. What goes wrong leaves no
/// draft.
/// @param mode           whatever the caller's umask
/// @param before_rename  called when all is written
/// @throws KernelError
void replace_file(const std::filesystem::path& path, const std::filesystem::path& draft, std::string_view content, mode_t mode,
                  const std::function<void()>& before_rename = {});

/// A file of the kernel's or of ours; empty when there is none, or when its process has ended. That it cannot be read is no answer.
/// @throws KernelError
std::optional<std::string> read_if_there(const std::filesystem::path& path);

}  // namespace netns
