// SPDX-License-Identifier: Apache-2.0
// emu/cli/command.hpp — what the subcommands share: exit statuses, rights, outputs, and how wrong use is said.
#pragma once

#include <CLI/CLI.hpp>
#include <initializer_list>
#include <stdexcept>
#include <string>

#include "emu/cli/naming.hpp"
#include "emu/lab/store.hpp"
#include "emu/model/diagnostic.hpp"
#include "emu/scenario/lab_file.hpp"

namespace emu::cli {

/// The status that a command ends with. Where `exec` and `shell` become a command, the status is the command's: all that lazuli itself
/// fails with is then one of the last three, as of other programs that run programs.
enum class Exit { Done = 0, Failed = 1, WrongInput = 2, CheckFailed = 3, NotRun = 125, NotExecutable = 126, NotFound = 127 };

/// Wrong use of a command: said in one line, status 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Each adds one subcommand to `app`; when it is the one that was asked for, it sets `status`.
void add_up(CLI::App& app, Exit& status);
void add_plan(CLI::App& app, Exit& status);
void add_check(CLI::App& app, Exit& status);
void add_down(CLI::App& app, Exit& status);
void add_list(CLI::App& app, Exit& status);
void add_status(CLI::App& app, Exit& status);
void add_graph(CLI::App& app, Exit& status);
void add_exec(CLI::App& app, Exit& status);
void add_shell(CLI::App& app, Exit& status);
void add_run(CLI::App& app, Exit& status);
void add_routes(CLI::App& app, Exit& status);
void add_next_hop(CLI::App& app, Exit& status);
void add_rules(CLI::App& app, Exit& status);
void add_ip_flow(CLI::App& app, Exit& status);
void add_flow_log(CLI::App& app, Exit& status);
void add_logs(CLI::App& app, Exit& status);
void add_wait(CLI::App& app, Exit& status);
void add_restart(CLI::App& app, Exit& status);
void add_verify(CLI::App& app, Exit& status);
void add_trace(CLI::App& app, Exit& status);
void add_capture(CLI::App& app, Exit& status);
void add_doctor(CLI::App& app, Exit& status);
void add_help(CLI::App& app, Exit& status);
void add_complete(CLI::App& app, Exit& status);
void add_ipsec_daemon(CLI::App& app, Exit& status);
void add_flow_log_collector(CLI::App& app, Exit& status);
void add_namespace_holder(CLI::App& app, Exit& status);

/// What a positional NODE is where it may be any.
inline constexpr const char* kAnyNode = "A machine, a host, a network's router, a VPN gateway, a site's device, 'internet' or 'services'";

/// Whether who reads there sees colours and wants them (no-color.org).
bool wants_colour(int descriptor);

/// Adds what `--help` shows below: `words` is what follows the program's name, and works on scenarios/two-vnets.
void add_examples(CLI::App& command, std::initializer_list<const char*> words);

/// Seconds to wait for another command, unless told otherwise.
inline constexpr double kPatienceWithOthers = 60;

std::chrono::milliseconds milliseconds_of(double seconds);

/// Adds `--timeout SECONDS`, how long to wait for another command that is at work on the lab.
void add_timeout(CLI::App& command, double& seconds);
/// That long, and who is waited for is said on the standard error.
Patience patience_of(const std::string& lab, double seconds);

/// Who is not root has to run the command where they are (netns/rootless).
struct NeedsRoot {};

/// For what concerns the machine with its labs. @throws NeedsRoot; std::runtime_error saying that this is inside of a node
void require_root(const CLI::App& command);

/// Prints what is wrong with the lab file, if anything; on a terminal with the lines that it is about. @return whether to go on
bool accepted(const Diagnostics& diagnostics, const LabFile& file);

/// @throws std::runtime_error when it cannot be written
void write_file(const std::string& path, const std::string& text);

/// @throws std::system_error when the standard output does not take what was printed
void flush_output();

/// `1 machine`, `2 machines`
std::string plural(std::size_t count, const char* noun);

}  // namespace emu::cli
