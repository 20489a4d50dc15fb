// SPDX-License-Identifier: Apache-2.0
#include "emu/scenario/key_files.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "tests/unit/emu/sample_model.hpp"

namespace fs = std::filesystem;

namespace {

constexpr const char* kLab =
    "lab: keys\n"
    "on_premises:\n"
    "  - {name: dc, address_space: [192.168.0.0/16], shared_key_file: key.txt}\n";

class KeyFiles : public testing::Test {
 protected:
  KeyFiles() {
    std::string name = testing::TempDir() + "lazuli-keys-XXXXXX";
    folder_ = ::mkdtemp(name.data());
    std::ofstream(folder_ / "lab.yaml") << kLab;
  }
  ~KeyFiles() override { fs::remove_all(folder_); }

  void write_key(const std::string& content, ::mode_t mode = 0600) const {
    std::ofstream(folder_ / "key.txt", std::ios::binary) << content;
    ::chmod((folder_ / "key.txt").c_str(), mode);
  }

  emu::LabFile read() const { return emu::read_lab_file(folder_); }

  /// What is said about the lab, without the hints.
  std::string said() const {
    auto diagnostics = read().diagnostics;
    for (auto& diagnostic : diagnostics) diagnostic.hint.clear();
    return emu::render(diagnostics, "lab.yaml");
  }

  fs::path folder_;
};

}  // namespace

TEST_F(KeyFiles, HoldTheKeyAndOneLineBreak) {
  for (const char* content : {"Str0ngKey", "Str0ngKey\n", "Str0ngKey\r\n"}) {
    write_key(content);
    const auto lab = read();
    EXPECT_TRUE(lab.diagnostics.empty());
    EXPECT_EQ(lab.model.on_premises[0].shared_key, emu::Secret("Str0ngKey")) << content;
    EXPECT_EQ(lab.model.on_premises[0].shared_key_file, "key.txt");
  }
}

TEST_F(KeyFiles, ThatOthersMayReadAreWarnedAboutAndUsed) {
  write_key("Str0ngKey\n", 0640);
  EXPECT_EQ(said(), "lab.yaml:3:66: warning: others than its owner may read key file 'key.txt'\n");
  EXPECT_EQ(read().model.on_premises[0].shared_key.reveal(), "Str0ngKey");
}

TEST_F(KeyFiles, ThatHoldNoKeyAreRefused) {
  const std::string refused = "lab.yaml:3:66: error: key file 'key.txt' cannot be used: ";
  EXPECT_EQ(said(), refused + "No such file or directory\n");
  write_key("\n");
  EXPECT_EQ(said(), refused + "it is empty\n");
  write_key(std::string(1025, 'k'));
  EXPECT_EQ(said(), refused + "it is larger than 1 KB\n");
  fs::remove(folder_ / "key.txt");
  ASSERT_EQ(::mkfifo((folder_ / "key.txt").c_str(), 0600), 0);
  EXPECT_EQ(said(), refused + "it is no regular file\n");
}

// The fuzzer reads whatever a text names.
TEST_F(KeyFiles, AreNotReadForATextAlone) {
  write_key("Str0ngKey");
  const auto lab = emu::parse_lab_file(kLab, "lab.yaml");
  EXPECT_TRUE(lab.diagnostics.empty());
  EXPECT_TRUE(lab.model.on_premises[0].shared_key.empty());
}
