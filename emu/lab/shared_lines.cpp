// SPDX-License-Identifier: Apache-2.0
#include "emu/lab/shared_lines.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

#include "netns/base/files.hpp"
#include "netns/base/unique_fd.hpp"

namespace emu {
namespace {

constexpr char kComment = '#';

/// The place of a line in the file.
struct LinePlace {
  std::size_t offset = 0;
  std::size_t size = 0;  ///< without its end
};

class LineFile {
 public:
  LineFile(const std::filesystem::path& path, std::string_view content) : path_(path) {
    std::istringstream in{std::string(content)};
    for (std::string line; std::getline(in, line);) missing_.insert(std::move(line));
    {
      std::ifstream file{path, std::ios::binary};
      const int error = errno;
      if (!file) throw std::system_error(error, std::system_category(), "read " + path.string());
      text_.assign(std::istreambuf_iterator<char>{file}, {});
    }
    sort_lines();
  }

  bool is_right() const { return missing_.empty() && gone_.empty(); }

  void write() {
    const bool cut_off = !text_.empty() && text_.back() != '\n';
    if (is_right()) return;
    file_ = netns::UniqueFd{::open(path_.c_str(), O_WRONLY | O_CLOEXEC)};
    check(static_cast<bool>(file_));
    if (cut_off) put("\n", text_.size());
    std::vector<std::string> behind;
    for (const auto& line : missing_)
      if (!reuse(line)) behind.push_back(line);
    append(behind, text_.size() + (cut_off ? 1 : 0));
    for (const auto& place : gone_) put({&kComment, 1}, place.offset);
  }

 private:
  /// Into those that stay, and are not missing; those that are to go; and those whose place is free.
  void sort_lines() {
    for (std::size_t offset = 0; offset < text_.size();) {
      const auto end = std::min(text_.find('\n', offset), text_.size());
      auto line = text_.substr(offset, end - offset);
      line.erase(line.find_last_not_of(' ') + 1);
      const LinePlace place{offset, end - offset};
      if (const auto wanted = missing_.find(line); wanted != missing_.end())
        missing_.erase(wanted);
      else if (line.starts_with(kComment))
        free_.push_back(place);
      else if (!line.empty())
        gone_.push_back(place);
      offset = end + 1;
    }
  }

  bool reuse(const std::string& line) {
    const auto place = std::ranges::find_if(free_, [&](const LinePlace& one) { return one.size >= line.size(); });
    if (place == free_.end()) return false;
    auto rest = line.substr(1);
    rest.resize(place->size - 1, ' ');
    put(rest, place->offset + 1);
    put(line.substr(0, 1), place->offset);
    free_.erase(place);
    return true;
  }

  /// As comments first, for what is read of a write while it goes on may end anywhere.
  void append(const std::vector<std::string>& lines, std::size_t offset) const {
    std::string all;
    for (const auto& line : lines) all += kComment + line.substr(1) + '\n';
    if (!all.empty()) put(all, offset);
    for (const auto& line : lines) {
      put(line.substr(0, 1), offset);
      offset += line.size() + 1;
    }
  }

  void put(std::string_view text, std::size_t offset) const {
    while (!text.empty()) {
      const auto size = ::pwrite(file_.get(), text.data(), text.size(), static_cast<off_t>(offset));
      check(size >= 0 || errno == EINTR);
      if (size <= 0) continue;
      text.remove_prefix(static_cast<std::size_t>(size));
      offset += static_cast<std::size_t>(size);
    }
  }

  void check(bool done) const {
    const int error = errno;
    if (!done) throw std::system_error(error, std::system_category(), "write " + path_.string());
  }

  const std::filesystem::path& path_;
  std::string text_;
  std::multiset<std::string> missing_;
  std::vector<LinePlace> gone_;
  std::vector<LinePlace> free_;
  netns::UniqueFd file_;
};

}  // namespace

void write_lines(const std::filesystem::path& path, std::string_view content) {
  if (std::filesystem::is_regular_file(path))
    LineFile(path, content).write();
  else
    netns::replace_file(path, std::filesystem::path(path) += ".new", content, 0644);  // for everybody to read
}

bool holds_lines(const std::filesystem::path& path, std::string_view content) {
  return std::filesystem::is_regular_file(path) && LineFile(path, content).is_right();
}

}  // namespace emu
