// SPDX-License-Identifier: Apache-2.0
// tests/kernel/emu/http_server_test.cpp — the HTTP server against those who mean it no good.
//
// Topology: one namespace; clients and the server, a child process, on its loopback.
#include "emu/services/http_server.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <sstream>
#include <vector>

#include "netns/namespace/namespace.hpp"
#include "tests/support/command.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/tcp_client.hpp"
#include "tests/support/topology.hpp"

namespace emu {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using test::converse;
using test::TcpClient;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr std::uint16_t kHttpPort = 8080;
constexpr std::string_view kLast = "GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

std::string get_of(std::string_view path) { return fmt::format("GET {} HTTP/1.1\r\nHost: a\r\n\r\n", path); }

/// `METHOD path length` of what was asked, so a test sees what the server took for a request; /big is large.
HttpResponse echo(const HttpRequest& request) {
  HttpResponse response;
  response.set_body("text/plain", request.path == "/big" ? std::string(std::size_t{4} << 20U, 'x')
                                                         : fmt::format("<{} {} {}>", request.method, request.path, request.body.size()));
  return response;
}

/// How many times `part` is in `text`.
std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

class Http : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!test::may_make_namespaces()) GTEST_SKIP() << "making network namespaces needs root";
    topology_.emplace();
    topology_->add("server");
    inside_ = std::make_unique<netns::EnteredNamespace>(topology_->name("server"));
  }

  /// @param files  the most descriptors it may have @param before_it_runs  in its process
  void serve(
      HttpBounds bounds = {}, std::optional<rlim_t> files = {}, const std::function<void()>& before_it_runs = [] {}) {
    server_ = std::make_unique<test::Child>([&] {
      if (files) {
        const rlimit limit{*files, *files};
        ::setrlimit(RLIMIT_NOFILE, &limit);
      }
      HttpServer server([](const HttpRequest& request, const HttpPeer&) { return echo(request); }, bounds);
      server.listen(listening_socket({}, kHttpPort), {});
      before_it_runs();
      server.run();
      return 0;
    });
    ASSERT_TRUE(test::eventually([] { return TcpClient("127.0.0.1", kHttpPort).is_connected(); }));
  }

  /// Of the server's status in /proc, in bytes.
  std::size_t most_memory() const {
    std::ifstream file(fmt::format("/proc/{}/status", server_->pid()));
    const std::string status{std::istreambuf_iterator<char>{file}, {}};
    return std::stoul(status.substr(status.find("VmHWM:") + 6)) * 1024;
  }

  /// Processor time that the server has had.
  double seconds_of_work() const {
    std::ifstream file(fmt::format("/proc/{}/stat", server_->pid()));
    std::vector<std::string> words{std::istream_iterator<std::string>{file}, {}};
    return (std::stod(words.at(13)) + std::stod(words.at(14))) / static_cast<double>(::sysconf(_SC_CLK_TCK));
  }

  /// Whether a new client gets its answer, and how long that took.
  static void expect_prompt_answer() {
    const auto start = steady_clock::now();
    EXPECT_THAT(converse(kHttpPort, kLast), EndsWith("<GET /last 0>"));
    EXPECT_LT(steady_clock::now() - start, 1s);
  }

  std::optional<test::Topology> topology_;
  std::unique_ptr<netns::EnteredNamespace> inside_;
  std::unique_ptr<test::Child> server_;
};

TEST_F(Http, AnswersAllRequestsThatWereSentAtOnceInTheirOrder) {
  serve();
  std::string requests;
  std::string wanted;
  for (int i = 0; i < 500; ++i) {
    requests += i % 3 == 0 ? fmt::format("PUT /{} HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", i) : get_of(fmt::format("/{}", i));
    wanted += i % 3 == 0 ? fmt::format("<PUT /{} 3>", i) : fmt::format("<GET /{} 0>", i);
  }
  const auto answers = converse(kHttpPort, requests + std::string(kLast));
  EXPECT_EQ(count_of(answers, "HTTP/1.1 200 OK\r\n"), 501);
  std::string bodies;
  for (std::size_t at = answers.find('<'); at != std::string::npos; at = answers.find('<', at + 1))
    bodies += answers.substr(at, answers.find('>', at) + 1 - at);
  EXPECT_EQ(bodies, wanted + "<GET /last 0>");
}

