// SPDX-License-Identifier: Apache-2.0
#include "netns/process/process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstring>
#include <deque>
#include <fstream>
#include <set>
#include <thread>

#include "netns/base/error.hpp"
#include "netns/base/files.hpp"
#include "netns/base/scope_exit.hpp"
#include "netns/base/subprocess.hpp"
#include "netns/namespace/namespace.hpp"
#include "netns/process/ending.hpp"
#include "netns/process/rights.hpp"
#include "netns/process/stand_in.hpp"
#include "netns/process/supervisor_start.hpp"
#include "netns/sandbox/sandbox.hpp"

namespace netns {
namespace {

using namespace std::chrono_literals;

constexpr auto kTimeToBegin = 300ms;      // until a supervisor has written its record
constexpr auto kPatienceForRecords = 3s;  // until one has written it again
constexpr auto kTellersPatience = 120s;
constexpr char kFilesApart = '+';               // in a digest of two parts
constexpr std::string_view kEnding = "------";  // a digest that no process has

/// A record, and whether its supervisor had still to say how its process ends.
struct Look {
  std::optional<Record> record;  ///< empty: it cannot be understood
  bool lives = false;
};

/// A supervisor that goes between two looks writes down how its process ended before it goes; so whether it lives is asked once.
Look look_at(const std::filesystem::path& path) {
  auto record = read_record(path);
  if (!record || record->status) return {std::move(record), false};
  if (is_alive(record->supervisor)) return {std::move(record), true};
  return {read_record(path), false};
}

/// A record with its log and the folder of its process. It goes last: whoever is killed before finds by it what is still to go.
void remove_record(const std::filesystem::path& path) {
  std::error_code none;
  try {
    if (const auto record = read_record(path); record && !record->folder.empty()) std::filesystem::remove_all(record->folder, none);
  } catch (const KernelError&) {  // it goes all the same
  }
  for (const auto& file : {log_beside(path), old_log_beside(path), draft_beside(path), ending_beside(path), path})
    std::filesystem::remove(file, none);
}

/// In case that whoever tells it to end is killed before it has.
void mark_as_ending(const std::filesystem::path& record) {
  const UniqueFd mark{::open(ending_beside(record).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)};
  require_that(static_cast<bool>(mark), "mark " + record.string() + " as ending");
}

void write_folder(const ProcessFolder& folder) {
  if (folder.path.empty()) return;
  std::filesystem::create_directories(folder.path);
  std::filesystem::permissions(folder.path, std::filesystem::perms::owner_all);
  for (const auto& [name, content] : folder.files) {
    const auto path = std::filesystem::path(folder.path) / name;
    replace_file(path, std::filesystem::path(path) += ".new", content, 0600);
  }
}

/// Of the namespace with that name now; `none` when its name leads nowhere.
std::string cookie_of(const std::string& name) {
  std::string cookie = "none";
  std::exception_ptr failure;
  // A thread of its own, for a caller that cannot come home.
  std::thread{[&] {
    try {
      enter_namespace(name);
      cookie = network_cookie();
    } catch (const KernelError& error) {
      if (error.code() != std::errc::no_such_file_or_directory) failure = std::current_exception();
    }
  }}.join();
  if (failure) std::rethrow_exception(failure);
  return cookie;
}

/// Names of records in a folder, without the files beside them.
std::vector<std::string> record_names(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder, none)) {
    auto file = entry.path().filename().string();
    if (file.find(kBeside) == std::string::npos && file.find('.') != std::string::npos) names.push_back(std::move(file));
  }
  if (none && none != std::errc::no_such_file_or_directory) throw KernelError(none.value(), "read " + folder.string());
  std::ranges::sort(names);
  return names;
}

/// The supervisors whose records are in `folder`, by the names of those.
std::map<std::string, ProcessId> supervisors_of(const std::filesystem::path& folder, const std::filesystem::path& program) {
  std::map<std::string, ProcessId> found;
  for (const auto pid : list_processes()) {
    const auto words = arguments_of(pid);
    if (words.size() != 2 || std::filesystem::path(words[0]).filename() != program.filename()) continue;
    const std::filesystem::path record{words[1]};
    if (record.parent_path() != folder || !is_ours_to_trust(pid)) continue;
    if (auto process = find_process(pid)) found.emplace(record.filename(), std::move(*process));
  }
  return found;
}

}  // namespace

