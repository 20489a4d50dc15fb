// SPDX-License-Identifier: Apache-2.0
#include "netns/process/listeners.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <exception>
#include <sstream>
#include <thread>

#include "netns/base/files.hpp"
#include "netns/namespace/namespace.hpp"

namespace netns {
namespace {

constexpr std::string_view kListening = "0A";
constexpr std::size_t kIpv4Digits = 8;

/// proc(5) prints an address as numbers in the machine's byte order, and a port as a number.
void read_table(const char* path, std::vector<Listener>& into) {
  std::istringstream file{read_if_there(path).value_or("")};
  std::string line;
  std::getline(file, line);  // the titles
  while (std::getline(file, line)) {
    std::istringstream fields{line};
    std::string slot;
    std::string local;
    std::string remote;
    std::string state;
    if (!(fields >> slot >> local >> remote >> state) || state != kListening) continue;
    const auto colon = local.find(':');
    const auto address = local.substr(0, colon);
    const auto port = static_cast<std::uint16_t>(std::stoul(local.substr(colon + 1), nullptr, 16));
    if (address.size() == kIpv4Digits)
      into.push_back({{ntohl(static_cast<std::uint32_t>(std::stoul(address, nullptr, 16)))}, port});
    else if (address.find_first_not_of('0') == std::string::npos)
      into.push_back({{0}, port});
  }
}

}  // namespace

std::vector<Listener> listeners_in(const std::string& name) {
  std::vector<Listener> found;
  std::exception_ptr failure;
  std::thread{[&] {
    try {
      enter_namespace(name);
      read_table("/proc/thread-self/net/tcp", found);
      read_table("/proc/thread-self/net/tcp6", found);
    } catch (...) {
      failure = std::current_exception();
    }
  }}.join();
  if (failure) std::rethrow_exception(failure);
  std::ranges::sort(found);
  return found;
}

}  // namespace netns
