// SPDX-License-Identifier: Apache-2.0
// emu/services/main.cpp — `lazuli-server`: the processes of a lab that speak HTTP. `up` starts them; it is not for people.
//
// A program of its own, for the library of its servers takes longer to load than most commands of `lazuli` to run.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <stdexcept>

#include "emu/services/mock_service.hpp"
#include "emu/services/web_page.hpp"

namespace {

int serve(int argc, char** argv) {
  CLI::App app{"Serves what a lab of Lazuli serves; `lazuli up` starts it", "lazuli-server"};
  app.require_subcommand(1);

  emu::WebPage page;
  auto* web_page = app.add_subcommand("web-page", "The page of a node");
  web_page->add_option("--node", page.node)->required();
  web_page->add_option("--place", page.place)->required();
  web_page->add_option("--port", page.port)->required();
  web_page->callback([&] {
    std::string error;
    if (emu::serve_web_page(page, error) != 0) throw std::runtime_error(error);
  });

  std::string configuration;
  auto* mock_service = app.add_subcommand("mock-service", "Every emulated service of a lab");
  mock_service->add_option("--configuration", configuration)->required();
  mock_service->callback([&] { emu::run_mock_service(configuration); });

  CLI11_PARSE(app, argc, argv);
  return 1;  // a server ends by a signal, or not at all
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return serve(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return 1;
  }
}
