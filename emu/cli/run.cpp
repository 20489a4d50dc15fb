// SPDX-License-Identifier: Apache-2.0
// emu/cli/run.cpp — `lazuli run FILE -- COMMAND`: a lab for as long as a command runs.
//
// Theory of operation. Each step is a `lazuli` of its own, `up`, `status`, `down`, so a user without root runs the command outside of
// the namespaces where the lab is, like any other. A watcher takes the lab down when this process is killed: it reads from a pipe that
// ends then. The command is killed with this process.
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>

#include "emu/cli/command.hpp"
#include "emu/model/wording.hpp"
#include "emu/report/terminal.hpp"
#include "netns/base/error.hpp"
#include "netns/base/unique_fd.hpp"

namespace emu::cli {
namespace {

using Clock = std::chrono::steady_clock;
using netns::require_that;
using netns::UniqueFd;
using Words = std::vector<std::string>;

constexpr int kTimedOut = 124;                        // as timeout(1) says it
constexpr int kEndedBySignal = 128;                   // and its number
constexpr auto kTimeToEnd = std::chrono::seconds{5};  // after SIGTERM

struct RunArguments {
  std::string file;
  std::string name;
  std::string node;
  std::optional<double> timeout;
  bool keep_on_failure = false;
  Words command;
};

/// One that no other run has, and that still says which lab it is.
std::string name_of_its_own(const std::string& lab) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789";
  constexpr std::size_t kKept = 13;
  std::random_device random;
  auto name = lab.substr(0, kKept) + '-';
  for (int i = 0; i < 6; ++i) name += kLetters[random() % kLetters.size()];
  return name;
}

/// `vm-1` -> `VM_1`
std::string as_variable(std::string name) {
  for (auto& c : name) {
    const bool is_letter = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (c >= 'a' && c <= 'z')
      c = static_cast<char>(c - 'a' + 'A');
    else if (!is_letter)
      c = '_';
  }
  return name;
}

/// What tests have to know of the lab, by the names of variables.
std::map<std::string, std::string> variables_of(const std::string& lab, const nlohmann::json& status) {
  std::map<std::string, std::string> variables{{"LAZULI_LAB", lab}};
  const auto add = [&](const nlohmann::json& node, const char* key, const char* suffix) {
    if (const auto found = node.find(key); found != node.end() && found->is_string())
      variables.emplace(fmt::format("NODE_{}_{}", as_variable(node.at("name")), suffix), *found);
  };
  const auto add_all = [&](const nlohmann::json& nodes) {
    for (const auto& node : nodes) {
      for (const auto* key : {"privateIPAddress", "ipAddress", "address"}) add(node, key, "ADDRESS");
      add(node, "publicIPAddress", "PUBLIC_ADDRESS");
    }
  };
  for (const auto& [kind, nodes] : status.items())
    if (nodes.is_array()) add_all(nodes);
  if (const auto sites = status.find("onPremises"); sites != status.end())
    for (const auto& site : *sites) add_all(site.value("hosts", nlohmann::json::array()));
  return variables;
}

/// Runs programs one after the other, and hears meanwhile who wants all of it to end.
class Steps {
 public:
  Steps() {
    sigemptyset(&told_);
    for (const int signal : {SIGCHLD, SIGINT, SIGQUIT, SIGTERM, SIGHUP}) sigaddset(&told_, signal);
    require_that(::sigprocmask(SIG_BLOCK, &told_, &before_) == 0, "block signals");
    signals_ = UniqueFd{::signalfd(-1, &told_, SFD_CLOEXEC | SFD_NONBLOCK)};
    require_that(static_cast<bool>(signals_), "open a signal descriptor");
  }

  /// The signal that is to end it all; 0 when none came.
  int interrupted() const { return interrupted_; }

  /// @param output     takes both outputs of the program; the caller's own when it is none
  /// @param limit      after which the program is ended
  /// @param goes_on    also when all of it is to end: what takes the lab down
  /// @return its status; `kEndedBySignal` and the number when a signal ended it, `kTimedOut` when the limit did
  int run(const Words& words, const UniqueFd& output = {}, std::optional<Clock::duration> limit = {}, bool goes_on = false) {
    if (interrupted_ != 0 && !goes_on) return kEndedBySignal + interrupted_;
    const auto starter = ::getpid();
    const auto child = ::fork();
    require_that(child >= 0, "fork");
    if (child == 0) become(words, output, starter);
    const auto end = limit ? std::optional(Clock::now() + *limit) : std::nullopt;
    std::optional<Clock::time_point> kill_at;
    bool timed_out = false;
    while (true) {
      int status = 0;
      if (::waitpid(child, &status, WNOHANG) == child) {
        if (timed_out) return kTimedOut;
        return WIFSIGNALED(status) ? kEndedBySignal + WTERMSIG(status) : WEXITSTATUS(status);
      }
      const auto now = Clock::now();
      if (kill_at && now >= *kill_at) ::kill(child, SIGKILL);
      if (!kill_at && end && now >= *end) {
        timed_out = true;
        ::kill(child, SIGTERM);
        kill_at = now + kTimeToEnd;
      }
      wait_until(kill_at ? kill_at : end);
      for (const int signal : taken()) {
        interrupted_ = interrupted_ == 0 ? signal : interrupted_;
        if (goes_on) continue;
        ::kill(child, signal);
        if (!kill_at) kill_at = Clock::now() + kTimeToEnd;
      }
    }
  }

