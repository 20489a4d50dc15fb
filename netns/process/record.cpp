// SPDX-License-Identifier: Apache-2.0
#include "netns/process/record.hpp"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <sstream>
#include <stdexcept>

#include "netns/base/files.hpp"
#include "netns/namespace/records.hpp"

namespace netns {
namespace {

/// Nothing that is written down here holds a zero.
void add_field(std::string& text, std::string_view key, std::string_view value) {
  text.append(key).push_back('\0');
  text.append(value).push_back('\0');
}

template <typename Number>
Number number_of(const std::string& text) {
  Number number{};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{} || end != text.data() + text.size()) throw std::runtime_error("not a number: " + text);
  return number;
}

std::vector<std::pair<std::string, std::string>> fields_of(const std::string& text) {
  std::vector<std::pair<std::string, std::string>> fields;
  std::istringstream in{text};
  std::string key;
  std::string value;
  while (std::getline(in, key, '\0') && std::getline(in, value, '\0')) fields.emplace_back(std::move(key), std::move(value));
  return fields;
}

/// `key=value`, of which the key holds no `=`.
void put(std::map<std::string, std::string>& into, const std::string& pair) {
  const auto equal = pair.find('=');
  into[pair.substr(0, equal)] = pair.substr(equal + 1);
}

std::string to_text(const Record& record) {
  std::ostringstream out;
  out << "supervisor " << record.supervisor.pid << ' ' << record.supervisor.started << "\nprogram " << record.program.pid << ' '
      << record.program.started << "\nnetwork " << (record.network.empty() ? "-" : record.network) << "\nsince " << record.since
      << "\nlifetime " << static_cast<int>(record.lifetime) << "\nstatus " << record.status.value_or(-1) << "\ndigest " << record.digest
      << "\nfolder " << record.folder << '\n';
  return out.str();
}

std::optional<Record> parse_record(const std::string& text) {
  std::istringstream in{text};
  Record record;
  int lifetime = 0;
  int status = 0;
  const auto key = [&](const char* expected) {
    std::string word;
    in >> word;
    if (word != expected) in.setstate(std::ios::failbit);
    return static_cast<bool>(in);
  };
  const bool whole = key("supervisor") && in >> record.supervisor.pid >> record.supervisor.started && key("program") &&
                     in >> record.program.pid >> record.program.started && key("network") && in >> record.network && key("since") &&
                     in >> record.since && key("lifetime") && in >> lifetime && key("status") && in >> status && key("digest") &&
                     in >> record.digest && key("folder");
  if (!whole || lifetime < 0 || lifetime > static_cast<int>(Lifetime::RunsFirst)) return std::nullopt;
  in.get();
  if (!std::getline(in, record.folder)) return std::nullopt;
  if (record.network == "-") record.network.clear();
  record.lifetime = static_cast<Lifetime>(lifetime);
  if (status != -1) record.status = status;
  return record;
}

}  // namespace

std::optional<Account> find_account(const std::string& user) {
  if (user.empty()) return Account{};
  const bool is_number = user.find_first_not_of("0123456789") == std::string::npos;
  const passwd* entry = ::getpwnam(user.c_str());
  if (entry == nullptr && is_number) {
    uid_t id = 0;
    const auto [end, failure] = std::from_chars(user.data(), user.data() + user.size(), id);
    if (failure != std::errc{} || id == static_cast<uid_t>(-1)) return std::nullopt;
    entry = ::getpwuid(id);
    if (entry == nullptr) return Account{id, id, {}, "/"};
  }
  if (entry == nullptr) return std::nullopt;
  Account account{entry->pw_uid, entry->pw_gid, {}, entry->pw_dir};
  int count = 64;
  account.groups.resize(static_cast<std::size_t>(count));
  if (::getgrouplist(entry->pw_name, entry->pw_gid, account.groups.data(), &count) < 0) {
    account.groups.resize(static_cast<std::size_t>(count));
    ::getgrouplist(entry->pw_name, entry->pw_gid, account.groups.data(), &count);
  }
  account.groups.resize(static_cast<std::size_t>(count));
  return account;
}

