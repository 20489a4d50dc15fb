// SPDX-License-Identifier: Apache-2.0
#include "emu/verify/trace_report.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "emu/report/table.hpp"
#include "emu/report/terminal.hpp"
#include "emu/verify/report.hpp"
#include "netns/probe/icmp_error.hpp"

namespace emu {
namespace {

using Json = nlohmann::ordered_json;
using Kind = netns::ProbePacket::Kind;
using Milliseconds = std::chrono::duration<double, std::milli>;

constexpr std::size_t kWordsIndent = 14;
constexpr std::size_t kMostHops = 24;  // one that goes round in circles has no more to say

std::string describe(const netns::ProbePacket& packet) {
  switch (packet.kind) {
    case Kind::Echo: return "echo request";
    case Kind::EchoReply: return "echo reply";
    case Kind::Syn: return "SYN";
    case Kind::Datagram: return "UDP datagram";
    case Kind::SynAck: return "SYN,ACK";
    case Kind::Reset: return "RST";
    case Kind::IcmpError: return fmt::format("ICMP {}", netns::describe_icmp(packet.icmp_type, packet.icmp_code));
  }
  return "";
}

std::string links_of(const TraceHop& hop) {
  if (hop.out.empty()) return hop.in;
  return hop.in.empty() ? fmt::format("> {}", hop.out) : fmt::format("{} > {}", hop.in, hop.out);
}

std::string addresses_of(const netns::ProbePacket& packet) {
  return fmt::format("{} -> {}", to_string(packet.source), to_string(packet.destination));
}

/// What is new of a hop's packet, next to what was last said of it.
std::string news_of(const TraceHop& hop, const netns::ProbePacket* said) {
  const auto kind = describe(hop.left);
  if (said == nullptr) return fmt::format("{}  {}", addresses_of(hop.left), kind);
  std::string news;
  if (addresses_of(*said) != addresses_of(hop.left)) news = addresses_of(hop.left);
  if (describe(*said) != kind) news += fmt::format("{}{}", news.empty() ? "" : "  ", kind);
  return news;
}

void write_way(std::string& out, const std::vector<TraceHop>& hops) {
  const auto shown = std::min(hops.size(), kMostHops);
  Table table(kIndent);
  const netns::ProbePacket* said = nullptr;
  for (std::size_t i = 0; i < shown; ++i) {
    const auto& hop = hops[i];
    std::vector<std::string> row{fmt::format("{:.3f} ms", Milliseconds(hop.time).count()), hop.node, links_of(hop)};
    if (auto news = news_of(hop, said); !news.empty()) row.push_back(std::move(news));
    table.add(std::move(row));
    said = &hop.left;
  }
  const auto lines = table.lines();
  for (std::size_t i = 0; i < shown; ++i) {
    out += lines[i] + '\n';
    for (const auto& words : hops[i].words) out += wrapped(words, kWordsIndent, kWordsIndent + kIndent) + '\n';
  }
  if (hops.size() > shown) out += fmt::format("  and {} more\n", hops.size() - shown);
}

std::string protocol_of(const Flow& flow) {
  return flow.kind == CheckKind::Ping ? "ping" : fmt::format("{}/{}", to_string(flow.kind), flow.port);
}

bool is_reachable(const ProbeResult& result) { return result.outcome == ProbeOutcome::Reachable || result.outcome == ProbeOutcome::Status; }

bool has_answer(const ProbeResult& result) { return is_reachable(result) || result.outcome == ProbeOutcome::Refused; }

/// In Azure's words (NW-3).
std::string_view azure_protocol_of(const Flow& flow) {
  switch (flow.kind) {
    case CheckKind::Ping: return "Icmp";
    case CheckKind::Tcp: return "Tcp";
    case CheckKind::Udp: return "Udp";
    case CheckKind::Http: return "Http";
    case CheckKind::Run: break;
  }
  return "";
}

std::string destination_of(const Turn& turn) {
  return turn.port == 0 ? to_string(turn.address) : fmt::format("{}:{}", to_string(turn.address), turn.port);
}

std::string outcome_of(const Trace& trace) {
  auto out = describe_outcome(trace.measured);
  if (trace.measured.outcome == ProbeOutcome::Reachable)
    out += fmt::format(" in {:.3f} ms", Milliseconds(trace.measured.round_trip).count());
  if (trace.path) out += fmt::format("{} {}", has_answer(trace.measured) ? "" : ",", describe_way(*trace.path, has_answer(trace.measured)));
  if (!trace.measured.detail.empty()) out += fmt::format(": {}", trace.measured.detail);
  if (trace.turn) out += fmt::format(", turned to {} by rules of {}'s own", destination_of(*trace.turn), trace.turn->node);
  return out;
}

Json hops_json(const std::vector<TraceHop>& hops) {
  auto out = Json::array();
  for (const auto& hop : hops) {
    out.push_back({{"node", hop.node},
                   {"timeInMs", Milliseconds(hop.time).count()},
                   {"in", hop.in.empty() ? Json() : Json(hop.in)},
                   {"out", hop.out.empty() ? Json() : Json(hop.out)},
                   {"packet", describe(hop.left)},
                   {"sourceIPAddress", to_string(hop.left.source)},
                   {"destinationIPAddress", to_string(hop.left.destination)},
                   {"rules", hop.words}});
  }
  return out;
}

}  // namespace

std::string trace_text(const Flow& flow, std::string_view target, const Trace& trace) {
  auto out = fmt::format("{} -> {}  {}\n", flow.from, target, protocol_of(flow));
  if (trace.there.empty()) out += "  seen on no link\n";
  write_way(out, trace.there);
  if (!trace.back.empty()) out += "answer\n";
  write_way(out, trace.back);
  auto end = outcome_of(trace);
  const auto predicted = describe(trace.predicted);
  const auto& reason = trace.predicted.reason;
  if (!trace.agrees) {
    const auto rules = fmt::format("!! Azure's rules say {}{}{}", predicted, reason.empty() ? "" : ": ", reason);
    return out + wrapped(end, 0, kIndent) + '\n' + wrapped(rules, 0, kIndent) + '\n';
  }
  if (trace.turn && !trace.turn->as_own) return out + wrapped(end + ", of which Azure's rules say nothing", 0, kIndent) + '\n';
  const bool says_why = !has_answer(trace.measured) && !reason.empty();
  end += fmt::format(", as Azure's rules say{}{}", says_why ? ": " : "", says_why ? reason : "");
  return out + wrapped(end, 0, kIndent) + '\n';
}

std::string trace_json(const Flow& flow, std::string_view target, const Trace& trace) {
  const bool reachable = is_reachable(trace.measured);
  const Json whole{{"source", flow.from},
                   {"destination", target},
                   {"destinationIPAddress", to_string(flow.address)},
                   {"protocol", azure_protocol_of(flow)},
                   {"destinationPort", flow.port == 0 ? Json() : Json(flow.port)},
                   {"connectionStatus", reachable ? "Reachable" : "Unreachable"},
                   {"avgLatencyInMs", reachable ? Json(Milliseconds(trace.measured.round_trip).count()) : Json()},
                   {"actual", describe_outcome(trace.measured)},
                   {"detail", trace.measured.detail},
                   {"path", trace.path ? Json(to_string(*trace.path)) : Json()},
                   {"predicted", describe(trace.predicted)},
                   {"reason", trace.predicted.reason},
                   {"agrees", trace.agrees},
                   {"turnedBy", trace.turn ? Json(trace.turn->node) : Json()},
                   {"turnedTo", trace.turn ? Json(destination_of(*trace.turn)) : Json()},
                   {"hops", hops_json(trace.there)},
                   {"answerHops", hops_json(trace.back)}};
  return whole.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace emu
