// SPDX-License-Identifier: Apache-2.0
#include "netns/process/process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/close_range.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <functional>
#include <optional>
#include <set>
#include <sstream>
#include <thread>

#include "netns/base/error.hpp"
#include "netns/base/subprocess.hpp"
#include "netns/namespace/namespace.hpp"

namespace netns {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 1s;  // between SIGTERM and SIGKILL
constexpr auto kInterval = 2ms;
constexpr char kFilesApart = '+';  // in a digest of two parts
constexpr char kEnding = '-';      // in place of every letter of a digest

void require(bool done, const std::string& what) {
  const int error = errno;
  if (!done) throw KernelError(error, what);
}

void mount_over(const std::filesystem::path& path, const std::string& source) {
  std::error_code none;
  const auto target = std::filesystem::canonical(path, none);  // /etc/resolv.conf is often a link, sometimes one to nowhere
  if (none) return;
  require(::mount(source.c_str(), target.c_str(), nullptr, MS_BIND, nullptr) == 0, fmt::format("mount {} on {}", source, target.string()));
}

/// What proc(5) says in /proc/<pid>/stat.
struct Status {
  pid_t group = 0;
  std::string started;
};

/// Empty when there is no such process or it is a zombie.
std::optional<Status> read_status(pid_t pid) {
  std::ifstream file{fmt::format("/proc/{}/stat", pid)};
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  std::istringstream fields{line.substr(line.rfind(')') + 1)};  // the name before it may hold anything
  Status status;
  std::string field;
  constexpr int kState = 3;
  constexpr int kGroup = 5;
  constexpr int kStartTime = 22;
  for (int i = kState; i <= kStartTime && fields >> field; ++i) {
    if (i == kState && field == "Z") return std::nullopt;
    if (i == kGroup) status.group = std::stoi(field);
  }
  status.started = field;
  return status;
}

/// Every process that is there, zombies too.
std::vector<pid_t> list_processes() {
  std::vector<pid_t> found;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const auto name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") == std::string::npos) found.push_back(std::stoi(name));
  }
  return found;
}

/// Whether a process of `group` is left that is not a zombie.
bool has_members(pid_t group) {
  if (::kill(-group, 0) != 0 && errno == ESRCH) return false;
  return std::ranges::any_of(list_processes(), [&](pid_t pid) {
    const auto status = read_status(pid);
    return status && status->group == group;
  });
}

struct Record {
  pid_t pid = 0;
  std::string started;
  std::string digest;
  std::string folder;  ///< may be empty

  bool alive() const {
    const auto status = pid > 0 ? read_status(pid) : std::nullopt;
    return status && status->started == started;
  }
};

std::optional<Record> read_record(const std::filesystem::path& path) {
  std::ifstream file{path};
  Record record;
  if (!(file >> record.pid >> record.started >> record.digest)) return std::nullopt;
  std::getline(file >> std::ws, record.folder);
  return record;
}

std::string line_of(const Record& record) { return fmt::format("{} {} {} {}\n", record.pid, record.started, record.digest, record.folder); }

void write_record(const std::filesystem::path& path, const Record& record) {
  std::ofstream file{path, std::ios::trunc};
  file << line_of(record);
  file.close();
  require(!file.fail(), "write " + path.string());
}

/// Says in a record that its process is about to be told to end. A digest of the same length takes the place of the old one, in one
/// write: whoever is killed here leaves the one or the other.
void mark_ending(const std::filesystem::path& path, Record record) {
  std::ranges::fill(record.digest, kEnding);
  const auto line = line_of(record);
  const UniqueFd file{::open(path.c_str(), O_WRONLY | O_CLOEXEC)};
  require(file && ::write(file.get(), line.data(), line.size()) == static_cast<ssize_t>(line.size()), "write " + path.string());
}

/// A record with its log and the folder of its process.
void remove_record(const std::filesystem::path& path) {
  std::error_code none;
  if (const auto record = read_record(path); record && !record->folder.empty()) std::filesystem::remove_all(record->folder, none);
  std::filesystem::remove(path, none);
  std::filesystem::remove(path.string() + ".log", none);
}

