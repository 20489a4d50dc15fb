// SPDX-License-Identifier: Apache-2.0
#include "netns/sandbox/own_system.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "netns/base/error.hpp"
#include "netns/base/unique_fd.hpp"
#include "netns/namespace/namespace.hpp"

namespace netns {
namespace {

namespace fs = std::filesystem;

/// Where what is written becomes what the host's root runs.
constexpr std::array kSystem{"/bin", "/boot", "/efi",  "/etc",  "/lib", "/lib32",        "/lib64",           "/libx32",
                             "/nix", "/opt",  "/sbin", "/snap", "/usr", "/var/lib/dpkg", "/var/lib/systemd", "/var/spool"};
/// Folders that are mounted anew.
constexpr std::array<std::string_view, 4> kOwn{"dev", "proc", "run", "sys"};
/// Of /proc: what tells or changes the machine instead of the process that asks.
constexpr std::array kSwitches{"/proc/acpi", "/proc/bus", "/proc/fs", "/proc/irq", "/proc/scsi", "/proc/sys", "/proc/sysrq-trigger"};
constexpr const char* kGlobalNetworkSwitch = "/proc/sys/net/netfilter/nf_hooks_lwtunnel";  // the one that is of no namespace
constexpr std::array kSecrets{"/proc/kcore", "/proc/keys", "/proc/key-users", "/proc/kmsg", "/proc/sched_debug", "/proc/timer_list"};
constexpr const char* kNetworkSwitches = "/proc/sys/net";
/// Devices that hold nothing of the machine's.
constexpr std::array kDevices{"null", "zero", "full", "random", "urandom", "tty", "net/tun"};
constexpr std::array<std::pair<const char*, const char*>, 5> kDeviceLinks{
    {{"ptmx", "pts/ptmx"}, {"fd", "/proc/self/fd"}, {"stdin", "fd/0"}, {"stdout", "fd/1"}, {"stderr", "fd/2"}}};

std::string by_descriptor(const UniqueFd& file) { return "/proc/self/fd/" + std::to_string(file.get()); }

UniqueFd found(const std::string& path) { return UniqueFd{::open(path.c_str(), O_PATH | O_CLOEXEC)}; }

void mount_new(const char* kind, const std::string& path, unsigned long flags, const char* options) {
  require_that(::mount(kind, path.c_str(), kind, flags, options) == 0, "mount " + path);
}

/// A mount of what is at `from` that is apart from whatever else is mounted there.
void mount_on(const std::string& from, const std::string& path, unsigned long more = 0) {
  require_that(::mount(from.c_str(), path.c_str(), nullptr, MS_BIND | more, nullptr) == 0, "mount on " + path);
}

void touch(const std::string& path) {
  const UniqueFd file{::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644)};
  require_that(static_cast<bool>(file), "create " + path);
}

bool is_folder_itself(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

/// Also / itself, so that no folder and no link takes the place of one of the system's; what else is in it stays as it is.
void protect_system() {
  for (const auto& name : names_in_folder("/")) {
    const auto path = '/' + name;
    if (is_folder_itself(path) && std::ranges::find(kOwn, name) == kOwn.end()) mount_on(path, path, MS_REC);
  }
  for (const std::string path : kSystem) {
    if (!is_folder_itself(path)) continue;  // often a link to one below /usr
    mount_on(path, path, MS_REC);
    make_read_only(path);
  }
  make_read_only("/", 0);
}

/// With folders as in the host's, for programs that expect theirs there, and with nothing in them.
void set_up_run() {
  const auto hosts = found("/run");
  require_that(static_cast<bool>(hosts), "open /run");
  // The names of all namespaces would be mounted once more in each sandbox, out of sight.
  while (::umount2("/run/netns", MNT_DETACH) == 0) {
  }
  mount_new("tmpfs", "/run", MS_NOSUID | MS_NODEV, "mode=755,size=64m");
  for (const auto& name : names_in_folder(by_descriptor(hosts))) {
    struct stat status {};
    if (::fstatat(hosts.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISDIR(status.st_mode)) continue;
    const auto folder = "/run/" + name;
    if (::mkdir(folder.c_str(), 0755) != 0 || ::chown(folder.c_str(), status.st_uid, status.st_gid) != 0) continue;
    ::chmod(folder.c_str(), status.st_mode & 07777U);
  }
}

void set_up_dev() {
  std::vector<std::pair<std::string, UniqueFd>> devices;
  for (const std::string name : kDevices)
    if (auto device = found("/dev/" + name)) devices.emplace_back(name, std::move(device));
  mount_new("tmpfs", "/dev", MS_NOSUID | MS_NOEXEC, "mode=755,size=64k");
  for (const auto* folder : {"/dev/net", "/dev/pts", "/dev/shm"}) require_that(::mkdir(folder, 0755) == 0, std::string("make ") + folder);
  for (const auto& [name, device] : devices) {
    touch("/dev/" + name);
    mount_on(by_descriptor(device), "/dev/" + name);
    make_read_only("/dev/" + name);  // who may use it, not what is written to it
  }
  for (const auto& [name, target] : kDeviceLinks) fs::create_symlink(target, fs::path("/dev") / name);
  // Group 5 is tty's, which a user namespace may not have.
  if (::mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620,gid=5") != 0)
    mount_new("devpts", "/dev/pts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620");
  mount_new("tmpfs", "/dev/shm", MS_NOSUID | MS_NODEV, "mode=1777,size=64m");
}

void set_up_proc() {
  mount_new("proc", "/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr);
  const auto network_switches = found(kNetworkSwitches);
  require_that(static_cast<bool>(network_switches), std::string("open ") + kNetworkSwitches);
  for (const std::string path : kSwitches) {
    if (!found(path)) continue;
    mount_on(path, path, MS_REC);
    make_read_only(path);
  }
  mount_on(by_descriptor(network_switches), kNetworkSwitches);
  if (found(kGlobalNetworkSwitch)) {
    mount_on(kGlobalNetworkSwitch, kGlobalNetworkSwitch);
    make_read_only(kGlobalNetworkSwitch);
  }
  for (const std::string path : kSecrets)
    if (found(path)) mount_on("/dev/null", path);
}

/// A folder of somebody's that a new mount hides is shown in it.
void show(const std::string& path, const UniqueFd& folder) {
  const bool may_be_hidden = path.starts_with("/run/user/") || path.starts_with("/dev/shm/");
  std::error_code hidden;
  if (!may_be_hidden || !folder || fs::equivalent(path, by_descriptor(folder), hidden)) return;
  fs::create_directories(path);
  mount_on(by_descriptor(folder), path, MS_REC);
}

}  // namespace

void make_read_only(const std::string& path, unsigned how_deep) {
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_RDONLY;
  attributes.propagation = MS_PRIVATE;  // what the host mounts there later would be writable
  require_that(::mount_setattr(AT_FDCWD, path.c_str(), how_deep, &attributes, sizeof attributes) == 0, "make " + path + " read-only");
}

void arrange_own_system(const std::string& directory) {
  const auto kept = directory.empty() ? UniqueFd{} : found(directory);
  protect_system();
  set_up_run();
  set_up_dev();
  set_up_proc();
  show(directory, kept);
}

}  // namespace netns
