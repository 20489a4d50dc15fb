// SPDX-License-Identifier: Apache-2.0
#include "emu/scenario/key_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <system_error>

#include "emu/model/wording.hpp"
#include "netns/base/unique_fd.hpp"

namespace emu {
namespace {

constexpr std::size_t kLargestKeyFile = 1024;

struct KeyFile {
  std::string key;
  bool others_may_read = false;
  std::string fault;  ///< empty when the key was read
};

KeyFile fault(std::string why) { return {{}, false, std::move(why)}; }

KeyFile read_key(const std::filesystem::path& path) {
  const auto refused = [](int error) { return fault(std::system_category().message(error)); };
  const netns::UniqueFd file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};  // does not wait for the writer of a FIFO
  if (!file) return refused(errno);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return refused(errno);
  if (!S_ISREG(status.st_mode)) return fault("it is no regular file");
  std::array<char, kLargestKeyFile + 1> buffer{};
  const auto got = ::read(file.get(), buffer.data(), buffer.size());
  if (got < 0) return refused(errno);
  KeyFile read{std::string(buffer.data(), static_cast<std::size_t>(got)), (status.st_mode & (S_IRGRP | S_IROTH)) != 0, {}};
  if (read.key.size() > kLargestKeyFile) return fault("it is larger than 1 KB");
  if (read.key.ends_with('\n')) read.key.pop_back();
  if (read.key.ends_with('\r')) read.key.pop_back();
  return read.key.empty() ? fault("it is empty") : read;
}

template <typename Resource>
void read_into(Resource& resource, const std::string& path, LabFile& lab, const std::filesystem::path& folder) {
  if (resource.shared_key_file.empty() || !resource.shared_key.empty()) return;
  auto file = read_key(folder / resource.shared_key_file);
  const auto position = lab.positions.find(path + ".shared_key_file");
  const auto name = emu::in_quotes(resource.shared_key_file);
  if (!file.fault.empty())
    lab.diagnostics.push_back({Severity::Error, position, fmt::format("key file {} cannot be used: {}", name, file.fault), "",
                               "its path starts at the folder of the lab file"});
  else if (file.others_may_read)
    lab.diagnostics.push_back({Severity::Warning, position, fmt::format("others than its owner may read key file {}", name), "",
                               fmt::format("chmod 600 {}", printable((folder / resource.shared_key_file).string()))});
  resource.shared_key = Secret(std::move(file.key));
}

}  // namespace

void read_key_files(LabFile& lab, const std::filesystem::path& folder) {
  auto& connections = lab.model.virtual_network_gateway_connections;
  for (std::size_t i = 0; i < connections.size(); ++i)
    read_into(connections[i], fmt::format("virtual_network_gateway_connections[{}]", i), lab, folder);
  auto& sites = lab.model.on_premises;
  for (std::size_t i = 0; i < sites.size(); ++i) read_into(sites[i], fmt::format("on_premises[{}]", i), lab, folder);
  sort_by_position(lab.diagnostics);
  for (auto& step : lab.steps) read_key_files(step.lab, folder);
}

}  // namespace emu
