// SPDX-License-Identifier: Apache-2.0
// emu/services/http_request.hpp — an HTTP/1.1 request, and who reads one out of the bytes of a connection.
//
// Strict: what two readers could understand in two ways is refused (RFC 9112), so nobody can smuggle a request inside another one. Bounded:
// a reader never keeps more than its limits, however much comes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace emu {

struct HttpRequest {
  std::string method;
  std::string path;    ///< of the target: what is behind `?` is cut off, and `%41` is a letter
  std::string fields;  ///< `Name:value` and a newline each
  std::string body;
  int minor_version = 1;
  bool keeps_connection = true;  ///< whether the client wants another request on this connection

  /// Of every field of this name, in whatever case, without the blanks around it.
  std::vector<std::string_view> values_of(std::string_view name) const;
};

struct HttpLimits {
  std::size_t head = std::size_t{16} * 1024;  ///< bytes of the request line and the fields, and of a body's trailers with them
  std::size_t body = 1U << 20U;               ///< bytes
};

/// Reads one request after the other. What comes in one piece or byte by byte is read alike.
class HttpRequestReader {
 public:
  explicit HttpRequestReader(HttpLimits limits) : limits_(limits) {}

  /// Takes what belongs to the request. @return how many bytes: fewer than there are when the request ends before or is refused
  std::size_t take(std::string_view bytes);

  bool has_begun() const { return head_bytes_ > 0; }
  bool is_complete() const { return state_ == State::Complete; }
  /// The status that the request is to be answered by, whatever comes after; 0 when nothing is wrong. No request can be read after that.
  int refusal() const { return refusal_; }
  /// Whether a body is next that the client sends only when it is told to. True once.
  bool take_expects_continue();
  bool reads_body() const { return state_ == State::Body || state_ == State::ChunkData; }
  /// The request, which is complete; the next one can be read then.
  HttpRequest take_request();
  /// Bytes of memory that what was read takes.
  std::size_t held() const;

 private:
  enum class State { RequestLine, Fields, Body, ChunkSize, ChunkData, ChunkEnd, Trailers, Complete, Refused };

  std::size_t take_line(std::string_view bytes);
  std::size_t take_body(std::string_view bytes);
  void read_line(std::string_view line);
  void read_request_line(std::string_view line);
  void read_target(std::string_view target);
  void read_field(std::string_view line);
  void read_chunk_size(std::string_view line);
  void end_head();
  void read_length();
  void refuse(int status);

  HttpLimits limits_;
  State state_ = State::RequestLine;
  int refusal_ = 0;
  bool expects_continue_ = false;
  std::size_t head_bytes_ = 0;
  std::size_t left_ = 0;  ///< bytes of the body or the chunk that are still to come
  std::string line_;      ///< the beginning of one
  HttpRequest request_;
};

/// Whether they are the same but for the case of ASCII letters.
bool same_word(std::string_view a, std::string_view b);

}  // namespace emu
