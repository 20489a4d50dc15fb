// SPDX-License-Identifier: Apache-2.0
#include "netns/base/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include "netns/base/error.hpp"
#include "netns/base/scope_exit.hpp"

namespace netns {

void write_whole(const UniqueFd& file, std::string_view text, const std::string& what) {
  while (!text.empty()) {
    const auto size = ::write(file.get(), text.data(), text.size());
    require_that(size >= 0 || errno == EINTR, "write " + what);
    if (size > 0) text.remove_prefix(static_cast<std::size_t>(size));
  }
}

void replace_file(const std::filesystem::path& path, const std::filesystem::path& draft, std::string_view content, mode_t mode,
                  const std::function<void()>& before_rename) {
  ::unlink(draft.c_str());  // an old one may be open to more eyes, or be a link
  ScopeExit leave_nothing{[&] { ::unlink(draft.c_str()); }};
  {
    const UniqueFd file{::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)};
    require_that(file && ::fchmod(file.get(), mode) == 0, "create " + draft.string());
    write_whole(file, content, path.string());
  }
  if (before_rename) before_rename();
  require_that(::rename(draft.c_str(), path.c_str()) == 0, "write " + path.string());
  leave_nothing.release();
}

std::optional<std::string> read_if_there(const std::filesystem::path& path) {
  const UniqueFd file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!file && (errno == ENOENT || errno == ENOTDIR || errno == ESRCH)) return std::nullopt;
  require_that(static_cast<bool>(file), "open " + path.string());
  std::string text;
  std::array<char, 4096> part{};
  while (true) {
    const auto size = ::read(file.get(), part.data(), part.size());
    if (size == 0) return text;
    if (size < 0 && errno == ESRCH) return std::nullopt;
    require_that(size > 0 || errno == EINTR, "read " + path.string());
    if (size > 0) text.append(part.data(), static_cast<std::size_t>(size));
  }
}

}  // namespace netns
