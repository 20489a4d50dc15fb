// SPDX-License-Identifier: Apache-2.0
#include "emu/lab/store.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <mutex>
#include <new>
#include <set>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "emu/fabric/names.hpp"
#include "emu/lab/lab.hpp"
#include "emu/lab/shared_lines.hpp"
#include "emu/model/model_json.hpp"
#include "emu/model/service_lookup.hpp"
#include "emu/report/terminal.hpp"
#include "netns/base/files.hpp"
#include "netns/namespace/namespace.hpp"
#include "netns/rootless/rootless.hpp"

namespace emu {
namespace {

namespace fs = std::filesystem;

constexpr auto kReadable =
    fs::perms::owner_all | fs::perms::group_read | fs::perms::group_exec | fs::perms::others_read | fs::perms::others_exec;

constexpr const char* kModelFile = "model.json";
constexpr const char* kModelBefore = "model.json.before";  // the last `save`
constexpr const char* kModelOfFlows = "model.json.of-flows";
constexpr const char* kDirectoryFile = "directory";
constexpr const char* kRecordBefore = "lab.json.before";
constexpr const char* kLockFile = "lock";
constexpr std::string_view kDraft = ".new";

void require(bool done, const std::string& what) {
  const int error = errno;
  if (!done) throw std::system_error(error, std::system_category(), what);
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

/// For its owner alone: the model holds the keys of tunnels.
void replace_privately(const fs::path& path, std::string_view content, const std::function<void()>& before_rename = {}) {
  netns::replace_file(path, fs::path(path) += kDraft, content, 0600, before_rename);
}

constexpr std::chrono::milliseconds kInterval{20};
constexpr std::chrono::seconds kSilence{1};  // a wait that nobody needs to hear of

/// The labs whose lock this process holds, or is about to: the kernel's locks keep processes apart, not threads.
std::mutex own_labs_guard;
std::set<std::string, std::less<>> own_labs;

/// A lock of this process's own, which tells who has it: unlike flock(2)'s, no child has it, and it ends with the process. Closing any
/// descriptor of the file ends it as well, so nobody opens the file of a lab in `own_labs` a second time.
struct flock whole_file() {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

std::optional<pid_t> holder_of(int file) {
  auto lock = whole_file();
  if (::fcntl(file, F_GETLK, &lock) != 0 || lock.l_type == F_UNLCK) return std::nullopt;
  return lock.l_pid;
}

/// Tries again and again. @throws std::runtime_error when it took too long
class Waiting {
 public:
  Waiting(std::string_view lab, const Patience& patience) : lab_(lab), patience_(patience) {}

  void once_more(std::optional<pid_t> holder) {
    const auto waited = std::chrono::steady_clock::now() - start_;
    if (waited >= patience_.limit)
      throw std::runtime_error(
          fmt::format("{} is at work on lab '{}' and did not end within {} s; nothing was changed",
                      holder ? fmt::format("another lazuli (pid {})", *holder) : std::string("what a killed lazuli had begun"), lab_,
                      std::chrono::ceil<std::chrono::seconds>(patience_.limit).count()));
    if (!told_ && waited >= kSilence && patience_.waits && holder) {
      patience_.waits(*holder);
      told_ = true;
    }
    std::this_thread::sleep_for(kInterval);
  }

 private:
  std::string_view lab_;
  const Patience& patience_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  bool told_ = false;
};

/// A lock that the processes have as well which this one forks and does not make another program of: after it is killed, who waits for the
/// lab waits for the transaction that such a one has under way.
bool lock_with_children(const netns::UniqueFd& file, const fs::path& path) {
  if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0) return true;
  require(errno == EWOULDBLOCK || errno == EINTR, "lock " + path.string());
  return false;
}

/// Opens and locks the file, and makes sure that it is still the one under that name: whoever held the lock may have removed it.
netns::UniqueFd lock(const fs::path& path, Waiting& waiting) {
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
    for (auto wanted = whole_file(); ::fcntl(file.get(), F_SETLK, &wanted) != 0;) {
      require(errno == EAGAIN || errno == EACCES || errno == EINTR, "lock " + path.string());
      waiting.once_more(holder_of(file.get()));
    }
    while (!lock_with_children(file, path)) waiting.once_more(std::nullopt);
    struct stat held {};
    struct stat named {};
    if (::fstat(file.get(), &held) != 0 || ::stat(path.c_str(), &named) != 0 || held.st_ino != named.st_ino) continue;
    return file;
  }
}

/// What a saved model lacks that every lab has; empty when nothing does.
std::string what_is_missing(const Model& model, std::string_view lab) {
  const auto without = [](const char* kind, const std::string& name, const char* what) {
    return fmt::format("{} '{}' has no {}", kind, name, what);
  };
  if (model.lab != lab) return fmt::format("it is of a lab '{}'", model.lab);
  for (const auto& network : model.virtual_networks) {
    if (network.address_space.empty()) return without("virtual network", network.name, "address space");
    for (const auto& subnet : network.subnets)
      if (subnet.address_prefixes.empty()) return without("subnet", subnet.name, "address prefix");
  }
  for (const auto& machine : model.virtual_machines) {
    if (!machine.private_ip_address) return without("virtual machine", machine.name, "private address");
    if (machine.has_public_ip_address && !machine.public_ip_address) return without("virtual machine", machine.name, "public address");
    const auto* network = find_virtual_network(model, machine.subnet.virtual_network);
    if (network == nullptr || find_subnet(*network, machine.subnet.subnet) == nullptr)
      return without("virtual machine", machine.name, "subnet that is there");
  }
  for (const auto& gateway : model.virtual_network_gateways) {
    if (!gateway.private_ip_address) return without("gateway", gateway.name, "private address");
    if (!gateway.public_ip_address) return without("gateway", gateway.name, "public address");
  }
  for (const auto& site : model.on_premises) {
    if (!site.public_ip_address) return without("site", site.name, "public address");
    for (const auto& host : site.hosts)
      if (host.ip_address == Ipv4Address{}) return without("host", host.name, "address");
  }
  for (const auto& host : model.internet.hosts)
    if (host.ip_address == Ipv4Address{}) return without("internet host", host.name, "address");
  for (const auto* service : services_of(model))
    if (!service->address) return without("service", service->name, "address");
  for (const auto& node : nodes_of(model))
    if (node.empty()) return "something in it has no name";
  return {};
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

std::optional<Model> load_model(std::string_view lab) {
  const auto path = lab_folder(lab) / kModelFile;
  std::string wrong;
  try {
    auto model = read_model(path);
    if (!model) return std::nullopt;
    wrong = what_is_missing(*model, lab);
    if (wrong.empty()) return model;
  } catch (const std::system_error&) {
    throw;  // that it cannot be read does not make it damaged
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& error) {
    wrong = error.what();
  }
  throw DamagedLab(fmt::format("{} is damaged: {}; '{}' removes the lab, '{}' builds it anew", path.string(), wrong,
                               command_text(fmt::format("down {}", lab)), up_command(lab)));
}

std::vector<std::string> files_amiss(std::string_view lab, const std::map<std::string, std::string>& files) {
  std::vector<std::string> amiss;
  for (const auto& [name, content] : files)
    if (!holds_lines(lab_folder(lab) / name, content)) amiss.push_back(name);
  return amiss;
}

void LockedLab::save(const LabRecord& record) const {
  const auto path = lab_folder(lab_) / kRecordFile;
  replace_privately(path, to_json(record), [&] {
    fs::remove(lab_folder(lab_) / kRecordBefore);
    keep(path, lab_folder(lab_) / kRecordBefore);
  });
  if (record.changing.empty()) forget_record_before();
}

void LockedLab::forget_record_before() const { fs::remove(lab_folder(lab_) / kRecordBefore); }

void LockedLab::unsave_record() const {
  if (const auto before = lab_folder(lab_) / kRecordBefore; fs::exists(before)) fs::rename(before, lab_folder(lab_) / kRecordFile);
}

std::optional<pid_t> lock_holder(std::string_view lab) {
  {
    const std::lock_guard guard{own_labs_guard};
    if (own_labs.contains(lab)) return ::getpid();
  }
  const netns::UniqueFd file{::open((lab_folder(lab) / kLockFile).c_str(), O_RDWR | O_CLOEXEC)};
  return file ? holder_of(file.get()) : std::nullopt;
}

void LockedLab::GivesBack::operator()(const std::string* lab) const {
  {
    const std::lock_guard guard{own_labs_guard};
    own_labs.erase(*lab);
  }
  delete lab;
}

LockedLab::LockedLab(std::string lab, const Patience& patience) : lab_(std::move(lab)) {
  const auto path = lab_folder(lab_) / kLockFile;
  Waiting waiting{lab_, patience};
  const auto take = [&] {
    const std::lock_guard guard{own_labs_guard};
    return own_labs.insert(lab_).second;
  };
  while (!take()) waiting.once_more(::getpid());
  own_ = std::unique_ptr<const std::string, GivesBack>{new std::string{lab_}};
  lock_ = lock(path, waiting);
}

/// A child that was forked meanwhile does not go on having it.
LockedLab::~LockedLab() {
  if (lock_) ::flock(lock_.get(), LOCK_UN);
}

void LockedLab::save(const Model& model) const {
  const auto path = lab_folder(lab_) / kModelFile;
  replace_privately(path, to_json(model), [&] {
    keep(path, lab_folder(lab_) / kModelOfFlows);
    fs::remove(lab_folder(lab_) / kModelBefore);
    keep(path, lab_folder(lab_) / kModelBefore);
  });
}

void LockedLab::unsave() const {
  const auto path = lab_folder(lab_) / kModelFile;
  if (const auto before = lab_folder(lab_) / kModelBefore; fs::exists(before))
    fs::rename(before, path);
  else
    fs::remove(path);
}

std::optional<Model> LockedLab::model_of_flows() const try {
  return read_model(lab_folder(lab_) / kModelOfFlows);
} catch (const std::system_error&) {
  throw;
} catch (const std::exception&) {
  return std::nullopt;  // it is damaged: nobody knows by which rules those flows were let through
}

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
  replace_privately(lab_folder(lab_) / kDirectoryFile, directory.string());
}

void LockedLab::tidy(const std::map<std::string, std::string>& files, const std::set<fs::path>& process_folders) const {
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
  for (const auto* kind : {kDaemonsFolder, kCollectorsFolder}) {
    for (const auto& entry : fs::directory_iterator(folder / kind, none))
      if (!process_folders.contains(entry.path())) fs::remove_all(entry.path(), none);
  }
  fs::remove_all(kept_logs(), none);
  fs::remove(kept_logs().parent_path(), none);  // only when it is empty
}

fs::path LockedLab::kept_logs() const {
  // A user's own /run goes with the last lab, which may be the one that failed.
  const auto* state = std::getenv("XDG_STATE_HOME");
  const auto* home = std::getenv("HOME");
  if (netns::user_outside() == 0 || (state == nullptr && home == nullptr)) return fs::path("/run/lazuli-logs") / lab_;
  return (state != nullptr ? fs::path(state) : fs::path(home) / ".local/state") / "lazuli" / lab_;
}

void LockedLab::forget() const {
  fs::remove_all(lab_folder(lab_));
  std::error_code none;
  fs::remove(labs_folder(), none);  // only when it is empty
}

}  // namespace emu
