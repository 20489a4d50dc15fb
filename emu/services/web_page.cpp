// SPDX-License-Identifier: Apache-2.0
#include "emu/services/web_page.hpp"

#include <fmt/format.h>
#include <httplib.h>
#include <sys/socket.h>

#include <cerrno>
#include <csignal>
#include <nlohmann/json.hpp>
#include <system_error>

#include "emu/report/escape_xml.hpp"
#include "emu/services/threads_on_demand.hpp"

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
  httplib::Server server;
  server.new_task_queue = [] { return new ThreadsOnDemand; };  // the server deletes it
  server.set_tcp_nodelay(true);
  server.set_keep_alive_max_count(1000);
  // The library's default would let a second server take the same port and half of the connections.
  server.set_socket_options([](int socket) {
    const int on = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  });
  server.Get("/", [&page](const httplib::Request& request, httplib::Response& response) {
    const Visit visit{request.local_addr, request.remote_addr};
    const bool html = request.get_header_value("Accept").find("text/html") != std::string::npos;
    if (html) {
      response.set_content(render_html(page, visit), "text/html; charset=utf-8");
    } else {
      response.set_content(render_text(page, visit), "text/plain; charset=utf-8");
    }
    response.set_header("Vary", "Accept");
  });
  server.Get("/whoami", [&page](const httplib::Request& request, httplib::Response& response) {
    response.set_content(render_json(page, {request.local_addr, request.remote_addr}), "application/json");
  });
  errno = 0;
  server.listen("0.0.0.0", page.port);
  const int reason = errno;
  error = fmt::format("cannot serve on port {}: {}", page.port, std::generic_category().message(reason));
  return 1;
}

}  // namespace emu
