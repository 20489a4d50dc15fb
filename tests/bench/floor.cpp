// SPDX-License-Identifier: Apache-2.0
// tests/bench/floor.cpp — the least it costs to create N machines on this kernel: what `lazuli up` is measured against.
//
//   floor up DIRECTORY N [THREADS]     creates them; prints the milliseconds of each phase
//   floor down DIRECTORY N [THREADS]   removes all of it
//
//   DIRECTORY/0     the router: bridges of at most 1000 ports each, ports p1 … pN
//   DIRECTORY/1…N   a machine each: lo up; eth0 with an address, up, and a default route
//
// Nothing is checked, remembered or read back. Each phase does its work in as few system calls as the kernel allows: messages go
// out many at a time and only the last of them asks for an acknowledgement; interface indexes are chosen here and not looked up.
#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <functional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

namespace {

constexpr unsigned kPortsPerBridge = 1000;
constexpr int kFirstBridge = 10;  // interface indexes, each in its own namespace
constexpr int kFirstPort = 100;
constexpr int kLoopback = 1;
constexpr int kEth0 = 2;
constexpr std::uint32_t kGateway = 0x0a000001;       // 10.0.0.1
constexpr std::uint32_t kFirstMachine = 0x0a000003;  // less one: machine 1 is 10.0.0.4

[[noreturn]] void fail(const char* what) {
  const int error = errno;
  throw std::system_error(error, std::system_category(), what);
}

/// A netlink socket of the namespace it was opened in.
class Batch {
 public:
  Batch() : socket_(mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC)) {
    if (socket_ == nullptr || mnl_socket_bind(socket_, 0, MNL_SOCKET_AUTOPID) < 0) fail("open netlink");
  }
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;
  ~Batch() { mnl_socket_close(socket_); }

  /// Adds a message with its family header, which the caller fills, and whatever attributes `attributes` puts.
  template <typename Header>
  void add(std::uint16_t type, std::uint16_t flags, const Header& header, const std::function<void(nlmsghdr*)>& attributes) {
    if (buffer_.size() - used_ < kLongestMessage) send();
    last_ = mnl_nlmsg_put_header(buffer_.data() + used_);
    last_->nlmsg_type = type;
    last_->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
    *static_cast<Header*>(mnl_nlmsg_put_extra_header(last_, sizeof(Header))) = header;
    attributes(last_);
    used_ += MNL_ALIGN(last_->nlmsg_len);
  }

  void up(int index) {
    add(RTM_NEWLINK, 0, ifinfomsg{AF_UNSPEC, 0, 0, index, IFF_UP, IFF_UP}, [](nlmsghdr*) {});
  }

  /// The kernel answers a message that fails, and the last one because it asks; the latter's answer comes last.
  void send() {
    if (used_ == 0) return;
    last_->nlmsg_flags |= NLM_F_ACK;
    if (mnl_socket_sendto(socket_, buffer_.data(), used_) < 0) fail("send");
    std::vector<char> reply(8192);
    if (mnl_socket_recvfrom(socket_, reply.data(), reply.size()) < 0) fail("receive");
    const auto* answer = reinterpret_cast<nlmsghdr*>(reply.data());
    errno = -static_cast<nlmsgerr*>(mnl_nlmsg_get_payload(answer))->error;
    if (errno != 0) fail("the kernel refused a message");
    used_ = 0;
  }

 private:
  static constexpr std::size_t kLongestMessage = 512;
  mnl_socket* socket_;
  std::vector<char> buffer_ = std::vector<char>(32768);
  std::size_t used_ = 0;
  nlmsghdr* last_ = nullptr;
};

class Floor {
 public:
  Floor(std::string directory, unsigned machines, unsigned threads)
      : directory_(std::move(directory)), machines_(machines), threads_(threads), namespaces_(machines + 1) {}

  void up() {
    const auto start = std::chrono::steady_clock::now();
    const auto elapsed = [&] { return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count(); };
    if (mkdir(directory_.c_str(), 0700) != 0) fail("create the directory");
    parallel([this](unsigned node) { create_namespace(node); });
    const double namespaces = elapsed();
    std::thread([this] { create_links(); }).join();
    const double links = elapsed();
    parallel([this](unsigned node) { configure(node); });
    const double inside = elapsed();
    std::printf("{\"namespaces_ms\": %.1f, \"links_ms\": %.1f, \"inside_ms\": %.1f}\n", namespaces, links - namespaces, inside - links);
  }

  void down() {
    parallel([this](unsigned node) {
      umount2(path(node).c_str(), MNT_DETACH);
      unlink(path(node).c_str());
    });
    rmdir(directory_.c_str());
  }

 private:
  std::string path(unsigned node) const { return fmt::format("{}/{}", directory_, node); }

  void parallel(const std::function<void(unsigned)>& work) const {
    std::vector<std::exception_ptr> failures(threads_);
    std::vector<std::thread> pool;
    for (unsigned t = 0; t < threads_; ++t) {
      pool.emplace_back([&, t] {
        try {
          for (unsigned node = t; node <= machines_; node += threads_) work(node);
        } catch (...) {
          failures[t] = std::current_exception();
        }
      });
    }
    for (auto& thread : pool) thread.join();
    for (const auto& failure : failures) {
      if (failure) std::rethrow_exception(failure);
    }
  }

