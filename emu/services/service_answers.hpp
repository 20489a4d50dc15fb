// SPDX-License-Identifier: Apache-2.0
// emu/services/service_answers.hpp — what the mock service says over HTTP.
//
//   GET /whoami              {sourceAddress, virtualNetwork, subnet, path, account}: who the caller is, as the service sees it
//   GET /                    the same in a line of text
//   GET, HEAD, PUT, DELETE   anything else is a small blob in memory
//
// Whoever the network rules do not let in gets 403 with Azure's own words, whatever was asked (SA-7).
#pragma once

#include <httplib.h>

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "emu/services/service_firewall.hpp"

namespace emu {

/// {sourceAddress, virtualNetwork, subnet, path, account}; the network and the subnet are null for who came over the internet.
std::string whoami_json(const ServedService& service, const Caller& caller);
/// `contosodata says hello to 10.1.0.4 (spoke/web), who came over the backbone` and a newline.
std::string whoami_text(const ServedService& service, const Caller& caller);

/// SA-7's body of an error.
std::string error_body(std::string_view code, std::string_view message, std::string_view request_id, std::string_view time);

/// The blobs of all services, by service and path. Whole operations: any thread may ask.
class Blobs {
 public:
  static constexpr std::size_t kLargest = 1U << 20U;     ///< bytes of one
  static constexpr std::size_t kMostBytes = 64U << 20U;  ///< of all, names included

  /// @return false when there is no room for it
  bool put(const std::string& key, std::string content);
  std::optional<std::string> get(const std::string& key) const;
  /// @return false when there was none
  bool remove(const std::string& key);

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::string> blobs_;
  std::size_t bytes_ = 0;
};

/// Answers one request of `caller`.
void answer(const ServiceConfiguration& configuration, const ServedService& service, const Caller& caller, Blobs& blobs,
            const httplib::Request& request, httplib::Response& response);

}  // namespace emu
