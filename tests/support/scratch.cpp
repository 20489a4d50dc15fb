// SPDX-License-Identifier: Apache-2.0
#include "tests/support/scratch.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "netns/process/ending.hpp"
#include "netns/process/process.hpp"

namespace test {
namespace {

std::atomic<int> scratches = 0;

unsigned long inode_of(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

}  // namespace

Scratch::Scratch() : prefix_(fmt::format("ks{}-{}.", ::getpid(), scratches++)) {
  auto pattern = (std::filesystem::temp_directory_path() / "scratch-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make a temporary folder");
  folder_ = pattern;
  netns::prepare_namespace_directory();
}

Scratch::~Scratch() {
  const auto names = netns::list_namespaces(prefix_);
  netns::stop_all_in(names);
  for (const auto& name : names) netns::remove_namespace(name);
  std::error_code none;
  std::filesystem::remove_all(folder_, none);
}

void Scratch::make(std::string_view node) const {
  const netns::EnteredNamespace home{netns::UniqueFd{::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)}};
  netns::create_namespace(name(node));
}

unsigned long current_namespace() { return inode_of("/proc/thread-self/ns/net"); }

int processes_in(std::string_view name) {
  const auto wanted = inode_of(netns::namespace_path(name));
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const auto pid = entry.path().filename().string();
    if (std::ranges::all_of(pid, [](unsigned char c) { return std::isdigit(c) != 0; }) && inode_of(entry.path() / "ns/net") == wanted &&
        read_file(entry.path() / "cmdline").find("lazuli-supervisor") == std::string::npos)
      ++count;
  }
  return count;
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file{path};
  return {std::istreambuf_iterator<char>{file}, {}};
}

}  // namespace test
