// SPDX-License-Identifier: Apache-2.0
#include "emu/lab/store.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>

#include "emu/fabric/names.hpp"
#include "emu/lab/shared_lines.hpp"
#include "emu/model/model_json.hpp"
#include "netns/base/scope_exit.hpp"
#include "netns/namespace/namespace.hpp"

namespace emu {
namespace {

namespace fs = std::filesystem;

constexpr auto kReadable =
    fs::perms::owner_all | fs::perms::group_read | fs::perms::group_exec | fs::perms::others_read | fs::perms::others_exec;

constexpr const char* kModelFile = "model.json";
constexpr const char* kModelBefore = "model.json.before";  // the last `save`
constexpr const char* kModelOfFlows = "model.json.of-flows";
constexpr const char* kDirectoryFile = "directory";
constexpr const char* kLockFile = "lock";
constexpr std::string_view kDraft = ".new";

void require(bool done, const std::string& what) {
  const int error = errno;
  if (!done) throw std::system_error(error, std::system_category(), what);
}

void write_whole(const fs::path& path, std::string_view content) {
  const netns::UniqueFd file{::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)};
  require(static_cast<bool>(file), "open " + path.string());
  while (!content.empty()) {
    const auto size = ::write(file.get(), content.data(), content.size());
    require(size >= 0 || errno == EINTR, "write " + path.string());
    if (size > 0) content.remove_prefix(static_cast<std::size_t>(size));
  }
}

/// One more name for the file, unless there is one of that name already, or no file.
void keep(const fs::path& path, const fs::path& name) {
  require(::link(path.c_str(), name.c_str()) == 0 || errno == EEXIST || errno == ENOENT, "keep " + name.string());
}

/// Empty when there is no such file.
std::optional<Model> read_model(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  const int error = errno;
  if (!file && error != ENOENT) throw std::system_error(error, std::system_category(), "read " + path.string());
  if (!file) return std::nullopt;
  return model_from_json(std::string{std::istreambuf_iterator<char>{file}, {}});
}

/// Opens and locks the file, and makes sure that it is still the one under that name: whoever held the lock may have removed it.
netns::UniqueFd lock(const fs::path& path) {
  while (true) {
    // Another lab's `down` may remove the folder of all labs between any two of these, when it is empty: then it is made again.
    const auto labs = path.parent_path().parent_path();
    fs::create_directories(labs.parent_path());
    require(::mkdir(labs.c_str(), 0700) == 0 || errno == EEXIST, "create " + labs.string());
    require(::chmod(labs.c_str(), 0700) == 0 || errno == ENOENT, "set permissions of " + labs.string());
    require(::mkdir(path.parent_path().c_str(), 0700) == 0 || errno == EEXIST || errno == ENOENT, "create " + path.parent_path().string());
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

Places places_of(std::string_view lab) {
  Places places{fs::read_symlink("/proc/self/exe"), lab_folder(lab)};
  std::ifstream file{lab_folder(lab) / kDirectoryFile, std::ios::binary};
  places.directory = std::string{std::istreambuf_iterator<char>{file}, {}};
  return places;
}

netns::Records records_of(std::string_view lab) {
  const auto folder = lab_folder(lab);
  return {netns::NamespaceRecords{folder / "namespaces"}, netns::ProcessRecords{folder / "processes", places_of(lab).supervisor()}};
}

std::vector<std::string> list_labs() {
  auto labs = netns::names_in_folder(labs_folder());
  std::erase_if(labs, [](const std::string& name) { return !is_lab_name(name) || !fs::is_directory(labs_folder() / name); });
  return labs;
}

std::optional<Model> load_model(std::string_view lab) { return read_model(lab_folder(lab) / kModelFile); }

LockedLab::LockedLab(std::string lab) : lab_(std::move(lab)), lock_(lock(lab_folder(lab_) / kLockFile)) {}

void LockedLab::save(const Model& model) const {
  const auto path = lab_folder(lab_) / kModelFile;
  const auto draft = fs::path(path) += ".new";
  fs::remove(draft);
  netns::ScopeExit leave_nothing{[&] {
    std::error_code none;
    fs::remove(draft, none);
  }};
  // The file holds the keys of tunnels, so nobody else may read it, not even for the moment before a chmod.
  require(static_cast<bool>(netns::UniqueFd{::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)}),
          "create " + draft.string());
  write_whole(draft, to_json(model));
  keep(path, lab_folder(lab_) / kModelOfFlows);
  fs::remove(lab_folder(lab_) / kModelBefore);
  keep(path, lab_folder(lab_) / kModelBefore);
  fs::rename(draft, path);
}

void LockedLab::unsave() const {
  const auto path = lab_folder(lab_) / kModelFile;
  if (const auto before = lab_folder(lab_) / kModelBefore; fs::exists(before))
    fs::rename(before, path);
  else
    fs::remove(path);
}

std::optional<Model> LockedLab::model_of_flows() const { return read_model(lab_folder(lab_) / kModelOfFlows); }

void LockedLab::forget_before() const {
  for (const auto* name : {kModelBefore, kModelOfFlows}) fs::remove(lab_folder(lab_) / name);
}

void LockedLab::write_files(const std::map<std::string, std::string>& files) const {
  for (const auto& [name, content] : files) {
    const auto path = lab_folder(lab_) / name;
    fs::create_directories(path.parent_path());
    fs::permissions(path.parent_path(), path.parent_path() == lab_folder(lab_) ? fs::perms::owner_all : kReadable);
    write_lines(path, content);
  }
}

void LockedLab::save_directory(const fs::path& directory) const {
  const auto path = lab_folder(lab_) / kDirectoryFile;
  const auto draft = fs::path(path) += kDraft;
  write_whole(draft, directory.string());
  fs::rename(draft, path);
}

void LockedLab::tidy(const std::map<std::string, std::string>& files) const {
  const auto folder = lab_folder(lab_);
  std::set<fs::path> folders;
  for (const auto& [name, content] : files)
    if (const auto parent = (folder / name).parent_path(); parent != folder) folders.insert(parent);
  std::error_code none;
  for (const auto& inner : folders)
    for (const auto& entry : fs::directory_iterator(inner, none))
      if (!files.contains(entry.path().lexically_relative(folder))) fs::remove(entry.path(), none);
  for (const auto& entry : fs::directory_iterator(folder, none))
    if (entry.path().native().ends_with(kDraft)) fs::remove(entry.path(), none);
  fs::remove_all(kept_logs(), none);
  fs::remove(kept_logs().parent_path(), none);  // only when it is empty
}

fs::path LockedLab::kept_logs() const { return fs::path("/run/lazuli-logs") / lab_; }

void LockedLab::forget() const {
  fs::remove_all(lab_folder(lab_));
  std::error_code none;
  fs::remove(labs_folder(), none);  // only when it is empty
}

}  // namespace emu
