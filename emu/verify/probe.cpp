// SPDX-License-Identifier: Apache-2.0
#include "emu/verify/probe.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "emu/verify/http_get.hpp"
#include "netns/namespace/namespace.hpp"
#include "netns/probe/echo.hpp"
#include "netns/probe/tcp.hpp"
#include "netns/probe/udp.hpp"

namespace emu {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

ProbeResult from_answer(const netns::ProbeAnswer& answer) {
  ProbeResult result{ProbeOutcome::Blocked, 0, answer.round_trip, answer.detail};
  switch (answer.answer) {
    case netns::Answer::Reply: result.outcome = ProbeOutcome::Reachable; break;
    case netns::Answer::Refused: result.outcome = ProbeOutcome::Refused; break;
    case netns::Answer::Unreachable: result.outcome = ProbeOutcome::Unreachable; break;
    case netns::Answer::Silence: result.outcome = ProbeOutcome::Blocked; break;
  }
  return result;
}

ProbeResult probe_http(const ProbeRequest& request) {
  const auto end = steady_clock::now() + request.patience.limit;
  while (true) {
    auto patience = request.patience;
    patience.limit = std::max(std::chrono::ceil<milliseconds>(end - steady_clock::now()), milliseconds{1});
    auto tcp = netns::connect_tcp(request.address, request.target.port, request.tag, patience);
    auto result = from_answer(tcp.answer);
    if (result.outcome != ProbeOutcome::Reachable) return result;
    if (const auto status = http_get(tcp.connection, request.target, end)) {
      result.outcome = ProbeOutcome::Status;
      result.status = *status;
      return result;
    }
    result.outcome = ProbeOutcome::NoResponse;
    result.detail = fmt::format("{}:{} took the connection and sent no HTTP response{}", to_string(request.address), request.target.port,
                                request.target.secure ? " over TLS" : "");
    if (!request.patience.insists || steady_clock::now() >= end) return result;
  }
}

}  // namespace

std::string_view to_string(ProbeOutcome outcome) {
  switch (outcome) {
    case ProbeOutcome::Reachable: return "reachable";
    case ProbeOutcome::Status: return "status";
    case ProbeOutcome::Blocked: return "blocked";
    case ProbeOutcome::Refused: return "refused";
    case ProbeOutcome::Unreachable: return "unreachable";
    case ProbeOutcome::NoResponse: return "no response";
  }
  return "";
}

std::string describe_outcome(const ProbeResult& result) {
  return result.outcome == ProbeOutcome::Status ? std::to_string(result.status) : std::string(to_string(result.outcome));
}

ProbeResult probe(const ProbeRequest& request) {
  const netns::EnteredNamespace inside(request.network_namespace);
  switch (request.kind) {
    case CheckKind::Ping: return from_answer(netns::ping(request.address, request.tag, request.patience));
    case CheckKind::Tcp: return from_answer(netns::connect_tcp(request.address, request.target.port, request.tag, request.patience).answer);
    case CheckKind::Udp:
      return from_answer(netns::send_udp(request.address, request.target.port, request.tag, request.patience, request.has_arrived));
    case CheckKind::Http: return probe_http(request);
    case CheckKind::Run: break;  // asks nothing of the network itself
  }
  return {};
}

}  // namespace emu
