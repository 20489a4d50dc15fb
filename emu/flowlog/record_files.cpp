// SPDX-License-Identifier: Apache-2.0
#include "emu/flowlog/record_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <map>
#include <system_error>

#include "netns/base/unique_fd.hpp"

namespace emu {
namespace {

namespace fs = std::filesystem;

fs::path current_file(const fs::path& folder, std::string_view flow_log) { return folder / fmt::format("{}.jsonl", flow_log); }
fs::path old_file(const fs::path& folder, std::string_view flow_log) { return folder / fmt::format("{}.old.jsonl", flow_log); }

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

}  // namespace

fs::path flow_logs_folder(const fs::path& lab_folder) { return lab_folder / "flow-logs"; }

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

std::vector<std::string> read_records(const fs::path& folder, std::string_view flow_log) {
  std::vector<std::string> records;
  for (const auto& path : {old_file(folder, flow_log), current_file(folder, flow_log)}) {
    std::ifstream file{path, std::ios::binary};
    for (std::string line; std::getline(file, line);)
      if (!file.eof()) records.push_back(std::move(line));  // one without its end is still being written
  }
  return records;
}

}  // namespace emu
