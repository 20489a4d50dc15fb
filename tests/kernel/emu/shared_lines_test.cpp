// SPDX-License-Identifier: Apache-2.0
#include "emu/lab/shared_lines.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <sstream>
#include <thread>

#include "tests/support/scratch.hpp"

using emu::write_lines;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

namespace {

class SharedLines : public ::testing::Test {
 protected:
  SharedLines() : path_(scratch_.folder() / "hosts") {}

  /// Without comments and what fills up a place.
  std::vector<std::string> lines() const {
    std::vector<std::string> found;
    std::istringstream in{test::read_file(path_)};
    for (std::string line; std::getline(in, line);) {
      line.erase(line.find_last_not_of(' ') + 1);
      if (!line.empty() && !line.starts_with('#')) found.push_back(line);
    }
    return found;
  }

  struct stat status() const {
    struct stat found {};
    ::stat(path_.c_str(), &found);
    return found;
  }

  test::Scratch scratch_;
  std::filesystem::path path_;
};

}  // namespace

TEST_F(SharedLines, AreThoseThatWereWritten) {
  write_lines(path_, "127.0.0.1 localhost\n10.0.0.4 vm1\n");
  EXPECT_EQ(test::read_file(path_), "127.0.0.1 localhost\n10.0.0.4 vm1\n");
  write_lines(path_, "127.0.0.1 localhost\n10.0.0.5 vm2\n10.0.0.6 vm3\n");
  EXPECT_THAT(lines(), UnorderedElementsAre("127.0.0.1 localhost", "10.0.0.5 vm2", "10.0.0.6 vm3"));
  write_lines(path_, "10.0.0.5 vm2\n");
  EXPECT_THAT(lines(), UnorderedElementsAre("10.0.0.5 vm2"));
}

TEST_F(SharedLines, StayInTheSameFileForEverybodyToRead) {
  const auto mask = ::umask(077);
  write_lines(path_, "10.0.0.4 vm1\n");
  ::umask(mask);
  const auto before = status();
  EXPECT_EQ(before.st_mode & 0777U, 0644U);
  write_lines(path_, "10.0.0.4 other\n");
  EXPECT_EQ(status().st_ino, before.st_ino) << "it is mounted";
}

TEST_F(SharedLines, AreNotWrittenWhenTheyAreThere) {
  write_lines(path_, "a\nb\n# a comment\n");
  const auto before = status();
  write_lines(path_, "b\n# a comment\na\n");
  EXPECT_EQ(status().st_mtim.tv_nsec, before.st_mtim.tv_nsec);
  EXPECT_EQ(status().st_mtim.tv_sec, before.st_mtim.tv_sec);
}

TEST_F(SharedLines, TakeThePlacesOfThoseThatHaveGone) {
  write_lines(path_, "10.0.0.4 vm1\n10.0.0.5 vm2\n");
  for (int i = 0; i < 100; ++i) write_lines(path_, fmt::format("10.0.0.4 vm1\n10.0.0.{} vm2\n", i % 2 == 0 ? 6 : 7));
  EXPECT_LE(std::filesystem::file_size(path_), 64U);
  EXPECT_THAT(lines(), UnorderedElementsAre("10.0.0.4 vm1", "10.0.0.7 vm2"));
}

TEST_F(SharedLines, AreMendedWhateverIsInTheFile) {
  for (const std::string text : {"", "\n\n", "10.0.0.4 vm", "10.0.0.4 vm1", "nonsense\n#\n", "10.0.0.4 vm1\n10.0.0.4 vm1\n"}) {
    std::ofstream{path_, std::ios::trunc} << text;
    write_lines(path_, "10.0.0.4 vm1\n10.0.0.5 vm2\n");
    EXPECT_THAT(lines(), UnorderedElementsAre("10.0.0.4 vm1", "10.0.0.5 vm2")) << text;
  }
}

// Of several pages, so that a reader needs several reads.
TEST_F(SharedLines, AreSeenAtEveryMomentByWhoeverReads) {
  constexpr int kStaying = 500;
  const auto content = [](int round) {
    std::string text;
    for (int i = 0; i < kStaying; ++i) {
      text += fmt::format("10.0.{}.{} staying{}\n", i / 250, i % 250, i);
      if ((i + round) % 3 == 0) text += fmt::format("10.1.{}.{} changing{}\n", round % 250, i % 250, i);
    }
    return text;
  };
  write_lines(path_, content(0));
  std::atomic<bool> done = false;
  std::atomic<int> reads = 0;
  std::vector<std::string> wrong;
  std::thread reader{[&] {
    while (!done || reads < 50) {
      int staying = 0;
      for (const auto& line : lines()) {
        staying += line.find(" staying") != std::string::npos ? 1 : 0;
        if (line.find(" staying") == std::string::npos && line.find(" changing") == std::string::npos) wrong.push_back(line);
      }
      if (staying != kStaying) wrong.push_back(fmt::format("{} of {}", staying, kStaying));
      ++reads;
    }
  }};
  for (int round = 1; round < 40 || reads < 50; ++round) write_lines(path_, content(round));
  done = true;
  reader.join();
  EXPECT_THAT(wrong, IsEmpty());
}
