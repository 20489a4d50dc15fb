// SPDX-License-Identifier: Apache-2.0
// emu/lab/shared_lines.hpp — files of lines that others read while they change, like /etc/hosts.
//
// Theory of operation. The file is mounted in processes, so it has to stay the same file, and it is read at any moment. So a line that is
// to stay is never written: new ones are written as comments, behind the last one or in the place of one that has gone, and become lines
// by one byte; one that is to go becomes a comment by one byte. New lines come before old ones
// go. Whoever reads finds every line that was there and stays, and of the others each whole or not at all. Their order says nothing.
#pragma once

#include <filesystem>
#include <string_view>

namespace emu {

/// Makes the file at `path` hold the lines of `content`, which are not empty; comments aside. When it does, nothing is written.
/// @throws std::system_error
void write_lines(const std::filesystem::path& path, std::string_view content);

/// Whether it does, comments aside. @throws std::system_error when there is a file that cannot be read
bool holds_lines(const std::filesystem::path& path, std::string_view content);

}  // namespace emu
