// SPDX-License-Identifier: Apache-2.0
#include "emu/lab/store.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <set>
#include <stdexcept>
#include <system_error>

#include "emu/fabric/names.hpp"
#include "emu/model/model_json.hpp"
#include "netns/namespace/namespace.hpp"

namespace emu {
namespace {

namespace fs = std::filesystem;

constexpr const char* kModelFile = "model.json";
constexpr const char* kLockFile = "lock";

void require(bool done, const std::string& what) {
  const int error = errno;
  if (!done) throw std::system_error(error, std::system_category(), what);
}

void write_whole(const fs::path& path, std::string_view content) {
  std::ofstream file{path, std::ios::trunc | std::ios::binary};
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
  file.close();
  require(!file.fail(), "write " + path.string());
}

/// Opens and locks the file, and makes sure that it is still the one under that name: whoever held the lock may have removed it.
netns::UniqueFd lock(const fs::path& path) {
  while (true) {
    fs::create_directories(path.parent_path().parent_path());
    fs::permissions(path.parent_path().parent_path(), fs::perms::owner_all);
    ::mkdir(path.parent_path().c_str(), 0700);
    netns::UniqueFd file{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
    if (!file && errno == ENOENT) continue;
    require(static_cast<bool>(file), "open " + path.string());
    require(::flock(file.get(), LOCK_EX) == 0, "lock " + path.string());
    struct stat held {};
    struct stat named {};
    if (::fstat(file.get(), &held) == 0 && ::stat(path.c_str(), &named) == 0 && held.st_ino == named.st_ino) return file;
  }
}

}  // namespace

fs::path labs_folder() { return "/run/lazuli"; }

fs::path lab_folder(std::string_view lab) {
  if (!is_lab_name(lab)) throw std::invalid_argument(fmt::format("'{}' cannot name a lab", lab));
  return labs_folder() / lab;
}

Places places_of(std::string_view lab) { return {fs::read_symlink("/proc/self/exe"), lab_folder(lab)}; }

netns::ProcessRecords records_of(std::string_view lab) { return netns::ProcessRecords{lab_folder(lab) / "processes"}; }

std::vector<std::string> list_labs() {
  std::set<std::string> labs;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(labs_folder(), none)) labs.insert(entry.path().filename().string());
  return {labs.begin(), labs.end()};
}

std::optional<Model> load_model(std::string_view lab) {
  std::ifstream file{lab_folder(lab) / kModelFile, std::ios::binary};
  if (!file) return std::nullopt;
  return model_from_json(std::string{std::istreambuf_iterator<char>{file}, {}});
}

LockedLab::LockedLab(std::string lab) : lab_(std::move(lab)), lock_(lock(lab_folder(lab_) / kLockFile)) {}

void LockedLab::save(const Model& model) const {
  const auto path = lab_folder(lab_) / kModelFile;
  const auto draft = fs::path(path) += ".new";
  fs::remove(draft);
  // The file holds the keys of tunnels, so nobody else may read it, not even for the moment before a chmod.
  require(static_cast<bool>(netns::UniqueFd{::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)}),
          "create " + draft.string());
  write_whole(draft, to_json(model));
  fs::rename(draft, path);
}

void LockedLab::write_files(const std::map<std::string, std::string>& files) const {
  for (const auto& [name, content] : files) {
    const auto path = lab_folder(lab_) / name;
    fs::create_directories(path.parent_path());
    write_whole(path, content);
  }
}

void LockedLab::forget() const {
  fs::remove_all(lab_folder(lab_));
  std::error_code none;
  fs::remove(labs_folder(), none);  // only when it is empty
}

}  // namespace emu
