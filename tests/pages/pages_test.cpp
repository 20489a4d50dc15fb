// SPDX-License-Identifier: Apache-2.0
// tests/pages/pages_test.cpp — every command of a README is typed in, as its reader would, and prints what the page shows.
//
// The reader sits in a clone in a home of the test's own (the scenarios are a copy, the program is the one under test) and has a /tmp of
// the test's own. They are an ordinary user, and root where there are tunnels, as in the shell of scripts/labvm; both for the first page.
// LAZULI_UPDATE_PAGES=1 writes what was printed into the pages instead of comparing it.
//
// Built twice, as scenario_run_test.cpp is: for pages of scenarios with tunnels, and for all others.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/pages/likeness.hpp"
#include "tests/pages/page.hpp"
#include "tests/scenario/lab.hpp"
#include "tests/scenario/scenarios.hpp"

namespace test {
namespace {

namespace fs = std::filesystem;

/// For a whole page; the machine with tunnels is an emulated one.
constexpr std::chrono::seconds kPatience{LAZULI_RUN_TUNNELS ? 540 : 120};

constexpr uid_t kRoot = 0;
constexpr uid_t kYou = 4715;

struct Walk {
  std::string folder;  ///< of the README, from the clone's top; "." for the first page
  uid_t reader = kRoot;
};

void PrintTo(const Walk& walk, std::ostream* out) { *out << walk.folder << " as user " << walk.reader; }

std::vector<Walk> all_walks() {
  std::vector<Walk> walks;
  if (!LAZULI_RUN_TUNNELS) walks = {{".", kYou}, {".", kRoot}};
  for (const auto& name : scenario_names())
    if (has_tunnels(name) == LAZULI_RUN_TUNNELS) walks.push_back({"scenarios/" + name, LAZULI_RUN_TUNNELS ? kRoot : kYou});
  return walks;
}

std::string walk_name(const testing::TestParamInfo<Walk>& info) {
  if (info.param.folder == ".") return info.param.reader == kRoot ? "first_page_as_root" : "first_page";
  return std::regex_replace(fs::path(info.param.folder).filename().string(), std::regex{"-"}, "_");
}

void write(const fs::path& path, const std::string& text) { std::ofstream(path) << text; }

/// What a step printed, and the status it ended with.
struct Printed {
  std::vector<std::string> lines;
  int status = 0;
};

/// A reader's machine, as far as the page needs it.
class Reader {
 public:
  Reader(const fs::path& clone, uid_t number) : number_(number) {
    auto name = (fs::temp_directory_path() / "page-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder for the page");
    folder_ = name;
    for (const auto* made : {"home/you/lazuli/build/release", "tmp", "printed"}) fs::create_directories(folder_ / made);
    fs::copy(clone / "scenarios", folder_ / "home/you/lazuli/scenarios", fs::copy_options::recursive);
    write(folder_ / "passwd", fmt::format("{0}you:x:{1}:{1}::/home/you:/bin/bash\n", read_file("/etc/passwd"), number));
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  /// Does it all in one shell. @return for each step what it printed; fewer when the shell ended before the page
  std::vector<Printed> walk(const std::vector<PageStep>& steps) const {
    std::string script =
        "export HOME=/home/you PATH=/home/you/lazuli/build/release/bin:$PATH TMPDIR=/tmp LC_ALL=C.UTF-8\n"
        "cd ~/lazuli || exit 9\n"
        "trap 'lazuli down --all >/dev/null 2>&1' EXIT\n"
        "page_status=0\n";
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const auto& step = steps[i];
      if (!step.file.empty()) {
        write(folder_ / fmt::format("printed/{}.file", i), step.text);
        script += fmt::format("cp /media/{}.file '{}'\n", i, step.file);
        continue;
      }
      script += fmt::format("exec >/media/{0} 2>&1\n(exit $page_status)\n{1}\npage_status=$?\necho $page_status >/media/{0}.status\n", i,
                            step.text);
    }
    write(folder_ / "printed/page.sh", script);
    const auto number = std::to_string(number_);
    EXPECT_EQ(run({"chown", "-R", number + ':' + number, folder_}).status, 0);
    // The rest is in a mount namespace of its own, which goes with the shell: nobody else sees this /home and /tmp.
    const auto machine = fmt::format(
        "mount --bind '{0}' '{1}/home/you/lazuli/build/release' && mount --bind '{1}/passwd' /etc/passwd && "
        "mount --rbind '{1}/printed' /media && mount --rbind '{1}/home' /home && mount --rbind '{1}/tmp' /tmp && "
        "exec setpriv --reuid {2} --regid {2} --clear-groups bash /media/page.sh",
        prefix_of_lazuli().string(), folder_.string(), number);
    // What the shell started in the foreground ends with it, and the shell still takes its labs away.
    const auto shell =
        run_apart({"unshare", "--mount", "timeout", "--kill-after=20", std::to_string(kPatience.count()), "bash", "-c", machine}, "",
                  kPatience + std::chrono::minutes{1});
    if (!shell.errors.empty()) ADD_FAILURE() << shell.errors;
    std::vector<Printed> printed;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const auto file = folder_ / fmt::format("printed/{}", i);
      const auto status = file.string() + ".status";
      if (steps[i].file.empty() && !fs::exists(status)) {
        ADD_FAILURE() << "line " << steps[i].line << ": did not end: " << steps[i].text << '\n'
                      << (fs::exists(file) ? read_file(file) : "");
        break;
      }
      printed.push_back(steps[i].file.empty() ? Printed{lines_of(read_file(file)), std::stoi(read_file(status))} : Printed{});
    }
    return printed;
  }

