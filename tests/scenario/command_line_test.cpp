// SPDX-License-Identifier: Apache-2.0
// tests/scenario/command_line_test.cpp — the words of a command: what they mean, how wrong ones are answered, and what it ends with.
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>

#include "tests/scenario/lab.hpp"
#include "tests/scenario/terminal.hpp"

namespace test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

constexpr std::string_view kSmallLab = R"(
virtual_networks:
  - {name: net, address_space: [10.0.0.0/16], subnets: [{name: s, address_prefixes: [10.0.0.0/24]}]}
virtual_machines:
  - {name: vm1, subnet: net/s}
  - {name: vm2, subnet: net/s, web: 80}
)";

/// The program, run in `folder` by a shell that does what `words` say: `$L` is the program.
CommandStreams in_folder(const fs::path& folder, const std::string& words, const std::string& input = {}) {
  return run_apart({"/bin/sh", "-c", fmt::format("cd '{}' && L='{}' && {}", folder.string(), lazuli_path(), words)}, input);
}

/// In columns. Commands to be copied are not broken, however long the program's path is; what is said of the work is taken away again.
std::size_t longest_line(const std::string& text) {
  constexpr std::string_view kCleared = "\x1b[K";
  std::size_t longest = 0;
  for (auto line : lines_of(text)) {
    if (line.find(lazuli_path()) != std::string::npos) continue;
    if (const auto cleared = line.rfind(kCleared); cleared != std::string::npos) line.erase(0, cleared + kCleared.size());
    longest = std::max(longest, line.size());
  }
  return longest;
}

std::vector<std::string> running_labs() {
  std::vector<std::string> names;
  for (const auto& lab : nlohmann::json::parse(lazuli({"list", "--json"}).output)) names.push_back(lab["lab"]);
  return names;
}

std::vector<std::string> command_names() {
  std::vector<std::string> names;
  for (const auto& line : lines_of(lazuli({}).output))
    if (line.starts_with("  ") && line.size() > 2 && line[2] != ' ') names.push_back(line.substr(2, line.find(' ', 2) - 2));
  return names;
}

TEST(Help, ListsTheCommandsAndTellsOfEach) {
  const auto bare = lazuli({});
  EXPECT_EQ(bare.status, 0);
  EXPECT_THAT(bare.errors, IsEmpty());
  EXPECT_EQ(lazuli({"help"}).output, bare.output);
  EXPECT_EQ(lazuli({"--help"}).output, bare.output);
  const auto names = command_names();
  EXPECT_THAT(names, testing::IsSupersetOf({"up", "plan", "check", "down", "list", "status", "exec", "shell", "verify", "trace", "help"}));
  for (const auto& name : names) {
    const auto help = lazuli({"help", name});
    EXPECT_EQ(help.status, 0) << name;
    EXPECT_THAT(help.output, AllOf(HasSubstr("usage: lazuli " + name), HasSubstr("\nexamples\n  "))) << name;
    EXPECT_EQ(lazuli({name, "--help"}).output, help.output) << name;
    EXPECT_LE(longest_line(on_terminal(80, {"help", name})), 80U) << name;
  }
  EXPECT_LE(longest_line(on_terminal(80, {})), 80U);
  EXPECT_THAT(lazuli({"--version"}).output, StartsWith("lazuli "));
}

TEST(Help, TellsProgramsTheSame) {
  const auto told = nlohmann::json::parse(lazuli({"help", "--json"}).output);
  std::vector<std::string> names;
  for (const auto& command : told["commands"]) names.push_back(command["name"]);
  EXPECT_EQ(names, command_names());
  const auto exec = nlohmann::json::parse(lazuli({"help", "exec", "--json"}).output);
  EXPECT_EQ(exec["synopsis"], "exec NODE [--] COMMAND [ARGUMENT...] [OPTION...]");
  EXPECT_EQ(exec["arguments"][0]["name"], "NODE");
  EXPECT_THAT(exec["examples"], SizeIs(testing::Ge(1U)));
}

TEST(Help, GuessesWhatWasMeant) {
  const std::vector<std::pair<std::string, std::string>> guesses{{"staus", "status"}, {"verfy", "verify"}, {"destroy", "down"},
                                                                 {"apply", "up"},     {"ssh", "shell"},    {"validate", "check"},
                                                                 {"ls", "list"}};
  for (const auto& [word, command] : guesses) {
    const auto wrong = lazuli({word, "x"});
    EXPECT_EQ(wrong.status, 2) << word;
    EXPECT_THAT(wrong.errors, HasSubstr(fmt::format("no command '{}' (did you mean '{}'?)", word, command)));
    EXPECT_THAT(lazuli({"help", word}).errors, HasSubstr(fmt::format("(did you mean '{}'?)", command)));
  }
  EXPECT_THAT(lazuli({"frobnicate"}).errors, AllOf(HasSubstr("'frobnicate'"), Not(HasSubstr("did you mean"))));
  const auto option = lazuli({"list", "--jsn"});
  EXPECT_EQ(option.status, 2);
  EXPECT_THAT(option.errors, HasSubstr("takes no '--jsn' (did you mean '--json'?)"));
}

