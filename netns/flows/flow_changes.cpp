// SPDX-License-Identifier: Apache-2.0
#include "netns/flows/flow_changes.hpp"

#include <linux/netfilter/nfnetlink_conntrack.h>

#include <string>
#include <vector>

#include "netns/base/error.hpp"
#include "netns/flows/flow_messages.hpp"
#include "netns/netlink/socket.hpp"

namespace netns {
namespace {

/// Sends `request_for(flow)` for each flow that `selects` chooses. @return how many were still there
template <typename RequestFor>
std::size_t change_flows(std::string_view name_space, const SelectsFlow& selects, const std::string& what, RequestFor request_for) {
  auto socket = open_socket(NETLINK_NETFILTER, name_space);
  std::vector<Flow> selected;
  for_each_message(socket.dump(all_flows_request(), "read all flows"), [&](const nlmsghdr* message) {
    if (const auto flow = parse_flow(message); flow && selects(*flow)) selected.push_back(*flow);
  });
  std::size_t changed = 0;
  for (const auto& flow : selected) {
    try {
      socket.get(request_for(flow), what);
      ++changed;
    } catch (const KernelError& error) {
      if (error.code() != std::errc::no_such_file_or_directory) throw;
    }
  }
  return changed;
}

}  // namespace

std::size_t mark_flows(std::string_view name_space, std::uint32_t mark, const SelectsFlow& selects) {
  return change_flows(name_space, selects, "mark a flow", [&](const Flow& flow) { return flow_request(IPCTNL_MSG_CT_NEW, flow, mark); });
}

std::size_t forget_flows(std::string_view name_space, const SelectsFlow& selects) {
  return change_flows(name_space, selects, "forget a flow", [](const Flow& flow) { return flow_request(IPCTNL_MSG_CT_DELETE, flow); });
}

}  // namespace netns
