// SPDX-License-Identifier: Apache-2.0
// emu/cli/web_page.cpp — `lazuli web-page`, which `up` starts in a node that serves a page; not for people.
#include <memory>
#include <stdexcept>

#include "emu/cli/command.hpp"
#include "emu/services/web_page.hpp"

namespace emu::cli {

void add_web_page(CLI::App& app, Exit& status) {
  auto* command = app.add_subcommand("web-page", "")->group("");
  const auto page = std::make_shared<WebPage>();
  command->add_option("--node", page->node)->required();
  command->add_option("--place", page->place)->required();
  command->add_option("--port", page->port)->required();
  command->callback([=, &status] {
    std::string error;
    if (serve_web_page(*page, error) != 0) throw std::runtime_error(error);
    status = Exit::Failed;
  });
}

}  // namespace emu::cli