/// A record, and what it says of now.
struct ProcessRecords::Entry {
  std::string name_space;
  std::string name;
  std::filesystem::path path;
  std::optional<Record> record;  ///< empty: it cannot be understood
  bool lives = false;            ///< its supervisor says when it has ended

  bool told_to_end() const { return std::filesystem::exists(ending_beside(path)); }

  /// Whether its namespace is the one that has the name now.
  bool is_of_today() const {
    const auto network = network_of(record->supervisor.pid);
    if (is_alive(record->supervisor)) return network != 0 && network == network_named(name_space);
    return record->network.empty() || record->network == cookie_of(name_space);
  }

  /// Whether nothing is to be done about it, if it is the process that is wanted.
  bool is_well() const {
    return lives ? record->lifetime != Lifetime::RunsFirst : record->lifetime != Lifetime::Stays && record->ended_well();
  }

  EndedProcess end() const { return {name_space, name, record->status}; }
};

std::string describe_end(int status) {
  if (WIFSIGNALED(status)) return fmt::format("signal {} ({})", WTERMSIG(status), ::strsignal(WTERMSIG(status)));
  return fmt::format("status {}", WEXITSTATUS(status));
}

std::string digest_of(const Process& process) {
  const auto& [hostname, surrounding_files, hidden, confined] = process.surroundings;
  std::string all = hostname;
  if (confined) all += '\10';
  for (const auto& folder : hidden) all += '\5' + folder;
  for (const auto& argument : process.arguments) all += '\0' + argument;
  for (const auto& [path, source] : surrounding_files) all += '\1' + path + '\0' + source;
  for (const auto& [name, value] : process.environment) all += '\6' + name + '\0' + value;
  all +=
      '\7' + process.directory + '\0' + process.user + '\0' + std::to_string(static_cast<int>(process.lifetime)) + '\0' + process.context;
  if (!process.folder.path.empty()) all += '\2' + process.folder.path;
  for (const auto& word : process.folder.teller) all += '\4' + word;
  std::string files;
  for (const auto& [name, content] : process.folder.files) files += '\3' + name + '\0' + content;
  return process.folder.reread ? fmt::format("{}{}{}", digest_of(all), kFilesApart, digest_of(files)) : digest_of(all + files);
}

std::string without_files(std::string_view digest) {
  const auto parts = digest.find(kFilesApart);
  return parts == std::string_view::npos ? std::string(kEnding) : std::string(digest.substr(0, parts + 1));
}

bool same_program(std::string_view digest, std::string_view other) {
  return digest.substr(0, digest.find(kFilesApart)) == other.substr(0, other.find(kFilesApart));
}

std::filesystem::path ProcessRecords::record_of(const std::string& name_space, const std::string& name) const {
  return folder_ / fmt::format("{}.{}", name_space, name);
}

std::vector<ProcessRecords::Entry> ProcessRecords::entries() const {
  std::vector<Entry> found;
  for (const auto& file : record_names(folder_)) {
    const auto dot = file.rfind('.');
    auto [record, lives] = look_at(folder_ / file);
    found.push_back({file.substr(0, dot), file.substr(dot + 1), folder_ / file, std::move(record), lives});
  }
  return found;
}

/// With the records that their supervisors had to write again.
std::vector<ProcessRecords::Entry> ProcessRecords::healed_entries() const {
  auto found = entries();
  auto supervisors = supervisors_of(folder_, supervisor_);
  for (const auto& entry : found)
    if (entry.record && is_alive(entry.record->supervisor)) supervisors.erase(entry.path.filename());
  if (supervisors.empty()) return found;
  for (const auto& [file, supervisor] : supervisors) {
    const auto path = folder_ / file;
    const auto is_kept = [&, &keeper = supervisor] {
      const auto record = read_record(path);
      return (record && is_alive(record->supervisor)) || !is_alive(keeper);
    };
    // One that was started since, by a command that holds the lab's lock, is about to write it.
    if (wait_until(kTimeToBegin, is_kept)) continue;
    send_signal(supervisor, SIGUSR1);
    if (!wait_until(kPatienceForRecords, is_kept))
      throw std::runtime_error(
          fmt::format("the record {} is lost, and process {}, which keeps it, does not answer", path.string(), supervisor.pid));
  }
  return entries();
}

