// SPDX-License-Identifier: Apache-2.0
#include "emu/verify/byte_stream.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <new>
#include <utility>

#include "netns/base/address.hpp"

namespace emu {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

class PlainStream : public ByteStream {
 public:
  explicit PlainStream(const netns::UniqueFd& connection) : connection_(connection) {}

  bool send(std::string_view bytes, Time end) override {
    while (!bytes.empty()) {
      const auto sent = ::send(connection_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent >= 0) {
        bytes.remove_prefix(static_cast<std::size_t>(sent));
      } else if (errno != EAGAIN || !wait_for(POLLOUT, end)) {
        return false;
      }
    }
    return true;
  }

  bool receive(std::string& text, Time end) override {
    if (!wait_for(POLLIN, end)) return false;
    std::array<char, 4096> part{};
    const auto received = ::recv(connection_.get(), part.data(), part.size(), 0);
    if (received > 0) text.append(part.data(), static_cast<std::size_t>(received));
    return received > 0;
  }

 private:
  /// False when `end` came first.
  bool wait_for(short what, Time end) const {
    const auto wait = std::chrono::ceil<milliseconds>(end - steady_clock::now());
    pollfd ready{connection_.get(), what, 0};
    return ::poll(&ready, 1, static_cast<int>(std::max(wait, milliseconds{0}).count())) > 0;
  }

  const netns::UniqueFd& connection_;
};

/// The library works on memory, so that all waiting and sending is ours: it would wait without a limit, and die of SIGPIPE.
class TlsStream : public ByteStream {
 public:
  TlsStream(const netns::UniqueFd& connection, const std::string& host)
      : below_(connection), context_(::SSL_CTX_new(::TLS_client_method())), tls_(::SSL_new(context_.get())) {
    auto* from_server = ::BIO_new(::BIO_s_mem());
    auto* to_server = ::BIO_new(::BIO_s_mem());
    if (!tls_ || from_server == nullptr || to_server == nullptr) throw std::bad_alloc();
    ::SSL_set_bio(tls_.get(), from_server, to_server);  // they are its own now
    ::SSL_set_verify(tls_.get(), SSL_VERIFY_NONE, nullptr);
    if (netns::Ipv4Address::parse(host)) return;
    std::string name = host;
    ::SSL_ctrl(tls_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
  }

  bool connect(Time end) {
    return until_done([&] { return ::SSL_connect(tls_.get()); }, end) > 0;
  }

  bool send(std::string_view bytes, Time end) override {
    return until_done([&] { return ::SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size())); }, end) > 0;
  }

  bool receive(std::string& text, Time end) override {
    std::array<char, 4096> part{};
    const int received = until_done([&] { return ::SSL_read(tls_.get(), part.data(), static_cast<int>(part.size())); }, end);
    if (received > 0) text.append(part.data(), static_cast<std::size_t>(received));
    return received > 0;
  }

 private:
  struct Frees {
    void operator()(SSL_CTX* context) const { ::SSL_CTX_free(context); }
    void operator()(SSL* tls) const { ::SSL_free(tls); }
  };

  /// Carries bytes both ways until `step` is through. @return what it returned; not positive when it cannot go on
  template <typename Step>
  int until_done(Step step, Time end) {
    while (true) {
      ::ERR_clear_error();  // SSL_get_error looks at what this thread's errors are
      const int done = step();
      if (!send_pending(end)) return -1;
      if (done > 0 || ::SSL_get_error(tls_.get(), done) != SSL_ERROR_WANT_READ) return done;
      std::string bytes;
      if (!below_.receive(bytes, end)) return -1;
      ::BIO_write(::SSL_get_rbio(tls_.get()), bytes.data(), static_cast<int>(bytes.size()));
    }
  }

  bool send_pending(Time end) {
    std::array<char, 4096> part{};
    int size = 0;
    while ((size = ::BIO_read(::SSL_get_wbio(tls_.get()), part.data(), static_cast<int>(part.size()))) > 0)
      if (!below_.send({part.data(), static_cast<std::size_t>(size)}, end)) return false;
    return true;
  }

  PlainStream below_;
  std::unique_ptr<SSL_CTX, Frees> context_;
  std::unique_ptr<SSL, Frees> tls_;
};

}  // namespace

std::unique_ptr<ByteStream> plain_stream(const netns::UniqueFd& connection) { return std::make_unique<PlainStream>(connection); }

std::unique_ptr<ByteStream> tls_stream(const netns::UniqueFd& connection, const std::string& host, ByteStream::Time end) {
  auto stream = std::make_unique<TlsStream>(connection, host);
  if (!stream->connect(end)) return nullptr;
  return stream;
}

}  // namespace emu
