// SPDX-License-Identifier: Apache-2.0
#include "emu/services/web_page.hpp"

#include <gmock/gmock.h>
#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "netns/namespace/namespace.hpp"
#include "tests/support/command.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/tcp_client.hpp"
#include "tests/support/topology.hpp"

namespace emu {
namespace {

using std::chrono::steady_clock;
using testing::ContainsRegex;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::uint16_t kPort = 8080;

/// The answer, with its head, to one request for `target`.
std::string get(const std::string& target, const std::string& fields = {}, const std::string& address = "127.0.0.1") {
  const test::TcpClient client(address, kPort);
  client.send("GET " + target + " HTTP/1.1\r\nHost: page\r\nConnection: close\r\n" + fields + "\r\n");
  return client.read_to_end();
}

class ServedPage : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!test::may_make_namespaces()) GTEST_SKIP() << "making network namespaces needs root";
    topology_.emplace();
    topology_->add("vm2");
    inside_ = std::make_unique<netns::EnteredNamespace>(topology_->name("vm2"));
    EXPECT_FALSE(test::TcpClient("127.0.0.1", kPort).is_connected()) << "something serves before the page does";
    server_ = std::make_unique<test::Child>([] {
      std::string error;
      return serve_web_page({"vm2", "vnet2/default", kPort}, error);
    });
    ASSERT_TRUE(test::eventually([] { return test::TcpClient("127.0.0.1", kPort).is_connected(); }));
  }

  std::optional<test::Topology> topology_;
  std::unique_ptr<netns::EnteredNamespace> inside_;
  std::unique_ptr<test::Child> server_;
};

TEST_F(ServedPage, IsHtmlForBrowsersAndALineForOthers) {
  const auto html = get("/", "Accept: text/html,application/xhtml+xml\r\n");
  EXPECT_THAT(html, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(html, ContainsRegex("Content-Type: text/html"));
  EXPECT_THAT(html, HasSubstr("vnet2/default"));
  const auto line = get("/", "Accept: */*\r\n");
  EXPECT_THAT(line, HasSubstr("Content-Type: text/plain"));
  EXPECT_THAT(line, EndsWith("\r\n\r\nvm2 (127.0.0.1) says hello to 127.0.0.1\n"));
}

TEST_F(ServedPage, SaysWhoAskedAndWhoAnswered) {
  const auto answer = get("/whoami", {}, "127.0.0.2");
  const auto json = nlohmann::json::parse(answer.substr(answer.find("\r\n\r\n")));
  EXPECT_EQ(json, nlohmann::json({{"node", "vm2"}, {"address", "127.0.0.2"}, {"client", "127.0.0.1"}, {"port", kPort}}));
  EXPECT_THAT(get("/nothing"), StartsWith("HTTP/1.1 404 Not Found\r\n"));
}

TEST_F(ServedPage, IsOnlyRead) {
  const auto refused = test::converse(kPort, "DELETE / HTTP/1.0\r\n\r\n");
  EXPECT_THAT(refused, StartsWith("HTTP/1.1 405 Method Not Allowed\r\n"));
  EXPECT_THAT(refused, HasSubstr("Allow: GET, HEAD\r\n"));
}

TEST_F(ServedPage, HasNoCapability) {
  std::ifstream file("/proc/" + std::to_string(server_->pid()) + "/status");
  const std::string status{std::istreambuf_iterator<char>{file}, {}};
  for (const auto* set : {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"})
    EXPECT_THAT(status, HasSubstr(std::string(set) + ":\t0000000000000000\n"));
  EXPECT_THAT(status, HasSubstr("NoNewPrivs:\t1\n"));
}

TEST_F(ServedPage, EndsAtOnceWhenTold) {
  const test::TcpClient client("127.0.0.1", kPort);
  client.send("GET / HTTP/1.1\r\nHost: page\r\n\r\n");
  ASSERT_THAT(client.read(12), "HTTP/1.1 200");
  const auto start = steady_clock::now();
  server_->signal(SIGTERM);
  const auto status = server_->wait();
  EXPECT_LT(steady_clock::now() - start, std::chrono::milliseconds{500});
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGTERM);
}

TEST_F(ServedPage, SaysWhenThePortIsTaken) {
  std::string error;
  EXPECT_EQ(serve_web_page({"vm2", "", kPort}, error), 1);
  EXPECT_EQ(error, "cannot serve on port 8080: Address already in use");
}

}  // namespace
}  // namespace emu
