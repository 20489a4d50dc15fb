// SPDX-License-Identifier: Apache-2.0
#include "netns/ipsec/associations.hpp"

#include <arpa/inet.h>
#include <linux/ipsec.h>
#include <linux/netlink.h>
#include <linux/xfrm.h>

#include "netns/netlink/socket.hpp"

namespace netns {
namespace {

Ipv4Address address_of(const xfrm_address_t& address) { return Ipv4Address{ntohl(address.a4)}; }

/// mnl_attr_parse's callback: sets `out` when there is a key.
int find_key(const nlattr* attribute, void* out) {
  const auto type = mnl_attr_get_type(attribute);
  if (type == XFRMA_ALG_CRYPT || type == XFRMA_ALG_AEAD) *static_cast<bool*>(out) = true;
  return MNL_CB_OK;
}

}  // namespace

SecurityAssociations security_associations(std::string_view name_space) {
  auto socket = open_socket(NETLINK_XFRM, name_space);
  const auto request = make_message(XFRM_MSG_GETSA, 0);
  append(request, xfrm_usersa_id{});
  SecurityAssociations found;
  for_each_message(socket.dump(request, "read IPsec security associations"), [&](const nlmsghdr* message) {
    bool has_key = false;
    mnl_attr_parse(message, sizeof(xfrm_usersa_info), find_key, &has_key);
    const auto& info = *static_cast<const xfrm_usersa_info*>(mnl_nlmsg_get_payload(message));
    if (!has_key || info.family != AF_INET) return;
    found.emplace(SecurityAssociation{address_of(info.saddr), address_of(info.id.daddr), ntohl(info.id.spi)},
                  std::chrono::sys_seconds{std::chrono::seconds{info.curlft.add_time}});
  });
  return found;
}

void remove_security_associations(std::string_view name_space) {
  auto socket = open_socket(NETLINK_XFRM, name_space);
  const auto all = make_message(XFRM_MSG_FLUSHSA, 0);
  append(all, xfrm_usersa_flush{IPSEC_PROTO_ANY});
  socket.add(all, "flush IPsec security associations");
  socket.add(make_message(XFRM_MSG_FLUSHPOLICY, 0), "flush IPsec policies");
  socket.flush();
}

}  // namespace netns