 private:
  /// Never comes back.
  [[noreturn]] void become(const Words& words, const UniqueFd& output, pid_t starter) const {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != starter) ::_exit(kEndedBySignal + SIGKILL);
    ::sigprocmask(SIG_SETMASK, &before_, nullptr);
    for (const int standard : {STDOUT_FILENO, STDERR_FILENO})
      if (output) ::dup2(output.get(), standard);
    std::vector<char*> pointers;
    for (const auto& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
    pointers.push_back(nullptr);
    ::execvp(pointers[0], pointers.data());
    const int error = errno;
    fmt::print(stderr, "error: {}: {}\n", words[0], std::strerror(error));
    std::fflush(stderr);
    ::_exit(static_cast<int>(error == ENOENT ? Exit::NotFound : Exit::NotExecutable));
  }

  void wait_until(std::optional<Clock::time_point> end) const {
    pollfd told{signals_.get(), POLLIN, 0};
    const auto left = end ? std::chrono::ceil<std::chrono::milliseconds>(*end - Clock::now()).count() : -1;
    ::poll(&told, 1, static_cast<int>(end ? std::clamp<std::int64_t>(left, 0, 1'000'000'000) : -1));
  }

  /// Those that came and are to end it. A terminal tells the program itself.
  std::vector<int> taken() const {
    std::vector<int> all;
    signalfd_siginfo told{};
    while (::read(signals_.get(), &told, sizeof told) == sizeof told)
      if (told.ssi_signo != SIGCHLD) all.push_back(static_cast<int>(told.ssi_signo));
    return all;
  }

  sigset_t told_{};
  sigset_t before_{};
  UniqueFd signals_;
  int interrupted_ = 0;
};

/// Takes the lab down when its maker was killed.
class Watcher {
 public:
  explicit Watcher(Words takes_down) {
    std::array<int, 2> ends{};
    require_that(::pipe2(ends.data(), O_CLOEXEC) == 0, "make a pipe");
    UniqueFd end{ends[0]};
    living_ = UniqueFd{ends[1]};
    child_ = ::fork();
    require_that(child_ >= 0, "fork");
    if (child_ != 0) return;
    living_ = UniqueFd{};
    ::setsid();
    char done = 0;
    if (::read(end.get(), &done, sizeof done) == sizeof done) ::_exit(0);
    const UniqueFd null{::open("/dev/null", O_RDWR | O_CLOEXEC)};
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(null.get(), standard);
    sigset_t none{};
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    std::vector<char*> pointers;
    for (auto& word : takes_down) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    ::execv(pointers[0], pointers.data());
    ::_exit(1);
  }
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;
  ~Watcher() {
    const char done = '.';
    [[maybe_unused]] const auto written = ::write(living_.get(), &done, sizeof done);
    while (::waitpid(child_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }

 private:
  UniqueFd living_;
  pid_t child_ = -1;
};

/// What a step said, to be shown when it was of interest.
class Notes {
 public:
  Notes() : file_(::memfd_create("notes", MFD_CLOEXEC)) { require_that(static_cast<bool>(file_), "make a file in memory"); }

  const UniqueFd& file() const { return file_; }
  std::string text() const {
    std::string all;
    std::array<char, 4096> part{};
    ssize_t size = 0;
    while ((size = ::pread(file_.get(), part.data(), part.size(), static_cast<off_t>(all.size()))) > 0)
      all.append(part.data(), static_cast<std::size_t>(size));
    return all;
  }

 private:
  UniqueFd file_;
};

class Run {
 public:
  Run(RunArguments arguments, std::string lab)
      : arguments_(std::move(arguments)), lab_(std::move(lab)), program_(std::filesystem::read_symlink("/proc/self/exe")) {}

  int operator()() {
    const Watcher watcher{{program_, "down", "-l", lab_}};
    auto status = try_with_lab();
    const bool failed = status != 0;
    if (failed && arguments_.keep_on_failure && steps_.interrupted() == 0) {
      fmt::print(stderr, "lab '{}' is kept: '{}' removes it\n", lab_, command_text(fmt::format("down -l {}", lab_)));
      return status;
    }
    const Notes notes;
    if (steps_.run({program_, "down", "-l", lab_}, notes.file(), {}, true) != 0) {
      fmt::print(stderr, "{}", notes.text());
      if (!failed) status = static_cast<int>(Exit::NotRun);
    }
    return steps_.interrupted() == 0 ? status : kEndedBySignal + steps_.interrupted();
  }

 private:
  /// Whatever goes wrong, the lab goes down.
  int try_with_lab() {
    try {
      return with_lab();
    } catch (const std::exception& error) {
      if (steps_.interrupted() == 0) fmt::print(stderr, "error: {}\n", error.what());
      return static_cast<int>(Exit::NotRun);
    }
  }

  int with_lab() {
    const Notes notes;
    if (steps_.run({program_, "up", arguments_.file, "--name", lab_}, notes.file()) != 0) {
      fmt::print(stderr, "{}", notes.text());
      return static_cast<int>(Exit::NotRun);
    }
    for (const auto& [name, value] : variables_of(lab_, status_of_lab())) ::setenv(name.c_str(), value.c_str(), 1);
    std::optional<Clock::duration> limit;
    if (arguments_.timeout) limit = milliseconds_of(*arguments_.timeout);
    const auto status = steps_.run(command(), {}, limit);
    if (status == kTimedOut) fmt::print(stderr, "the command did not end within {} s\n", *arguments_.timeout);
    if (status != 0 && steps_.interrupted() == 0) tell_what_failed();
    return status;
  }

  Words command() const {
    if (arguments_.node.empty()) return arguments_.command;
    Words words{program_, "exec", "-l", lab_};
    for (const auto& [name, value] : variables_of(lab_, status_of_lab_))
      words.insert(words.end(), {"-e", fmt::format("{}={}", name, value)});
    words.insert(words.end(), {arguments_.node, "--"});
    words.insert(words.end(), arguments_.command.begin(), arguments_.command.end());
    return words;
  }

  const nlohmann::json& status_of_lab() {
    const Notes notes;
    steps_.run({program_, "status", "-l", lab_, "--json"}, notes.file());
    status_of_lab_ = nlohmann::json::parse(notes.text(), nullptr, false);
    if (!status_of_lab_.is_object()) throw std::runtime_error(notes.text());
    return status_of_lab_;
  }

  void tell_what_failed() {
    for (const auto& failure : status_of_lab()["failedPrograms"]) {
      fmt::print(stderr, "{}: {} ended with {}\n", failure.value("node", ""), failure.value("program", ""), failure.value("end", ""));
      for (const auto& line : failure["lastLines"]) fmt::print(stderr, "    {}\n", printable(line.get<std::string>()));
    }
  }

  RunArguments arguments_;
  std::string lab_;
  std::string program_;
  nlohmann::json status_of_lab_;
  Steps steps_;
};

int run_with_lab(RunArguments arguments) {
  const auto file = read_source(arguments.file);
  if (file.is_standard_input) throw UsageError("run reads a file twice: name one instead of -");
  if (!accepted(file.diagnostics, file)) return static_cast<int>(Exit::WrongInput);
  auto lab = arguments.name.empty() ? name_of_its_own(file.model.lab) : arguments.name;
  return Run{std::move(arguments), std::move(lab)}();
}

}  // namespace

void add_run(CLI::App& app, Exit& status) {
  auto* command = app.add_subcommand("run", "Bring a lab up, run a command, and take the lab down again, whatever happens");
  const auto arguments = std::make_shared<RunArguments>();
  command->add_option("file", arguments->file, "A lab file, or a folder with a lab.yaml")->required()->check(is_not_empty());
  command->add_option("command", arguments->command, "The command and its arguments, behind --")->required();
  command->add_option("--name", arguments->name, "The lab's name; without it each run has one of its own, so that many can be at once")
      ->type_name("LAB")
      ->check(is_not_empty());
  command->add_option("--in", arguments->node, "Run it in this node, and not beside the lab")->type_name("NODE")->check(is_not_empty());
  command->add_option("--timeout", arguments->timeout, "How many seconds the command may take; then it is ended, with status 124")
      ->type_name("SECONDS")
      ->check(CLI::NonNegativeNumber);
  command->add_flag("--keep-on-failure", arguments->keep_on_failure, "Leave the lab up when the command fails");
  add_examples(*command, {"run scenarios/two-vnets -- env", "run scenarios/two-vnets --in vm1 -- ping -c 1 10.2.0.4"});
  command->callback([=, &status] { status = static_cast<Exit>(run_with_lab(*arguments)); });
}

}  // namespace emu::cli
