// SPDX-License-Identifier: Apache-2.0
// emu/report/terminal.hpp — for whom text is written: how wide a line may be there, and what to type there to call this program.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace emu {

struct Terminal {
  std::size_t width = 0;                ///< columns; 0 is no limit: a file or a program reads it
  std::string program = "sudo lazuli";  ///< what a person there types to call this program with the rights it needs
};

/// What `set_terminal` was told last; `main` tells it once, before anything is printed.
const Terminal& terminal();
void set_terminal(Terminal terminal);

/// A command that works as printed: `sudo build/release/lazuli down contoso` for `down contoso`.
std::string command_text(std::string_view words);

/// The same for a command that needs no root: without sudo.
std::string command_text_without_root(std::string_view words);

/// `word` as a shell takes it for one: in quotes where it needs them.
std::string in_shells_quotes(const std::string& word);

/// `text` broken between words into lines of the terminal's width, the first after `indent` spaces and the others after `hanging` of
/// them; without a newline at its end. Without a width it stays one line.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t hanging);

}  // namespace emu
