// SPDX-License-Identifier: Apache-2.0
#include "emu/services/http_request.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <system_error>
#include <utility>

namespace emu {
namespace {

constexpr int kBadRequest = 400;
constexpr int kTooLarge = 413;
constexpr int kTargetTooLong = 414;
constexpr int kCannotExpect = 417;
constexpr int kFieldsTooLarge = 431;
constexpr int kNotImplemented = 501;
constexpr int kWrongVersion = 505;

constexpr std::string_view kBlanks = " \t";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// RFC 9110, 5.6.2.
bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() &&
         std::ranges::all_of(text, [&](char c) { return is_digit(c) || is_letter(c) || kMarks.find(c) != std::string_view::npos; });
}

bool is_control(char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(kBlanks);
  return first == std::string_view::npos ? std::string_view{} : text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

/// The elements of a list that commas part (RFC 9110, 5.6.1), in one field or in several.
std::vector<std::string_view> elements_of(const std::vector<std::string_view>& values) {
  std::vector<std::string_view> elements;
  for (auto rest : values) {
    while (!rest.empty()) {
      const auto end = std::min(rest.find(','), rest.size());
      if (const auto element = trimmed(rest.substr(0, end)); !element.empty()) elements.push_back(element);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return elements;
}

bool names(const std::vector<std::string_view>& elements, std::string_view word) {
  return std::ranges::any_of(elements, [&](auto element) { return same_word(element, word); });
}

/// `text` as a number of this base, all of it; the largest number there is when it is larger.
std::optional<std::size_t> number(std::string_view text, int base) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (end != text.data() + text.size() || error == std::errc::invalid_argument) return std::nullopt;
  return error == std::errc::result_out_of_range ? SIZE_MAX : value;
}

/// With `%41` as the letter it stands for; nothing when a `%` stands for none.
std::optional<std::string> decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const auto code = i + 2 < text.size() ? number(text.substr(i + 1, 2), 16) : std::nullopt;
    if (!code) return std::nullopt;
    out += static_cast<char>(*code);
    i += 2;
  }
  return out;
}

}  // namespace

bool same_word(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::vector<std::string_view> HttpRequest::values_of(std::string_view name) const {
  std::vector<std::string_view> values;
  std::string_view rest = fields;
  while (!rest.empty()) {
    const auto line = rest.substr(0, rest.find('\n'));
    const auto colon = line.find(':');
    if (same_word(line.substr(0, colon), name)) values.push_back(trimmed(line.substr(colon + 1)));
    rest.remove_prefix(line.size() + 1);
  }
  return values;
}

std::size_t HttpRequestReader::take(std::string_view bytes) {
  std::size_t taken = 0;
  while (taken < bytes.size() && state_ != State::Complete && state_ != State::Refused) {
    const auto rest = bytes.substr(taken);
    taken += reads_body() ? take_body(rest) : take_line(rest);
  }
  return taken;
}

std::size_t HttpRequestReader::take_line(std::string_view bytes) {
  constexpr std::size_t kLongestChunkLine = 256;
  constexpr std::string_view kLineEnd = "\r\n";
  const auto end = bytes.find('\n');
  const auto count = end == std::string_view::npos ? bytes.size() : end + 1;
  if (state_ == State::ChunkSize || state_ == State::ChunkEnd) {  // as many as it likes
    if (line_.size() + count > kLongestChunkLine) refuse(kBadRequest);
  } else {
    head_bytes_ += count;
    if (head_bytes_ > limits_.head) refuse(state_ == State::RequestLine ? kTargetTooLong : kFieldsTooLarge);
  }
  if (state_ == State::Refused) return count;
  line_.append(bytes.substr(0, count));
  if (end == std::string_view::npos) return count;
  // Neither half of a line's end stands alone (RFC 9112, 2.2).
  if (!line_.ends_with(kLineEnd) || line_.find('\r') != line_.size() - kLineEnd.size()) {
    refuse(kBadRequest);
    return count;
  }
  const auto line = std::move(line_);
  line_.clear();
  read_line(std::string_view(line).substr(0, line.size() - kLineEnd.size()));
  return count;
}

std::size_t HttpRequestReader::take_body(std::string_view bytes) {
  const auto count = std::min(bytes.size(), left_);
  request_.body.append(bytes.substr(0, count));
  left_ -= count;
  if (left_ == 0) state_ = state_ == State::Body ? State::Complete : State::ChunkEnd;
  return count;
}

void HttpRequestReader::read_line(std::string_view line) {
  switch (state_) {
    case State::RequestLine:
      // One empty line before a request is no mistake (RFC 9112, 2.2).
      if (!line.empty() || head_bytes_ > 2) read_request_line(line);
      return;
    case State::Fields:
      if (line.empty()) return end_head();
      return read_field(line);
    case State::ChunkSize: return read_chunk_size(line);
    case State::ChunkEnd:
      if (!line.empty()) return refuse(kBadRequest);
      state_ = State::ChunkSize;
      return;
    case State::Trailers:
      if (line.empty())
        state_ = State::Complete;
      else
        read_field(line);
      return;
    default: return;
  }
}

void HttpRequestReader::read_request_line(std::string_view line) {
  constexpr std::string_view kVersion = "HTTP/1.";
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == last || !is_token(line.substr(0, first))) return refuse(kBadRequest);
  const auto version = line.substr(last + 1);
  if (version.size() != kVersion.size() + 1 || !version.starts_with("HTTP/") || !is_digit(version[5]) || version[6] != '.' ||
      !is_digit(version.back()))
    return refuse(kBadRequest);
  if (!version.starts_with(kVersion)) return refuse(kWrongVersion);
  request_.minor_version = version.back() - '0';
  request_.method = line.substr(0, first);
  read_target(line.substr(first + 1, last - first - 1));
}

