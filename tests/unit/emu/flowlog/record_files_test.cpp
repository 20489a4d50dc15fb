// SPDX-License-Identifier: Apache-2.0
#include "emu/flowlog/record_files.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <string>

using testing::ElementsAre;
using testing::IsEmpty;

TEST(RecordFiles, KeepTheLastRecordsInTheirOrder) {
  const auto folder = std::filesystem::temp_directory_path() / ("record-files-" + std::to_string(::getpid()));
  EXPECT_THAT(emu::read_records(folder, "audit"), IsEmpty());
  emu::append_records(folder, {{"audit", "a"}, {"other", "x"}, {"audit", "b"}}, 4);
  EXPECT_THAT(emu::read_records(folder, "audit"), ElementsAre("a", "b"));
  emu::append_records(folder, {{"audit", "c"}}, 4);
  EXPECT_THAT(emu::read_records(folder, "audit"), ElementsAre("a", "b", "c")) << "in a new file";
  emu::append_records(folder, {{"audit", "d"}}, 4);
  emu::append_records(folder, {{"audit", "e"}}, 4);
  EXPECT_THAT(emu::read_records(folder, "audit"), ElementsAre("c", "d", "e")) << "the oldest file is gone";
  EXPECT_THAT(emu::read_records(folder, "other"), ElementsAre("x"));
  std::filesystem::remove_all(folder);
}
