// SPDX-License-Identifier: Apache-2.0
#include "netns/ipsec/status.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <iterator>
#include <ranges>
#include <vector>

#include "netns/base/subprocess.hpp"
#include "netns/ipsec/paths.hpp"

namespace netns {
namespace {

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

/// The oldest of a connection's tunnels counts: a renewal adds a younger one and interrupts nothing.
void read_traffic(const Statement& statement, IpsecStatus& status) {
  const auto added = value_of(statement.words, "add_time=", ",");
  std::int64_t seconds = 0;
  if (std::from_chars(added.data(), added.data() + added.size(), seconds).ec != std::errc{}) return;
  const std::chrono::sys_seconds time{std::chrono::seconds{seconds}};
  status.established_since = std::min(status.established_since.value_or(time), time);
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

void read_log(const Statement& statement, IpsecStatus& status) {
  if (statement.words.find("established Child SA") != std::string_view::npos) {
    status.trouble.clear();
  } else if (const auto trouble = trouble_in(statement.words)) {
    status.trouble = *trouble;
  }
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

}  // namespace

IpsecStatuses parse_ipsec_status(std::string_view status, std::string_view traffic, std::string_view log) {
  IpsecStatuses found;
  for_each_line(status, [&](std::string_view line) {
    if (const auto statement = parse_statement(line)) read_status(*statement, found[statement->connection]);
  });
  const auto read_more = [&](std::string_view text, auto read) {
    for_each_line(text, [&](std::string_view line) {
      const auto statement = parse_statement(line);
      if (const auto known = statement ? found.find(statement->connection) : found.end(); known != found.end())
        read(*statement, known->second);
    });
  };
  read_more(traffic, read_traffic);
  read_more(log, read_log);
  return found;
}

std::optional<IpsecStatuses> ipsec_status(const std::filesystem::path& folder) {
  const auto ask = [&](const char* question) { return run_command({kWhack, "--ctlsocket", folder / kIpsecControl, question}); };
  try {
    const auto status = ask("--status");
    return parse_ipsec_status(status, ask("--trafficstatus"), read_file(folder / kIpsecLog));
  } catch (const CommandError&) {
    return std::nullopt;  // no such socket, or nobody behind it
  }
}

}  // namespace netns
