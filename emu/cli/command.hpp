// SPDX-License-Identifier: Apache-2.0
// emu/cli/command.hpp — what the subcommands share: exit codes, the lab that is meant, and how wrong use is said.
#pragma once

#include <CLI/CLI.hpp>
#include <stdexcept>
#include <string>

#include "emu/model/diagnostic.hpp"
#include "emu/model/model.hpp"
#include "emu/scenario/lab_file.hpp"

namespace emu::cli {

/// The status that a command ends with.
enum class Exit { Done = 0, Failed = 1, WrongInput = 2, CheckFailed = 3 };

/// Wrong use of a command: said in one line, status 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Each adds one subcommand to `app`; when it is the one that was asked for, it sets `status`.
void add_up(CLI::App& app, Exit& status);
void add_plan(CLI::App& app, Exit& status);
void add_down(CLI::App& app, Exit& status);
void add_list(CLI::App& app, Exit& status);
void add_status(CLI::App& app, Exit& status);
void add_graph(CLI::App& app, Exit& status);
void add_exec(CLI::App& app, Exit& status);
void add_shell(CLI::App& app, Exit& status);
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
void add_ipsec_daemon(CLI::App& app, Exit& status);
void add_flow_log_collector(CLI::App& app, Exit& status);

/// What a positional NODE is where it may be any.
inline constexpr const char* kAnyNode = "A machine, a host, a network's router, a VPN gateway, a site's device, 'internet' or 'services'";

/// Adds `-l,--lab`.
void add_lab_option(CLI::App& command, std::string& lab);

/// @throws std::runtime_error saying how to get it
void require_root(const CLI::App& command);

/// Prints what is wrong with the lab file, if anything; on a terminal with the lines that it is about. @return whether to go on
bool accepted(const Diagnostics& diagnostics, const LabFile& file);

/// @throws std::runtime_error when it cannot be written
void write_file(const std::string& path, const std::string& text);

/// The running lab named `lab`, or the only one when that is empty. @throws UsageError naming the labs there are
Model running_lab(const std::string& lab);

/// The name as the lab spells it. @throws UsageError naming the nearest node
std::string require_node(const Model& model, const std::string& node);

/// The virtual machine of that name, for questions about its network interface. @throws UsageError
const VirtualMachine& require_machine(const Model& model, const std::string& node);

}  // namespace emu::cli
