// SPDX-License-Identifier: Apache-2.0
#include "netns/netlink/traffic.hpp"

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>

#include <algorithm>
#include <cstring>

#include "netns/base/error.hpp"
#include "netns/netlink/socket.hpp"

namespace netns {
namespace {

/// mnl_attr_parse's callback: keeps the bytes of IFLA_STATS64.
int keep_counts(const nlattr* attribute, void* out) {
  if (mnl_attr_get_type(attribute) == IFLA_STATS64) {
    auto& counts = *static_cast<rtnl_link_stats64*>(out);
    std::memcpy(&counts, mnl_attr_get_payload(attribute), std::min<std::size_t>(sizeof counts, mnl_attr_get_payload_len(attribute)));
  }
  return MNL_CB_OK;
}

}  // namespace

std::optional<LinkTraffic> link_traffic(std::string_view name_space, const std::string& link) {
  auto socket = open_socket(NETLINK_ROUTE, name_space);
  const auto request = make_message(RTM_GETLINK, 0);
  append(request, ifinfomsg{});
  nla_put_string(request.get(), IFLA_IFNAME, link.c_str());
  std::optional<LinkTraffic> traffic;
  try {
    for_each_message(socket.get(request, "read link " + link), [&](const nlmsghdr* message) {
      rtnl_link_stats64 counts{};
      mnl_attr_parse(message, sizeof(ifinfomsg), keep_counts, &counts);
      traffic = LinkTraffic{counts.rx_bytes, counts.tx_bytes};
    });
  } catch (const KernelError& error) {
    if (error.code() != std::errc::no_such_device) throw;
  }
  return traffic;
}

}  // namespace netns
