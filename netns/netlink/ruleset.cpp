// SPDX-License-Identifier: Apache-2.0
#include "netns/netlink/ruleset.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <stdexcept>

#include "netns/base/error.hpp"
#include "netns/netlink/nft_process.hpp"
#include "netns/netlink/nftables.hpp"
#include "netns/netlink/socket.hpp"

namespace netns {
namespace {

constexpr const char* kStateTable = "state";
constexpr const char* kStateSet = "loaded";

std::uint32_t generation(Socket& socket) {
  std::uint32_t result = 0;
  for_each_message(socket.get(nftables_request(NFT_MSG_GETGEN, AF_UNSPEC), "read the ruleset's generation"), [&](const nlmsghdr* message) {
    for_each_attribute(message, [&](const nlattr* attribute) {
      if (mnl_attr_get_type(attribute) == NFTA_GEN_ID) result = ntohl(mnl_attr_get_u32(attribute));
    });
  });
  return result;
}

/// One element of the state set.
struct Loaded {
  std::uint32_t generation = 0;
  std::string digest;
};

Loaded parse_element(const nlattr* element) {
  Loaded loaded;
  for_each_attribute(element, [&](const nlattr* attribute) {
    if (mnl_attr_get_type(attribute) == NFTA_SET_ELEM_KEY) {
      for_each_attribute(attribute, [&](const nlattr* data) {
        if (mnl_attr_get_type(data) == NFTA_DATA_VALUE) loaded.generation = mnl_attr_get_u32(data);  // a mark, in host byte order
      });
    }
    if (mnl_attr_get_type(attribute) == NFTA_SET_ELEM_USERDATA) loaded.digest = nftables_comment(attribute);
  });
  return loaded;
}

std::vector<Loaded> parse_elements(const nlmsghdr* message) {
  std::vector<Loaded> all;
  for_each_attribute(message, [&](const nlattr* list) {
    if (mnl_attr_get_type(list) != NFTA_SET_ELEM_LIST_ELEMENTS) return;
    for_each_attribute(list, [&](const nlattr* element) { all.push_back(parse_element(element)); });
  });
  return all;
}

std::string numbered(const std::string& text) {
  std::string out;
  int line = 1;
  for (std::size_t at = 0; at < text.size(); ++line) {
    const auto end = std::min(text.find('\n', at), text.size());
    out += fmt::format("{:>5}  {}\n", line, text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

void run(const std::string& commands, const std::string& place) {
  std::string complaint;
  try {
    complaint = run_nft(commands);
  } catch (const std::exception& error) {
    throw std::runtime_error(fmt::format("load ruleset in {}: {}", place, error.what()));
  }
  if (!complaint.empty()) throw KernelError(EINVAL, fmt::format("load ruleset in {}: {}in\n{}", place, complaint, numbered(commands)));
}

/// What takes away the tables that `text` makes, whether they are there or not.
std::string without_tables_of(std::string_view text) {
  std::string commands;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    const auto line = text.substr(at, end - at);
    if (const auto brace = line.find(" {"); line.starts_with("table ") && brace != std::string_view::npos)
      commands += fmt::format("add {0}\ndelete {0}\n", line.substr(0, brace));
    at = end + 1;
  }
  return commands;
}

void append_elements(std::string& commands, const char* verb, const std::string& set, const std::vector<std::string>& elements) {
  if (!elements.empty()) commands += fmt::format("{} element {} {{ {} }}\n", verb, set, fmt::join(elements, ", "));
}

void append_state(std::string& commands, const Ruleset& ruleset, const std::string& place) {
  Socket socket{NETLINK_NETFILTER, place};
  commands +=
      fmt::format("add element inet {} {} {{ {} comment \"{}\" }}\n", kStateTable, kStateSet, generation(socket) + 1, ruleset.digest);
}

}  // namespace

void load_ruleset(const Ruleset& ruleset, const std::string& place, Others others) {
  const auto text = fmt::format("{}table inet {} {{\n set {} {{ type mark\n }}\n}}\n", ruleset.text, kStateTable, kStateSet);
  auto commands = (others == Others::Go ? "flush ruleset\n" : without_tables_of(text)) + text;
  for (const auto& [set, elements] : ruleset.elements) append_elements(commands, "add", set, {elements.begin(), elements.end()});
  append_state(commands, ruleset, place);
  run(commands, place);
}

void update_ruleset(const Ruleset& loaded, const Ruleset& ruleset, const std::string& place, Others others) {
  if (loaded.text != ruleset.text) return load_ruleset(ruleset, place, others);
  auto commands = fmt::format("flush set inet {} {}\n", kStateTable, kStateSet);
  const auto exchange = [&](const char* verb, const Ruleset::Elements& from, const Ruleset::Elements& without) {
    for (const auto& [set, elements] : from) {
      std::vector<std::string> rest;
      const auto other = without.find(set);
      std::ranges::set_difference(elements, other == without.end() ? std::set<std::string>{} : other->second, std::back_inserter(rest));
      append_elements(commands, verb, set, rest);
    }
  };
  exchange("delete", loaded.elements, ruleset.elements);
  exchange("add", ruleset.elements, loaded.elements);
  append_state(commands, ruleset, place);
  run(commands, place);
}

void flush_ruleset(const std::string& place) { run("flush ruleset\n", place); }

std::optional<Ruleset> observe_ruleset(const std::string& place) {
  Socket socket{NETLINK_NETFILTER, place};
  const auto request = nftables_request(NFT_MSG_GETSETELEM, NFPROTO_INET);
  nla_put_string(request.get(), NFTA_SET_ELEM_LIST_TABLE, kStateTable);
  nla_put_string(request.get(), NFTA_SET_ELEM_LIST_SET, kStateSet);
  std::optional<Ruleset> result;
  try {
    const auto current = generation(socket);
    for_each_message(socket.dump(request, "read the loaded ruleset's digest"), [&](const nlmsghdr* message) {
      if (!result) result = Ruleset{{}, {}, "changed since"};
      for (const auto& loaded : parse_elements(message))
        if (loaded.generation == current) result->digest = loaded.digest;
    });
  } catch (const KernelError& error) {
    if (error.code() != std::errc::no_such_file_or_directory) throw;  // no such table: never loaded
  }
  return result;
}

}  // namespace netns
