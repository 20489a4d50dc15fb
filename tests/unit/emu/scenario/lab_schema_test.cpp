// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "emu/scenario/lab_file.hpp"
#include "emu/scenario/lab_file_keys.hpp"
#include "emu/semantics/validate.hpp"

namespace {

nlohmann::json schema() { return nlohmann::json::parse(std::ifstream(LAZULI_SOURCE_DIR "/docs/lab.schema.json")); }

/// "virtual network" is $defs/virtual_network, "on-premises host" $defs/on_premises_host; the file itself is the schema's root.
nlohmann::json definition_of(std::string_view object) {
  if (object == "lab file") return schema();
  std::string name(object);
  std::ranges::replace(name, ' ', '_');
  std::ranges::replace(name, '-', '_');
  return schema().at("$defs").at(name);
}

std::set<std::string> keys_of(const nlohmann::json& object) {
  std::set<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.insert(key);
  return keys;
}

}  // namespace

TEST(LabSchema, HasTheKeysThatTheReaderKnows) {
  for (const auto& object : emu::lab_file_keys()) {
    SCOPED_TRACE(object.object);
    const std::set<std::string> known(object.keys.begin(), object.keys.end());
    EXPECT_EQ(keys_of(definition_of(object.object).at("properties")), known);
  }
}

TEST(LabSchema, RequiresWhatTheReaderRequires) {
  for (const auto& object : emu::lab_file_keys()) {
    SCOPED_TRACE(object.object);
    const std::set<std::string> required(object.required.begin(), object.required.end());
    const auto in_schema = definition_of(object.object).value("required", std::set<std::string>{});
    EXPECT_EQ(in_schema, required);
  }
}

TEST(LabSchema, RefusesOtherKeysAndDescribesEachKnownOne) {
  for (const auto& object : emu::lab_file_keys()) {
    SCOPED_TRACE(object.object);
    const auto definition = definition_of(object.object);
    EXPECT_EQ(definition.at("additionalProperties"), false);
    for (const auto& [key, property] : definition.at("properties").items())
      EXPECT_TRUE(property.contains("description") || property.contains("$ref")) << key;
  }
}

/// What docs/lab-file.md shows.
TEST(LabFileExample, IsRightAndHasSomethingOfEverything) {
  const auto example = emu::read_lab_file(LAZULI_SOURCE_DIR "/docs/lab-file.yaml");
  for (const auto& diagnostic : example.diagnostics) ADD_FAILURE() << diagnostic.message;
  for (const auto& diagnostic : emu::validate(example.model, example.positions, nullptr)) ADD_FAILURE() << diagnostic.message;

  std::ifstream file(LAZULI_SOURCE_DIR "/docs/lab-file.yaml");
  std::set<std::string> keys;
  for (std::string line; std::getline(file, line);)
    if (const auto colon = line.find(':'); colon != std::string::npos && line.find_first_of(" #") > colon)
      keys.insert(line.substr(0, colon));
  EXPECT_EQ(keys, keys_of(schema().at("properties")));
}

TEST(LabSchema, NamesEveryKindOfObjectOnlyOnce) {
  const auto objects = emu::lab_file_keys();
  std::set<std::string_view> names;
  for (const auto& object : objects) names.insert(object.object);
  EXPECT_EQ(names.size(), objects.size());
}
