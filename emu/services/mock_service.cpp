// SPDX-License-Identifier: Apache-2.0
#include "emu/services/mock_service.hpp"

#include <fmt/format.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <system_error>
#include <unordered_map>

#include "emu/services/http_server.hpp"
#include "emu/services/service_answers.hpp"
#include "emu/services/service_sockets.hpp"
#include "netns/process/rights.hpp"

namespace emu {
namespace {

using netns::UniqueFd;

UniqueFd open_signal_descriptor(int number) {
  sigset_t told{};
  sigemptyset(&told);
  sigaddset(&told, number);
  pthread_sigmask(SIG_BLOCK, &told, nullptr);
  UniqueFd signals{::signalfd(-1, &told, SFD_CLOEXEC | SFD_NONBLOCK)};
  const int error = errno;
  if (!signals) throw std::system_error(error, std::generic_category(), "open a signal descriptor");
  return signals;
}

/// The configuration, with what every request asks it for.
class Directory {
 public:
  explicit Directory(ServiceConfiguration configuration) : configuration_(std::move(configuration)) {
    for (const auto& link : configuration_.links) links_.emplace(link.device, &link);
    for (const auto& service : configuration_.services) services_.emplace(service.address.value, &service);
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  const ServiceConfiguration& configuration() const { return configuration_; }
  /// Nobody when no such caller can ask such a service.
  std::optional<Caller> caller(const HttpPeer& peer) const {
    const auto link = links_.find(peer.device);
    if (link == links_.end() || std::ranges::find(link->second->services, peer.local) == link->second->services.end()) return std::nullopt;
    return caller_on(*link->second, peer.remote);
  }
  const ServedService* service(const HttpPeer& peer) const {
    const auto found = services_.find(peer.local.value);
    return found == services_.end() ? nullptr : found->second;
  }

 private:
  ServiceConfiguration configuration_;
  std::unordered_map<std::string, const ServiceLink*> links_;
  std::unordered_map<std::uint32_t, const ServedService*> services_;
};

class MockService {
 public:
  explicit MockService(std::filesystem::path file) : file_(std::move(file)), signals_(open_signal_descriptor(SIGHUP)) {
    server_.watch(signals_.get(), [this] {
      signalfd_siginfo ignored{};
      while (::read(signals_.get(), &ignored, sizeof ignored) > 0) {
      }
      reload();
    });
    reload();
  }

  [[noreturn]] void run() { server_.run(); }

 private:
  HttpResponse answer(HttpRequest& request, const HttpPeer& peer) {
    constexpr int kNotFound = 404;
    const auto caller = directory_->caller(peer);
    const auto* service = directory_->service(peer);
    if (!caller || service == nullptr) return plain_response(kNotFound);
    return emu::answer(directory_->configuration(), *service, *caller, blobs_, request);
  }

  /// A file that cannot be read leaves everything as it is.
  void reload() {
    const auto before = directory_;
    try {
      std::ifstream file{file_, std::ios::binary};
      const std::string text{std::istreambuf_iterator<char>{file}, {}};
      directory_ = std::make_shared<const Directory>(service_configuration_from_json(text));
      sockets_.match(directory_->configuration(), server_);
    } catch (const std::exception& error) {
      fmt::print(stderr, "{}: {}\n", file_.string(), error.what());
      if (before == nullptr) throw;
    }
    // Of who would come in another way, or as somebody else, if they came now (SE-5).
    server_.reset_where([&](const HttpPeer& peer) {
      const auto caller = directory_->caller(peer);
      return !caller || caller != before->caller(peer);
    });
  }

  std::filesystem::path file_;
  UniqueFd signals_;
  std::shared_ptr<const Directory> directory_;
  Blobs blobs_;
  ServiceSockets sockets_;
  HttpServer server_{[this](HttpRequest& request, const HttpPeer& peer) { return answer(request, peer); }};
};

}  // namespace

void run_mock_service(const std::filesystem::path& configuration) {
  MockService service(configuration);
  netns::give_up_rights();
  service.run();
}

}  // namespace emu
