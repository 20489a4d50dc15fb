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

TEST(RecordFiles, OfOneFlowLogAreNeverThoseOfAnother) {
  const auto folder = std::filesystem::temp_directory_path() / ("record-names-" + std::to_string(::getpid()));
  const std::vector<std::string> names{"x", "x.old", "x.jsonl", "x.jsonl.old", "x.old.jsonl", "x.old.old"};
  for (const std::string record : {"1", "2"}) {
    for (const auto& name : names) emu::append_records(folder, {{name, record + name}}, 1);  // each makes the one before an old one
  }
  for (const auto& name : names) EXPECT_THAT(all(folder, name), ElementsAre("1" + name, "2" + name));

  emu::remove_other_records(folder, {"x", "x.old.jsonl", "unknown"});
  for (const auto& name : names) {
    if (name == "x" || name == "x.old.jsonl")
      EXPECT_THAT(all(folder, name), ElementsAre("1" + name, "2" + name));
    else
      EXPECT_THAT(all(folder, name), IsEmpty()) << name;
  }
  std::filesystem::remove_all(folder);
  emu::remove_other_records(folder, {});
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
