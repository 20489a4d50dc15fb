// SPDX-License-Identifier: Apache-2.0
#include "emu/flowlog/record_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <map>
#include <system_error>

#include "netns/base/unique_fd.hpp"

namespace emu {
namespace {

namespace fs = std::filesystem;

// One kind ends as the other never does, whatever the flow log is called.
constexpr std::string_view kCurrent = ".jsonl";
constexpr std::string_view kOld = ".jsonl.old";

fs::path current_file(const fs::path& folder, std::string_view flow_log) { return folder / fmt::format("{}{}", flow_log, kCurrent); }
fs::path old_file(const fs::path& folder, std::string_view flow_log) { return folder / fmt::format("{}{}", flow_log, kOld); }

void append_text(const fs::path& path, std::string_view text) {
  const netns::UniqueFd file{::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600)};
  while (file && !text.empty()) {
    const auto written = ::write(file.get(), text.data(), text.size());
    if (written < 0 && errno != EINTR) break;
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
  }
  const int error = errno;
  if (!text.empty()) throw std::system_error(error, std::system_category(), "write " + path.string());
}

netns::UniqueFd open_to_read(const fs::path& path) { return netns::UniqueFd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)}; }

bool is_same(int file, const fs::path& path) {
  struct stat opened {};
  struct stat named {};
  return ::fstat(file, &opened) == 0 && ::stat(path.c_str(), &named) == 0 && opened.st_ino == named.st_ino;
}

/// Appends to `lines` what comes in `file` from where it was read last. @param rest  the beginning of the first line, and of the next one
void read_lines(int file, std::string& rest, std::vector<std::string>& lines) {
  std::array<char, 65536> buffer{};
  while (true) {
    const auto got = ::read(file, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return;
    rest.append(buffer.data(), static_cast<std::size_t>(got));
    std::size_t start = 0;
    for (auto end = rest.find('\n'); end != std::string::npos; end = rest.find('\n', start)) {
      lines.push_back(rest.substr(start, end - start));
      start = end + 1;
    }
    rest.erase(0, start);
  }
}

}  // namespace

void append_records(const fs::path& folder, const std::vector<std::pair<std::string, std::string>>& records, std::uintmax_t largest) {
  std::map<std::string, std::string> texts;
  for (const auto& [flow_log, record] : records) texts[flow_log].append(record).append("\n");
  if (!texts.empty()) fs::create_directories(folder);
  for (const auto& [flow_log, text] : texts) {
    const auto path = current_file(folder, flow_log);
    std::error_code none;
    if (const auto size = fs::file_size(path, none); !none && size >= largest) fs::rename(path, old_file(folder, flow_log));
    append_text(path, text);
  }
}

void remove_other_records(const fs::path& folder, const std::set<std::string>& flow_logs) {
  std::set<fs::path> kept;
  for (const auto& flow_log : flow_logs) kept.insert({current_file(folder, flow_log), old_file(folder, flow_log)});
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder, none))
    if (!kept.contains(entry.path())) fs::remove(entry.path(), none);
}

RecordReader::RecordReader(const fs::path& folder, std::string_view flow_log)
    : current_(current_file(folder, flow_log)), file_(open_to_read(old_file(folder, flow_log))) {}

std::vector<std::string> RecordReader::read() {
  std::vector<std::string> records;
  if (!file_) file_ = open_to_read(current_);
  while (file_) {
    const bool last = is_same(file_.get(), current_);  // asked first: what is replaced is not written to any more
    read_lines(file_.get(), rest_, records);
    if (last) break;
    file_ = open_to_read(current_);
    rest_.clear();
  }
  return records;
}

}  // namespace emu
