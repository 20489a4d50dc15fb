// SPDX-License-Identifier: Apache-2.0
#include "emu/verify/http_get.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <string>
#include <thread>

using emu::CheckKind;
using emu::parse_http_status;
using emu::parse_target;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

/// A client's end and a server's end that has said `response` already.
struct Connection {
  explicit Connection(std::string_view response) {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()), 0);
    client = netns::UniqueFd{ends[0]};
    server = netns::UniqueFd{ends[1]};
    EXPECT_EQ(::write(server.get(), response.data(), response.size()), static_cast<ssize_t>(response.size()));
  }
  std::optional<int> get(milliseconds limit) const {
    return emu::http_get(client, parse_target(CheckKind::Http, "http://vm2/").value(), steady_clock::now() + limit);
  }

  netns::UniqueFd client;
  netns::UniqueFd server;
};

}  // namespace

namespace {

/// A server with a certificate that nobody signed but itself. It answers one request with 204, and keeps what it was told to be.
class TlsServer {
 public:
  explicit TlsServer(int connection) : context_(::SSL_CTX_new(::TLS_server_method()), ::SSL_CTX_free) {
    constexpr int kBits = 2048;
    constexpr long kDay = 86400;
    const std::unique_ptr<EVP_PKEY, decltype(&::EVP_PKEY_free)> key(::EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{kBits}),
                                                                    ::EVP_PKEY_free);
    const std::unique_ptr<X509, decltype(&::X509_free)> certificate(::X509_new(), ::X509_free);
    ::X509_gmtime_adj(::X509_getm_notBefore(certificate.get()), 0);
    ::X509_gmtime_adj(::X509_getm_notAfter(certificate.get()), kDay);
    ::X509_set_pubkey(certificate.get(), key.get());
    ::X509_sign(certificate.get(), key.get(), ::EVP_sha256());
    ::SSL_CTX_use_certificate(context_.get(), certificate.get());
    ::SSL_CTX_use_PrivateKey(context_.get(), key.get());
    thread_ = std::thread([this, connection] { serve(connection); });
  }
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;
  ~TlsServer() { thread_.join(); }

  const std::string& request() const { return request_; }
  const std::string& host() const { return host_; }
  void wait() {
    thread_.join();
    thread_ = std::thread([] {});
  }

 private:
  void serve(int connection) {
    const std::unique_ptr<SSL, decltype(&::SSL_free)> tls(::SSL_new(context_.get()), ::SSL_free);
    ::SSL_set_fd(tls.get(), connection);
    if (::SSL_accept(tls.get()) != 1) return;
    if (const auto* host = ::SSL_get_servername(tls.get(), TLSEXT_NAMETYPE_host_name)) host_ = host;
    std::array<char, 1024> text{};
    if (const int size = ::SSL_read(tls.get(), text.data(), text.size()); size > 0)
      request_.assign(text.data(), static_cast<std::size_t>(size));
    constexpr std::string_view kAnswer = "HTTP/1.1 204 No Content\r\n\r\n";
    ::SSL_write(tls.get(), kAnswer.data(), static_cast<int>(kAnswer.size()));
    ::SSL_shutdown(tls.get());
  }

  std::unique_ptr<SSL_CTX, decltype(&::SSL_CTX_free)> context_;
  std::string request_;
  std::string host_;
  std::thread thread_;
};

}  // namespace

TEST(HttpGet, SpeaksTlsAndTakesAnyCertificate) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
  const netns::UniqueFd client{ends[0]};
  const netns::UniqueFd server_end{ends[1]};
  ::fcntl(client.get(), F_SETFL, O_NONBLOCK);
  TlsServer server{server_end.get()};
  const auto target = parse_target(CheckKind::Http, "https://vm2/x").value();
  EXPECT_EQ(emu::http_get(client, target, steady_clock::now() + milliseconds{10'000}), 204);
  server.wait();
  EXPECT_TRUE(server.request().starts_with("GET /x HTTP/1.1\r\nHost: vm2\r\n")) << server.request();
  EXPECT_EQ(server.host(), "vm2");
}

TEST(HttpGet, WhoDoesNotSpeakTlsHasNoStatus) {
  const Connection connection("HTTP/1.1 200 OK\r\n\r\n");
  const auto target = parse_target(CheckKind::Http, "https://vm2/").value();
  EXPECT_EQ(emu::http_get(connection.client, target, steady_clock::now() + milliseconds{1000}), std::nullopt);
}

TEST(HttpRequest, NamesTheHostAsTheUrlDoes) {
  const auto request = emu::http_request(parse_target(CheckKind::Http, "http://contosodata:8080/x?y").value());
  EXPECT_TRUE(request.starts_with("GET /x?y HTTP/1.1\r\nHost: contosodata:8080\r\n")) << request;
  EXPECT_TRUE(request.ends_with("\r\n\r\n"));
}

TEST(ParseHttpStatus, WaitsForTheWholeLine) {
  EXPECT_EQ(parse_http_status("HTTP/1.1 200"), std::nullopt);
  EXPECT_EQ(parse_http_status("HTTP/1.1 200 OK\r\n"), 200);
  EXPECT_EQ(parse_http_status("HTTP/1.0 403\r\nServer: x\r\n\r\n"), 403);
}

TEST(ParseHttpStatus, IsEmptyForOtherProtocols) {
  for (const char* text : {"", "\r\n", "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 2x0 OK\r\n", "HTTP/1.1 20\r\n", "HTTP/1.1 099 x\r\n"})
    EXPECT_EQ(parse_http_status(text), std::nullopt) << text;
}

TEST(HttpGet, ARedirectIsItsStatus) {
  EXPECT_EQ(Connection("HTTP/1.1 301 Moved Permanently\r\nLocation: http://elsewhere/\r\n\r\n").get(milliseconds{1000}), 301);
}

TEST(HttpGet, SilenceAndTheEndAreNoStatus) {
  EXPECT_EQ(Connection("").get(milliseconds{20}), std::nullopt);
  Connection closed("HTTP/1.1");
  ::shutdown(closed.server.get(), SHUT_WR);
  EXPECT_EQ(closed.get(milliseconds{1000}), std::nullopt);
}
