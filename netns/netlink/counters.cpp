// SPDX-License-Identifier: Apache-2.0
#include "netns/netlink/counters.hpp"

#include <arpa/inet.h>  // before the kernel's header that defines the same
#include <endian.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include <optional>

#include "netns/base/error.hpp"
#include "netns/netlink/nftables.hpp"
#include "netns/netlink/socket.hpp"

namespace netns {
namespace {

/// Takes the counts when `expression` is a counter. @return whether it is
bool parse_counter(const nlattr* expression, RulesetCounter& counter) {
  bool is_counter = false;
  const nlattr* data = nullptr;
  for_each_attribute(expression, [&](const nlattr* attribute) {
    if (mnl_attr_get_type(attribute) == NFTA_EXPR_NAME) is_counter = std::string_view(mnl_attr_get_str(attribute)) == "counter";
    if (mnl_attr_get_type(attribute) == NFTA_EXPR_DATA) data = attribute;
  });
  if (!is_counter || data == nullptr) return false;
  for_each_attribute(data, [&](const nlattr* attribute) {
    if (mnl_attr_get_type(attribute) == NFTA_COUNTER_PACKETS) counter.packets = be64toh(mnl_attr_get_u64(attribute));
    if (mnl_attr_get_type(attribute) == NFTA_COUNTER_BYTES) counter.bytes = be64toh(mnl_attr_get_u64(attribute));
  });
  return true;
}

/// Empty for what has no counter or no comment.
std::optional<RulesetCounter> parse_element(const nlattr* element, const std::string& set) {
  RulesetCounter counter{.holder = set, .comment = {}};
  bool counts = false;
  for_each_attribute(element, [&](const nlattr* attribute) {
    if (mnl_attr_get_type(attribute) == NFTA_SET_ELEM_USERDATA) counter.comment = nftables_comment(attribute);
    if (mnl_attr_get_type(attribute) == NFTA_SET_ELEM_EXPR) counts = parse_counter(attribute, counter);
  });
  return counts && !counter.comment.empty() ? std::optional(counter) : std::nullopt;
}

std::optional<RulesetCounter> parse_rule(const nlmsghdr* message) {
  RulesetCounter counter;
  bool counts = false;
  for_each_attribute(message, [&](const nlattr* attribute) {
    if (mnl_attr_get_type(attribute) == NFTA_RULE_CHAIN) counter.holder = mnl_attr_get_str(attribute);
    if (mnl_attr_get_type(attribute) == NFTA_RULE_USERDATA) counter.comment = nftables_comment(attribute);
    if (mnl_attr_get_type(attribute) == NFTA_RULE_EXPRESSIONS)
      for_each_attribute(attribute, [&](const nlattr* expression) { counts = parse_counter(expression, counter) || counts; });
  });
  return counts && !counter.comment.empty() ? std::optional(counter) : std::nullopt;
}

/// Names of the sets and maps whose elements have something beside their keys, such as a counter.
std::vector<std::string> sets_with_expressions(Socket& socket, const std::string& table) {
  const auto request = nftables_request(NFT_MSG_GETSET, NFPROTO_INET);
  nla_put_string(request.get(), NFTA_SET_TABLE, table.c_str());
  std::vector<std::string> names;
  for_each_message(socket.dump(request, "read the sets of table " + table), [&](const nlmsghdr* message) {
    std::string name;
    bool has_expression = false;
    for_each_attribute(message, [&](const nlattr* attribute) {
      if (mnl_attr_get_type(attribute) == NFTA_SET_NAME) name = mnl_attr_get_str(attribute);
      if (mnl_attr_get_type(attribute) == NFTA_SET_EXPR) has_expression = true;
    });
    if (has_expression) names.push_back(std::move(name));
  });
  return names;
}

void add_elements(Socket& socket, const std::string& table, const std::string& set, std::vector<RulesetCounter>& counters) {
  const auto request = nftables_request(NFT_MSG_GETSETELEM, NFPROTO_INET);
  nla_put_string(request.get(), NFTA_SET_ELEM_LIST_TABLE, table.c_str());
  nla_put_string(request.get(), NFTA_SET_ELEM_LIST_SET, set.c_str());
  for_each_message(socket.dump(request, "read the elements of " + set), [&](const nlmsghdr* message) {
    for_each_attribute(message, [&](const nlattr* list) {
      if (mnl_attr_get_type(list) != NFTA_SET_ELEM_LIST_ELEMENTS) return;
      for_each_attribute(list, [&](const nlattr* element) {
        if (auto counter = parse_element(element, set)) counters.push_back(*std::move(counter));
      });
    });
  });
}

void add_rules(Socket& socket, const std::string& table, std::vector<RulesetCounter>& counters) {
  const auto request = nftables_request(NFT_MSG_GETRULE, NFPROTO_INET);
  nla_put_string(request.get(), NFTA_RULE_TABLE, table.c_str());
  for_each_message(socket.dump(request, "read the rules of table " + table), [&](const nlmsghdr* message) {
    if (auto counter = parse_rule(message)) counters.push_back(*std::move(counter));
  });
}

}  // namespace

std::vector<RulesetCounter> read_counters(std::string_view name_space, const std::string& table) {
  auto socket = open_socket(NETLINK_NETFILTER, name_space);
  std::vector<RulesetCounter> counters;
  try {
    for (const auto& set : sets_with_expressions(socket, table)) add_elements(socket, table, set, counters);
    add_rules(socket, table, counters);
  } catch (const KernelError& error) {
    if (error.code() != std::errc::no_such_file_or_directory) throw;
  }
  return counters;
}

}  // namespace netns
