// SPDX-License-Identifier: Apache-2.0
#include "netns/ipsec/configuration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace netns {
namespace {

using Text = std::back_insert_iterator<std::string>;
using std::chrono::seconds;

/// `leftsubnet=` for one prefix, `leftsubnets=` for several: libreswan makes a tunnel of every pair.
void write_prefixes(Text out, std::string_view keyword, const std::vector<Ipv4Prefix>& prefixes) {
  if (prefixes.size() == 1) {
    fmt::format_to(out, " {}={}\n", keyword, to_string(prefixes.front()));
    return;
  }
  std::string list;
  for (const auto& prefix : prefixes) list.append(list.empty() ? "" : ",").append(to_string(prefix));
  fmt::format_to(out, " {}s={{{}}}\n", keyword, list);
}

/// A third of the timeout goes by before the first question; the questions are repeated for the rest of it.
void write_dead_peer_detection(Text out, const IpsecConnection& connection) {
  const auto delay = std::max(connection.dead_peer_timeout / 3, seconds{1});
  fmt::format_to(out, " dpddelay={}\n retransmit-timeout={}s\n dpdaction={}\n", delay.count(),
                 (connection.dead_peer_timeout - delay).count(), connection.initiates ? "restart" : "clear");
}

void write_connection(Text out, const IpsecConnection& connection) {
  fmt::format_to(out, "conn {}\n ikev2=insist\n authby=secret\n", connection.name);
  fmt::format_to(out, " left={0}\n leftid={0}\n leftnexthop={1}\n right={2}\n rightid={2}\n", to_string(connection.local),
                 to_string(connection.next_hop), to_string(connection.remote));
  write_prefixes(out, "leftsubnet", connection.local_prefixes);
  write_prefixes(out, "rightsubnet", connection.remote_prefixes);
  // Several connections may have the same prefixes: each has an interface of its own, so the kernel tells them apart, and so
  // does the daemon as long as it may overlap them and all agree on the next hop.
  fmt::format_to(out, " ipsec-interface={}\n overlapip=yes\n leftupdown=/bin/true\n", connection.interface_id);
  fmt::format_to(out, " ike={}\n esp={}\n pfs={}\n", connection.ike, connection.esp, connection.perfect_forward_secrecy ? "yes" : "no");
  fmt::format_to(out, " ikelifetime={}s\n salifetime={}s\n", connection.ike_lifetime.count(), connection.ipsec_lifetime.count());
  if (connection.ipsec_kilobytes != 0) fmt::format_to(out, " ipsec-max-bytes={}\n", connection.ipsec_kilobytes * 1024);
  // New keys are agreed on well before the old ones end, also when these live short.
  const auto margin = std::min({connection.ike_lifetime / 10, connection.ipsec_lifetime / 10, seconds{540}});
  fmt::format_to(out, " rekeymargin={}s\n", std::max(margin, seconds{1}).count());
  write_dead_peer_detection(out, connection);
  fmt::format_to(out, " auto={}\n\n", connection.initiates ? "start" : "add");
}

}  // namespace

std::string ipsec_interface_name(std::uint32_t interface_id) { return fmt::format("ipsec{}", interface_id); }

std::string ipsec_configuration(const std::vector<IpsecConnection>& connections) {
  std::string text = "config setup\n uniqueids=yes\n\n";
  for (const auto& connection : connections) write_connection(Text{text}, connection);
  return text;
}

std::string ipsec_secrets(const std::vector<IpsecConnection>& connections) {
  std::string text;
  for (const auto& connection : connections) {
    fmt::format_to(Text{text}, "{} {} : PSK 0x", to_string(connection.local), to_string(connection.remote));
    for (const char c : connection.shared_key) fmt::format_to(Text{text}, "{:02x}", static_cast<unsigned char>(c));  // needs no quoting
    text += '\n';
  }
  return text;
}

}  // namespace netns
