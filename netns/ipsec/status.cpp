// SPDX-License-Identifier: Apache-2.0
#include "netns/ipsec/status.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <ranges>
#include <vector>

#include "netns/base/error.hpp"
#include "netns/base/subprocess.hpp"
#include "netns/base/unique_fd.hpp"
#include "netns/ipsec/paths.hpp"

namespace netns {
namespace {

constexpr std::string_view kNewBeginning = ": its settings changed";

template <typename Each>
void for_each_line(std::string_view text, Each each) {
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    each(text.substr(at, end - at));
    at = end + 1;
  }
}

/// The connection a line is about, and what it says of it: `000 #4: "c2/1x1":500 STATE…`, `… "c1" #3: authentication failed`.
struct Statement {
  std::string connection;
  std::string_view words;
};

std::optional<Statement> parse_statement(std::string_view line) {
  const auto open = line.find('"');
  const auto close = open == std::string_view::npos ? open : line.find('"', open + 1);
  if (close == std::string_view::npos) return std::nullopt;
  auto name = line.substr(open + 1, close - open - 1);
  name = name.substr(0, name.find('/'));  // one of several tunnels of a connection
  return Statement{std::string(name), line.substr(close + 1)};
}

/// What stands behind `key` up to one of `ends`; empty when it is not there.
std::string_view value_of(std::string_view words, std::string_view key, std::string_view ends) {
  const auto at = words.find(key);
  if (at == std::string_view::npos) return {};
  const auto value = words.substr(at + key.size());
  return value.substr(0, value.find_first_of(ends));
}

void read_status(const Statement& statement, IpsecStatus& status) {
  if (statement.words.find("STATE_V2_ESTABLISHED_CHILD_SA") != std::string_view::npos) {
    status.state = IpsecState::Established;
  } else if (statement.words.find(" STATE_") != std::string_view::npos) {
    status.state = std::max(status.state, IpsecState::Negotiating);
  }
  if (const auto ike = value_of(statement.words, "IKEv2 algorithm newest: ", ";"); !ike.empty()) status.ike_algorithms = ike;
  if (const auto esp = value_of(statement.words, "ESP algorithm newest: ", ";"); !esp.empty()) status.esp_algorithms = esp;
}

/// A line of the log that says why an attempt failed, without date and connection.
std::optional<std::string_view> trouble_in(std::string_view words) {
  constexpr std::array<std::string_view, 8> kTroubles{
      "authentication failed",     "rejected by peer", "NO_PROPOSAL_CHOSEN", "TS_UNACCEPTABLE",
      "no acceptable response to", "No acceptable",    "cannot route",       "cannot install"};
  const auto says = [&](std::string_view what) { return words.find(what) != std::string_view::npos; };
  if (std::ranges::none_of(kTroubles, says) || says("responding to")) return std::nullopt;  // what it answers it has said before
  const auto colon = words.find(": ");
  return colon == std::string_view::npos ? words : words.substr(colon + 2);
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

}  // namespace

IpsecStatuses parse_ipsec_status(std::string_view text) {
  IpsecStatuses found;
  for_each_line(text, [&](std::string_view line) {
    if (const auto statement = parse_statement(line)) read_status(*statement, found[statement->connection]);
  });
  return found;
}

IpsecTroubles parse_ipsec_log(std::string_view text) {
  IpsecTroubles found;
  for_each_line(text, [&](std::string_view line) {
    const auto statement = parse_statement(line);
    if (!statement) return;
    const auto says = [&](std::string_view what) { return statement->words.find(what) != std::string_view::npos; };
    if (says("established Child SA") || says(": added IKE") || says(kNewBeginning))
      found.erase(statement->connection);
    else if (const auto trouble = trouble_in(statement->words))
      found[statement->connection] = *trouble;
  });
  return found;
}

std::optional<IpsecStatuses> ipsec_status(const std::filesystem::path& folder) {
  try {
    return parse_ipsec_status(run_command({kWhack, "--ctlsocket", folder / kIpsecControl, "--status"}));
  } catch (const CommandError&) {
    return std::nullopt;  // no such socket, or nobody behind it
  }
}

IpsecTroubles ipsec_troubles(const std::filesystem::path& folder) { return parse_ipsec_log(read_file(folder / kIpsecLog)); }

void forget_ipsec_trouble(const std::filesystem::path& folder, std::string_view connection) {
  const auto path = folder / kIpsecLog;
  const UniqueFd log{::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC)};
  if (!log) return;  // there is no log, and no trouble in it
  const auto line = fmt::format("\"{}\"{}\n", connection, kNewBeginning);
  const auto written = ::write(log.get(), line.data(), line.size());
  const int error = errno;
  if (written < 0) throw KernelError(error, fmt::format("write {}", path.string()));
}

}  // namespace netns