/// RFC 9112, 3.2: a path, a whole address as one asks a proxy, or a star for the whole server.
void HttpRequestReader::read_target(std::string_view target) {
  constexpr std::string_view kScheme = "http://";
  const auto is_wrong = [](char c) { return is_control(c) || c == ' ' || c == '#' || static_cast<unsigned char>(c) >= 0x80; };
  if (target.empty() || std::ranges::any_of(target, is_wrong)) return refuse(kBadRequest);
  if (same_word(target.substr(0, kScheme.size()), kScheme)) {
    target.remove_prefix(std::min(target.find_first_of("/?", kScheme.size()), target.size()));
    if (!target.starts_with('/')) request_.path = '/';
  } else if (!target.starts_with('/') && !(target == "*" && request_.method == "OPTIONS")) {
    return refuse(kBadRequest);
  }
  const auto path = decoded(target.substr(0, target.find('?')));
  if (!path) return refuse(kBadRequest);
  request_.path += *path;
  state_ = State::Fields;
}

void HttpRequestReader::read_field(std::string_view line) {
  const auto colon = line.find(':');
  const auto is_wrong = [](char c) { return is_control(c) && c != '\t'; };
  // A line that begins with a blank, which once went on with the one before, has no name either.
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon)) || std::ranges::any_of(line.substr(colon), is_wrong))
    return refuse(kBadRequest);
  if (state_ == State::Fields) request_.fields.append(line).append("\n");
}

void HttpRequestReader::end_head() {
  const auto hosts = request_.values_of("Host");
  if (hosts.size() > 1 || (hosts.empty() && request_.minor_version > 0)) return refuse(kBadRequest);
  if (!hosts.empty() && hosts.front().find_first_of(" \t,/@") != std::string_view::npos) return refuse(kBadRequest);
  const auto connection = elements_of(request_.values_of("Connection"));
  request_.keeps_connection = !names(connection, "close") && (request_.minor_version > 0 || names(connection, "keep-alive"));
  read_length();
  const auto expected = request_.values_of("Expect");
  if (expected.empty() || state_ == State::Refused || request_.minor_version == 0) return;
  if (!same_word(expected.front(), "100-continue")) return refuse(kCannotExpect);
  expects_continue_ = state_ != State::Complete;
}

/// RFC 9112, 6.3. Two lengths, even if they are the same, are one too many.
void HttpRequestReader::read_length() {
  const auto lengths = request_.values_of("Content-Length");
  const auto fields = request_.values_of("Transfer-Encoding");
  if (!fields.empty()) {
    auto codings = elements_of(fields);
    if (!lengths.empty() || request_.minor_version == 0 || codings.empty() || !same_word(codings.back(), "chunked"))
      return refuse(kBadRequest);
    codings.pop_back();
    if (!codings.empty()) return refuse(names(codings, "chunked") ? kBadRequest : kNotImplemented);
    state_ = State::ChunkSize;
    return;
  }
  state_ = State::Complete;
  if (lengths.empty()) return;
  if (lengths.size() > 1 || lengths.front().empty() || !std::ranges::all_of(lengths.front(), is_digit)) return refuse(kBadRequest);
  left_ = number(lengths.front(), 10).value_or(0);
  if (left_ > limits_.body) return refuse(kTooLarge);
  if (left_ > 0) state_ = State::Body;
}

void HttpRequestReader::read_chunk_size(std::string_view line) {
  const auto digits = line.substr(0, line.find_first_of("; \t"));
  const auto extension = trimmed(line.substr(digits.size()));
  const auto size = number(digits, 16);
  if (!size || (!extension.empty() && !extension.starts_with(';')) || std::ranges::any_of(extension, is_control))
    return refuse(kBadRequest);
  if (extension.empty() && digits.size() != line.size()) return refuse(kBadRequest);
  if (*size > limits_.body - request_.body.size()) return refuse(kTooLarge);
  left_ = *size;
  state_ = left_ == 0 ? State::Trailers : State::ChunkData;
}

bool HttpRequestReader::take_expects_continue() { return std::exchange(expects_continue_, false); }

HttpRequest HttpRequestReader::take_request() {
  auto request = std::move(request_);
  *this = HttpRequestReader(limits_);
  return request;
}

std::size_t HttpRequestReader::held() const {
  return line_.capacity() + request_.method.capacity() + request_.path.capacity() + request_.fields.capacity() + request_.body.capacity();
}

void HttpRequestReader::refuse(int status) {
  state_ = State::Refused;
  refusal_ = status;
}

}  // namespace emu
