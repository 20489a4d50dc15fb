// SPDX-License-Identifier: Apache-2.0
// tests/scenario/service_load_test.cpp — ten thousand requests at once: every answer names the right caller.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "tests/scenario/http_client.hpp"
#include "tests/scenario/lab.hpp"
#include "tests/support/eventually.hpp"

namespace test {
namespace {

constexpr int kCallers = 100;
constexpr int kConnections = 20;
constexpr int kRequestsEach = 5;

/// Machine `i` is in one of four networks with the same address space, so 25 addresses are each used four times.
std::string network_of(int i) { return fmt::format("net{}", i % 4); }
std::string address_of(int i) { return fmt::format("10.0.0.{}", 4 + i / 4); }

std::string hundred_machines() {
  std::string out = "virtual_networks:\n";
  for (int n = 0; n < 4; ++n)
    out += fmt::format(
        "  - {{name: {}, address_space: [10.0.0.0/16],\n"
        "     subnets: [{{name: app, address_prefixes: [10.0.0.0/24], service_endpoints: [Microsoft.Storage]}}]}}\n",
        network_of(n));
  out += "virtual_machines:\n";
  for (int i = 0; i < kCallers; ++i)
    out += fmt::format("  - {{name: vm{}, subnet: {}/app, private_ip_address: {}}}\n", i, network_of(i), address_of(i));
  return out + "storage_accounts: [{name: data}]\n";
}

TEST(MockService, AnswersTenThousandRequestsAtOnceAndKnowsEveryCaller) {
  const Lab lab;
  lab.build(hundred_machines());
  const std::string service = lab.status()["storageAccounts"][0]["address"];
  ASSERT_TRUE(eventually([&] { return lab.exec("vm0", {"curl", "-s", "-m", "1", "http://data/"}).status == 0; }));

  std::atomic<int> right = 0;
  std::mutex mutex;
  std::string first_fault;
  const auto fault = [&](const std::string& words) {
    const std::lock_guard lock(mutex);
    if (first_fault.empty()) first_fault = words;
  };
  // All connections of a machine have a request under way at the same time, and all machines do.
  const auto ask = [&](int machine) {
    try {
      const auto wanted = nlohmann::json{{"sourceAddress", address_of(machine)},
                                         {"virtualNetwork", network_of(machine)},
                                         {"subnet", "app"},
                                         {"path", "backbone"},
                                         {"account", "data"}};
      std::vector<HttpClient> clients;
      for (int c = 0; c < kConnections; ++c) clients.emplace_back(lab.namespace_of(fmt::format("vm{}", machine)), service);
      for (int r = 0; r < kRequestsEach; ++r) {
        for (const auto& client : clients) client.send_get("/whoami");
        for (auto& client : clients) {
          const auto answer = client.receive();
          if (answer.status == 200 && nlohmann::json::parse(answer.body) == wanted)
            ++right;
          else
            fault(fmt::format("vm{} was told: {} {}", machine, answer.status, answer.body));
        }
      }
    } catch (const std::exception& error) {
      fault(fmt::format("vm{}: {}", machine, error.what()));
    }
  };
  const auto start = std::chrono::steady_clock::now();
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kCallers; ++i) threads.emplace_back(ask, i);
  }
  const auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  EXPECT_EQ(right, kCallers * kConnections * kRequestsEach) << first_fault;
  EXPECT_LT(took, 15.0);
  RecordProperty("requests_per_second", static_cast<int>(right / took));
}

}  // namespace
}  // namespace test
