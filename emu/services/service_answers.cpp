// SPDX-License-Identifier: Apache-2.0
#include "emu/services/service_answers.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <random>

namespace emu {
namespace {

constexpr int kNotFound = 404;

std::string new_guid() {
  thread_local std::mt19937_64 random{std::random_device{}()};
  const auto a = random();
  const auto b = random();
  return fmt::format("{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}", a >> 32U, (a >> 16U) & 0xffffU, a & 0xfffU, 0x8000U | ((b >> 48U) & 0x3fffU),
                     b & 0xffffffffffffU);
}

/// ISO 8601 with seven digits behind the second, as Azure writes it.
std::string now() {
  using namespace std::chrono;
  const auto moment = system_clock::now();
  const auto second = floor<seconds>(moment);
  const auto ticks = duration_cast<duration<std::int64_t, std::ratio<1, 10'000'000>>>(moment - second).count();
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:07}Z", fmt::gmtime(system_clock::to_time_t(second)), ticks);
}

void refuse(httplib::Response& response, int status, std::string_view code, std::string_view message) {
  response.status = status;
  response.set_header("x-ms-error-code", std::string(code));
  response.set_content(error_body(code, message, response.get_header_value("x-ms-request-id"), now()), "application/xml");
}

void answer_blob(const std::string& key, Blobs& blobs, const httplib::Request& request, httplib::Response& response) {
  constexpr int kCreated = 201;
  constexpr int kAccepted = 202;
  constexpr int kNotAllowed = 405;
  constexpr int kTooLarge = 413;
  const auto not_found = [&] { refuse(response, kNotFound, "BlobNotFound", "The specified blob does not exist."); };
  if (request.method == "GET" || request.method == "HEAD") {
    if (auto content = blobs.get(key))
      response.set_content(*std::move(content), "application/octet-stream");
    else
      not_found();
  } else if (request.method == "PUT") {
    response.status = kCreated;
    if (!blobs.put(key, request.body))
      refuse(response, kTooLarge, "RequestBodyTooLarge", "The request body is too large and exceeds the maximum permissible limit.");
  } else if (request.method == "DELETE") {
    response.status = kAccepted;
    if (!blobs.remove(key)) not_found();
  } else {
    refuse(response, kNotAllowed, "UnsupportedHttpVerb", "The resource doesn't support specified Http Verb.");
  }
}

}  // namespace

std::string whoami_json(const ServedService& service, const Caller& caller) {
  const auto text = [](const std::string& value) { return value.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(value); };
  const nlohmann::ordered_json answer{{"sourceAddress", to_string(caller.address)},
                                      {"virtualNetwork", text(caller.virtual_network)},
                                      {"subnet", text(caller.subnet)},
                                      {"path", caller.over_backbone() ? "backbone" : "internet"},
                                      {"account", service.name}};
  return answer.dump() + '\n';
}

std::string whoami_text(const ServedService& service, const Caller& caller) {
  if (!caller.over_backbone())
    return fmt::format("{} says hello to {}, who came over the internet\n", service.name, to_string(caller.address));
  return fmt::format("{} says hello to {} ({}/{}), who came over the backbone\n", service.name, to_string(caller.address),
                     caller.virtual_network, caller.subnet);
}

std::string error_body(std::string_view code, std::string_view message, std::string_view request_id, std::string_view time) {
  return fmt::format("<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>{}</Code><Message>{}\nRequestId:{}\nTime:{}</Message></Error>",
                     code, message, request_id, time);
}

bool Blobs::put(const std::string& key, std::string content) {
  const std::lock_guard lock(mutex_);
  const auto known = blobs_.find(key);
  const auto freed = known == blobs_.end() ? 0 : key.size() + known->second.size();
  const auto bytes = bytes_ - freed + key.size() + content.size();
  if (content.size() > kLargest || bytes > kMostBytes) return false;
  blobs_.insert_or_assign(key, std::move(content));
  bytes_ = bytes;
  return true;
}

std::optional<std::string> Blobs::get(const std::string& key) const {
  const std::lock_guard lock(mutex_);
  const auto found = blobs_.find(key);
  return found == blobs_.end() ? std::nullopt : std::optional(found->second);
}

bool Blobs::remove(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto found = blobs_.find(key);
  if (found == blobs_.end()) return false;
  bytes_ -= key.size() + found->second.size();
  blobs_.erase(found);
  return true;
}

void answer(const ServiceConfiguration& configuration, const ServedService& service, const Caller& caller, Blobs& blobs,
            const httplib::Request& request, httplib::Response& response) {
  constexpr int kForbidden = 403;
  response.set_header("x-ms-request-id", new_guid());
  response.set_header("x-ms-version", "2021-12-02");
  if (!may_access(configuration, service, caller))
    return refuse(response, kForbidden, "AuthorizationFailure", "This request is not authorized to perform this operation.");
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (reads && request.path == "/whoami")
    response.set_content(whoami_json(service, caller), "application/json");
  else if (reads && request.path == "/")
    response.set_content(whoami_text(service, caller), "text/plain; charset=utf-8");
  else
    answer_blob(service.name + request.path, blobs, request, response);
}

}  // namespace emu
