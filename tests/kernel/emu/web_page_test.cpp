// SPDX-License-Identifier: Apache-2.0
#include "emu/services/web_page.hpp"

#include <gmock/gmock.h>
#include <httplib.h>
#include <sys/wait.h>

#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "netns/namespace/namespace.hpp"
#include "tests/support/command.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/topology.hpp"

namespace emu {
namespace {

using std::chrono::steady_clock;
using testing::HasSubstr;

class ServedPage : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!test::may_make_namespaces()) GTEST_SKIP() << "making network namespaces needs root";
    topology_.emplace();
    topology_->add("vm2");
    inside_ = std::make_unique<netns::EnteredNamespace>(topology_->name("vm2"));
    EXPECT_FALSE(httplib::Client("127.0.0.1", 8080).Get("/")) << "something serves before the page does";
    server_ = std::make_unique<test::Child>([] {
      std::string error;
      return serve_web_page({"vm2", "vnet2/default", 8080}, error);
    });
    ASSERT_TRUE(test::eventually([] { return bool{httplib::Client("127.0.0.1", 8080).Get("/")}; }));
  }

  std::optional<test::Topology> topology_;
  std::unique_ptr<netns::EnteredNamespace> inside_;
  std::unique_ptr<test::Child> server_;
};

TEST_F(ServedPage, IsHtmlForBrowsersAndALineForOthers) {
  httplib::Client client("127.0.0.1", 8080);
  const auto html = client.Get("/", httplib::Headers{{"Accept", "text/html,application/xhtml+xml"}});
  ASSERT_TRUE(html);
  EXPECT_EQ(html->status, 200);
  EXPECT_THAT(html->get_header_value("Content-Type"), HasSubstr("text/html"));
  EXPECT_THAT(html->body, HasSubstr("vnet2/default"));
  const auto line = client.Get("/", httplib::Headers{{"Accept", "*/*"}});
  ASSERT_TRUE(line);
  EXPECT_THAT(line->get_header_value("Content-Type"), HasSubstr("text/plain"));
  EXPECT_EQ(line->body, "vm2 (127.0.0.1) says hello to 127.0.0.1\n");
}

TEST_F(ServedPage, SaysWhoAskedAndWhoAnswered) {
  httplib::Client client("127.0.0.2", 8080);
  const auto answer = client.Get("/whoami");
  ASSERT_TRUE(answer);
  const auto json = nlohmann::json::parse(answer->body);
  EXPECT_EQ(json, nlohmann::json({{"node", "vm2"}, {"address", "127.0.0.2"}, {"client", "127.0.0.1"}, {"port", 8080}}));
  EXPECT_EQ(client.Get("/nothing")->status, 404);
}

TEST_F(ServedPage, KeepsConnectionsAndServesOthersMeanwhile) {
  std::vector<std::unique_ptr<httplib::Client>> clients;
  for (int i = 0; i < 32; ++i) {
    clients.push_back(std::make_unique<httplib::Client>("127.0.0.1", 8080));
    clients.back()->set_keep_alive(true);
  }
  const auto start = steady_clock::now();
  for (int round = 0; round < 3; ++round) {
    for (const auto& client : clients) {
      const auto answer = client->Get("/");
      ASSERT_TRUE(answer);
      EXPECT_EQ(answer->status, 200);
    }
  }
  EXPECT_LT(steady_clock::now() - start, std::chrono::seconds{3});
}

TEST_F(ServedPage, EndsAtOnceWhenTold) {
  httplib::Client client("127.0.0.1", 8080);
  client.set_keep_alive(true);
  ASSERT_TRUE(client.Get("/"));
  const auto start = steady_clock::now();
  server_->signal(SIGTERM);
  const auto status = server_->wait();
  EXPECT_LT(steady_clock::now() - start, std::chrono::milliseconds{500});
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGTERM);
}

TEST_F(ServedPage, SaysWhenThePortIsTaken) {
  std::string error;
  EXPECT_EQ(serve_web_page({"vm2", "", 8080}, error), 1);
  EXPECT_EQ(error, "cannot serve on port 8080: Address already in use");
}

}  // namespace
}  // namespace emu
