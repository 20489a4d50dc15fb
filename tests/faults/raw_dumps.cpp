// SPDX-License-Identifier: Apache-2.0
#include "tests/faults/raw_dumps.hpp"

#include <fmt/format.h>
#include <libmnl/libmnl.h>
#include <linux/fib_rules.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/xfrm.h>

#include <array>
#include <cerrno>
#include <functional>
#include <memory>
#include <set>
#include <string_view>
#include <system_error>

namespace test {
namespace {

struct Closes {
  void operator()(mnl_socket* socket) const { mnl_socket_close(socket); }
};

/// libmnl's own loop is a macro that is no C++.
template <typename Take>
void for_each_attribute(const nlmsghdr* message, std::size_t header, Take take) {
  const auto* attribute = static_cast<const nlattr*>(mnl_nlmsg_get_payload_offset(message, header));
  const auto* end = static_cast<const char*>(mnl_nlmsg_get_payload_tail(message));
  while (mnl_attr_ok(attribute, static_cast<int>(end - reinterpret_cast<const char*>(attribute)))) {
    take(attribute);
    attribute = mnl_attr_next(attribute);
  }
}

/// A request's header that names a family and nothing else.
template <typename Header, auto Family>
Header of_family(unsigned char family) {
  Header header{};
  header.*Family = family;
  return header;
}

ndmsg proxies() {
  ndmsg header{};
  header.ndm_flags = NTF_PROXY;
  return header;
}

class Dumps {
 public:
  explicit Dumps(const std::map<int, std::string>& links) : links_(links) {}

  std::vector<std::string> all() {
    const auto route = open(NETLINK_ROUTE);
    dump(*route, RTM_GETROUTE, of_family<rtmsg, &rtmsg::rtm_family>(AF_INET6), [&](const nlmsghdr* message) { add_route(message); });
    dump(*route, RTM_GETRULE, of_family<fib_rule_hdr, &fib_rule_hdr::family>(AF_INET6),
         [&](const nlmsghdr* message) { lines_.push_back("ip6 rule" + attributes(message, sizeof(fib_rule_hdr))); });
    dump(*route, RTM_GETNEIGH, proxies(), [&](const nlmsghdr* message) { add_neighbour(message, "proxy"); });
    dump(*route, RTM_GETNEIGH, of_family<ndmsg, &ndmsg::ndm_family>(AF_BRIDGE),
         [&](const nlmsghdr* message) { add_neighbour(message, "bridge entry"); });
    dump(*route, RTM_GETQDISC, tcmsg{}, [&](const nlmsghdr* message) { add_qdisc(message); });
    for (const auto type : {XFRM_MSG_GETPOLICY, XFRM_MSG_GETSA}) {
      const auto ipsec = open(NETLINK_XFRM);
      if (ipsec) dump(*ipsec, type, std::array<char, 0>{}, [&](const nlmsghdr* message) { add_ipsec(message); });
    }
    return std::move(lines_);
  }

 private:
  using Socket = std::unique_ptr<mnl_socket, Closes>;

  /// Empty when this kernel has nothing of the kind.
  static Socket open(int bus) {
    Socket socket{mnl_socket_open(bus)};
    if (!socket && bus == NETLINK_XFRM) return socket;
    if (!socket || mnl_socket_bind(socket.get(), 0, MNL_SOCKET_AUTOPID) < 0)
      throw std::system_error(errno, std::system_category(), "netlink");
    return socket;
  }

  template <typename Header>
  static void dump(mnl_socket& socket, int type, const Header& header, const std::function<void(const nlmsghdr*)>& take) {
    std::vector<char> buffer(32768);
    auto* request = mnl_nlmsg_put_header(buffer.data());
    request->nlmsg_type = static_cast<std::uint16_t>(type);
    request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    request->nlmsg_seq = 1;
    if constexpr (requires { header.size(); }) {
      // no header
    } else {
      *static_cast<Header*>(mnl_nlmsg_put_extra_header(request, sizeof header)) = header;
    }
    if (mnl_socket_sendto(&socket, request, request->nlmsg_len) < 0) throw std::system_error(errno, std::system_category(), "netlink");
    const mnl_cb_t callback = [](const nlmsghdr* message, void* data) {
      (*static_cast<const std::function<void(const nlmsghdr*)>*>(data))(message);
      return MNL_CB_OK;
    };
    while (true) {
      const auto size = mnl_socket_recvfrom(&socket, buffer.data(), buffer.size());
      if (size < 0) throw std::system_error(errno, std::system_category(), "netlink");
      const int more = mnl_cb_run(buffer.data(), static_cast<std::size_t>(size), 1, mnl_socket_get_portid(&socket), callback,
                                  const_cast<std::function<void(const nlmsghdr*)>*>(&take));
      if (more < 0 && errno == EOPNOTSUPP) return;  // a kernel without it
      if (more < 0) throw std::system_error(errno, std::system_category(), "netlink");
      if (more == MNL_CB_STOP) return;
    }
  }