void write_folder(const ProcessFolder& folder) {
  if (folder.path.empty()) return;
  std::filesystem::create_directories(folder.path);
  std::filesystem::permissions(folder.path, std::filesystem::perms::owner_all);
  for (const auto& [name, content] : folder.files) {
    const auto path = std::filesystem::path(folder.path) / name;
    const auto draft = std::filesystem::path(path) += ".new";
    std::filesystem::remove(draft);  // an old one may be open to more eyes, or be a link
    {
      const UniqueFd file{::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
      require(file && ::write(file.get(), content.data(), content.size()) == static_cast<ssize_t>(content.size()),
              "write " + path.string());
    }
    std::filesystem::rename(draft, path);
  }
}

bool wait_until(std::chrono::milliseconds limit, const std::function<bool()>& holds) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(kInterval);
  }
  return true;
}

/// Runs in the child, which is never to come back from here.
void become(const std::string& name_space, const Process& process, const std::filesystem::path& record) {
  ::setsid();
  sigset_t blocked{};
  sigemptyset(&blocked);
  // Told before it listens, the process would end; so it hears of it when it does.
  if (process.folder.reread && process.folder.teller.empty()) sigaddset(&blocked, SIGHUP);
  ::sigprocmask(SIG_SETMASK, &blocked, nullptr);
  ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);  // also what the caller was given and knows nothing of
  const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  const auto log_path = record.string() + ".log";
  const int log = ::open(log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  require(null >= 0 && log >= 0, "open " + log_path);
  require(::dup2(null, 0) == 0 && ::dup2(log, 1) == 1 && ::dup2(log, 2) == 2, "redirect to " + log_path);
  write_record(record, {::getpid(), read_status(::getpid()).value_or(Status{}).started, digest_of(process), process.folder.path});
  enter_for_good(name_space, process.surroundings);
  std::vector<char*> arguments;
  for (const auto& argument : process.arguments) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  ::execv(arguments[0], arguments.data());
  require(false, "run " + process.arguments[0]);
}

std::set<ino_t> inodes_of(const std::vector<std::string>& names) {
  std::set<ino_t> inodes;
  for (const auto& name : names) {
    struct stat status {};
    if (::stat(namespace_path(name).c_str(), &status) == 0) inodes.insert(status.st_ino);
  }
  return inodes;
}

std::vector<pid_t> processes_in(const std::set<ino_t>& namespaces) {
  auto found = list_processes();
  std::erase_if(found, [&](pid_t pid) {
    struct stat status {};
    if (pid == ::getpid() || ::stat(fmt::format("/proc/{}/ns/net", pid).c_str(), &status) != 0) return true;
    return !namespaces.contains(status.st_ino) || !read_status(pid);
  });
  return found;
}

}  // namespace