TEST(ALabFile, MayBeAFolderTheStandardInputOrLeftOut) {
  const Lab lab;
  const auto file = lab.file(kSmallLab);
  for (const auto* words : {"$L check", "$L check .", "$L check lab.yaml", "$L check - <lab.yaml", "cat lab.yaml | $L check /dev/stdin"}) {
    const auto checked = in_folder(lab.folder(), words);
    EXPECT_EQ(checked.status, 0) << words << checked.errors;
    EXPECT_THAT(checked.output, HasSubstr(fmt::format("is right: lab '{}', 1 virtual network, 2 virtual machines\n", lab.name()))) << words;
  }
  const auto nothing = in_folder("/", "$L up");
  EXPECT_EQ(nothing.status, 2);
  EXPECT_THAT(nothing.errors, HasSubstr("no lab.yaml here"));
  EXPECT_EQ(in_folder(lab.folder(), "$L up").status, 0);
  EXPECT_THAT(in_folder(lab.folder(), "$L plan").output, HasSubstr("nothing to change"));
  EXPECT_EQ(in_folder(lab.folder(), "$L down").status, 0);
  EXPECT_THAT(remains_of(lab.name()), IsEmpty());
}

TEST(ALabFile, ThatIsNoneIsSaidAtOnce) {
  const Lab lab;
  ASSERT_EQ(::mkfifo((lab.folder() / "pipe").c_str(), 0600), 0);
  const std::vector<std::pair<std::string, std::string>> files{{lab.folder() / "pipe", "is a pipe that nobody writes to"},
                                                               {"/dev/zero", "is a device"},
                                                               {lab.folder(), "cannot be read"},
                                                               {lab.folder() / "none.yaml", "cannot be read"}};
  for (const auto& [file, words] : files) {
    for (const auto* command : {"graph", "check", "up", "plan", "down"}) {
      const auto refused = run_apart({lazuli_path(), command, file}, {}, std::chrono::seconds{10});
      EXPECT_EQ(refused.status, 2) << command << ' ' << file;
      EXPECT_THAT(refused.errors, HasSubstr(words)) << command << ' ' << file;
    }
  }
}

TEST(Check, NeedsNoRootAndSaysAllMistakes) {
  const Lab lab;
  std::string many = "virtual_networks: []\nvirtual_machines:\n";
  for (int i = 0; i < 3000; ++i) many += fmt::format("  - {{name: v{}, subnet: gone/s}}\n", i);
  const auto file = lab.file(many);
  fs::permissions(lab.folder(), fs::perms{0755});
  const auto refused = run_apart({"/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", lazuli_path(), "check", file});
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.errors, AllOf(HasSubstr("2950 more errors like these"), HasSubstr("3000 errors; nothing was changed")));
  EXPECT_LT(refused.errors.size(), 20'000U);
}

