// SPDX-License-Identifier: Apache-2.0
// emu/services/main.cpp — `lazuli-server`: the processes of a lab that speak HTTP. `up` starts them; it is not for people.
//
// A program of its own: many of them run at once, and what they need is little.
#include <fmt/format.h>

#include <charconv>
#include <cstdio>
#include <exception>
#include <map>
#include <stdexcept>
#include <string_view>

#include "emu/services/mock_service.hpp"
#include "emu/services/web_page.hpp"

namespace {

constexpr std::string_view kUsage =
    "usage: lazuli-server web-page --node NAME --place PLACE --port PORT\n"
    "       lazuli-server mock-service --configuration FILE\n";

using Options = std::map<std::string_view, std::string_view>;

std::uint16_t port_of(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size()) throw std::out_of_range("port");
  return port;
}

/// A server ends by a signal, or not at all. @throws std::out_of_range when an option is missing
void serve(std::string_view what, const Options& options) {
  if (what == "web-page") {
    const emu::WebPage page{std::string(options.at("--node")), std::string(options.at("--place")), port_of(options.at("--port"))};
    std::string error;
    if (emu::serve_web_page(page, error) != 0) throw std::runtime_error(error);
  } else if (what == "mock-service") {
    emu::run_mock_service(options.at("--configuration"));
  }
  throw std::out_of_range("what to serve");
}

}  // namespace

int main(int argc, char** argv) {
  constexpr int kWrongUsage = 2;
  try {
    Options options;
    for (int i = 2; i + 1 < argc; i += 2) options.emplace(argv[i], argv[i + 1]);
    serve(argc > 1 ? argv[1] : "", options);
  } catch (const std::out_of_range&) {
    fmt::print(stderr, "{}", kUsage);
    return kWrongUsage;
  } catch (const std::exception& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return 1;
  }
}
