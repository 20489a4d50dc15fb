// SPDX-License-Identifier: Apache-2.0
// netns/netlink/attributes.hpp — what is in a message that the kernel sent.
#pragma once

#include <arpa/inet.h>
#include <libmnl/libmnl.h>

#include <array>
#include <cstring>
#include <optional>
#include <string>

#include "netns/base/address.hpp"

namespace netns {

/// The attributes behind a message's fixed header (or inside a nest), by type; types past `Last` are passed over.
template <int Last>
class Attributes {
 public:
  Attributes(const nlmsghdr* message, std::size_t header) { mnl_attr_parse(message, static_cast<unsigned>(header), collect, this); }
  explicit Attributes(const nlattr* nest) { mnl_attr_parse_nested(nest, collect, this); }

  // Inlined, because GCC 12 makes one function of those of two sizes and then warns that it reads past the end of the smaller.
  [[gnu::always_inline]] const nlattr* operator[](int type) const { return found_[static_cast<std::size_t>(type)]; }
  [[gnu::always_inline]] std::uint32_t number(int type) const { return (*this)[type] == nullptr ? 0 : mnl_attr_get_u32((*this)[type]); }
  [[gnu::always_inline]] std::uint8_t octet(int type) const { return (*this)[type] == nullptr ? 0 : mnl_attr_get_u8((*this)[type]); }
  [[gnu::always_inline]] std::string text(int type) const {
    return (*this)[type] == nullptr ? std::string{} : mnl_attr_get_str((*this)[type]);
  }
  Ipv4Address address(int type) const { return {ntohl(number(type))}; }

 private:
  static int collect(const nlattr* attribute, void* self) {
    const auto type = mnl_attr_get_type(attribute);
    if (type <= Last) static_cast<Attributes*>(self)->found_[type] = attribute;
    return MNL_CB_OK;
  }

  std::array<const nlattr*, Last + 1> found_{};
};

template <typename Header>
const Header& header_of(const nlmsghdr* message) {
  return *static_cast<const Header*>(mnl_nlmsg_get_payload(message));
}

inline std::optional<MacAddress> link_address(const nlattr* attribute) {
  MacAddress address;
  if (attribute == nullptr || mnl_attr_get_payload_len(attribute) != address.bytes.size()) return std::nullopt;
  std::memcpy(address.bytes.data(), mnl_attr_get_payload(attribute), address.bytes.size());
  return address;
}

}  // namespace netns
