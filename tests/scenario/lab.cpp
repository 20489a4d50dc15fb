// SPDX-License-Identifier: Apache-2.0
#include "tests/scenario/lab.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <regex>
#include <sstream>
#include <stdexcept>

#include "tests/support/eventually.hpp"

namespace test {
namespace {

namespace fs = std::filesystem;

std::atomic<int> labs = 0;

std::vector<std::string> namespace_names(std::string_view lab) {
  std::vector<std::string> names;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator("/run/netns", none)) {
    auto name = entry.path().filename().string();
    if (name.starts_with(fmt::format("{}.", lab))) names.push_back(std::move(name));
  }
  return names;
}

void for_each_process(const std::function<void(const fs::path&)>& step) {
  for (const auto& entry : fs::directory_iterator("/proc")) {
    if (entry.path().filename().string().find_first_not_of("0123456789") == std::string::npos) step(entry.path());
  }
}

std::string command_line(const fs::path& process) {
  auto words = read_file(process / "cmdline");
  std::ranges::replace(words, '\0', ' ');
  return fmt::format("process {}: {}", process.filename().string(), words);
}

std::string must_run(const std::vector<std::string>& argv, const std::string& input = {}) {
  const auto result = run_apart(argv, input);
  if (result.status != 0) throw std::runtime_error(fmt::format("{} ended with {}: {}", fmt::join(argv, " "), result.status, result.errors));
  return result.output;
}

/// Rules and elements one by one: a set has no order. The marks that count how often a ruleset was loaded are left out.
std::vector<std::string> words_of_ruleset(std::string text) {
  static const std::regex kCount{"0x[0-9a-f]+ comment"};
  static const std::regex kBreak{"[{},]\\s*|elements =\\s*"};
  text = std::regex_replace(std::regex_replace(text, kCount, "comment"), kBreak, "\n");
  std::vector<std::string> words;
  for (const auto& line : lines_of(text))
    if (const auto start = line.find_first_not_of(" \t"); start != std::string::npos)
      words.push_back(line.substr(start, line.find_last_not_of(" \t") + 1 - start));
  return words;
}

}  // namespace

std::string lazuli_path() {
  const char* other = std::getenv("LAZULI_PROGRAM");
  return other != nullptr ? other : LAZULI_PROGRAM;
}

fs::path prefix_of_lazuli() { return fs::canonical(lazuli_path()).parent_path().parent_path(); }

fs::path scenarios_folder() { return LAZULI_SCENARIOS; }

CommandStreams lazuli(std::vector<std::string> arguments, const std::string& input) {
  arguments.insert(arguments.begin(), lazuli_path());
  return run_apart(arguments, input);
}

