// SPDX-License-Identifier: Apache-2.0
// emu/cli/ipsec_daemon.cpp — `lazuli ipsec-daemon`, which `up` starts in a node that has tunnels, and by which it tells that what
// changed; not for people.
#include <memory>

#include "emu/cli/command.hpp"
#include "netns/ipsec/daemon.hpp"

namespace emu::cli {

void add_ipsec_daemon(CLI::App& app, Exit&) {
  auto* command = app.add_subcommand("ipsec-daemon", "")->group("");
  const auto folder = std::make_shared<std::string>();
  const auto key_store = std::make_shared<std::string>();
  command->add_option("--folder", *folder)->required();
  command->add_option("--key-store", *key_store);
  const auto tell = command->add_flag("--tell");
  command->callback([=] {
    if (tell->count() != 0)
      netns::tell_ipsec_daemon(*folder);
    else
      netns::become_ipsec_daemon(*folder, *key_store);
  });
}

}  // namespace emu::cli