TEST_F(Http, SendsAllOfALargeAnswerBeforeTheNext) {
  serve();
  const auto answers = converse(kHttpPort, get_of("/big") + get_of("/big") + std::string(kLast));
  EXPECT_GT(answers.size(), std::size_t{8} << 20U);
  EXPECT_EQ(count_of(answers, "HTTP/1.1 200 OK\r\n"), 3);
  EXPECT_THAT(answers.substr(answers.size() - 13), "<GET /last 0>");
}

TEST_F(Http, TellsTheLengthButNotTheBodyToHead) {
  serve();
  const auto answers = converse(kHttpPort, "HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n" + std::string(kLast));
  EXPECT_THAT(answers, StartsWith("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 11\r\n\r\nHTTP/1.1 200 OK\r\n"));
}

TEST_F(Http, KeepsAConnectionAsLongAsTheClientWants) {
  serve();
  EXPECT_THAT(converse(kHttpPort, "GET / HTTP/1.0\r\n\r\n" + get_of("/2")), Not(HasSubstr("/2"))) << "HTTP/1.0 ends after one";
  const auto kept = converse(kHttpPort, "GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /2 HTTP/1.0\r\n\r\n");
  EXPECT_THAT(kept, HasSubstr("Connection: keep-alive\r\n\r\n<GET /1 0>"));
  EXPECT_THAT(kept, HasSubstr("Connection: close\r\n\r\n<GET /2 0>"));
}

