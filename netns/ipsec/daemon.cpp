// SPDX-License-Identifier: Apache-2.0
#include "netns/ipsec/daemon.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <fstream>
#include <iterator>
#include <map>
#include <thread>

#include "netns/base/error.hpp"
#include "netns/base/subprocess.hpp"
#include "netns/base/unique_fd.hpp"
#include "netns/ipsec/paths.hpp"

namespace netns {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds kPatience{20};  // for a daemon that starts on a slow machine
constexpr std::chrono::milliseconds kInterval{50};

void require(bool done, const std::string& what) {
  const int error = errno;
  if (!done) throw KernelError(error, what);
}

/// Several daemons may start at once: one makes it, the others wait for that.
void make_key_store(const fs::path& path) {
  fs::create_directories(path);
  fs::permissions(path, fs::perms::owner_all);
  const UniqueFd lock{::open((path / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
  require(lock && ::flock(lock.get(), LOCK_EX) == 0, "lock " + path.string());
  if (!fs::exists(path / "made")) {
    run_command({"/usr/bin/certutil", "-N", "--empty-password", "-d", "sql:" + path.string()});
    require(static_cast<bool>(UniqueFd{::open((path / "made").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)}), "write " + path.string());
  }
}

/// By name: a digest of all that a daemon knows of a connection, its key too.
using Digests = std::map<std::string, std::string>;

std::string list_connections(const std::vector<IpsecConnection>& connections) {
  std::string text;
  for (const auto& connection : connections)
    text += fmt::format("{} {}\n", connection.name, digest_of(ipsec_configuration({connection}) + ipsec_secrets({connection})));
  return text;
}

Digests read_connections(const fs::path& path) {
  Digests found;
  std::ifstream file{path};
  std::string name;
  for (std::string digest; file >> name >> digest;) found.emplace(name, digest);
  return found;
}

void mark_as_loaded(const fs::path& folder) {
  fs::copy_file(folder / kIpsecConnections, folder / kIpsecLoaded, fs::copy_options::overwrite_existing);
}

std::string whack(const fs::path& folder, std::vector<std::string> message) {
  message.insert(message.begin(), {kWhack, "--ctlsocket", folder / kIpsecControl});
  return run_command(message);
}

/// Looks at its addresses and reads its keys again. One that has just started may not answer yet.
void listen_again(const fs::path& folder) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (true) {
    try {
      whack(folder, {"--listen"});
      return;
    } catch (const CommandError&) {
      if (std::chrono::steady_clock::now() > end) throw;
    }
    std::this_thread::sleep_for(kInterval);
  }
}

void remove_connection(const fs::path& folder, const std::string& name) {
  try {
    whack(folder, {"--name", name, "--delete"});
  } catch (const CommandError&) {  // it is gone already
  }
}

void add_connection(const fs::path& folder, const std::string& name) {
  run_command({kAddConnection, "--config", folder / kIpsecConfiguration, "--ctlsocket", folder / kIpsecControl, name});
}

}  // namespace

ProcessFolder ipsec_daemon_folder(std::string path, const std::vector<IpsecConnection>& connections) {
  return {std::move(path),
          {{kIpsecConfiguration, ipsec_configuration(connections)},
           {kIpsecSecrets, ipsec_secrets(connections)},
           {kIpsecConnections, list_connections(connections)}},
          true};
}

void become_ipsec_daemon(const fs::path& folder, const fs::path& key_store) {
  make_key_store(key_store);
  mark_as_loaded(folder);
  const std::vector<std::string> arguments{kPluto,          "--nofork",
                                           "--config",      folder / kIpsecConfiguration,
                                           "--secretsfile", folder / kIpsecSecrets,
                                           "--nssdir",      key_store,
                                           "--ipsecdir",    folder,
                                           "--rundir",      folder,
                                           "--logfile",     folder / kIpsecLog};
  std::vector<char*> words;
  for (const auto& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  ::execv(words[0], words.data());
  const int error = errno;
  throw KernelError(error, std::string("run ") + kPluto);
}

void tell_ipsec_daemon(const fs::path& folder) {
  const auto loaded = read_connections(folder / kIpsecLoaded);
  const auto wanted = read_connections(folder / kIpsecConnections);
  std::vector<std::pair<std::string, std::string>> changed;
  listen_again(folder);
  std::ranges::set_difference(loaded, wanted, std::back_inserter(changed));
  for (const auto& [name, digest] : changed) remove_connection(folder, name);
  changed.clear();
  std::ranges::set_difference(wanted, loaded, std::back_inserter(changed));
  for (const auto& [name, digest] : changed) add_connection(folder, name);
  mark_as_loaded(folder);
}

void start_ipsec_connection(const fs::path& folder, const std::string& connection, bool anew) {
  if (anew) {
    remove_connection(folder, connection);
    add_connection(folder, connection);
  }
  whack(folder, {"--name", connection, "--initiate", "--asynchronous"});
}

}  // namespace netns
