// SPDX-License-Identifier: Apache-2.0
#include "emu/verify/check_names.hpp"

#include <fmt/format.h>
#include <fnmatch.h>

#include <charconv>
#include <map>
#include <set>

#include "emu/model/name_key.hpp"

namespace emu {

std::string subject_of(const Check& check) {
  return fmt::format("{}{}{}", check.from, check.kind == CheckKind::Run ? ": " : " -> ", check.target);
}

std::vector<std::string> names_of(const std::vector<Check>& checks) {
  std::vector<std::string> names;
  std::set<std::string> taken;
  std::map<std::string, int> counts;
  for (const auto& check : checks) {
    const auto plain = check.name.empty() ? fmt::format("{} {}", to_string(check.kind), subject_of(check)) : check.name;
    auto& number = counts[plain];
    auto name = ++number == 1 ? plain : fmt::format("{} ({})", plain, number);
    while (!taken.insert(name).second) name = fmt::format("{} ({})", plain, ++number);
    names.push_back(std::move(name));
  }
  return names;
}

std::vector<std::size_t> checks_called(std::string_view word, const std::vector<std::string>& names) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < names.size(); ++i)
    if (same_name(names[i], word)) found.push_back(i);
  if (!found.empty()) return found;
  const std::string pattern{word};
  for (std::size_t i = 0; i < names.size(); ++i)
    if (::fnmatch(pattern.c_str(), names[i].c_str(), FNM_CASEFOLD) == 0) found.push_back(i);
  std::size_t number = 0;
  const auto [end, failure] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (found.empty() && failure == std::errc{} && end == word.data() + word.size() && number >= 1 && number <= names.size())
    found.push_back(number - 1);
  return found;
}

}  // namespace emu
