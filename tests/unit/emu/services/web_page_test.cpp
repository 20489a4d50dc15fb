// SPDX-License-Identifier: Apache-2.0
#include "emu/services/web_page.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace emu {
namespace {

using testing::HasSubstr;
using testing::Not;

const WebPage kPage{"vm2", "vnet2/default", 8080};
const Visit kVisit{"10.2.0.4", "10.1.0.4"};

TEST(WebPage, SaysInEveryFormWhoServesWhom) {
  EXPECT_EQ(render_text(kPage, kVisit), "vm2 (10.2.0.4) says hello to 10.1.0.4\n");
  const auto html = render_html(kPage, kVisit);
  for (const char* part : {"Hello from vm2", "vm2 in vnet2/default", "10.2.0.4:8080", "10.1.0.4"}) EXPECT_THAT(html, HasSubstr(part));
  EXPECT_EQ(nlohmann::json::parse(render_json(kPage, kVisit)),
            nlohmann::json({{"node", "vm2"}, {"address", "10.2.0.4"}, {"client", "10.1.0.4"}, {"port", 8080}}));
}

TEST(WebPage, EscapesNames) {
  const auto html = render_html({"<b>", "a&b", 80}, kVisit);
  EXPECT_THAT(html, HasSubstr("Hello from &lt;b&gt;"));
  EXPECT_THAT(html, HasSubstr("in a&amp;b"));
  EXPECT_THAT(html, Not(HasSubstr("<b>")));
}

TEST(WebPage, NeedsNothingFromElsewhere) {
  const auto html = render_html(kPage, kVisit);
  EXPECT_THAT(html, Not(HasSubstr("http://")));
  EXPECT_THAT(html, Not(HasSubstr("src=")));
}

}  // namespace
}  // namespace emu
