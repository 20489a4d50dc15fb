// SPDX-License-Identifier: Apache-2.0
// emu/services/web_page.hpp — the small page a node serves, which says who serves it and who asked.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace emu {

struct WebPage {
  std::string node;   ///< who serves it
  std::string place;  ///< where that is, for people: `vnet2/default`, `internet`; may be empty
  std::uint16_t port = 80;
};

/// One request as the server saw it.
struct Visit {
  std::string address;  ///< the server's own address that was asked: what is on its interface, so the private one
  std::string client;   ///< the client's address as it arrived, after any translation on the way
};

/// A whole HTML page that needs nothing from elsewhere.
std::string render_html(const WebPage& page, const Visit& visit);
/// `vm2 (10.2.0.4) says hello to 10.1.0.4` and a newline.
std::string render_text(const WebPage& page, const Visit& visit);
/// {"node","address","client","port"}.
std::string render_json(const WebPage& page, const Visit& visit);

/// Serves the page on every address of the calling thread's namespace: `GET /` as HTML where the client accepts it and as a
/// line of text where not, `GET /whoami` as JSON. SIGTERM, SIGINT and SIGHUP get their default action back and end the process
/// at once: there is nothing to save.
/// @return 1 when the port cannot be had, with the reason in `error`; otherwise not at all
int serve_web_page(const WebPage& page, std::string& error);

}  // namespace emu
