// SPDX-License-Identifier: Apache-2.0
// netns/netlink/nftables.hpp — requests to nf_tables, and the few attributes that are read back without libnftables.
#pragma once

#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>

#include <string>

#include "netns/netlink/socket.hpp"

namespace netns {

/// @param operation  NFT_MSG_GETSET and the like
/// @param family  NFPROTO_INET, or AF_UNSPEC
Message nftables_request(int operation, int family);

/// The comment in the user data of a rule or an element; empty when there is none.
std::string nftables_comment(const nlattr* user_data);

/// Calls `store(const nlattr*)` for every attribute in `nest`.
template <typename Store>
void for_each_attribute(const nlattr* nest, Store store) {
  mnl_attr_parse_nested(
      nest,
      [](const nlattr* attribute, void* out) {
        (*static_cast<Store*>(out))(attribute);
        return MNL_CB_OK;
      },
      &store);
}

/// The same for the attributes of a message of nf_tables's.
template <typename Store>
void for_each_attribute(const nlmsghdr* message, Store store) {
  mnl_attr_parse(
      message, sizeof(nfgenmsg),
      [](const nlattr* attribute, void* out) {
        (*static_cast<Store*>(out))(attribute);
        return MNL_CB_OK;
      },
      &store);
}

}  // namespace netns
