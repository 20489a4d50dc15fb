// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "emu/model/nodes.hpp"
#include "emu/model/service_lookup.hpp"
#include "emu/model/wording.hpp"
#include "emu/semantics/rules.hpp"

namespace emu {
namespace {

/// `ping`, `tcp check`
std::string title_of_kind(CheckKind kind) { return kind == CheckKind::Ping ? "ping" : fmt::format("{} check", to_string(kind)); }

/// The host in a target, or why there is none.
struct HostOfTarget {
  std::string_view host;
  std::string fault;
};

HostOfTarget fault(std::string why) { return {{}, std::move(why)}; }

bool is_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), port);
  return failure == std::errc{} && end == text.data() + text.size() && port != 0;
}

HostOfTarget split_authority(std::string_view authority, bool needs_port) {
  const auto colon = authority.find(':');
  if (authority.find('[') != std::string_view::npos ||
      (colon != std::string_view::npos && authority.find(':', colon + 1) != std::string_view::npos))
    return fault("it is an IPv6 address, and Lazuli emulates IPv4 only");
  const auto host = authority.substr(0, colon);
  if (host.empty()) return fault("it names no host");
  if (colon == std::string_view::npos) return needs_port ? fault("it has no port; write it like vm2:22") : HostOfTarget{host, {}};
  if (!is_port(authority.substr(colon + 1))) return fault("its port is not a number from 1 to 65535");
  return {host, {}};
}

HostOfTarget host_of(CheckKind kind, std::string_view target) {
  constexpr std::string_view kScheme = "http://";
  constexpr std::string_view kSecureScheme = "https://";
  if (std::ranges::any_of(target, [](char c) { return c <= ' ' || c == 0x7f; })) return fault("it holds a blank");
  switch (kind) {
    case CheckKind::Ping:
      if (std::ranges::count(target, ':') > 1) return fault("it is an IPv6 address, and Lazuli emulates IPv4 only");
      return target.find_first_of(":/") == std::string_view::npos ? HostOfTarget{target, {}} : fault("a ping goes to a node or an address");
    case CheckKind::Tcp:
    case CheckKind::Udp: return target.find('/') == std::string_view::npos ? split_authority(target, true) : fault("write it like vm2:22");
    case CheckKind::Http:
    case CheckKind::Run: break;
  }
  const auto scheme = same_name(target.substr(0, kSecureScheme.size()), kSecureScheme) ? kSecureScheme : kScheme;
  if (!same_name(target.substr(0, scheme.size()), scheme)) return fault("write it like http://vm2/");
  target.remove_prefix(scheme.size());
  const auto authority = target.substr(0, target.find_first_of("/?#"));
  if (authority.find('@') != std::string_view::npos) return fault("it has a user name, which checks cannot send");
  return split_authority(authority, false);
}

class CheckRules {
 public:
  CheckRules(const Subject& subject, Findings& findings) : subject_(subject), findings_(findings) {
    for (const auto* index : {&subject.machines, &subject.hosts, &subject.site_hosts_by_name})
      nodes_.insert(nodes_.end(), index->names().begin(), index->names().end());
  }

  void check(std::size_t index) {
    const auto& check = subject_.model.checks[index];
    const auto path = fmt::format("checks[{}]", index);
    if (!check.from.empty()) check_node(path + ".from", check.from);
    if (!check.target.empty() && check.kind != CheckKind::Run) check_target(fmt::format("{}.{}", path, to_string(check.kind)), check);
    if (check.expect == Outcome::Status && check.kind != CheckKind::Http && check.kind != CheckKind::Run)
      findings_.error(path + ".expect", fmt::format("a {} has no HTTP status to expect", title_of_kind(check.kind)), "",
                      "expect reachable or blocked");
    if (check.expect == Outcome::Refused && check.kind == CheckKind::Ping)
      findings_.error(path + ".expect", "nobody refuses a ping: it is answered or it is not", "", "expect reachable or blocked");
    for (std::size_t i = 0; i < check.through.size(); ++i) check_crossed(fmt::format("{}.through[{}]", path, i), check.through[i]);
  }

 private:
  bool is_node(std::string_view name) const {
    return subject_.machines.find(name) || subject_.hosts.find(name) || subject_.site_hosts_by_name.find(name);
  }

  /// What a node is that nothing can be tried from; empty when there is none of that name.
  std::string_view no_host(std::string_view name) const {
    if (subject_.networks.find(name)) return "virtual network";
    if (subject_.gateways.find(name)) return "virtual network gateway";
    if (find_service(subject_.model, name) != nullptr) return "service";
    return subject_.sites.find(name) ? "site" : "";
  }

  void check_node(const std::string& path, std::string_view name) {
    if (is_node(name)) return;
    if (const auto what = no_host(name); !what.empty())
      findings_.error(path, fmt::format("{} is a {}, not a machine or host", in_quotes(name), what), kInvalidReference);
    else
      findings_.missing(path, {"virtual machine", "internet section", "internet host", "on-premises site", "on-premises host"},
                        fmt::format("there is no machine or host {}{}", in_quotes(name), findings_.guess(name, nodes_)));
  }

  /// A node that packets can cross: all but services, which are where they end.
  void check_crossed(const std::string& path, std::string_view name) {
    const bool is_site = subject_.sites.find(name).has_value();
    if (is_node(name) || is_site || subject_.networks.find(name) || subject_.gateways.find(name) || same_name(name, kInternetNode)) return;
    if (find_service(subject_.model, name) != nullptr)
      return findings_.error(path, fmt::format("{} is a service: packets end there, and cross nothing", in_quotes(name)), kInvalidReference,
                             "name an appliance, a virtual network, a gateway, a site or 'internet'");
    findings_.missing(path, {"virtual machine", "virtual network", "virtual network gateway", "on-premises site"},
                      fmt::format("there is no node {}{}", in_quotes(name), findings_.guess(name, nodes_)));
  }

  void check_target(const std::string& path, const Check& check) {
    const auto [host, why_not] = host_of(check.kind, check.target);
    if (!why_not.empty())
      return findings_.error(path, fmt::format("{} is no target for {}: {}", in_quotes(check.target), to_string(check.kind), why_not));
    if (Ipv4Address::parse(host) || is_node(host) || subject_.sites.find(host) || find_service(subject_.model, host) != nullptr) return;
    if (const auto node = named_by_public(host))
      check_public(path, *node);
    else
      check_node(path, host);
  }

  /// `vm1.public`, `gw.public`
  void check_public(const std::string& path, std::string_view name) {
    if (subject_.gateways.find(name)) return;
    const auto machine = subject_.machines.find(name);
    if (machine && !subject_.model.virtual_machines[*machine].has_public_ip_address)
      findings_.error(path, fmt::format("{} has no public address", in_quotes(name)), "", "give it public_ip_address: true");
    else if (!machine && subject_.hosts.find(name))
      findings_.error(path, fmt::format("{} is an internet host: its address is public, so leave '.public' out", in_quotes(name)));
    else if (!machine)
      check_node(path, name);
  }

  const Subject& subject_;
  Findings& findings_;
  std::vector<std::string_view> nodes_;
};

}  // namespace

void check_checks(const Subject& subject, Findings& findings) {
  CheckRules rules(subject, findings);
  for (std::size_t i = 0; i < subject.model.checks.size(); ++i) rules.check(i);
}

}  // namespace emu
