// SPDX-License-Identifier: Apache-2.0
#include "emu/flowlog/collector.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <system_error>

#include "emu/fabric/denied_packets.hpp"
#include "emu/flowlog/flow_recorder.hpp"
#include "emu/flowlog/record_files.hpp"
#include "emu/model/model_json.hpp"
#include "netns/base/unique_fd.hpp"
#include "netns/flows/flow_events.hpp"
#include "netns/flows/packet_log.hpp"

namespace emu {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kGathers{400};  ///< how long entries wait for others of the same interface
constexpr milliseconds kLooksUp{1000};

FlowTime now() { return std::chrono::floor<milliseconds>(std::chrono::system_clock::now()); }

Model read_model(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  return model_from_json(std::string{std::istreambuf_iterator<char>{file}, {}});
}

netns::UniqueFd open_signals() {
  sigset_t told{};
  sigemptyset(&told);
  for (const int signal : {SIGHUP, SIGTERM, SIGINT}) sigaddset(&told, signal);
  pthread_sigmask(SIG_BLOCK, &told, nullptr);
  netns::UniqueFd signals{::signalfd(-1, &told, SFD_CLOEXEC | SFD_NONBLOCK)};
  const int error = errno;
  if (!signals) throw std::system_error(error, std::system_category(), "open a signal descriptor");
  return signals;
}

class Collector {
 public:
  explicit Collector(const CollectorPlaces& places)
      : places_(places),
        signals_(open_signals()),
        recorder_(read_model(places.model), places.network),
        events_(places.network),
        denied_(kDeniedGroup, places.network) {
    // What began before anybody listened. What is over by now is left: a collector before this one may have told of it.
    for (const auto& flow : events_.all())
      if (!flow.over) recorder_.begin(flow, now());
  }

  void run() {
    while (!stopped_) {
      wait();
      read_signals();
      read_events();
      go_on();
      if (recorder_.has_entries() && writes_at_ == Clock::time_point::max()) writes_at_ = Clock::now() + kGathers;
      if (stopped_ || std::chrono::steady_clock::now() >= writes_at_) write();
    }
  }

 private:
  using Clock = std::chrono::steady_clock;

  void wait() {
    std::array<pollfd, 3> sources{{{signals_.get(), POLLIN, 0}, {events_.fd(), POLLIN, 0}, {denied_.fd(), POLLIN, 0}}};
    const auto limit = std::min(Clock::now() + kLooksUp, writes_at_);
    const auto left = std::chrono::ceil<milliseconds>(limit - Clock::now()).count();
    ::poll(sources.data(), sources.size(), static_cast<int>(std::max<milliseconds::rep>(left, 0)));
  }

  void read_signals() {
    signalfd_siginfo signal{};
    while (::read(signals_.get(), &signal, sizeof signal) == sizeof signal) {
      if (signal.ssi_signo == SIGHUP)
        reread();
      else
        stopped_ = true;
    }
  }

  /// A file that cannot be read leaves everything as it is.
  void reread() {
    try {
      recorder_.change(read_model(places_.model));
    } catch (const std::exception& error) {
      fmt::print(stderr, "{}: {}\n", places_.model.string(), error.what());
    }
  }

  void read_events() {
    const auto events = events_.receive();
    const auto packets = denied_.receive();
    const auto time = now();
    for (const auto& event : events) take(event, time);
    for (const auto& packet : packets) recorder_.deny(packet, time);
    if (events_.take_lost()) {
      say("flows came and went faster than they could be recorded; those that are there now are found, others are lost");
      recorder_.catch_up(events_.all(), time);
    }
    if (denied_.take_lost()) say("packets were denied faster than they could be recorded; some are lost");
  }

  void take(const netns::FlowEvent& event, FlowTime time) {
    using Kind = netns::FlowEvent::Kind;
    if (event.kind == Kind::Began) return recorder_.begin(event.flow, time);
    if (event.kind == Kind::Gone) return recorder_.end(event.flow, time);
    if (!recorder_.knows(event.flow)) return;
    if (const auto flow = events_.find(event.flow)) recorder_.end(*flow, time);  // else it is gone, which is told yet
  }

  void go_on() {
    const auto time = now();
    for (const auto& due : recorder_.due(time))
      if (const auto flow = events_.find(due)) recorder_.go_on(*flow, time);
  }

  /// A full disk is no reason to end: what is recorded from then on may find room.
  void write() {
    writes_at_ = Clock::time_point::max();
    const auto entries = recorder_.take();
    if (entries.empty()) return;
    try {
      append_records(places_.records, flow_records(recorder_.model(), entries, now()));
    } catch (const std::exception& error) {
      say(error.what());
    }
  }

  static void say(std::string_view what) {
    fmt::print(stderr, "{}\n", what);
    std::fflush(stderr);
  }

  CollectorPlaces places_;
  netns::UniqueFd signals_;
  FlowRecorder recorder_;
  netns::FlowEvents events_;
  netns::PacketLog denied_;
  Clock::time_point writes_at_ = Clock::time_point::max();
  bool stopped_ = false;
};

}  // namespace

void run_flow_log_collector(const CollectorPlaces& places) { Collector(places).run(); }

}  // namespace emu