  std::string link(int index) const {
    const auto found = links_.find(index);
    return found == links_.end() ? std::to_string(index) : found->second;
  }

  static std::string bytes(const nlattr* attribute) {
    std::string text;
    const auto* payload = static_cast<const unsigned char*>(mnl_attr_get_payload(attribute));
    for (int i = 0; i < mnl_attr_get_payload_len(attribute); ++i) text += fmt::format("{:02x}", payload[i]);
    return text;
  }

  static std::string attributes(const nlmsghdr* message, std::size_t header, const std::set<int>& without = {}) {
    std::string text;
    for_each_attribute(message, header, [&](const nlattr* attribute) {
      if (!without.contains(mnl_attr_get_type(attribute))) text += fmt::format(" {}={}", mnl_attr_get_type(attribute), bytes(attribute));
    });
    return text;
  }

  void add_route(const nlmsghdr* message) {
    const auto* route = static_cast<const rtmsg*>(mnl_nlmsg_get_payload(message));
    if ((route->rtm_flags & RTM_F_CLONED) != 0) return;
    std::string device;
    for_each_attribute(message, sizeof *route, [&](const nlattr* attribute) {
      if (mnl_attr_get_type(attribute) == RTA_OIF) device = link(static_cast<int>(mnl_attr_get_u32(attribute)));
    });
    lines_.push_back(fmt::format("ip6 route dev {} type {} protocol {} scope {} length {}{}", device, route->rtm_type, route->rtm_protocol,
                                 route->rtm_scope, route->rtm_dst_len, attributes(message, sizeof *route, {RTA_OIF, RTA_CACHEINFO})));
  }

  void add_neighbour(const nlmsghdr* message, const char* what) {
    const auto* neighbour = static_cast<const ndmsg*>(mnl_nlmsg_get_payload(message));
    std::string master;
    std::string address;
    for_each_attribute(message, sizeof *neighbour, [&](const nlattr* attribute) {
      if (mnl_attr_get_type(attribute) == NDA_MASTER) master = " master " + link(static_cast<int>(mnl_attr_get_u32(attribute)));
      if (mnl_attr_get_type(attribute) != NDA_LLADDR || mnl_attr_get_payload_len(attribute) != 6) return;
      const auto* octets = static_cast<const unsigned char*>(mnl_attr_get_payload(attribute));
      address = fmt::format(" {:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", octets[0], octets[1], octets[2], octets[3], octets[4], octets[5]);
    });
    if (neighbour->ndm_family == AF_BRIDGE) {
      // Learned ones are traffic's; groups follow from addresses.
      if ((neighbour->ndm_state & (NUD_PERMANENT | NUD_NOARP)) == 0 || address.starts_with(" 33:33:") || address.starts_with(" 01:"))
        return;
    }
    lines_.push_back(fmt::format("{} on {}{}{} state {:#x} flags {:#x}{}", what, link(neighbour->ndm_ifindex), address, master,
                                 neighbour->ndm_state, neighbour->ndm_flags,
                                 attributes(message, sizeof *neighbour, {NDA_MASTER, NDA_LLADDR, NDA_CACHEINFO, NDA_PROBES})));
  }

  void add_qdisc(const nlmsghdr* message) {
    const auto* qdisc = static_cast<const tcmsg*>(mnl_nlmsg_get_payload(message));
    std::string kind;
    for_each_attribute(message, sizeof *qdisc, [&](const nlattr* attribute) {
      if (mnl_attr_get_type(attribute) == TCA_KIND) kind = mnl_attr_get_str(attribute);
    });
    lines_.push_back(fmt::format("qdisc on {}: {}{}", link(qdisc->tcm_ifindex), kind,
                                 attributes(message, sizeof *qdisc, {TCA_KIND, TCA_STATS, TCA_STATS2, TCA_XSTATS})));
  }

  void add_ipsec(const nlmsghdr* message) {
    if (message->nlmsg_type == XFRM_MSG_NEWPOLICY) {
      const auto* policy = static_cast<const xfrm_userpolicy_info*>(mnl_nlmsg_get_payload(message));
      lines_.push_back(fmt::format("IPsec policy priority {} direction {} action {}{}", policy->priority, policy->dir, policy->action,
                                   attributes(message, sizeof *policy)));
    } else if (message->nlmsg_type == XFRM_MSG_NEWSA) {
      const auto* state = static_cast<const xfrm_usersa_info*>(mnl_nlmsg_get_payload(message));
      lines_.push_back(fmt::format("IPsec state mode {} protocol {}", state->mode, state->id.proto));
    }
  }

  const std::map<int, std::string>& links_;
  std::vector<std::string> lines_;
};

}  // namespace

std::vector<std::string> raw_dumps(const std::map<int, std::string>& links) { return Dumps{links}.all(); }

}  // namespace test
