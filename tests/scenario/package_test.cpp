// SPDX-License-Identifier: Apache-2.0
// tests/scenario/package_test.cpp — the Debian package, made of the programs under test. scripts/package --check installs it.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "tests/scenario/lab.hpp"

namespace test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::MatchesRegex;

/// @return the package's file, in `folder`
std::string make_package(const fs::path& folder) {
  const auto made = run_apart({"cpack", "--config", prefix_of_lazuli() / "CPackConfig.cmake", "-B", folder});
  EXPECT_EQ(made.status, 0) << made.errors << made.output;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".deb") return entry.path();
  return {};
}

void expect_files(const std::string& package) {
  const auto listed = run_apart({"dpkg-deb", "-c", package});
  std::vector<std::string> found;
  for (const auto& line : lines_of(listed.output)) {
    std::istringstream words{line};
    std::string mode;
    std::string owner;
    std::string size;
    std::string date;
    std::string time;
    std::string path;
    words >> mode >> owner >> size >> date >> time >> path;
    EXPECT_EQ(owner, "root/root") << line;
    EXPECT_THAT(mode, testing::AnyOf("drwxr-xr-x", "-rwxr-xr-x", "-rw-r--r--", "lrwxrwxrwx")) << line;
    found.push_back(path);
  }
  EXPECT_THAT(found, IsSupersetOf({"./usr/bin/lazuli", "./usr/bin/lazuli-labvm", "./usr/libexec/lazuli/lazuli-server",
                                   "./usr/libexec/lazuli/lazuli-supervisor", "./usr/share/man/man1/lazuli.1.gz",
                                   "./usr/share/man/man1/lazuli-labvm.1.gz", "./usr/share/man/man5/lazuli-lab.5.gz",
                                   "./usr/share/bash-completion/completions/lazuli", "./usr/share/zsh/vendor-completions/_lazuli",
                                   "./usr/share/fish/vendor_completions.d/lazuli.fish", "./usr/share/lazuli/lab.schema.json",
                                   "./usr/share/lazuli/scenarios/two-vnets/lab.yaml", "./usr/share/doc/lazuli/copyright",
                                   "./usr/share/doc/lazuli/README.md", "./usr/share/doc/lazuli/docs/lab-file.md"}));
}

void expect_control(const std::string& package) {
  const auto version = lazuli({"--version"}).output;
  EXPECT_THAT(version, MatchesRegex("lazuli [0-9]+\\.[0-9]+\\.[0-9]+( \\([0-9a-f]{7}(, changed)?\\))?\n"));
  const auto control = run_apart({"dpkg-deb", "-f", package}).output;
  const auto number = version.substr(0, version.find_first_of(" \n", 7)).substr(7);
  EXPECT_THAT(control, AllOf(HasSubstr(fmt::format("Version: {}\n", number)), HasSubstr("libnftables1"), HasSubstr("libyaml-cpp")));
}

/// From the folder that it is unpacked to: what `lazuli` starts it finds from there.
void expect_program(const fs::path& root) {
  const auto program = root / "usr/bin/lazuli";
  const auto ran =
      run_apart({program, "run", root / "usr/share/lazuli/scenarios/two-vnets", "--in", "vm1", "--", "curl", "-s", "10.2.0.4"});
  EXPECT_EQ(ran.output, "vm2 (10.2.0.4) says hello to 10.1.0.4\n") << ran.errors;
}

void expect_manuals(const fs::path& root) {
  for (const auto* page : {"man1/lazuli.1.gz", "man1/lazuli-labvm.1.gz", "man5/lazuli-lab.5.gz"}) {
    const auto read = run_apart({"env", "LC_ALL=C.UTF-8", "MANWIDTH=80", "man", "--warnings", "-l", root / "usr/share/man" / page});
    EXPECT_EQ(read.errors, "") << page;
    EXPECT_THAT(read.output, HasSubstr("SEE ALSO")) << page;
  }
}

// One test, because the package is made for each.
TEST(Package, HoldsWhatIsNeededWorksFromWhereItIsAndHasNoErrorThatLintianKnows) {
  const Lab scratch;
  const auto package = make_package(scratch.folder());
  ASSERT_NE(package, "");
  expect_files(package);
  expect_control(package);
  const auto root = scratch.folder() / "unpacked";
  ASSERT_EQ(run_apart({"dpkg", "-x", package, root}).status, 0);
  expect_program(root);
  expect_manuals(root);
  const auto judged = run_apart({"lintian", "--allow-root", "--fail-on", "error", package});
  EXPECT_EQ(judged.status, 0) << judged.output << judged.errors;
}

}  // namespace
}  // namespace test