void ProcessRecords::start(const std::string& name_space, const std::string& name, const Process& process) const {
  const auto path = record_of(name_space, name);
  const auto refuse = [&](const std::string& why) { throw std::runtime_error(fmt::format("start {} in {}: {}", name, name_space, why)); };
  const auto account = find_account(process.user);
  if (!account) refuse(fmt::format("there is no user '{}'", process.user));
  stop(name_space, name);
  std::filesystem::create_directories(folder_);
  ScopeExit leave_nothing{[&] {
    remove_record(path);
    std::error_code none;
    if (!process.folder.path.empty()) std::filesystem::remove_all(process.folder.path, none);
  }};
  write_folder(process.folder);
  if (const auto why = start_supervisor(supervisor_, path, {name_space, digest_of(process), process, *account}); !why.empty()) refuse(why);
  leave_nothing.release();
}

void ProcessRecords::reread(const std::string& name_space, const std::string& name, const Process& process) const {
  const auto path = record_of(name_space, name);
  auto record = read_record(path);
  if (!record || record->status || !is_alive(record->program)) return;  // the next observation finds out
  write_folder(process.folder);
  if (const auto& teller = process.folder.teller; !teller.empty())
    run_command(teller, kTellersPatience);
  else
    send_signal(record->program, SIGHUP);
  record->digest = digest_of(process);
  write(path, *record);
  if (!is_alive(record->program)) send_signal(record->supervisor, SIGUSR1);  // that it ended may have been written over
}

Digests ProcessRecords::running() const {
  Digests found;
  for (const auto& entry : healed_entries()) {
    if (!entry.record) continue;
    auto& digest = found[entry.name_space][entry.name];
    const bool there = is_alive(entry.record->supervisor) || is_alive(entry.record->program);
    const bool as_wanted = !entry.told_to_end() && entry.is_well() && entry.is_of_today();
    if (as_wanted)
      digest = entry.record->digest;
    else if (there && (entry.lives || entry.told_to_end()))
      digest = kEnding;
    else
      found[entry.name_space].erase(entry.name);  // what it left behind goes when it is started again
  }
  std::erase_if(found, [](const auto& processes) { return processes.second.empty(); });
  return found;
}

Digests ProcessRecords::started() const {
  Digests found;
  for (const auto& entry : entries())
    if (entry.record && !entry.told_to_end()) found[entry.name_space].emplace(entry.name, entry.record->digest);
  return found;
}

std::vector<EndedProcess> ProcessRecords::failures() const {
  std::vector<EndedProcess> found;
  for (const auto& entry : entries()) {
    if (!entry.record || entry.told_to_end() || entry.lives) continue;
    if (!entry.is_well()) found.push_back(entry.end());
  }
  return found;
}

std::map<std::string, std::map<std::string, std::int64_t>> ProcessRecords::living_since() const {
  std::map<std::string, std::map<std::string, std::int64_t>> found;
  for (const auto& entry : entries())
    if (entry.lives) found[entry.name_space].emplace(entry.name, entry.record->since);
  return found;
}

std::set<std::string> ProcessRecords::inhabited() const {
  std::set<std::string> found;
  for (const auto& entry : entries())
    if (entry.record && is_alive(entry.record->supervisor)) found.insert(entry.name_space);
  return found;
}

std::optional<EndedProcess> ProcessRecords::end_of(const std::string& name_space, const std::string& name) const {
  const auto path = record_of(name_space, name);
  const auto [record, lives] = look_at(path);
  if (!record) throw std::runtime_error(fmt::format("{} in {} has no record", name, name_space));
  if (lives) return std::nullopt;
  return EndedProcess{name_space, name, record->status};
}

void ProcessRecords::expect_end(const std::vector<std::string>& name_spaces) const {
  const std::set<std::string> ending(name_spaces.begin(), name_spaces.end());
  for (const auto& file : record_names(folder_)) {
    if (!ending.contains(file.substr(0, file.rfind('.')))) continue;
    mark_as_ending(folder_ / file);
  }
}

void ProcessRecords::end_all(const std::vector<std::string>& name_spaces) const {
  expect_end(name_spaces);
  const std::set<std::string> ending(name_spaces.begin(), name_spaces.end());
  std::vector<Record> records;
  for (const auto& entry : entries())
    if (entry.record && ending.contains(entry.name_space)) records.push_back(*entry.record);
  for (const auto& record : records) send_signal(record.supervisor, SIGTERM);
  for (const auto& record : records) end_with_descendants(record);
}

