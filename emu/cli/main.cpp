// SPDX-License-Identifier: Apache-2.0
// emu/cli/main.cpp — the `lazuli` command: reads arguments, runs one subcommand, says what failed.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <new>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "emu/cli/command.hpp"
#include "emu/cli/help.hpp"
#include "emu/cli/version.hpp"
#include "emu/model/wording.hpp"
#include "emu/report/terminal.hpp"
#include "netns/rootless/rootless.hpp"

namespace {

namespace fs = std::filesystem;
using emu::cli::Exit;

using Words = std::vector<std::string>;

/// One line a level, outermost first.
void print_error(const std::exception& error, int level) {
  const bool no_memory = dynamic_cast<const std::bad_alloc*>(&error) != nullptr;
  fmt::print(stderr, "{:{}}{}{}\n", "", level * 2, level == 0 ? "error: " : "", no_memory ? std::strerror(ENOMEM) : error.what());
  try {
    std::rethrow_if_nested(error);
  } catch (const std::exception& cause) {
    print_error(cause, level + 1);
  }
}

/// A file that is opened while one of the first three descriptors is closed would take its place, and what is printed would go there.
void open_missing_descriptors() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    const bool is_closed = ::fcntl(descriptor, F_GETFD) == -1 && errno == EBADF;
    // Opened the wrong way round, so that whoever writes there is told so.
    if (is_closed) ::open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  }
}

/// Of the terminal that the standard output is; 0 when it is none.
std::size_t width_of_terminal() {
  if (::isatty(STDOUT_FILENO) != 1) return 0;
  if (const char* columns = std::getenv("COLUMNS"); columns != nullptr) {
    const std::string_view text = columns;
    std::size_t width = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), width);
    if (failure == std::errc{} && end == text.data() + text.size() && width != 0) return width;
  }
  winsize size{};
  constexpr std::size_t kUsual = 80;
  return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col != 0 ? size.ws_col : kUsual;
}

/// Where a shell would find the program; empty when nowhere.
fs::path on_path(std::string_view program) {
  const char* variable = std::getenv("PATH");
  std::string_view folders = variable == nullptr ? "" : variable;
  while (!folders.empty()) {
    const auto folder = folders.substr(0, folders.find(':'));
    if (auto path = fs::path(folder) / program; ::access(path.c_str(), X_OK) == 0) return path;
    folders.remove_prefix(std::min(folder.size() + 1, folders.size()));
  }
  return {};
}

/// What to type to call this program again, as it was called.
std::string program_name(const std::string& called) {
  std::error_code none;
  const bool is_path = called.find('/') != std::string::npos;
  const auto found = on_path("lazuli");
  auto name = is_path && (found.empty() || !fs::equivalent(found, called, none)) ? emu::in_shells_quotes(called) : "lazuli";
  const bool is_through_sudo = ::geteuid() == 0 && std::getenv("SUDO_UID") != nullptr;
  return is_through_sudo && !on_path("sudo").empty() ? "sudo " + name : name;
}

bool takes_value(const std::string& word) { return word == "-l" || word == "--lab" || word == "-e" || word == "--env"; }

/// Puts `-l LAB` that stands before the command behind it, where each command reads it.
Words with_command_first(Words words) {
  std::ptrdiff_t command = 0;
  const auto names_lab = [](const std::string& word) { return word.starts_with("-l") || word.starts_with("--lab"); };
  while (command < std::ssize(words) && names_lab(*(words.begin() + command))) command += takes_value(*(words.begin() + command)) ? 2 : 1;
  if (command < std::ssize(words)) std::rotate(words.begin(), words.begin() + command, words.begin() + command + 1);
  return words;
}

/// Of `lazuli exec NODE -- COMMAND`, takes the `--` away that stands before the command: it is for the reader's eyes. What comes later is
/// the command's own.
Words without_dashes(Words words) {
  bool has_node = false;
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i] == "--") {
      words.erase(words.begin() + static_cast<std::ptrdiff_t>(i));
      if (i < words.size() && words[i].starts_with("-"))
        throw emu::cli::UsageError(
            fmt::format("{} is no command: write lazuli exec NODE -- COMMAND [ARGUMENT...]", emu::in_quotes(words[i])));
      return words;
    }
    if (takes_value(words[i]))
      ++i;
    else if (!words[i].starts_with("-") && std::exchange(has_node, true))
      return words;
  }
  return words;
}

