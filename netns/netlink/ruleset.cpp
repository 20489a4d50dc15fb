// SPDX-License-Identifier: Apache-2.0
#include "netns/netlink/ruleset.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <nftables/libnftables.h>

#include <cerrno>
#include <charconv>
#include <mutex>

#include "netns/base/error.hpp"
#include "netns/netlink/socket.hpp"

namespace netns {
namespace {

constexpr std::string_view kStateTable = "state";
constexpr std::uint8_t kCommentType = 0;  // NFTNL_UDATA_TABLE_COMMENT

Message nftables_request(int operation, int family) {
  auto message = make_message((NFNL_SUBSYS_NFTABLES << 8) | operation, 0);
  nfgenmsg header{};
  header.nfgen_family = static_cast<std::uint8_t>(family);
  header.version = NFNETLINK_V0;
  append(message, header);
  return message;
}

std::uint32_t generation(Socket& socket) {
  std::uint32_t result = 0;
  for_each_message(socket.dump(nftables_request(NFT_MSG_GETGEN, AF_UNSPEC), "read the ruleset's generation"), [&](const nlmsghdr* message) {
    mnl_attr_parse(
        message, sizeof(nfgenmsg),
        [](const nlattr* attribute, void* out) {
          if (mnl_attr_get_type(attribute) == NFTA_GEN_ID) *static_cast<std::uint32_t*>(out) = ntohl(mnl_attr_get_u32(attribute));
          return MNL_CB_OK;
        },
        &result);
  });
  return result;
}

struct Table {
  std::string name;
  std::string comment;
};

Table parse_table(const nlmsghdr* message) {
  Table table;
  mnl_attr_parse(
      message, sizeof(nfgenmsg),
      [](const nlattr* attribute, void* out) {
        auto* t = static_cast<Table*>(out);
        if (mnl_attr_get_type(attribute) == NFTA_TABLE_NAME) t->name = mnl_attr_get_str(attribute);
        if (mnl_attr_get_type(attribute) == NFTA_TABLE_USERDATA) {
          // One type byte, one length byte, the text with its terminating zero; the comment is all that is put there.
          const auto* bytes = static_cast<const char*>(mnl_attr_get_payload(attribute));
          const auto size = mnl_attr_get_payload_len(attribute);
          if (size > 3 && static_cast<std::uint8_t>(bytes[0]) == kCommentType) t->comment.assign(bytes + 2, size - 3);
        }
        return MNL_CB_OK;
      },
      &table);
  return table;
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

/// libnftables keeps tables of its own that are not meant for several threads.
std::mutex nft_mutex;

void run(const std::string& commands, const std::string& place) {
  const std::lock_guard lock{nft_mutex};
  const std::unique_ptr<nft_ctx, Releases<nft_ctx_free>> context{nft_ctx_new(NFT_CTX_DEFAULT)};
  if (!context || nft_ctx_buffer_output(context.get()) != 0 || nft_ctx_buffer_error(context.get()) != 0) throw std::bad_alloc();
  if (nft_run_cmd_from_buffer(context.get(), commands.c_str()) == 0) return;
  throw KernelError(EINVAL,
                    fmt::format("load ruleset in {}: {}in\n{}", place, nft_ctx_get_error_buffer(context.get()), numbered(commands)));
}

}  // namespace

void load_ruleset(const Ruleset& ruleset, const std::string& place) {
  Socket socket{NETLINK_NETFILTER, place};
  const auto next = generation(socket) + 1;
  run(fmt::format("flush ruleset\n{}table inet {} {{ comment \"{} {}\"\n}}\n", ruleset.text, kStateTable, ruleset.digest, next), place);
}

void flush_ruleset(const std::string& place) { run("flush ruleset\n", place); }

std::optional<Ruleset> observe_ruleset(const std::string& place) {
  Socket socket{NETLINK_NETFILTER, place};
  std::optional<Ruleset> result;
  for_each_message(socket.dump(nftables_request(NFT_MSG_GETTABLE, NFPROTO_INET), "list tables"), [&](const nlmsghdr* message) {
    const auto table = parse_table(message);
    if (table.name != kStateTable) return;
    const auto space = table.comment.find(' ');
    std::uint32_t loaded = 0;
    if (space != std::string::npos) std::from_chars(table.comment.data() + space + 1, table.comment.data() + table.comment.size(), loaded);
    result = Ruleset{{}, loaded == generation(socket) ? table.comment.substr(0, space) : "changed since"};
  });
  return result;
}

}  // namespace netns
