// SPDX-License-Identifier: Apache-2.0
// emu/lab/programs.hpp — what became of the commands that a lab file has machines, hosts and services run.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emu/model/diagnostic.hpp"
#include "emu/model/model.hpp"
#include "emu/scenario/lab_file.hpp"
#include "netns/process/process.hpp"

namespace emu {

/// A program that ended otherwise than with status 0, or that had to stay and did not.
struct ProgramFailure {
  std::string node;
  std::string program;  ///< as `lazuli logs` names it: `run0`, `web`
  std::string command;  ///< of the lab file; empty: the program is Lazuli's own
  std::string end;      ///< `status 3`, `signal 9 (Killed)`
  std::vector<std::string> last_lines;

  bool operator==(const ProgramFailure&) const = default;
};

/// Several lines: what ended how, then its last lines, indented.
std::string describe(const ProgramFailure& failure);

/// Those of a lab that runs.
std::vector<ProgramFailure> failed_programs(const Model& model);

/// The same for one that was told of as it was started.
ProgramFailure failure_of(const Model& model, const netns::EndedProcess& process);

/// What a lab file says of users that this machine does not have.
Diagnostics check_users(const LabFile& file);

/// A TCP port that is to be served.
struct ServedPort {
  std::string node;                           ///< where it is
  std::string name;                           ///< what it is called: the node, or a service of it
  std::uint16_t port = 0;                     ///< 0: any that listens on just that address
  std::optional<netns::Ipv4Address> address;  ///< that it has to listen on; empty: any but loopback

  bool operator==(const ServedPort&) const = default;
};

/// Those that `up` waits for: pages, `listens`, and services with a command of their own. Pure.
std::vector<ServedPort> served_ports(const Model& model);

/// Whether a port of a node in which nothing runs any more is waited for.
enum class Hopeless { IsGivenUp, IsWaitedFor };

/// Waits until every one of `ports` is served. @return for each that is not in time why, in words
std::vector<std::string> wait_for_ports(const Model& model, std::vector<ServedPort> ports, std::chrono::milliseconds limit,
                                        const std::function<void(const std::string&)>& progress = {},
                                        Hopeless hopeless = Hopeless::IsGivenUp);

/// A program that has just started gets a moment in which it may fail: waits until it is over.
void wait_a_moment(const Model& model);

}  // namespace emu
