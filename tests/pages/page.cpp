// SPDX-License-Identifier: Apache-2.0
#include "tests/pages/page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <regex>
#include <sstream>

#include "tests/pages/likeness.hpp"

namespace test {
namespace {

constexpr std::string_view kFence = "```";

/// A code block, by the lines between its fences, and what the comment above it says.
struct Block {
  std::string kind;     ///< what stands after the opening fence
  std::string comment;  ///< of the line above it, without `<!--` and `-->`
  std::size_t begin = 0;
  std::size_t end = 0;
};

std::string comment_in(const std::string& line) {
  std::smatch found;
  return std::regex_match(line, found, std::regex{"<!-- (.*) -->"}) ? found[1].str() : std::string{};
}

bool is_prompt(const std::string& line) { return line.starts_with("$ ") || line.starts_with("# "); }

/// The word that ends the here-document which `line` begins.
std::optional<std::string> here_document(const std::string& line) {
  std::smatch found;
  return std::regex_search(line, found, std::regex{R"(<<-?\s*['"]?(\w+)['"]?)"}) ? std::optional{found[1].str()} : std::nullopt;
}

/// The command that begins at `at`, which is left behind its end.
std::string command_at(const std::vector<std::string>& lines, std::size_t& at, std::size_t end) {
  auto text = lines[at++].substr(2);
  while (text.ends_with('\\') && at < end) text += '\n' + lines[at++];
  const auto word = here_document(text);
  bool inside = word.has_value();
  for (; inside && at < end; ++at) {
    text += '\n' + lines[at];
    inside = lines[at] != *word;
  }
  return text;
}

void add_commands(Page& page, const Block& block) {
  if (block.begin == block.end || !is_prompt(page.lines[block.begin])) {
    page.faults.push_back(fmt::format("line {}: a console block begins with a command, after '$ ' or '# '", block.begin + 1));
    return;
  }
  const auto prompt = page.lines[block.begin].substr(0, 2);
  for (auto at = block.begin; at < block.end;) {
    PageStep step;
    step.line = at + 1;
    step.text = command_at(page.lines, at, block.end);
    step.output_line = at + 1;
    while (at < block.end && !page.lines[at].starts_with(prompt)) step.output.push_back(page.lines[at++]);
    page.steps.push_back(std::move(step));
  }
}

void add_file(Page& page, const Block& block, std::string name) {
  PageStep step;
  step.file = std::move(name);
  step.line = block.begin + 1;
  for (auto at = block.begin; at < block.end; ++at) step.text += page.lines[at] + '\n';
  page.steps.push_back(std::move(step));
}

void add_block(Page& page, const Block& block) {
  constexpr std::string_view kNotRun = "not run: ";
  constexpr std::string_view kFile = "file: ";
  if (block.comment.starts_with(kNotRun)) return;
  if (block.comment.starts_with(kFile)) return add_file(page, block, block.comment.substr(kFile.size()));
  if (block.kind == "console") return add_commands(page, block);
  if (block.kind.empty())
    page.faults.push_back(fmt::format("line {}: a block is of a kind: console, text or the name of a language", block.begin));
}

}  // namespace

Page read_page(std::string_view text) {
  Page page;
  std::istringstream in{std::string(text)};
  for (std::string line; std::getline(in, line);) page.lines.push_back(line);
  std::optional<Block> open;
  for (std::size_t at = 0; at < page.lines.size(); ++at) {
    const auto& line = page.lines[at];
    if (!line.starts_with(kFence)) continue;
    if (open) {
      open->end = at;
      add_block(page, *open);
      open.reset();
    } else {
      open = Block{line.substr(kFence.size()), at == 0 ? "" : comment_in(page.lines[at - 1]), at + 1, at + 1};
    }
  }
  if (open) page.faults.push_back(fmt::format("line {}: a block without an end", open->begin));
  return page;
}

namespace {

/// How much of `shown` is in `output` from `at` on.
std::size_t likeness_at(const std::vector<std::string>& shown, const std::vector<std::string>& output, std::size_t at) {
  const auto first_word = [](const std::string& line) {
    std::string word;
    std::istringstream{line} >> word;
    return word;
  };
  std::size_t likeness = 0;
  for (std::size_t i = 0; i < shown.size() && at + i < output.size(); ++i) {
    if (line_matches(shown[i], output[at + i]))
      likeness += 2;
    else if (first_word(shown[i]) == first_word(output[at + i]))
      likeness += 1;
  }
  return likeness;
}

/// Where in `output`, from `from` on, `shown` fits best; nothing when nowhere.
std::optional<std::size_t> best_place(const std::vector<std::string>& shown, const std::vector<std::string>& output, std::size_t from) {
  std::optional<std::size_t> best;
  std::size_t most = 0;
  for (auto at = from; at < output.size(); ++at)
    if (const auto likeness = likeness_at(shown, output, at); likeness > most) {
      most = likeness;
      best = at;
    }
  return best;
}

/// A line of `shown` that stands for `line` already, or `line`.
std::string kept_or_new(const std::vector<std::string>& shown, const std::string& line) {
  const auto same = std::ranges::find_if(shown, [&](const std::string& old) { return line_matches(old, line); });
  return same == shown.end() ? line : *same;
}

}  // namespace

std::vector<std::string> renewed(const std::vector<std::string>& shown, const std::vector<std::string>& output) {
  if (matches(shown, output)) return shown;
  std::vector<std::string> result;
  std::size_t at = 0;
  for (auto begin = shown.begin();;) {
    const auto end = std::find_if(begin, shown.end(), stands_for_lines);
    const std::vector<std::string> part(begin, end);
    const bool first = begin == shown.begin();
    const bool last = end == shown.end();
    std::optional<std::size_t> place = at;
    if (!first) place = last && part.size() + at <= output.size() ? output.size() - part.size() : best_place(part, output, at);
    if (place) {
      const auto until = first && last ? output.size() : std::min(output.size(), *place + part.size());
      for (at = *place; at < until; ++at) result.push_back(kept_or_new(part, output[at]));
    }
    if (last) return result;
    result.push_back(*end);
    begin = end + 1;
  }
}

std::string with_outputs(const Page& page, const std::vector<std::vector<std::string>>& outputs) {
  auto lines = page.lines;
  for (auto i = page.steps.size(); i-- > 0;) {
    const auto& step = page.steps[i];
    if (!step.file.empty()) continue;
    const auto begin = lines.begin() + static_cast<std::ptrdiff_t>(step.output_line - 1);
    const auto text = renewed(step.output, outputs[i]);
    lines.insert(lines.erase(begin, begin + static_cast<std::ptrdiff_t>(step.output.size())), text.begin(), text.end());
  }
  std::string text;
  for (const auto& line : lines) text += line + '\n';
  return text;
}

}  // namespace test
