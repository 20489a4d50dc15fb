// SPDX-License-Identifier: Apache-2.0
#include "emu/services/web_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <nlohmann/json.hpp>
#include <system_error>

#include "emu/model/escape_xml.hpp"
#include "emu/services/http_server.hpp"
#include "netns/process/rights.hpp"

namespace emu {
namespace {

/// The parent may have blocked or ignored them; a child inherits that.
void let_signals_end_the_process() {
  sigset_t signals{};
  sigemptyset(&signals);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) {
    ::signal(number, SIG_DFL);
    sigaddset(&signals, number);
  }
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

HttpResponse answer(const WebPage& page, const HttpRequest& request, const HttpPeer& peer) {
  constexpr int kNotFound = 404;
  constexpr int kNotAllowed = 405;
  const Visit visit{to_string(peer.local), to_string(peer.remote)};
  HttpResponse response;
  if (request.path != "/" && request.path != "/whoami") return plain_response(kNotFound);
  if (request.method != "GET" && request.method != "HEAD") {
    response = plain_response(kNotAllowed);
    response.set_field("Allow", "GET, HEAD");
  } else if (request.path == "/whoami") {
    response.set_body("application/json", render_json(page, visit));
  } else {
    const auto accepts_html = [](std::string_view accepted) { return accepted.find("text/html") != std::string_view::npos; };
    if (std::ranges::any_of(request.values_of("Accept"), accepts_html))
      response.set_body("text/html; charset=utf-8", render_html(page, visit));
    else
      response.set_body("text/plain; charset=utf-8", render_text(page, visit));
    response.set_field("Vary", "Accept");
  }
  return response;
}

}  // namespace

std::string render_html(const WebPage& page, const Visit& visit) {
  const auto node = escape_xml(page.node);
  const auto place = page.place.empty() ? std::string() : fmt::format(" in {}", escape_xml(page.place));
  constexpr auto kPage = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{node}</title>
<style>
body {{ margin: 0; min-height: 100vh; display: grid; place-items: center; background: #eef2fa; color: #1b2440;
  font: 1.1rem/1.6 system-ui, sans-serif }}
main {{ background: #fff; padding: 2.5rem 3rem; border-top: .5rem solid #26619c; border-radius: .5rem; box-shadow: 0 1rem 3rem #26619c22 }}
h1 {{ margin: 0 0 1rem; color: #26619c }}
dl {{ display: grid; grid-template-columns: auto 1fr; gap: .25rem 1.5rem; margin: 0 }}
dt {{ color: #5b678a }}
dd {{ margin: 0; font-family: ui-monospace, monospace }}
</style>
</head>
<body>
<main>
<h1>Hello from {node}</h1>
<dl>
<dt>Served by</dt><dd>{node}{place}</dd>
<dt>at</dt><dd>{address}:{port}</dd>
<dt>You are</dt><dd>{client}</dd>
</dl>
</main>
</body>
</html>
)";
  return fmt::format(kPage, fmt::arg("node", node), fmt::arg("place", place), fmt::arg("address", escape_xml(visit.address)),
                     fmt::arg("port", page.port), fmt::arg("client", escape_xml(visit.client)));
}

std::string render_text(const WebPage& page, const Visit& visit) {
  return fmt::format("{} ({}) says hello to {}\n", page.node, visit.address, visit.client);
}

std::string render_json(const WebPage& page, const Visit& visit) {
  const nlohmann::ordered_json answer{{"node", page.node}, {"address", visit.address}, {"client", visit.client}, {"port", page.port}};
  return answer.dump() + "\n";
}

int serve_web_page(const WebPage& page, std::string& error) {
  let_signals_end_the_process();
  try {
    HttpServer server([&page](const HttpRequest& request, const HttpPeer& peer) { return answer(page, request, peer); });
    server.listen(listening_socket({}, page.port), {});
    netns::give_up_rights();
    server.run();
  } catch (const std::system_error& failure) {
    error = failure.what();
    return 1;
  }
}

}  // namespace emu