std::filesystem::path log_beside(const std::filesystem::path& record) { return record.string() + kBeside + "log"; }
std::filesystem::path old_log_beside(const std::filesystem::path& record) { return record.string() + kBeside + "log.old"; }
std::filesystem::path ending_beside(const std::filesystem::path& record) { return record.string() + kBeside + "ending"; }
std::filesystem::path draft_beside(const std::filesystem::path& record) { return record.string() + kBeside + "new"; }

std::filesystem::path sandbox_beside(const std::filesystem::path& folder, std::string_view name_space) {
  return folder.parent_path() / "sandboxes" / name_space;
}

std::string to_text(const Assignment& assignment) {
  std::string text;
  const auto& [name_space, digest, process, account] = assignment;
  add_field(text, "namespace", name_space);
  add_field(text, "digest", digest);
  add_field(text, "lifetime", std::to_string(static_cast<int>(process.lifetime)));
  add_field(text, "hostname", process.surroundings.hostname);
  for (const auto& [path, source] : process.surroundings.files) add_field(text, "file", path + '=' + source);
  for (const auto& folder : process.surroundings.hidden) add_field(text, "hidden", folder);
  if (process.surroundings.confined) add_field(text, "confined", "");
  for (const auto& argument : process.arguments) add_field(text, "argument", argument);
  for (const auto& [name, value] : process.environment) add_field(text, "environment", name + '=' + value);
  add_field(text, "directory", process.directory);
  add_field(text, "folder", process.folder.path);
  // Told before it listens, the process would end; so it hears of it when it does.
  if (process.folder.reread && process.folder.teller.empty()) add_field(text, "reread", "");
  add_field(text, "user", std::to_string(account.user));
  add_field(text, "group", std::to_string(account.group));
  for (const auto group : account.groups) add_field(text, "groups", std::to_string(group));
  add_field(text, "home", account.home);
  return text;
}

Assignment assignment_from(const std::string& text) {
  Assignment assignment;
  auto& process = assignment.process;
  for (auto& [key, value] : fields_of(text)) {
    if (key == "namespace")
      assignment.name_space = value;
    else if (key == "digest")
      assignment.digest = value;
    else if (key == "lifetime")
      process.lifetime = static_cast<Lifetime>(number_of<int>(value));
    else if (key == "hostname")
      process.surroundings.hostname = value;
    else if (key == "file")
      put(process.surroundings.files, value);
    else if (key == "hidden")
      process.surroundings.hidden.insert(value);
    else if (key == "confined")
      process.surroundings.confined = true;
    else if (key == "argument")
      process.arguments.push_back(value);
    else if (key == "environment")
      put(process.environment, value);
    else if (key == "directory")
      process.directory = value;
    else if (key == "folder")
      process.folder.path = value;
    else if (key == "reread")
      process.folder.reread = true;
    else if (key == "user")
      assignment.account.user = number_of<uid_t>(value);
    else if (key == "group")
      assignment.account.group = number_of<gid_t>(value);
    else if (key == "groups")
      assignment.account.groups.push_back(number_of<gid_t>(value));
    else if (key == "home")
      assignment.account.home = value;
    else
      throw std::runtime_error("an assignment holds " + key);
  }
  if (assignment.name_space.empty() || process.arguments.empty()) throw std::runtime_error("an assignment is cut off");
  return assignment;
}

void write(const std::filesystem::path& path, const Record& record) {
  std::filesystem::create_directories(path.parent_path());
  replace_file(path, draft_beside(path), to_text(record), 0600);
}

std::optional<Record> read_record(const std::filesystem::path& path) {
  const auto text = read_if_there(path);
  return text ? parse_record(*text) : std::nullopt;
}

std::string network_cookie() {
  const auto cookie = cookie_of_this_namespace();
  return cookie == 0 ? std::string{} : std::to_string(cookie);
}

}  // namespace netns
