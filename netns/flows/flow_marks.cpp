// SPDX-License-Identifier: Apache-2.0
#include "netns/flows/flow_marks.hpp"

#include <linux/netfilter/nfnetlink_conntrack.h>

#include <vector>

#include "netns/base/error.hpp"
#include "netns/flows/flow_messages.hpp"
#include "netns/netlink/socket.hpp"

namespace netns {

std::size_t mark_flows(std::string_view name_space, std::uint32_t mark, const std::function<bool(const Flow&)>& selects) {
  auto socket = open_socket(NETLINK_NETFILTER, name_space);
  std::vector<Flow> selected;
  for_each_message(socket.dump(all_flows_request(), "read all flows"), [&](const nlmsghdr* message) {
    if (const auto flow = parse_flow(message); flow && selects(*flow)) selected.push_back(*flow);
  });
  std::size_t marked = 0;
  for (const auto& flow : selected) {
    try {
      socket.get(flow_request(IPCTNL_MSG_CT_NEW, flow, mark), "mark a flow");
      ++marked;
    } catch (const KernelError& error) {
      if (error.code() != std::errc::no_such_file_or_directory) throw;
    }
  }
  return marked;
}

}  // namespace netns
