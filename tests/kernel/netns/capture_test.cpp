// SPDX-License-Identifier: Apache-2.0
#include "netns/capture/capture.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <future>
#include <vector>

#include "netns/base/stop_signals.hpp"
#include "netns/probe/echo.hpp"
#include "netns/probe/tcp.hpp"
#include "tests/kernel/netns/wire.hpp"
#include "tests/support/command.hpp"
#include "tests/support/eventually.hpp"

using netns::Answer;
using netns::CaptureCounts;
using netns::EnteredNamespace;
using std::chrono::seconds;
using testing::HasSubstr;

namespace {

constexpr std::uint16_t kPort = 8080;
constexpr std::size_t kFileHeader = 24;

class Capture : public test::WireTest {
 protected:
  void SetUp() override {
    WireTest::SetUp();
    file_ = netns::UniqueFd{::memfd_create("capture.pcap", 0)};
    stop_ = netns::UniqueFd{::eventfd(0, EFD_CLOEXEC)};
  }
  void TearDown() override {
    stop();
    WireTest::TearDown();
  }

  /// Captures into a file until `stop`; returns when the tap is open.
  std::future<CaptureCounts> start(std::string_view node, std::string link) {
    auto counts = std::async(std::launch::async, [this, name = topology_->name(node), link = std::move(link)] {
      return netns::capture(name, link, file_.get(), stop_.get());
    });
    EXPECT_TRUE(test::eventually([&] { return size() >= kFileHeader; }));
    return counts;
  }
  void stop() {
    const std::uint64_t once = 1;
    if (!stop_) return;
    EXPECT_EQ(::write(stop_.get(), &once, sizeof once), 8);
  }
  std::size_t size() const { return static_cast<std::size_t>(::lseek(file_.get(), 0, SEEK_END)); }

  /// What tcpdump makes of the file.
  std::string read(const std::vector<std::string>& options) const {
    std::string bytes(size(), '\0');
    EXPECT_EQ(::pread(file_.get(), bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
    std::vector<std::string> argv{"tcpdump", "-nn", "-r", "-"};
    argv.insert(argv.end(), options.begin(), options.end());
    const auto result = test::run(argv, bytes);
    EXPECT_EQ(result.status, 0) << result.output;
    return result.output;
  }

  Answer ping_b() {
    const EnteredNamespace inside(topology_->name("a"));
    return netns::ping(b_, 7, netns::kProvesReply).answer;
  }

  netns::UniqueFd file_;
  netns::UniqueFd stop_;
};

}  // namespace

TEST_F(Capture, IsReadByTcpdumpWhileItGoesOn) {
  auto counts = start("b", "eth0");
  EXPECT_THAT(read({"icmp"}), testing::Not(HasSubstr("ICMP echo")));
  ASSERT_EQ(ping_b(), Answer::Reply);
  EXPECT_TRUE(test::eventually([&] { return read({"icmp"}).find("echo reply") != std::string::npos; }));
  EXPECT_THAT(read({"icmp"}), HasSubstr("10.0.0.1 > 10.0.0.2: ICMP echo request"));
  stop();
  EXPECT_GE(counts.get().written, 2U);
}

TEST_F(Capture, LoopbackPacketsAreWrittenOnce) {
  auto counts = start("a", "lo");
  {
    const EnteredNamespace inside(topology_->name("a"));
    ASSERT_EQ(netns::ping({0x7f000001}, 7, netns::kProvesReply).answer, Answer::Reply);
  }
  stop();
  EXPECT_EQ(counts.get().written, 2U);
}

TEST_F(Capture, KeepsSegmentsThatTheHardwareWouldHaveCut) {
  constexpr std::size_t kBytes = 8U << 20U;
  const auto server = listen("b", kPort);
  auto counts = start("b", {});
  netns::TcpProbe client;
  {
    const EnteredNamespace inside(topology_->name("a"));
    client = netns::connect_tcp(b_, kPort, 7, netns::kProvesReply);
  }
  ASSERT_EQ(client.answer.answer, Answer::Reply);
  const netns::UniqueFd accepted{::accept4(server.get(), nullptr, nullptr, SOCK_CLOEXEC)};
  auto received = std::async(std::launch::async, [&] {
    std::vector<char> part(1 << 20);
    std::size_t total = 0;
    for (ssize_t got = 0; (got = ::read(accepted.get(), part.data(), part.size())) > 0;) total += static_cast<std::size_t>(got);
    return total;
  });
  ::fcntl(client.connection.get(), F_SETFL, 0);
  const std::vector<char> bytes(kBytes, 'x');
  EXPECT_EQ(::write(client.connection.get(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  ::shutdown(client.connection.get(), SHUT_WR);
  EXPECT_EQ(received.get(), kBytes);
  stop();
  const auto done = counts.get();
  EXPECT_EQ(done.dropped, 0U);

  // The file holds every byte: payloads add up, the longest frame is far longer than any MTU, none is cut.
  const auto text = read({"-q", "src", "10.0.0.1", "and", "tcp"});
  std::size_t total = 0;
  std::size_t longest = 0;
  for (auto at = text.find(": tcp "); at != std::string::npos; at = text.find(": tcp ", at + 1)) {
    const auto length = std::stoul(text.substr(at + 6));
    total += length;
    longest = std::max(longest, length);
  }
  EXPECT_GE(total, kBytes);
  EXPECT_GT(longest, 1500U);
  EXPECT_THAT(text, testing::Not(HasSubstr("[|")));
}

TEST_F(Capture, EndsWithItsLink) {
  auto counts = start("a", "eth0");
  ASSERT_EQ(ping_b(), Answer::Reply);
  topology_->ip("a", "link del eth0");
  ASSERT_EQ(counts.wait_for(seconds{5}), std::future_status::ready);
  EXPECT_GE(counts.get().written, 2U);
}

TEST_F(Capture, EndsWithItsNamespace) {
  auto counts = start("b", {});
  netns::remove_namespace(topology_->name("b"));
  EXPECT_EQ(counts.wait_for(seconds{5}), std::future_status::ready);
}

TEST_F(Capture, EndsWhenItsReaderIsGone) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  const netns::UniqueFd to{ends[1]};
  { const netns::UniqueFd from{ends[0]}; }
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  EXPECT_EQ(netns::capture(topology_->name("a"), {}, to.get(), stop_.get()).written, 0U);
  std::signal(SIGPIPE, before);
}

TEST_F(Capture, EndsAtASignal) {
  test::Child child([this] {
    const netns::StopSignals signals;
    netns::capture(topology_->name("b"), {}, file_.get(), signals.fd());
    return 17;
  });
  ASSERT_TRUE(test::eventually([&] { return size() >= kFileHeader; }));
  child.signal(SIGINT);
  const auto status = child.wait();
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 17);
}
