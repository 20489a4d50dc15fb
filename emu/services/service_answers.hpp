// SPDX-License-Identifier: Apache-2.0
// emu/services/service_answers.hpp — what the mock service says over HTTP.
//
//   GET /whoami              {sourceAddress, virtualNetwork, subnet, path, account}: who the caller is, as the service sees it
//   GET /                    the same in a line of text
//   GET, HEAD, PUT, DELETE   anything else is a small blob in memory
//
// Whoever the network rules do not let in gets 403 with Azure's own words, whatever was asked (SA-7).
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "emu/services/http_request.hpp"
#include "emu/services/http_response.hpp"
#include "emu/services/service_firewall.hpp"

namespace emu {

/// {sourceAddress, virtualNetwork, subnet, path, account}; the network and the subnet are null for who came over the internet.
std::string whoami_json(const ServedService& service, const Caller& caller);
/// `contosodata says hello to 10.1.0.4 (spoke/web), who came over the backbone` and a newline.
std::string whoami_text(const ServedService& service, const Caller& caller);

/// SA-7's body of an error.
std::string error_body(std::string_view code, std::string_view message, std::string_view request_id, std::string_view time);

/// The blobs of all services, by service and path. What was read and is still on its way to somebody counts until it is there.
class Blobs {
 public:
  static constexpr std::size_t kLargest = 1U << 20U;                 ///< bytes of one
  static constexpr std::size_t kMostBytes = std::size_t{24} << 20U;  ///< of all, names included
  static constexpr std::size_t kMost = 10'000;

  /// @return false when there is no room for it
  bool put(const std::string& key, std::string content);
  /// nullptr when there is none.
  std::shared_ptr<const std::string> get(const std::string& key) const;
  /// @return false when there was none
  bool remove(const std::string& key);

 private:
  std::map<std::string, std::shared_ptr<const std::string>> blobs_;
  std::shared_ptr<std::size_t> bytes_ = std::make_shared<std::size_t>(0);  ///< of every content that anybody has, and of the keys
};

/// The answer to one request of `caller`.
HttpResponse answer(const ServiceConfiguration& configuration, const ServedService& service, const Caller& caller, Blobs& blobs,
                    HttpRequest& request);

}  // namespace emu