std::string read_file(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream{path, std::ios::binary}.rdbuf();  // a switch that nobody may read counts as empty
  return text.str();
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream{text};
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

Lab::Lab() : name_(fmt::format("st{}-{}", ::getpid(), labs++)), folder_(fs::temp_directory_path() / name_) {
  if (const auto there = remains_of(name_); !there.empty()) throw std::runtime_error(fmt::format("there already: {}", there.front()));
  fs::create_directory(folder_);
}

Lab::~Lab() {
  lazuli({"down", name_});
  std::error_code none;
  fs::remove_all(folder_, none);
}

std::string Lab::file(std::string_view body) const {
  const auto path = folder_ / "lab.yaml";
  std::ofstream{path} << "lab: " << name_ << '\n' << body;
  return path;
}

std::string Lab::scenario_file(const fs::path& path) const {
  const auto renamed = folder_ / path.filename();
  std::ofstream{renamed} << std::regex_replace(read_file(path), std::regex{"(^|\\n)lab: \\S+"}, "$1lab: " + name_);
  return renamed;
}

std::string Lab::build(std::string_view body) const { return must_run({lazuli_path(), "up", "--replace", file(body)}); }

std::string Lab::build_unconnected(std::string_view body) const {
  const auto result = lazuli({"up", "--replace", file(body)});
  if (result.status != 1 || result.errors.find("not Connected; the lab is up") == std::string::npos)
    throw std::runtime_error(fmt::format("up ended with {}: {}", result.status, result.errors));
  return result.output;
}

CommandStreams Lab::exec(std::string_view node, const std::vector<std::string>& command, const std::string& input) const {
  std::vector<std::string> arguments{"exec", "-l", name_, std::string(node), "--"};
  arguments.insert(arguments.end(), command.begin(), command.end());
  return lazuli(arguments, input);
}

std::string Lab::ask(std::string_view node, const std::vector<std::string>& command) const {
  const auto result = exec(node, command);
  if (result.status != 0)
    throw std::runtime_error(fmt::format("in {}: {} ended with {}: {}", node, fmt::join(command, " "), result.status, result.errors));
  return result.output;
}

nlohmann::json Lab::status() const { return nlohmann::json::parse(must_run({lazuli_path(), "status", name_, "--json"})); }

nlohmann::json Lab::verify() const { return nlohmann::json::parse(lazuli({"verify", name_, "--json"}).output); }

bool Lab::reaches(std::string_view from, std::string_view address) const {
  return eventually([&] { return exec(from, {"ping", "-n", "-c", "1", "-W", "1", std::string(address)}).status == 0; });
}

bool Lab::finds_silence(std::string_view from, std::string_view address, const std::vector<std::string>& options) const {
  std::vector<std::string> ping{"ping", "-n", "-c", "2", "-i", "0.2", "-W", "0.5"};
  ping.insert(ping.end(), options.begin(), options.end());
  ping.emplace_back(address);
  const auto result = exec(from, ping);
  return result.status == 1 && result.output.find(" 0 received") != std::string::npos && result.output.find("From ") == std::string::npos &&
         result.output.find("errors") == std::string::npos;
}

std::string Lab::page(std::string_view from, std::string_view address) const {
  return exec(from, {"curl", "-s", "-m", "1", fmt::format("http://{}/", address)}).output;
}

Capture::Capture(const Lab& lab, std::string_view node, std::string_view link)
    : file_(lab.folder() / fmt::format("{}-{}.pcap", node, link)), program_([&] {
        std::vector<std::string> argv{lazuli_path(), "capture", "-l", lab.name(), "-w", file_, std::string(node)};
        if (!link.empty()) argv.emplace_back(link);
        return start(argv);
      }()) {
  std::error_code none;
  // The file's header is written when the capture has begun.
  const bool begun = eventually([&] { return fs::exists(file_, none) && fs::file_size(file_, none) > 0; });
  if (!begun) throw std::runtime_error(fmt::format("no capture of {} began", node));
}

std::vector<std::string> Capture::packets(const std::string& filter) {
  program_.signal(SIGINT);
  program_.wait();
  return lines_of(must_run({"tcpdump", "-nntr", file_, filter}));
}

std::vector<std::string> remains_of(std::string_view lab) {
  std::vector<std::string> found;
  for (const auto& name : namespace_names(lab)) found.push_back("namespace " + name);
  if (const auto folder = fs::path("/run/lazuli") / lab; fs::exists(folder)) found.push_back(folder);
  for (const auto& line : lines_of(read_file("/proc/self/mountinfo"))) {
    if (line.find(fmt::format("/{}.", lab)) != std::string::npos) found.push_back("mount " + line);
  }
  const auto prefix = prefix_of_lazuli();
  std::set<fs::path> programs;
  for (const auto* program : kPrograms) programs.insert(prefix / program);
  for_each_process([&](const fs::path& process) {
    std::error_code none;
    if (programs.contains(fs::read_symlink(process / "exe", none))) found.push_back(command_line(process));
  });
  return found;
}

Lines kernel_state_of(std::string_view lab) {
  static const std::regex kNumber{"@if[0-9]+"};
  Lines state;
  for (const auto& name : namespace_names(lab)) {
    for (const auto& line : lines_of(must_run({"ip", "-n", name, "-br", "-batch", "-"}, "address\nroute show table all\nrule\n")))
      state.insert(fmt::format("{}: {}", name, std::regex_replace(line, kNumber, "")));
    for (const auto& word : words_of_ruleset(must_run({"ip", "netns", "exec", name, "nft", "-s", "list", "ruleset"})))
      state.insert(fmt::format("{}: ruleset {}", name, word));
  }
  return state;
}

std::vector<std::string> differences(const Lines& before, const Lines& after) {
  std::vector<std::string> found;
  for (const auto& line : before)
    if (!after.contains(line)) found.push_back("gone: " + line);
  for (const auto& line : after)
    if (!before.contains(line)) found.push_back("new: " + line);
  return found;
}

std::set<ino_t> namespaces_of(std::string_view lab) {
  std::set<ino_t> found;
  for (const auto& name : namespace_names(lab)) {
    struct stat status {};
    if (::stat(("/run/netns/" + name).c_str(), &status) == 0) found.insert(status.st_ino);
  }
  return found;
}

std::optional<pid_t> program_of(const Lab& lab, std::string_view node, std::string_view name) {
  std::istringstream record{read_file(fmt::format("/run/lazuli/{0}/processes/{0}.{1}.{2}", lab.name(), node, name))};
  for (std::string word; record >> word;)
    if (pid_t pid = 0; word == "program" && record >> pid) return pid;
  return std::nullopt;
}

std::vector<std::string> processes_in(const std::set<ino_t>& namespaces) {
  std::vector<std::string> found;
  for_each_process([&](const fs::path& process) {
    struct stat status {};
    if (::stat((process / "ns/net").c_str(), &status) != 0 || !namespaces.contains(status.st_ino)) return;
    if (auto line = command_line(process); line.find(" --sandbox ") == std::string::npos) found.push_back(std::move(line));
  });
  return found;
}

}  // namespace test
