// SPDX-License-Identifier: Apache-2.0
#include "netns/netlink/nftables.hpp"

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <cstdint>
#include <string_view>

namespace netns {

Message nftables_request(int operation, int family) {
  auto message = make_message((NFNL_SUBSYS_NFTABLES << 8) | operation, 0);
  nfgenmsg header{};
  header.nfgen_family = static_cast<std::uint8_t>(family);
  header.version = NFNETLINK_V0;
  append(message, header);
  return message;
}

std::string nftables_comment(const nlattr* user_data) {
  // libnftnl's, which the kernel keeps unread: a byte for the type, one for the length, and the value, one behind the other. A
  // comment has type 0 on elements and on rules (NFTNL_UDATA_SET_ELEM_COMMENT, NFTNL_UDATA_RULE_COMMENT), and ends in a zero.
  constexpr char kComment = 0;
  std::string_view rest{static_cast<const char*>(mnl_attr_get_payload(user_data)), mnl_attr_get_payload_len(user_data)};
  while (rest.size() > 2) {
    const auto value = rest.substr(2, static_cast<std::uint8_t>(rest[1]));
    if (rest[0] == kComment) return std::string(value.substr(0, value.find('\0')));
    rest.remove_prefix(2 + value.size());
  }
  return {};
}

}  // namespace netns