void enter_for_good(std::string_view name, const Surroundings& surroundings) {
  require(::setns(open_namespace(name).get(), CLONE_NEWNET) == 0, "enter network namespace " + std::string(name));
  require(::unshare(CLONE_NEWNS | CLONE_NEWUTS) == 0, "unshare mount and host names");
  require(::mount("", "/", nullptr, MS_SLAVE | MS_REC, nullptr) == 0, "make mounts private");
  require(::sethostname(surroundings.hostname.data(), surroundings.hostname.size()) == 0, "set hostname " + surroundings.hostname);
  for (const auto& [path, source] : surroundings.files) mount_over(path, source);
  if (const auto& hidden = surroundings.hidden; !hidden.empty())
    require(::mount("none", hidden.c_str(), "tmpfs", MS_RDONLY, "size=4k") == 0, "hide " + hidden);
  // /sys/class/net shows the links of the namespace it was mounted in. Not every container lets us: then it shows the host's.
  ::mount("sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr);
}

std::string digest_of(const Process& process) {
  std::string all = process.surroundings.hostname + '\0' + process.surroundings.hidden;
  for (const auto& argument : process.arguments) all += '\0' + argument;
  for (const auto& [path, source] : process.surroundings.files) all += '\1' + path + '\0' + source;
  if (!process.folder.path.empty()) all += '\2' + process.folder.path;
  for (const auto& word : process.folder.teller) all += '\4' + word;
  std::string files;
  for (const auto& [name, content] : process.folder.files) files += '\3' + name + '\0' + content;
  return process.folder.reread ? fmt::format("{}{}{}", digest_of(all), kFilesApart, digest_of(files)) : digest_of(all + files);
}

bool same_program(std::string_view digest, std::string_view other) {
  return digest.substr(0, digest.find(kFilesApart)) == other.substr(0, other.find(kFilesApart));
}

void ProcessRecords::start(const std::string& name_space, const std::string& name, const Process& process) const {
  std::filesystem::create_directories(folder_);
  write_folder(process.folder);
  std::array<int, 2> ends{};
  require(::pipe2(ends.data(), O_CLOEXEC) == 0, "make a pipe");
  const UniqueFd from_child{ends[0]};
  UniqueFd to_parent{ends[1]};
  const pid_t child = ::fork();
  require(child >= 0, "fork");
  if (child == 0) {
    int error = 0;
    std::string words;
    try {
      become(name_space, process, folder_ / fmt::format("{}.{}", name_space, name));
    } catch (const KernelError& refused) {
      error = refused.code().value();
      words = refused.what();
    } catch (const std::exception& failed) {
      words = failed.what();
    }
    // The pipe closes when the program runs; what is read from it before is why it does not.
    [[maybe_unused]] const auto written = ::write(to_parent.get(), words.data(), words.size());
    ::_exit(error == 0 ? 1 : error);
  }
  to_parent = UniqueFd{};
  std::string words;
  std::array<char, 512> buffer{};
  ssize_t size = 0;
  while ((size = ::read(from_child.get(), buffer.data(), buffer.size())) > 0 || (size < 0 && errno == EINTR))
    if (size > 0) words.append(buffer.data(), static_cast<std::size_t>(size));
  if (words.empty()) return;
  ::waitpid(child, nullptr, 0);
  throw std::runtime_error(fmt::format("start {} in {}: {}", name, name_space, words));
}

void ProcessRecords::reread(const std::string& name_space, const std::string& name, const Process& process) const {
  const auto path = folder_ / fmt::format("{}.{}", name_space, name);
  auto record = read_record(path);
  if (!record || !record->alive()) return;  // the next observation finds out
  write_folder(process.folder);
  if (const auto& teller = process.folder.teller; !teller.empty())
    run_command(teller);
  else
    ::kill(record->pid, SIGHUP);
  record->digest = digest_of(process);
  write_record(path, *record);
}

std::map<std::string, std::map<std::string, std::string>> ProcessRecords::running() const {
  std::map<std::string, std::map<std::string, std::string>> found;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, none)) {
    const auto file = entry.path().filename().string();
    if (file.ends_with(".log")) continue;
    const auto dot = file.rfind('.');
    if (const auto record = read_record(entry.path()); record && record->alive())
      found[file.substr(0, dot)].emplace(file.substr(dot + 1), record->digest);
  }
  return found;
}

void ProcessRecords::stop(const std::string& name_space, const std::string& name) const {
  const auto path = folder_ / fmt::format("{}.{}", name_space, name);
  if (const auto record = read_record(path); record && record->alive()) {
    mark_ending(path, *record);
    ::kill(-record->pid, SIGTERM);
    // As long as one of the group is left, its number can mean no other group.
    const auto ended = [&] { return !record->alive() && !has_members(record->pid); };
    if (!wait_until(kPatience, ended)) {
      ::kill(-record->pid, SIGKILL);
      wait_until(kPatience, ended);
    }
  }
  remove_record(path);
}

void ProcessRecords::expect_end(const std::vector<std::string>& name_spaces) const {
  const std::set<std::string> ending(name_spaces.begin(), name_spaces.end());
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, none)) {
    const auto file = entry.path().filename().string();
    if (file.ends_with(".log") || !ending.contains(file.substr(0, file.rfind('.')))) continue;
    if (const auto record = read_record(entry.path())) mark_ending(entry.path(), *record);
  }
}

void ProcessRecords::forget(const std::string& name_space) const {
  std::vector<std::filesystem::path> records;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, none)) {
    const auto file = entry.path().filename().string();
    if (!file.ends_with(".log") && file.substr(0, file.rfind('.')) == name_space) records.push_back(entry.path());
  }
  for (const auto& record : records) remove_record(record);
}

void stop_all_in(const std::vector<std::string>& names) {
  const auto namespaces = inodes_of(names);
  if (namespaces.empty()) return;
  for (const int signal : {SIGTERM, SIGKILL}) {
    std::set<pid_t> told;
    const bool none_left = wait_until(kPatience, [&] {
      const auto left = processes_in(namespaces);
      for (const auto pid : left)
        if (told.insert(pid).second) ::kill(pid, signal);
      return left.empty();
    });
    if (none_left) return;
  }
}

}  // namespace netns
