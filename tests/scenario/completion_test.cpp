// SPDX-License-Identifier: Apache-2.0
// tests/scenario/completion_test.cpp — what shells offer while a command is typed.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/scenario/lab.hpp"

namespace test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::string_view kTypedLab = R"(
virtual_networks:
  - {name: net, address_space: [10.0.0.0/16], subnets: [{name: s, address_prefixes: [10.0.0.0/24]}]}
virtual_machines:
  - {name: app1, subnet: net/s}
  - {name: app2, subnet: net/s}
)";

/// What may stand for the last of `words`, without what it means.
std::vector<std::string> offers(std::vector<std::string> words) {
  words.insert(words.begin(), {"complete", "--"});
  auto lines = lines_of(lazuli(words).output);
  for (auto& line : lines) line.resize(std::min(line.size(), line.find('\t')));
  return lines;
}

fs::path completion_of(const char* shell) { return scenarios_folder().parent_path() / "packaging" / fmt::format("lazuli.{}", shell); }

/// What `script` prints in `shell`, to which the program is `lazuli`.
std::vector<std::string> in_shell(const std::vector<std::string>& shell, const std::string& script) {
  const char* path = std::getenv("PATH");
  auto argv = shell;
  argv.insert(argv.begin(), {"env", fmt::format("PATH={}:{}", (prefix_of_lazuli() / "bin").string(), path == nullptr ? "" : path)});
  argv.push_back(script);
  const auto result = run_apart(argv);
  EXPECT_EQ(result.errors, "");
  return lines_of(result.output);
}

TEST(Completion, OffersCommandsWithWhatTheyDo) {
  EXPECT_EQ(lazuli({"complete", "--", "ver"}).output, "verify\tRun the lab's checks with real packets\n");
  EXPECT_THAT(offers({""}), AllOf(Contains("up"), Contains("help"), Not(Contains("complete")), Not(Contains("ipsec-daemon"))));
  EXPECT_THAT(offers({"-l", "some-lab", "next"}), ElementsAre("next-hop"));
  EXPECT_THAT(offers({"help", "tr"}), ElementsAre("trace"));
}

TEST(Completion, OffersOptionsAndTheirValues) {
  EXPECT_THAT(offers({"verify", "--ma"}), ElementsAre("--matrix"));
  EXPECT_THAT(offers({"graph", "--format", ""}), ElementsAre("text", "mermaid", "dot", "svg"));
  EXPECT_THAT(offers({"ip-flow", "--direction", "In"}), ElementsAre("Inbound"));
}

TEST(Completion, LeavesFilesAndOtherProgramsToTheShell) {
  EXPECT_THAT(offers({"up", ""}), IsEmpty());
  EXPECT_THAT(offers({"verify", "--junit", ""}), IsEmpty());
  EXPECT_THAT(offers({"exec", "vm1", "--", "-"}), IsEmpty());
  EXPECT_THAT(offers({"no-such-command", ""}), IsEmpty());
}

TEST(Completion, OffersTheLabsAndNodesThatRun) {
  const Lab lab;
  lab.build(kTypedLab);
  EXPECT_THAT(offers({"down", ""}), Contains(lab.name()));
  EXPECT_THAT(offers({"-l", ""}), Contains(lab.name()));
  EXPECT_THAT(offers({"exec", "-l", lab.name(), "app"}), ElementsAre("app1", "app2"));
  EXPECT_THAT(offers({"-l", lab.name(), "trace", "app1", "app"}), ElementsAre("app1", "app2"));
  EXPECT_THAT(offers({"shell", lab.name() + "/app2"}), ElementsAre(lab.name() + "/app2"));
  EXPECT_THAT(offers({"exec", "-l", "no-such-lab", ""}), IsEmpty());
}

TEST(Completion, WorksInBash) {
  const auto script =
      fmt::format("source {}; COMP_WORDS=(lazuli graph --format ''); COMP_CWORD=3; _lazuli; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
                  completion_of("bash").string());
  EXPECT_THAT(in_shell({"bash", "-uc"}, script), ElementsAre("text", "mermaid", "dot", "svg"));
}

TEST(Completion, WorksInFish) {
  const auto script =
      fmt::format("source {}; complete -C 'lazuli gra'; complete -C 'lazuli check /etc/os-rel'", completion_of("fish").string());
  EXPECT_THAT(in_shell({"fish", "--no-config", "-c"}, script),
              ElementsAre(AllOf(HasSubstr("graph\t"), HasSubstr("The picture of a lab")), HasSubstr("/etc/os-release")));
}

TEST(Completion, WorksInZsh) {
  const Lab scratch;
  fs::copy_file(completion_of("zsh"), scratch.folder() / "_lazuli");
  // Somebody at a terminal, who types some letters and the key that completes.
  const auto script = fmt::format(
      "zmodload zsh/zpty; zpty shell zsh -f -i\n"
      "zpty -w shell 'PS1=; fpath=({} $fpath); autoload -Uz compinit; compinit -u -D; print RE\"\"ADY'\n"
      "zpty -r -m shell seen '*READY*'\n"
      "zpty -w -n shell $'lazuli graph --format m\\t'\n"
      "zpty -r -m shell seen '*mermaid*' && print completed\n"
      "zpty -d shell\n",
      scratch.folder().string());
  EXPECT_THAT(in_shell({"zsh", "-fc"}, script), ElementsAre("completed"));
}

}  // namespace
}  // namespace test
