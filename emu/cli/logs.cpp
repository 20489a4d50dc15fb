// SPDX-License-Identifier: Apache-2.0
// emu/cli/logs.cpp — `lazuli logs NODE [PROGRAM]`: what a node's programs say.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <thread>

#include "emu/cli/command.hpp"
#include "emu/fabric/names.hpp"
#include "emu/lab/store.hpp"
#include "emu/model/service_lookup.hpp"
#include "emu/model/wording.hpp"
#include "netns/process/process.hpp"

namespace emu::cli {
namespace {

struct LogsArguments {
  NodeWords words;
  std::string program;
  bool follow = false;
};

constexpr std::chrono::milliseconds kLogInterval{100};

/// The log of one program, read on from where it was read to.
class LogReader {
 public:
  LogReader(std::string program, std::filesystem::path record) : program_(std::move(program)), record_(std::move(record)) {}

  const std::string& program() const { return program_; }

  /// What is new: the older part first, the first time.
  std::string read() {
    std::string text;
    if (is_new_ || was_renamed()) text = rest_of(netns::old_log_beside(record_));
    is_new_ = false;
    return text + rest_of(netns::log_beside(record_));
  }

 private:
  /// The supervisor begins a new file when one is full: what was the log is the old log then, and may hold more than was read.
  bool was_renamed() const { return inode_of(netns::log_beside(record_)) != inode_; }

  static ino_t inode_of(const std::filesystem::path& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
  }

  std::string rest_of(const std::filesystem::path& path) {
    std::ifstream file{path, std::ios::binary};
    if (!file) return {};
    const auto inode = inode_of(path);
    if (inode != inode_) position_ = 0;
    inode_ = inode;
    file.seekg(position_);
    std::string text{std::istreambuf_iterator<char>{file}, {}};
    position_ += static_cast<std::streamoff>(text.size());
    return text;
  }

  std::string program_;
  std::filesystem::path record_;
  bool is_new_ = true;
  ino_t inode_ = 0;
  std::streamoff position_ = 0;
};

/// Says whose words follow, where it may be another's than before.
class Speakers {
 public:
  explicit Speakers(bool several) : several_(several) {}

  void print(const std::string& program, const std::string& words) {
    if (words.empty()) return;
    if (several_ && program != last_) fmt::print("{}==> {} <==\n", last_.empty() ? "" : "\n", program);
    last_ = program;
    std::fwrite(words.data(), 1, words.size(), stdout);
  }

 private:
  bool several_;
  std::string last_;
};

std::vector<LogReader> readers_of(const Model& model, std::string named, std::string wanted) {
  if (const auto* service = service_called(model, named); service != nullptr && wanted.empty()) {
    if (service->command.empty()) throw UsageError(fmt::format("{} has no command of its own", in_quotes(service->name)));
    wanted = service->name;
    named = kServicesNode;
  }
  const auto node = require_node(model, named);
  const auto name_space = namespace_name(model.lab, node);
  const auto records = records_of(model.lab).processes;
  const auto programs = records.logged(name_space);
  if (programs.empty()) throw UsageError(fmt::format("{} runs no program", in_quotes(node)));
  if (!wanted.empty() && std::ranges::find(programs, wanted) == programs.end())
    throw UsageError(fmt::format("{} has no program {}; it has {}", in_quotes(node), in_quotes(wanted), fmt::join(programs, ", ")));
  std::vector<LogReader> readers;
  for (const auto& program : programs)
    if (wanted.empty() || program == wanted) readers.emplace_back(program, records.record_of(name_space, program));
  return readers;
}

Exit run_logs(const LogsArguments& arguments) {
  Naming naming{arguments.words.lab};
  const auto node = naming.node(arguments.words.node);
  const auto model = naming.running();
  auto readers = readers_of(model, node, arguments.program);
  Speakers speakers{readers.size() > 1};
  while (true) {
    const bool last = !arguments.follow || !std::filesystem::exists(lab_folder(model.lab));
    for (auto& reader : readers) speakers.print(reader.program(), reader.read());
    flush_output();
    if (last) return Exit::Done;
    std::this_thread::sleep_for(kLogInterval);
  }
}

}  // namespace

void add_logs(CLI::App& app, Exit& status) {
  auto* command = app.add_subcommand("logs", "What the programs of a node say");
  const auto arguments = std::make_shared<LogsArguments>();
  add_node_words(*command, arguments->words, "A machine, a host, or a service with a command of its own");
  command->add_option("program", arguments->program, "One of them: setup0, setup1 ..., run0 ..., web; all of them when none is named");
  command->add_flag("-f,--follow", arguments->follow, "And what they say from now on, until Ctrl-C or the lab's end");
  add_examples(*command, {"logs vm2", "logs vm2 --follow"});
  command->callback([=, &status] {
    require_root(*command);
    status = run_logs(*arguments);
  });
}

}  // namespace emu::cli
