// SPDX-License-Identifier: Apache-2.0
#include "emu/services/service_answers.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <random>

namespace emu {
namespace {

std::string new_guid() {
  static std::mt19937_64 random{std::random_device{}()};
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

HttpResponse refusal(int status, std::string_view code, std::string_view message, const std::string& request_id) {
  HttpResponse response;
  response.status = status;
  response.set_field("x-ms-error-code", code);
  response.set_body("application/xml", error_body(code, message, request_id, now()));
  return response;
}

HttpResponse answer_blob(const std::string& key, Blobs& blobs, HttpRequest& request, const std::string& request_id) {
  constexpr int kCreated = 201;
  constexpr int kAccepted = 202;
  constexpr int kNotFound = 404;
  constexpr int kNotAllowed = 405;
  constexpr int kNoRoom = 507;
  const auto not_found = [&] { return refusal(kNotFound, "BlobNotFound", "The specified blob does not exist.", request_id); };
  HttpResponse response;
  if (request.method == "GET" || request.method == "HEAD") {
    response.body = blobs.get(key);
    if (response.body == nullptr) return not_found();
    response.set_field("Content-Type", "application/octet-stream");
  } else if (request.method == "PUT") {
    response.status = kCreated;
    if (!blobs.put(key, std::move(request.body)))
      return refusal(kNoRoom, "InsufficientStorage", "The emulated services have no room for another blob.", request_id);
  } else if (request.method == "DELETE") {
    response.status = kAccepted;
    if (!blobs.remove(key)) return not_found();
  } else {
    return refusal(kNotAllowed, "UnsupportedHttpVerb", "The resource doesn't support specified Http Verb.", request_id);
  }
  return response;
}

HttpResponse answer_allowed(const ServedService& service, const Caller& caller, Blobs& blobs, HttpRequest& request,
                            const std::string& request_id) {
  const bool reads = request.method == "GET" || request.method == "HEAD";
  HttpResponse response;
  if (reads && request.path == "/whoami")
    response.set_body("application/json", whoami_json(service, caller));
  else if (reads && request.path == "/")
    response.set_body("text/plain; charset=utf-8", whoami_text(service, caller));
  else
    return answer_blob(service.name + request.path, blobs, request, request_id);
  return response;
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
  const bool is_new = !blobs_.contains(key);
  const auto added = content.size() + (is_new ? key.size() : 0);
  if (*bytes_ + added > kMostBytes || (is_new && blobs_.size() >= kMost)) return false;
  content.shrink_to_fit();
  *bytes_ += added;
  blobs_.insert_or_assign(key, std::shared_ptr<const std::string>(new std::string(std::move(content)), [bytes = bytes_](const auto* gone) {
                            *bytes -= gone->size();
                            delete gone;
                          }));
  return true;
}

std::shared_ptr<const std::string> Blobs::get(const std::string& key) const {
  const auto found = blobs_.find(key);
  return found == blobs_.end() ? nullptr : found->second;
}

bool Blobs::remove(const std::string& key) {
  const auto found = blobs_.find(key);
  if (found == blobs_.end()) return false;
  *bytes_ -= key.size();
  blobs_.erase(found);
  return true;
}

HttpResponse answer(const ServiceConfiguration& configuration, const ServedService& service, const Caller& caller, Blobs& blobs,
                    HttpRequest& request) {
  constexpr int kForbidden = 403;
  const auto request_id = new_guid();
  auto response =
      may_access(configuration, service, caller)
          ? answer_allowed(service, caller, blobs, request, request_id)
          : refusal(kForbidden, "AuthorizationFailure", "This request is not authorized to perform this operation.", request_id);
  response.set_field("x-ms-request-id", request_id);
  response.set_field("x-ms-version", "2021-12-02");
  return response;
}

}  // namespace emu