TEST(Naming, IsOneRule) {
  const Lab first;
  const Lab second;
  first.build(kSmallLab);
  second.build(kSmallLab);
  const auto& a = first.name();
  const auto& b = second.name();
  const auto routes = lazuli({"routes", "-l", a, "vm1"});
  ASSERT_EQ(routes.status, 0) << routes.errors;
  const std::vector<std::vector<std::string>> same{{"routes", "vm1", "-l", a},
                                                   {"-l", a, "routes", "vm1"},
                                                   {"--lab=" + a, "routes", "vm1"},
                                                   {"routes", a + "/vm1"},
                                                   {"routes", a + "/VM1", "-l", a}};
  for (const auto& words : same) EXPECT_EQ(lazuli(words).output, routes.output) << fmt::format("{}", fmt::join(words, " "));
  for (const auto& words : std::vector<std::vector<std::string>>{
           {"status", a}, {"status", "-l", a}, {"-l", a, "status"}, {"status", first.folder() / "lab.yaml"}, {"status", a, "--lab", a}})
    EXPECT_THAT(lazuli(words).output, StartsWith(a + "  up")) << fmt::format("{}", fmt::join(words, " "));
  EXPECT_EQ(lazuli({"trace", "vm1", b + "/vm2"}).status, 0);
  EXPECT_EQ(lazuli({"next-hop", b + "/vm1", b + "/vm2"}).status, 0);
  EXPECT_EQ(in_folder("/", fmt::format("LAZULI_LAB={} $L routes vm1", a)).output, routes.output);
  EXPECT_THAT(in_folder("/", fmt::format("LAZULI_LAB={} $L status {}", a, b)).output, StartsWith(b)) << "what is written counts first";

  const std::vector<std::vector<std::string>> conflicts{
      {"routes", "-l", b, a + "/vm1"}, {"-l", b, "status", a}, {"trace", a + "/vm1", b + "/vm2"}, {"down", "-l", b, a}};
  for (const auto& words : conflicts) {
    const auto refused = lazuli(words);
    EXPECT_EQ(refused.status, 2) << fmt::format("{}", fmt::join(words, " "));
    EXPECT_THAT(refused.errors, AllOf(HasSubstr(fmt::format("lab '{}'", a)), HasSubstr(fmt::format("lab '{}'", b)), HasSubstr("name one")))
        << fmt::format("{}", fmt::join(words, " "));
  }
  EXPECT_EQ(lazuli({"status"}).status, 2);
  EXPECT_EQ(lazuli({"status", "-l", ""}).status, 2);
  EXPECT_THAT(lazuli({"status", a.substr(0, a.size() - 1) + "x"}).errors, HasSubstr("there is"));
}

TEST(Down, OfWhatIsGoneIsDone) {
  const Lab lab;
  const auto gone = lazuli({"down", lab.name()});
  EXPECT_EQ(gone.status, 0);
  EXPECT_THAT(gone.output, HasSubstr("nothing to remove"));
  EXPECT_EQ(lazuli({"down"}).status, 0);
  EXPECT_EQ(lazuli({"down", "--all"}).status, 0);
  EXPECT_EQ(lazuli({"down", "No_Lab"}).status, 2);
}

TEST(Down, TakesAFileAndAll) {
  const Lab first;
  const Lab second;
  const Lab third;
  for (const auto* lab : {&first, &second, &third}) lab->build(kSmallLab);
  EXPECT_EQ(lazuli({"down", first.folder()}).status, 0);
  EXPECT_THAT(running_labs(), testing::UnorderedElementsAre(second.name(), third.name()));
  EXPECT_EQ(lazuli({"down", "--all", second.name()}).status, 2);
  EXPECT_EQ(lazuli({"down", "--all"}).status, 0);
  EXPECT_THAT(remains_of(second.name()), IsEmpty());
  EXPECT_THAT(remains_of(third.name()), IsEmpty());
}

TEST(Down, RemovesNoLabOfAnotherFile) {
  const Lab lab;
  lab.build(kSmallLab);
  const auto copy = (lab.folder() / "copy.yaml").string();
  std::ofstream{copy} << "lab: " << lab.name() << "\nvirtual_networks: [{name: only}]\n";
  const auto refused = lazuli({"down", copy});
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.errors, AllOf(HasSubstr(lab.folder() / "lab.yaml"), HasSubstr("-l " + lab.name())));
  for (const auto& words : std::vector<std::vector<std::string>>{{"down", ""}, {"up", ""}, {"up", copy, "--name", ""}, {"status", ""}})
    EXPECT_EQ(lazuli(words).status, 2) << words[0] << ": a variable that is not set is no wish";
  EXPECT_THAT(running_labs(), testing::ElementsAre(lab.name()));
  EXPECT_EQ(lazuli({"down", "-l", lab.name()}).status, 0);
}

TEST(Up, NamesACommandThatMakesThisLabWhole) {
  const Lab lab;
  const Lab other;
  const auto folder = other.folder() / "it's mine";
  std::filesystem::create_directory(folder);
  std::filesystem::copy_file(lab.file(kSmallLab), folder / "lab.yaml");
  ASSERT_EQ(lazuli({"up", folder, "--name", other.name()}).status, 0);
  run({"ip", "netns", "del", other.namespace_of("vm2")});
  const auto said = lazuli({"status", other.name()}).output;
  const auto start = said.find("\n  '") + 4;
  const auto command = said.substr(start, said.find("' puts it right") - start);
  ASSERT_THAT(command, HasSubstr("--name " + other.name())) << said;
  EXPECT_EQ(run({"sh", "-c", command}).status, 0) << command;
  EXPECT_EQ(other.exec("vm1", {"ping", "-c", "1", "-W", "5", "vm2"}).status, 0);
  EXPECT_THAT(running_labs(), testing::ElementsAre(other.name()));
}

