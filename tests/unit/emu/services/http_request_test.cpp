// SPDX-License-Identifier: Apache-2.0
#include "emu/services/http_request.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <optional>

namespace emu {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr HttpLimits kLimits{1024, 100};

/// What comes of `text`: `METHOD path body`, with ` closes` where the client wants no more; a status; or nothing, when more is to come.
std::string outcome(std::string_view text, std::size_t piece) {
  HttpRequestReader reader(kLimits);
  while (!text.empty() && !reader.is_complete() && reader.refusal() == 0) {
    const auto part = text.substr(0, piece);
    const auto taken = reader.take(part);
    if (taken < part.size() && !reader.is_complete() && reader.refusal() == 0) return "took too little";
    text.remove_prefix(taken);
  }
  if (reader.refusal() != 0) return std::to_string(reader.refusal());
  if (!reader.is_complete()) return {};
  const auto request = reader.take_request();
  return fmt::format("{} {} {}{}", request.method, request.path, request.body, request.keeps_connection ? "" : " closes") +
         (text.empty() ? "" : fmt::format(" and {} more", text.size()));
}

struct Case {
  std::string_view text;
  std::string_view outcome;
};

class HttpRequestCase : public testing::TestWithParam<Case> {};

// In one piece, by the byte, and in pieces that end anywhere: always the same.
TEST_P(HttpRequestCase, IsReadTheSameInPiecesOfAnySize) {
  for (const std::size_t piece : {std::size_t{100'000}, std::size_t{1}, std::size_t{2}, std::size_t{7}}) {
    auto read = outcome(GetParam().text, piece);
    read = read.substr(0, read.find(" and "));
    EXPECT_EQ(read, GetParam().outcome) << "in pieces of " << piece << ": " << GetParam().text;
  }
}

#define HOST "Host: a\r\n"
INSTANTIATE_TEST_SUITE_P(
    Requests, HttpRequestCase,
    testing::Values(
        // Plain ones.
        Case{"GET / HTTP/1.1\r\n" HOST "\r\n", "GET / "}, Case{"\r\nGET / HTTP/1.1\r\n" HOST "\r\n", "GET / "},
        Case{"GET / HTTP/1.0\r\n\r\n", "GET /  closes"}, Case{"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", "GET / "},
        Case{"GET / HTTP/1.1\r\n" HOST "Connection: x, Close\r\n\r\n", "GET /  closes"},
        Case{"GET / HTTP/1.1\r\n" HOST "Connection: x\r\nconnection: close\r\n\r\n", "GET /  closes"},
        Case{"GET /a%20b?c=%zz HTTP/1.1\r\n" HOST "\r\n", "GET /a b "}, Case{"GET http://a/b HTTP/1.1\r\n" HOST "\r\n", "GET /b "},
        Case{"GET HTTP://a?b HTTP/1.1\r\n" HOST "\r\n", "GET / "}, Case{"OPTIONS * HTTP/1.1\r\n" HOST "\r\n", "OPTIONS * "},
        Case{"BREW / HTTP/1.1\r\n" HOST "\r\n", "BREW / "}, Case{"GET / HTTP/1.1\r\nHost:\r\nX:\xc3\xa4\tb\r\n\r\n", "GET / "},
        Case{"GET / HTTP/1.1\r\n" HOST, ""}, Case{"GET / HT", ""},
        // Bodies.
        Case{"PUT /x HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhello", "PUT /x hello"},
        Case{"PUT /x HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n", "PUT /x "},
        Case{"PUT /x HTTP/1.1\r\n" HOST "Content-Length: 0005\r\n\r\nhello", "PUT /x hello"},
        Case{"PUT /x HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhell", ""},
        Case{"PUT /x HTTP/1.1\r\n" HOST "Transfer-Encoding: Chunked\r\n\r\n2\r\nhe\r\n3;a=b\r\nllo\r\n0\r\nX: y\r\n\r\n", "PUT /x hello"},
        Case{"PUT /x HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n00a \t;x\r\n0123456789\r\n000\r\n\r\n", "PUT /x 0123456789"},
        // Request lines that are none.
        Case{"GET /\r\n\r\n", "400"}, Case{"GET  / HTTP/1.1\r\n", "400"}, Case{"GET / HTTP/1.1 \r\n", "400"},
        Case{" GET / HTTP/1.1\r\n", "400"}, Case{"GET / x HTTP/1.1\r\n", "400"}, Case{"GET\t/ HTTP/1.1\r\n", "400"},
        Case{"G(T / HTTP/1.1\r\n", "400"}, Case{"GET x HTTP/1.1\r\n", "400"}, Case{"GET * HTTP/1.1\r\n", "400"},
        Case{"GET /#a HTTP/1.1\r\n", "400"}, Case{"GET /%4 HTTP/1.1\r\n", "400"}, Case{"GET /%-1 HTTP/1.1\r\n", "400"},
        Case{"GET /\x01 HTTP/1.1\r\n", "400"}, Case{"GET / http/1.1\r\n", "400"}, Case{"GET / HTTP/1.x\r\n", "400"},
        Case{"GET / HTTP/11\r\n", "400"}, Case{"GET / HTTP/2.0\r\n", "505"}, Case{"PRI * HTTP/2.0\r\n", "505"},
        Case{"GET / HTTP/1.1\n", "400"}, Case{"\r\n\r\nGET / HTTP/1.1\r\n", "400"}, Case{"\x16\x03\x01\n", "400"},
        // Fields that are none.
        Case{"GET / HTTP/1.1\r\nHost : a\r\n", "400"}, Case{"GET / HTTP/1.1\r\n" HOST " folded\r\n", "400"},
        Case{"GET / HTTP/1.1\r\n" HOST "\tfolded: x\r\n", "400"}, Case{"GET / HTTP/1.1\r\nno colon\r\n", "400"},
        Case{"GET / HTTP/1.1\r\n: x\r\n", "400"}, Case{"GET / HTTP/1.1\r\nX: a\rb\r\n", "400"},
        Case{"GET / HTTP/1.1\r\nHost: a\n\n", "400"}, Case{"GET / HTTP/1.1\r\nHost: a\r\n\n", "400"},
        Case{std::string_view("GET / HTTP/1.1\r\nX: a\0b\r\n", 25), "400"}, Case{"GET / HTTP/1.1\r\n\r\n", "400"},
        Case{"GET / HTTP/1.1\r\n" HOST HOST "\r\n", "400"}, Case{"GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", "400"},
        Case{"GET / HTTP/1.1\r\n" HOST "Expect: the-impossible\r\n\r\n", "417"},
        // Where a body ends in two ways, or in none.
        Case{"POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"},
        Case{"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", "400"},
        Case{"POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\nContent-Length: 6\r\n\r\n", "400"},
        Case{"POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\ncontent-length: 5\r\n\r\n", "400"},
        Case{"POST / HTTP/1.1\r\n" HOST "Content-Length: 5, 5\r\n\r\n", "400"},
        Case{"POST / HTTP/1.1\r\n" HOST "Content-Length: +5\r\n\r\n", "400"},
        Case{"POST / HTTP/1.1\r\n" HOST "Content-Length: -1\r\n\r\n", "400"},
        Case{"POST / HTTP/1.1\r\n" HOST "Content-Length: 0x5\r\n\r\n", "400"},
        Case{"POST / HTTP/1.1\r\n" HOST "Content-Length:\r\n\r\n", "400"},
        Case{"POST / HTTP/1.1\r\n" HOST "Content-Length: 5 5\r\n\r\n", "400"},
        Case{"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", "400"},
        Case{"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: identity\r\n\r\n", "400"},
        Case{"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding:\r\n\r\n", "400"},
        Case{"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: xchunked\r\n\r\n", "400"},
        Case{"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked, identity\r\n\r\n", "400"},
        Case{"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", "400"},
        Case{"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip, chunked\r\n\r\n", "501"},
        // Chunks that are none.
        Case{"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\nx\r\n", "400"},
        Case{"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n\r\n", "400"},
        Case{"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n-1\r\n", "400"},
        Case{"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0x1\r\n", "400"},
        Case{"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n 1\r\n", "400"},
        Case{"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n1 \r\n", "400"},
        Case{"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n1 x\r\n", "400"},
        Case{"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n1\na\r\n", "400"},
        Case{"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", "400"},
        Case{"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n1\r\na\n0\r\n", "400"},
        Case{"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n folded\r\n", "400"},
        // Too much.
        Case{"POST / HTTP/1.1\r\n" HOST "Content-Length: 101\r\n\r\n", "413"},
        Case{"POST / HTTP/1.1\r\n" HOST "Content-Length: 99999999999999999999999999\r\n\r\n", "413"},
        Case{"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n65\r\n", "413"},
        Case{"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n", "413"}));
#undef HOST

TEST(HttpRequestReader, NeverKeepsMoreThanItsLimits) {
  const std::string much(100'000, 'x');
  EXPECT_EQ(outcome("GET /" + much, 10), "414");
  EXPECT_EQ(outcome(much, 10), "414");
  EXPECT_EQ(outcome("GET / HTTP/1.1\r\nX: " + much, 10), "431");
  std::string fields = "GET / HTTP/1.1\r\n";
  for (int i = 0; i < 1000; ++i) fields += "a:\r\n";
  EXPECT_EQ(outcome(fields, 10), "431");
  std::string chunked = "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(outcome(chunked + "1;" + much, 10), "400");
  std::string trailers = chunked + "0\r\n";
  for (int i = 0; i < 1000; ++i) trailers += "a:\r\n";
  EXPECT_EQ(outcome(trailers, 10), "431");
  for (int i = 0; i < 100; ++i) chunked += "1\r\na\r\n";
  EXPECT_EQ(outcome(chunked + "1\r\na\r\n", 10), "413");
  EXPECT_EQ(outcome(chunked + "0\r\n\r\n", 10), "PUT / " + std::string(100, 'a')) << "but for its chunks' lines it is within them";

  HttpRequestReader reader({});
  for (int i = 0; i < 100; ++i) reader.take(much);
  EXPECT_LT(reader.held(), 3 * HttpLimits{}.head);
}

TEST(HttpRequestReader, TakesNoMoreThanOneRequest) {
  EXPECT_EQ(outcome("GET /1 HTTP/1.0\r\n\r\nGET /2 HTTP/1.0\r\n\r\n", 1000), "GET /1  closes and 19 more");
  HttpRequestReader reader({});
  const std::string_view two = "PUT /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nxGET /2 HTTP/1.1\r\nHost: b\r\n\r\n";
  const auto taken = reader.take(two);
  ASSERT_TRUE(reader.is_complete());
  EXPECT_EQ(reader.take_request().body, "x");
  EXPECT_FALSE(reader.has_begun());
  EXPECT_EQ(reader.take(two.substr(taken)), two.size() - taken);
  const auto second = reader.take_request();
  EXPECT_EQ(second.path, "/2");
  EXPECT_EQ(second.body, "");
  EXPECT_THAT(second.values_of("host"), ElementsAre("b"));
}

TEST(HttpRequestReader, FindsFieldsInAnyCase) {
  HttpRequestReader reader({});
  reader.take("GET / HTTP/1.1\r\nhOST:a\r\nAccept:  x, y \r\naccept: z\r\nAccept-Encoding: br\r\n\r\n");
  const auto request = reader.take_request();
  EXPECT_THAT(request.values_of("ACCEPT"), ElementsAre("x, y", "z"));
  EXPECT_THAT(request.values_of("Accep"), IsEmpty());
}

TEST(HttpRequestReader, TellsOnceThatTheClientWaitsForLeaveToSendABody) {
  HttpRequestReader reader(kLimits);
  reader.take("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-Continue\r\n\r\n");
  EXPECT_TRUE(reader.take_expects_continue());
  EXPECT_FALSE(reader.take_expects_continue());
  reader.take("ab");
  EXPECT_EQ(reader.take_request().body, "ab");
  reader.take("GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_FALSE(reader.take_expects_continue()) << "no body comes";
}

}  // namespace
}  // namespace emu