  void create_namespace(unsigned node) {
    if (unshare(CLONE_NEWNET) != 0) fail("create a namespace");
    const int file = open(path(node).c_str(), O_CREAT | O_EXCL | O_RDONLY | O_CLOEXEC, 0444);
    if (file < 0) fail("create a file");
    close(file);
    if (mount("/proc/thread-self/ns/net", path(node).c_str(), nullptr, MS_BIND, nullptr) != 0) fail("mount a namespace");
    namespaces_[node] = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    if (namespaces_[node] < 0) fail("open a namespace");
  }

  /// In a thread of its own, which stays in the router's namespace.
  void create_links() const {
    if (setns(namespaces_[0], CLONE_NEWNET) != 0) fail("enter the router");
    constexpr std::uint16_t kCreate = NLM_F_CREATE | NLM_F_EXCL;
    Batch router;
    for (unsigned bridge = 0; bridge * kPortsPerBridge < machines_; ++bridge) {
      const int index = kFirstBridge + static_cast<int>(bridge);
      router.add(RTM_NEWLINK, kCreate, ifinfomsg{AF_UNSPEC, 0, 0, index, 0, 0}, [&](nlmsghdr* message) {
        mnl_attr_put_strz(message, IFLA_IFNAME, fmt::format("br{}", bridge).c_str());
        nlattr* info = mnl_attr_nest_start(message, IFLA_LINKINFO);
        mnl_attr_put_strz(message, IFLA_INFO_KIND, "bridge");
        mnl_attr_nest_end(message, info);
      });
      router.up(index);
    }
    for (unsigned machine = 1; machine <= machines_; ++machine) {
      const int index = kFirstPort + static_cast<int>(machine);
      router.add(RTM_NEWLINK, kCreate, ifinfomsg{AF_UNSPEC, 0, 0, index, 0, 0}, [&](nlmsghdr* message) {
        mnl_attr_put_strz(message, IFLA_IFNAME, fmt::format("p{}", machine).c_str());
        mnl_attr_put_u32(message, IFLA_MASTER, static_cast<std::uint32_t>(kFirstBridge) + (machine - 1) / kPortsPerBridge);
        nlattr* info = mnl_attr_nest_start(message, IFLA_LINKINFO);
        mnl_attr_put_strz(message, IFLA_INFO_KIND, "veth");
        nlattr* data = mnl_attr_nest_start(message, IFLA_INFO_DATA);
        nlattr* peer = mnl_attr_nest_start(message, VETH_INFO_PEER);
        static_cast<ifinfomsg*>(mnl_nlmsg_put_extra_header(message, sizeof(ifinfomsg)))->ifi_index = kEth0;
        mnl_attr_put_strz(message, IFLA_IFNAME, "eth0");
        mnl_attr_put_u32(message, IFLA_NET_NS_FD, static_cast<std::uint32_t>(namespaces_[machine]));
        mnl_attr_nest_end(message, peer);
        mnl_attr_nest_end(message, data);
        mnl_attr_nest_end(message, info);
      });
      router.up(index);
    }
    router.send();
  }

  void configure(unsigned node) const {
    if (node == 0) return;
    if (setns(namespaces_[node], CLONE_NEWNET) != 0) fail("enter a machine");
    Batch machine;
    machine.up(kLoopback);
    machine.add(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, ifaddrmsg{AF_INET, 8, 0, RT_SCOPE_UNIVERSE, kEth0}, [&](nlmsghdr* message) {
      mnl_attr_put_u32(message, IFA_LOCAL, htonl(kFirstMachine + node));
      mnl_attr_put_u32(message, IFA_ADDRESS, htonl(kFirstMachine + node));
    });
    machine.up(kEth0);
    machine.add(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL,
                rtmsg{AF_INET, 0, 0, 0, RT_TABLE_MAIN, RTPROT_STATIC, RT_SCOPE_UNIVERSE, RTN_UNICAST, 0}, [](nlmsghdr* message) {
                  mnl_attr_put_u32(message, RTA_GATEWAY, htonl(kGateway));
                  mnl_attr_put_u32(message, RTA_OIF, kEth0);
                });
    machine.send();
  }

  std::string directory_;
  unsigned machines_;
  unsigned threads_;
  std::vector<int> namespaces_;  // closed by the kernel when the process ends, which is at once
};

void allow_many_files() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) fail("read the limit of open files");
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) fail("raise the limit of open files");
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (arguments.size() < 3 || (arguments[0] != "up" && arguments[0] != "down"))
      throw std::invalid_argument("usage: floor up|down DIRECTORY N [THREADS]");
    allow_many_files();
    const auto number = [&](std::size_t i) { return static_cast<unsigned>(std::stoul(arguments.at(i))); };
    Floor floor(arguments[1], number(2), arguments.size() > 3 ? number(3) : std::thread::hardware_concurrency());
    if (arguments[0] == "up") {
      floor.up();
    } else {
      floor.down();
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "floor: %s\n", error.what());
    return 1;
  }
}