TEST_F(Http, LetsAClientSendItsBodyThatWaitsForLeave) {
  serve();
  const TcpClient client("127.0.0.1", kHttpPort);
  client.send("PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(client.read(25), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("body");
  EXPECT_THAT(client.read_to_end(), EndsWith("<PUT /x 4>"));
}

// Whoever reads a request otherwise than another server before it would find a second one inside of it.
TEST_F(Http, TakesNothingForARequestThatIsInsideOfARefusedOne) {
  serve();
  const auto smuggled = get_of("/smuggled");
  const auto chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n";
  for (const auto& [text, status] : std::vector<std::pair<std::string, int>>{
           {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
           {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 40\r\n\r\n", 400},
           {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", 400},
           {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501},
           {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n", 413},
           {std::string(chunked) + "\r\nzz\r\n\r\n", 400},
           {std::string(chunked) + "\r\n2\r\nabc\r\n0\r\n\r\n", 400},
           {"GET / HTTP/1.1\nHost: a\n\n", 400},
           {"GET / HTTP/1.1\r\nHost: a\r\n folded: b\r\n\r\n", 400},
           {"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400},
           {"nonsense\r\n\r\n", 400}}) {
    const auto answer = converse(kHttpPort, text + smuggled);
    EXPECT_THAT(answer, StartsWith(fmt::format("HTTP/1.1 {} ", status))) << text;
    EXPECT_EQ(count_of(answer, "HTTP/1.1 "), 1) << text;
  }
}

TEST_F(Http, BoundsWhatASingleRequestIs) {
  serve();
  const std::string much(std::size_t{1} << 20U, 'x');
  EXPECT_THAT(converse(kHttpPort, "GET /" + much), StartsWith("HTTP/1.1 414 "));
  EXPECT_THAT(converse(kHttpPort, "GET / HTTP/1.1\r\nX: " + much), StartsWith("HTTP/1.1 431 "));
  std::string endless = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 8; ++i) endless += "40000\r\n" + much.substr(0, 0x40000) + "\r\n";
  EXPECT_THAT(converse(kHttpPort, endless), StartsWith("HTTP/1.1 413 "));
}

TEST_F(Http, AnswersOthersWhileThousandsAreSlow) {
  HttpBounds bounds;
  bounds.reads = 3s;
  serve(bounds);
  constexpr int kSlow = 2000;
  std::vector<TcpClient> slow;
  slow.reserve(kSlow);
  for (int i = 0; i < kSlow; ++i) {
    slow.emplace_back("127.0.0.1", kHttpPort);
    ASSERT_TRUE(slow.back().is_connected());
    slow.back().send(i % 2 == 0 ? "GET / HTTP/1.1\r\nX: " : "");
  }
  expect_prompt_answer();
  // A byte now and then does not make a request's time longer.
  EXPECT_TRUE(test::eventually(20s, [&] { return !slow.front().send("x"); }));
  for (const auto& client : slow) ASSERT_TRUE(client.is_ended());
  EXPECT_LT(most_memory(), std::size_t{64} << 20U);
  expect_prompt_answer();
}

TEST_F(Http, SaysTimeoutToWhoDidNotFinish) {
  HttpBounds bounds;
  bounds.reads = 200ms;
  bounds.rests = 400ms;
  serve(bounds);
  EXPECT_THAT(converse(kHttpPort, "GET / HTTP/1.1\r\n"), StartsWith("HTTP/1.1 408 Request Timeout\r\n"));
  EXPECT_THAT(converse(kHttpPort, {}), IsEmpty());
  EXPECT_EQ(count_of(converse(kHttpPort, get_of("/")), "HTTP/1.1"), 1) << "who rests is closed without a word";
}

TEST_F(Http, BoundsWhatAllRequestsTogetherAre) {
  HttpBounds bounds;
  bounds.held = std::size_t{4} << 20U;
  serve(bounds);
  const auto greedy = "GET / HTTP/1.1\r\nX: " + std::string(16'000, 'x');
  const auto body = "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n" + std::string(900'000, 'x');
  std::vector<TcpClient> clients;
  for (int i = 0; i < 500; ++i) {
    clients.emplace_back("127.0.0.1", kHttpPort);
    clients.back().send(i % 20 == 0 ? body : greedy);
  }
  expect_prompt_answer();
  EXPECT_LT(most_memory(), std::size_t{24} << 20U) << "they sent 30 MB";
}

// What was refused is kept no longer than it takes to say so: others would have to go for it.
TEST_F(Http, ForgetsWhatItRefused) {
  HttpBounds bounds;
  bounds.held = std::size_t{4} << 20U;
  serve(bounds);
  TcpClient slow{"127.0.0.1", kHttpPort};
  slow.send("GET / HTTP/1.1\r\nHost: a\r\n");
  const auto chunk = "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nDBBA0\r\n" + std::string(900'000, 'x') + "\r\n";
  std::vector<TcpClient> clients;
  for (int i = 0; i < 16; ++i) {
    clients.emplace_back("127.0.0.1", kHttpPort);
    clients.back().send(chunk + "no chunk\r\n");
    EXPECT_THAT(clients.back().read(12), StartsWith("HTTP/1.1 400"));
  }
  slow.send("\r\n");
  EXPECT_THAT(slow.read(12), StartsWith("HTTP/1.1 200"));
}

TEST_F(Http, ReadsNothingMoreFromWhoDoesNotTakeItsAnswers) {
  serve();
  std::vector<TcpClient> clients;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back("127.0.0.1", kHttpPort);
    clients.back().send(get_of("/big") + get_of("/big") + get_of("/big"));
  }
  expect_prompt_answer();
  EXPECT_LT(most_memory(), std::size_t{64} << 20U);
}

TEST_F(Http, GivesTheLongestWaitingsPlaceToANewOne) {
  HttpBounds bounds;
  bounds.connections = 50;
  serve(bounds);
  std::vector<TcpClient> clients;
  for (int i = 0; i < 60; ++i) {
    clients.emplace_back("127.0.0.1", kHttpPort);
    clients.back().send("GET /");
  }
  expect_prompt_answer();
  EXPECT_TRUE(clients.front().is_ended());
  clients.back().send(" HTTP/1.0\r\n\r\n");
  EXPECT_THAT(clients.back().read_to_end(), EndsWith("<GET / 0>")) << "the newest is still there";
}

TEST_F(Http, ServesNewOnesWithoutADescriptorToSpareAndDoesNotSpin) {
  serve({}, 24);
  std::vector<TcpClient> clients;
  for (int i = 0; i < 200; ++i) clients.emplace_back("127.0.0.1", kHttpPort);
  for (int i = 0; i < 5; ++i) expect_prompt_answer();
  const auto before = seconds_of_work();
  EXPECT_FALSE(test::eventually(1s, [&] { return seconds_of_work() > before + 0.3; })) << "it has nothing to do";
}

TEST_F(Http, RefusesNewOnesWhenOthersHaveAllDescriptorsAndDoesNotSpin) {
  serve({}, 24, [] {
    while (::dup(STDERR_FILENO) >= 0) {
    }
  });
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(TcpClient("127.0.0.1", kHttpPort).is_ended());
  const auto before = seconds_of_work();
  EXPECT_FALSE(test::eventually(1s, [&] { return seconds_of_work() > before + 0.3; })) << "it has nothing to do";
}

}  // namespace
}  // namespace emu