TEST(IpFlow, AsksForARemoteAddress) {
  const Lab lab;
  lab.build(kSmallLab);
  for (const auto* remote : {":443", ""}) {
    const auto refused = lazuli({"ip-flow", "vm1", "--direction", "Outbound", "--remote", remote});
    EXPECT_EQ(refused.status, 2) << remote;
    EXPECT_THAT(refused.errors, HasSubstr("names no address"));
  }
}

TEST(Up, TakesAnotherNameAndNotAnotherFile) {
  const Lab lab;
  const Lab other;
  const auto file = lab.file(kSmallLab);
  ASSERT_EQ(lazuli({"up", file}).status, 0);
  EXPECT_EQ(lazuli({"up", file, "--name", other.name()}).status, 0);
  EXPECT_EQ(other.exec("vm1", {"ping", "-c", "1", "-W", "5", "vm2"}).status, 0);
  EXPECT_EQ(lazuli({"up", file, "--name", "Not A Name"}).status, 2);
  EXPECT_EQ(lazuli({"down", file}).status, 0) << "the one that the file names, of the two that it made";
  EXPECT_THAT(running_labs(), testing::ElementsAre(other.name()));

  const auto kernel = kernel_state_of(other.name());
  const auto copy = (other.folder() / "copy.yaml").string();
  std::ofstream{copy} << "lab: " << other.name() << "\nvirtual_networks: [{name: only}]\n";
  const auto refused = lazuli({"up", copy});
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.errors, AllOf(HasSubstr(file), HasSubstr("--name"), HasSubstr("--replace"), HasSubstr("nothing was changed")));
  EXPECT_THAT(lazuli({"plan", copy}).errors, HasSubstr("--replace"));
  EXPECT_EQ(lazuli({"up", "-"}, read_file(copy)).status, 2) << "nor the same from the standard input";
  EXPECT_THAT(differences(kernel, kernel_state_of(other.name())), IsEmpty());
  EXPECT_EQ(lazuli({"up", copy, "--replace"}).status, 0);
  EXPECT_EQ(lazuli({"up", copy}).status, 0) << "now it is this file's";
  EXPECT_THAT(lazuli({"list"}).output, HasSubstr(copy));
}

TEST(Output, ThatCannotBeWrittenIsAFailure) {
  const Lab lab;
  lab.build(std::string(kSmallLab) + "checks: [{from: vm1, ping: vm2, expect: reachable}]\n");
  for (const auto* words : {"list", "status", "status --json", "verify --json", "verify --matrix", "routes vm1", "trace vm1 vm2", "graph",
                            "plan", "up", "help", "--version", "check", "doctor"}) {
    const auto full = in_folder(lab.folder(), fmt::format("LAZULI_LAB={} $L {} >/dev/full", lab.name(), words));
    EXPECT_EQ(full.status, 1) << words;
    EXPECT_THAT(full.errors, HasSubstr("No space left on device")) << words;
    EXPECT_EQ(in_folder(lab.folder(), fmt::format("LAZULI_LAB={} $L {} >&-", lab.name(), words)).status, 1) << words;
  }
  const auto cut = in_folder("/", fmt::format("$L status {} --json | true", lab.name()));
  EXPECT_THAT(cut.errors, IsEmpty()) << "a reader that has enough is no news";
  EXPECT_EQ(in_folder("/", fmt::format("$L down {} >/dev/full", lab.name())).status, 1);
  EXPECT_THAT(remains_of(lab.name()), IsEmpty());
}

TEST(Terminal, IsNeverTooNarrow) {
  const Lab lab;
  lab.scenario_file(scenarios_folder() / "network-security-groups/lab.yaml");
  ASSERT_EQ(lazuli({"up", lab.folder()}).status, 0);
  const auto& name = lab.name();
  const std::vector<std::vector<std::string>> commands{
      {"up", lab.folder()},      {"status", name},           {"list"},
      {"rules", name + "/web1"}, {"routes", name + "/web1"}, {"trace", name + "/web1", "db1"}};
  for (const auto& words : commands) {
    EXPECT_LE(longest_line(on_terminal(80, words)), 80U) << on_terminal(80, words);
    EXPECT_LE(longest_line(on_terminal(120, words)), 120U) << words.front();
  }
}

TEST(InsideANode, SaysWhereOneIs) {
  const Lab lab;
  lab.build(kSmallLab);
  for (const auto* command : {"status", "list", "up", "down"}) {
    const auto inside = lab.exec("vm1", {lazuli_path(), command});
    EXPECT_EQ(inside.status, 1) << command;
    EXPECT_THAT(inside.errors, HasSubstr(fmt::format("this is inside node 'vm1' of lab '{}'", lab.name()))) << command;
  }
}

}  // namespace
}  // namespace test
