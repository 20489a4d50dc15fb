// SPDX-License-Identifier: Apache-2.0
#include "tests/pages/likeness.hpp"

#include <regex>
#include <utility>

namespace test {
namespace {

/// What differs each time, and the word in its place. The first ones go first.
const std::vector<std::pair<std::regex, std::string>>& variable_things() {
  static const std::vector<std::pair<std::regex, std::string>> things = [] {
    const std::vector<std::pair<const char*, const char*>> patterns{
        {R"(\b\d{4}-\d\d-\d\dT[0-9:.]+Z)", "TIME"},
        {R"(\b\d\d:\d\d:\d\d\.\d+)", "TIME"},
        {R"(= \d+\.\d+/[0-9./]+ ms)", "= TIMES"},
        {R"(\b\d+(\.\d+)? ?(s|ms)\b)", "TIME"},
        {R"(\b((\d{1,3}\.){3}\d{1,3}[.:])[3-6]\d{4}\b)", "$1PORT"},
        {R"(\b[0-9a-f]{2}(:[0-9a-f]{2}){5}\b)", "HARDWARE"},
        {R"(\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b)", "UUID"},
        {R"(\b(spi|seq)=0x[0-9a-f]+)", "$1=NUMBER"},
        {R"(\b(seq|ack) \d{4,})", "$1 NUMBER"},
        {R"(packets \d+ bytes \d+)", "packets COUNT bytes COUNT"},
        {R"((Connected +)\d+( +)\d+$)", "$1COUNT$2COUNT"},
        {R"((BytesTransferred": )\d+)", "$1COUNT"},
        {R"((^| )\d+/\d+( |$))", "$1COUNT/COUNT$2"},
        {R"((^| )\d+/\d+( |$))", "$1COUNT/COUNT$2"},  // the next one, which shared its space with the one before
        {R"(\bid \d+)", "id NUMBER"},
        {R"(@if\d+\b)", "@ifNUMBER"},
        {R"(([^ ]) {2,})", "$1 "},
        {R"( +$)", ""},
    };
    std::vector<std::pair<std::regex, std::string>> compiled;
    for (const auto& [pattern, word] : patterns) compiled.emplace_back(std::regex{pattern, std::regex::optimize}, word);
    return compiled;
  }();
  return things;
}

/// `…` in `pattern` stands for any text.
bool fits(std::string_view pattern, std::string_view text) {
  const auto at = pattern.find(kAnything);
  if (at == std::string_view::npos) return pattern == text;
  if (!text.starts_with(pattern.substr(0, at))) return false;
  const auto rest = pattern.substr(at + kAnything.size());
  for (auto from = at; from <= text.size(); ++from)
    if (fits(rest, text.substr(from))) return true;
  return false;
}

std::vector<std::string> trimmed(std::vector<std::string> lines) {
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  while (!lines.empty() && lines.front().empty()) lines.erase(lines.begin());
  return lines;
}

}  // namespace

bool stands_for_lines(std::string_view line) {
  const auto begin = line.find_first_not_of(' ');
  return begin != std::string_view::npos && line.substr(begin) == kAnything;
}

std::string plain(const std::string& line) {
  auto text = line;
  for (const auto& [pattern, word] : variable_things()) text = std::regex_replace(text, pattern, word);
  return text;
}

bool line_matches(const std::string& shown, const std::string& printed) { return fits(plain(shown), plain(printed)); }

bool matches(const std::vector<std::string>& shown, const std::vector<std::string>& printed) {
  const auto wanted = trimmed(shown);
  const auto got = trimmed(printed);
  // reached[j]: the lines of the page so far stand for the first j lines of the output.
  std::vector<char> reached(got.size() + 1, 0);
  reached[0] = 1;
  for (const auto& line : wanted) {
    std::vector<char> next(got.size() + 1, 0);
    for (std::size_t j = 0; j <= got.size(); ++j) {
      if (stands_for_lines(line))
        next[j] = reached[j] != 0 || (j > 0 && next[j - 1] != 0);
      else if (j > 0 && reached[j - 1] != 0)
        next[j] = line_matches(line, got[j - 1]);
    }
    reached = std::move(next);
  }
  return reached.back() != 0;
}

}  // namespace test
