// SPDX-License-Identifier: Apache-2.0
#include "emu/flowlog/record_files.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

using testing::ElementsAre;
using testing::IsEmpty;

namespace {

std::vector<std::string> all(const std::filesystem::path& folder, std::string_view flow_log) {
  return emu::RecordReader(folder, flow_log).read();
}

}  // namespace

TEST(RecordFiles, KeepTheLastRecordsInTheirOrder) {
  const auto folder = std::filesystem::temp_directory_path() / ("record-files-" + std::to_string(::getpid()));
  EXPECT_THAT(all(folder, "audit"), IsEmpty());
  emu::append_records(folder, {{"audit", "a"}, {"other", "x"}, {"audit", "b"}}, 4);
  EXPECT_THAT(all(folder, "audit"), ElementsAre("a", "b"));
  emu::append_records(folder, {{"audit", "c"}}, 4);
  EXPECT_THAT(all(folder, "audit"), ElementsAre("a", "b", "c")) << "in a new file";
  emu::append_records(folder, {{"audit", "d"}}, 4);
  emu::append_records(folder, {{"audit", "e"}}, 4);
  EXPECT_THAT(all(folder, "audit"), ElementsAre("c", "d", "e")) << "the oldest file is gone";
  EXPECT_THAT(all(folder, "other"), ElementsAre("x"));
  std::filesystem::remove_all(folder);
}

TEST(RecordReader, GoesOnWhereItWasAlsoInANewFile) {
  const auto folder = std::filesystem::temp_directory_path() / ("record-reader-" + std::to_string(::getpid()));
  emu::RecordReader reader(folder, "audit");
  EXPECT_THAT(reader.read(), IsEmpty()) << "nothing was recorded yet";
  emu::append_records(folder, {{"audit", "a"}, {"audit", "b"}}, 4);
  EXPECT_THAT(reader.read(), ElementsAre("a", "b"));
  EXPECT_THAT(reader.read(), IsEmpty());
  emu::append_records(folder, {{"audit", "c"}}, 6);
  emu::append_records(folder, {{"audit", "d"}}, 6);
  EXPECT_THAT(reader.read(), ElementsAre("c", "d")) << "the end of the old file, and the new one";

  std::ofstream file{folder / "audit.jsonl", std::ios::app};
  file << "half" << std::flush;
  EXPECT_THAT(reader.read(), IsEmpty());
  file << " a line\n" << std::flush;
  EXPECT_THAT(reader.read(), ElementsAre("half a line"));
  std::filesystem::remove_all(folder);
}