void ProcessRecords::forget(const std::string& name_space) const {
  for (const auto& file : record_names(folder_))
    if (file.substr(0, file.rfind('.')) == name_space) remove_record(folder_ / file);
  std::error_code none;
  std::filesystem::remove(sandbox_beside(folder_, name_space), none);
}

void ProcessRecords::enter_for_good(const std::string& name_space, const Surroundings& surroundings,
                                    const std::vector<std::string>& command) const {
  if (!surroundings.confined) {
    require_that(::setns(open_namespace(name_space).get(), CLONE_NEWNET) == 0, "enter network namespace " + name_space);
    return surround(surroundings);
  }
  std::error_code none;
  const auto directory = std::filesystem::current_path(none);
  const auto sandbox = sandbox_of({name_space, sandbox_beside(folder_, name_space), supervisor_}, surroundings, directory);
  adopt_children(sandbox);
  hide_from_the_sandbox();
  go_on_as_child();
  const UniqueFd handed_on{::fcntl(sandbox.get(), F_DUPFD, STDERR_FILENO + 1)};  // without FD_CLOEXEC
  require_that(static_cast<bool>(handed_on), "hand a sandbox on");
  std::vector<std::string> words{supervisor_, kVisitOption, std::to_string(handed_on.get()), directory};
  words.insert(words.end(), command.begin(), command.end());
  std::vector<char*> pointers;
  for (auto& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  ::execv(pointers[0], pointers.data());
  require_that(false, "run " + words[0]);
}

void ProcessRecords::stop(const std::string& name_space, const std::string& name) const {
  const auto path = record_of(name_space, name);
  const auto record = read_record(path);
  if (record) {
    if (is_alive(record->supervisor) || is_alive(record->program)) {
      mark_as_ending(path);
      // As long as it is open nobody else gets its number.
      const UniqueFd its_namespace{::open(fmt::format("/proc/{}/ns/net", record->supervisor.pid).c_str(), O_RDONLY | O_CLOEXEC)};
      require_that(its_namespace || errno == ENOENT || errno == ESRCH, fmt::format("open the network namespace of {}", name_space));
      const auto network = network_of(record->supervisor.pid);
      const bool has_lost_its_name = its_namespace && is_alive(record->supervisor) && network != 0 &&
                                     network != network_named(name_space) && network != network_of(::getpid());
      end_with_descendants(*record);
      // Nobody can say its name any more: whoever is in there belongs to what was.
      if (has_lost_its_name) end_those([&] { return processes_that([&](pid_t pid) { return network_of(pid) == network; }); });
    }
  } else if (std::filesystem::exists(path)) {
    healed_entries();
    if (read_record(path)) return stop(name_space, name);
  }
  remove_record(path);
}

void ProcessRecords::stop_all_but(const State& desired) const {
  auto ending = healed_entries();
  std::erase_if(ending, [&](const Entry& entry) {
    const auto name_space = desired.namespaces.find(entry.name_space);
    return name_space != desired.namespaces.end() && name_space->second.processes.contains(entry.name);
  });
  for (const auto& entry : ending) {  // all are told before one is waited for
    if (!entry.record || !is_alive(entry.record->supervisor)) continue;
    mark_as_ending(entry.path);
    send_signal(entry.record->supervisor, SIGTERM);
  }
  for (const auto& entry : ending) stop(entry.name_space, entry.name);
}

std::vector<std::string> ProcessRecords::logged(const std::string& name_space) const {
  std::vector<std::string> names;
  for (const auto& file : record_names(folder_))
    if (const auto dot = file.rfind('.'); file.substr(0, dot) == name_space) names.push_back(file.substr(dot + 1));
  return names;
}

std::vector<std::string> last_lines(const std::filesystem::path& record, std::size_t count) {
  constexpr std::size_t kLongest = 500;
  std::deque<std::string> lines;
  for (const auto& path : {old_log_beside(record), log_beside(record)}) {
    std::ifstream file{path, std::ios::binary};
    for (std::string line; std::getline(file, line);) {
      if (line.size() > kLongest) line.resize(kLongest);
      lines.push_back(std::move(line));
      if (lines.size() > count) lines.pop_front();
    }
  }
  return {lines.begin(), lines.end()};
}

}  // namespace netns
