// SPDX-License-Identifier: Apache-2.0
// netns/process/record.hpp — what a supervisor is told, and what it writes down of its process.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "netns/process/process_table.hpp"
#include "netns/state/state.hpp"

namespace netns {

/// Who a process runs as.
struct Account {
  uid_t user = 0;
  gid_t group = 0;
  std::vector<gid_t> groups;  ///< besides
  std::string home = "/root";

  bool operator==(const Account&) const = default;
};

/// @param user  a name or a number; empty: root @return empty when there is nobody of that name
std::optional<Account> find_account(const std::string& user);

/// Between a record's name, which does not hold it, and what a file beside it is.
inline constexpr char kBeside = '~';
std::filesystem::path log_beside(const std::filesystem::path& record);      ///< what the process said last
std::filesystem::path old_log_beside(const std::filesystem::path& record);  ///< what it said before that, if that is much
std::filesystem::path ending_beside(const std::filesystem::path& record);   ///< is there when the process was told to end
std::filesystem::path draft_beside(const std::filesystem::path& record);    ///< what is about to take its place
/// The record of a namespace's sandbox: beside the folder that those of its processes are in, as others of the same namespaces may be.
std::filesystem::path sandbox_beside(const std::filesystem::path& folder, std::string_view name_space);

/// Everything that a supervisor has to know; it reads it from its standard input.
struct Assignment {
  std::string name_space;  ///< its name
  std::string digest;
  Process process;
  Account account;
};

std::string to_text(const Assignment& assignment);
/// @throws std::runtime_error
Assignment assignment_from(const std::string& text);

/// The record of a process. It is written by its supervisor alone, and its `digest` by who tells it of new files.
struct Record {
  ProcessId supervisor;
  ProcessId program;
  std::string network;  ///< cookie of the namespace it runs in, which no other ever has; empty: this kernel gives none
  std::string digest;
  std::string folder;      ///< its own, which goes with it; may be empty
  std::int64_t since = 0;  ///< when the program started, in milliseconds since 1970
  Lifetime lifetime = Lifetime::Stays;
  std::optional<int> status;  ///< as wait(2) gives it; empty: it has not ended

  bool operator==(const Record&) const = default;

  bool ended_well() const { return status == 0; }
};

/// Writes it whole or not at all, making its folder if need be. @throws std::system_error
void write(const std::filesystem::path& path, const Record& record);

/// Empty when there is none, or none that can be understood.
/// @throws KernelError when there is one and it cannot be read
std::optional<Record> read_record(const std::filesystem::path& path);

/// Of the namespace that the calling thread is in; empty when this kernel gives none.
std::string network_cookie();

}  // namespace netns