 private:
  uid_t number_;
  fs::path folder_;
};

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += "  | " + line + '\n';
  return text;
}

/// A command that fails says so, or the page does.
bool fails_in_silence(const std::vector<PageStep>& steps, std::size_t i, const Printed& printed) {
  return printed.status != 0 && printed.lines.empty() && !(i + 1 < steps.size() && steps[i + 1].text == "echo $?");
}

class Pages : public testing::TestWithParam<Walk> {};

TEST_P(Pages, EveryCommandPrintsWhatThePageShows) {
  const auto clone = scenarios_folder().parent_path();
  const auto file = clone / GetParam().folder / "README.md";
  const auto page = read_page(read_file(file));
  for (const auto& fault : page.faults) ADD_FAILURE() << file.string() << ": " << fault;

  const auto printed = Reader(clone, GetParam().reader).walk(page.steps);
  ASSERT_TRUE(std::getenv("LAZULI_UPDATE_PAGES") == nullptr || printed.size() == page.steps.size()) << "the page stays as it is";
  std::vector<std::vector<std::string>> outputs;
  for (std::size_t i = 0; i < printed.size(); ++i) {
    const auto& step = page.steps[i];
    outputs.push_back(printed[i].lines);
    EXPECT_FALSE(fails_in_silence(page.steps, i, printed[i]))
        << file.string() << ':' << step.line << ": $ " << step.text << "\nends with status " << printed[i].status
        << " and says nothing; let `echo $?` follow";
    if (std::getenv("LAZULI_UPDATE_PAGES") == nullptr) {
      EXPECT_TRUE(matches(step.output, printed[i].lines)) << file.string() << ':' << step.line << ": $ " << step.text << "\nshown:\n"
                                                          << joined(step.output) << "printed:\n"
                                                          << joined(printed[i].lines);
    }
  }
  if (std::getenv("LAZULI_UPDATE_PAGES") != nullptr) write(file, with_outputs(page, outputs));
}

INSTANTIATE_TEST_SUITE_P(Readmes, Pages, testing::ValuesIn(all_walks()), walk_name);

}  // namespace
}  // namespace test
