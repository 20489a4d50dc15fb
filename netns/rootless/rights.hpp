// SPDX-License-Identifier: Apache-2.0
// netns/rootless/rights.hpp — what keeps users of this machine from namespaces of their own, and who opens it how.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace netns {

/// Whether this kernel has namespaces for users at all. @param proc  where its files are
bool has_user_namespaces(const std::filesystem::path& proc = "/proc");

/// What this process would need to make namespaces, as far as the machine tells: for each switch that is closed its name, its value and
/// the command that opens it; what a container has to be started with; a sentence each. Where nothing tells, what may be the case.
/// @param proc  where the kernel's files are
std::vector<std::string> ways_to_namespaces(const std::filesystem::path& proc = "/proc");

/// Users and groups that subuid(5) or subgid(5) gives to a user: the first and how many; empty when none.
/// @param user  its name; it may also be written as its number
std::optional<std::pair<std::string, std::string>> range_in(const std::filesystem::path& file, const std::string& user,
                                                            const std::string& number);

/// Why there is one user only in the namespaces of this process, and what gives them a range; empty when they have one.
std::optional<std::string> why_one_user();

}  // namespace netns