void add_commands(CLI::App& app, Exit& status) {
  using namespace emu::cli;
  for (const auto add : {add_up,
                         add_plan,
                         add_check,
                         add_down,
                         add_list,
                         add_status,
                         add_graph,
                         add_exec,
                         add_run,
                         add_shell,
                         add_verify,
                         add_trace,
                         add_routes,
                         add_rules,
                         add_next_hop,
                         add_ip_flow,
                         add_flow_log,
                         add_logs,
                         add_wait,
                         add_restart,
                         add_capture,
                         add_doctor,
                         add_help,
                         add_complete,
                         add_ipsec_daemon,
                         add_flow_log_collector,
                         add_namespace_holder})
    add(app, status);
}

/// @throws emu::cli::UsageError when the first word is neither a command nor an option
void require_command(const CLI::App& app, const Words& words) {
  const auto& word = words.front();
  if (word.starts_with("-") || emu::cli::find_command(app, word) != nullptr) return;
  const auto guess = emu::cli::guess_command(app, word);
  throw emu::cli::UsageError(fmt::format("there is no command {}{}; '{}' lists them all", emu::in_quotes(word),
                                         guess.empty() ? "" : fmt::format(" (did you mean {}?)", emu::in_quotes(guess)),
                                         emu::command_text_without_root("help")));
}

/// What `wrong` says, in words of our own where CLI11's name no cure.
std::string usage_text(const CLI::App& app, const CLI::ParseError& wrong) {
  const auto used = app.get_subcommands();
  const auto& command = used.empty() ? app : *used.front();
  if (dynamic_cast<const CLI::ExtrasError*>(&wrong) != nullptr && !used.empty()) {
    auto left = command.remaining();
    if (left.empty()) left = app.remaining();
    if (!left.empty()) return emu::cli::unexpected_text(command, left.front());
  }
  return fmt::format("{}; '{}' tells more", wrong.what(),
                     emu::command_text_without_root(used.empty() ? "help" : "help " + command.get_name()));
}

Exit run(Words words) {
  CLI::App app{"Lazuli: Azure virtual networks that forward real packets on this machine", "lazuli"};
  app.formatter(std::make_shared<emu::cli::HelpFormatter>());
  app.require_subcommand(0, 1);
  app.set_version_flag("--version", fmt::format("lazuli {}", emu::cli::kVersion));
  Exit status = Exit::Done;
  add_commands(app, status);
  if (words.empty()) words = {"help"};
  words = with_command_first(std::move(words));
  require_command(app, words);
  if (words.front() == "exec") words = without_dashes(std::move(words));
  std::ranges::reverse(words);  // as CLI11 takes them
  try {
    app.parse(std::move(words));
  } catch (const CLI::Success& asked) {  // for help or the version
    std::ostringstream text;
    app.exit(asked, text, text);
    fmt::print("{}", text.str());
  } catch (const CLI::ParseError& wrong) {
    throw emu::cli::UsageError(usage_text(app, wrong));
  }
  emu::cli::flush_output();
  return status;
}

/// Of `exec` and `shell`, a status that cannot be taken for the command's own.
Exit failure(const Words& words, Exit usual) {
  const auto command = with_command_first(words);
  const bool becomes_command = !command.empty() && (command.front() == "exec" || command.front() == "shell");
  return becomes_command ? Exit::NotRun : usual;
}

}  // namespace

int main(int argc, char** argv) {
  open_missing_descriptors();
  emu::set_terminal({width_of_terminal(), program_name(argc > 0 ? argv[0] : "lazuli")});
  const Words words(argv + std::min(argc, 1), argv + argc);
  try {
    try {
      return static_cast<int>(run(words));
    } catch (const emu::cli::NeedsRoot&) {
      return netns::run_inside(words);
    }
  } catch (const emu::cli::UsageError& wrong) {
    print_error(wrong, 0);
    return static_cast<int>(failure(words, Exit::WrongInput));
  } catch (const std::exception& error) {
    print_error(error, 0);
    return static_cast<int>(failure(words, Exit::Failed));
  }
}
