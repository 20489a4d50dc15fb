// SPDX-License-Identifier: Apache-2.0
#include "netns/ipsec/daemon.hpp"

#include <fcntl.h>
#include <linux/ipsec.h>
#include <linux/netlink.h>
#include <linux/xfrm.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "netns/base/error.hpp"
#include "netns/base/subprocess.hpp"
#include "netns/base/unique_fd.hpp"
#include "netns/ipsec/paths.hpp"
#include "netns/netlink/socket.hpp"

namespace netns {
namespace {

namespace fs = std::filesystem;

void require(bool done, const std::string& what) {
  const int error = errno;
  if (!done) throw KernelError(error, what);
}

void flush_kernel() {
  Socket socket{NETLINK_XFRM, "the daemon's namespace"};
  const auto associations = make_message(XFRM_MSG_FLUSHSA, 0);
  append(associations, xfrm_usersa_flush{IPSEC_PROTO_ANY});
  socket.add(associations, "flush IPsec security associations");
  socket.add(make_message(XFRM_MSG_FLUSHPOLICY, 0), "flush IPsec policies");
  socket.flush();
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

}  // namespace

ProcessFolder ipsec_daemon_folder(std::string path, const std::vector<IpsecConnection>& connections) {
  return {std::move(path),
          {{kIpsecConfiguration, ipsec_configuration(connections)},
           {kIpsecConfigurationAgain, ipsec_configuration(connections, true)},
           {kIpsecSecrets, ipsec_secrets(connections)}}};
}

void become_ipsec_daemon(const fs::path& folder, const fs::path& key_store) {
  flush_kernel();
  make_key_store(key_store);
  const bool was_killed = fs::exists(folder / kIpsecLog);  // one that was stopped took its folder with it
  const std::vector<std::string> arguments{kPluto,          "--nofork",
                                           "--config",      folder / (was_killed ? kIpsecConfigurationAgain : kIpsecConfiguration),
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

}  // namespace netns
