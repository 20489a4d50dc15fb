// SPDX-License-Identifier: Apache-2.0
// emu/scenario/field_reader.hpp — reads typed fields out of a YAML tree and says what is wrong with them.
//
// Theory of operation. Every kind of object in a lab file is a table: its keys, which of them it cannot do without, and a
// function that reads each one into a struct's member. The rest follows from the table: unknown, misspelt, repeated, missing
// and not yet supported keys, the positions of the properties, and the key list that docs/lab.schema.json is tested against.
//
// Nothing stops at a mistake. A field that cannot be understood is reported and left as it is, so that what depends on it can
// tell "not known" from "wrong"; a list is left empty when one of its addresses is not understood. A misspelt key is read as
// the key that was meant, so one slip is one diagnostic; where a thing with a name is passed over, the source map is told, so
// that what refers to it is not called wrong, too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "emu/model/diagnostic.hpp"
#include "emu/model/source_map.hpp"
#include "emu/scenario/yaml_tree.hpp"
#include "netns/base/address.hpp"

namespace emu {

/// A value of the file, and the property it is for: `virtual_networks[0].name`.
struct Place {
  const YamlNode& node;
  std::string path;
};

class FieldReader;
struct ForeignWord;

enum class Presence { Optional, Required };

/// What is in a list.
enum class ListOf { Values, Objects };

template <typename T>
struct Field {
  std::string_view key;
  void (*read)(FieldReader& reader, const Place& place, T& into);
  Presence presence = Presence::Optional;
};

/// What a lab file may say about a `T`; specialised for every kind of object as
///   static constexpr std::string_view kTitle;                what messages call it: "virtual network"
///   static constexpr std::array<Field<T>, n> kFields;
///   static constexpr std::array<std::string_view, n> kNotYet;  keys of the format that Lazuli does not support yet
///   static void finish(FieldReader&, const Place&, T&);      what is left to do when every field was read
template <typename T>
struct ObjectKind;

/// A key of an object kind, without the type it is read into.
struct KeyRule {
  std::string_view key;
  bool required = false;
};

class FieldReader {
 public:
  FieldReader(SourceMap& positions, Diagnostics& diagnostics) : positions_(positions), diagnostics_(diagnostics) {}

  void error(const Place& place, std::string message, std::string code = "", std::string hint = "");
  void warning(const Place& place, std::string message, std::string hint);

  /// Whether `key` of the object at `place` has a value in the file, understood or not, be it written under another name.
  bool is_written(const Place& place, std::string_view key) const;

  /// A whole number from `least` to `most`, as YAML writes one in decimal; nullopt, and reported as not being `what`, when the value is
  /// something else.
  std::optional<std::uint64_t> number(const Place& place, std::string_view what, std::uint64_t least, std::uint64_t most);

  void read(const Place& place, std::string& into);
  void read(const Place& place, bool& into);
  void read(const Place& place, std::optional<std::uint16_t>& into);  ///< a port
  void read(const Place& place, std::uint32_t& into);
  void read(const Place& place, std::uint64_t& into);
  void read(const Place& place, netns::Ipv4Address& into);
  void read(const Place& place, std::optional<netns::Ipv4Address>& into);
  void read(const Place& place, std::optional<netns::Ipv4Prefix>& into);
  void read(const Place& place, std::vector<netns::Ipv4Prefix>& into);
  void read(const Place& place, std::vector<std::string>& into);

  /// A list of objects.
  template <typename T>
  void read(const Place& place, std::vector<T>& into) {
    if (place.node.kind != YamlNode::Kind::Sequence) positions_.mark_lost(ObjectKind<T>::kTitle);
    for (const auto& item : items_of(place, ListOf::Objects)) read_object(item, into.emplace_back());
  }

  template <typename T>
  void read_object(const Place& place, T& into) {
    using Kind = ObjectKind<T>;
    std::vector<KeyRule> rules;
    for (const auto& field : Kind::kFields) rules.push_back({field.key, field.presence == Presence::Required});
    const auto values = match_keys(place, Kind::kTitle, rules, Kind::kNotYet);
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (values[i] == nullptr) continue;
      const Place value{*values[i], path_of(place, rules[i].key)};
      Kind::kFields[i].read(*this, value, into);
    }
    const auto told = diagnostics_.size();
    Kind::finish(*this, place, into);
    if constexpr (requires { into.name.empty(); }) {
      if (into.name.empty()) positions_.mark_lost(Kind::kTitle);
    }
    if (diagnostics_.size() == told) warn_of_empty_values(place, rules);
  }

  /// The text of a scalar; nullopt, and reported as not being `what`, when the value is something else.
  std::optional<std::string_view> scalar(const Place& place, std::string_view what);

  /// The items of a list, their positions noted; empty, and reported, when it is none.
  std::vector<Place> items_of(const Place& place, ListOf of = ListOf::Values);

 private:
  struct Object;

  static std::string path_of(const Place& place, std::string_view key);

  /// For each rule its value in the mapping, nullptr when the key is missing, or nothing that can be read is written behind it.
  std::vector<const YamlNode*> match_keys(const Place& place, std::string_view title, std::span<const KeyRule> rules,
                                          std::span<const std::string_view> not_yet);
  void refuse_other_than_mapping(const Place& place, std::string_view title, std::span<const KeyRule> rules);
  void match_unknown_key(Object& object, const YamlEntry& entry);
  void match_foreign_word(Object& object, const YamlEntry& entry, const ForeignWord& word);
  void settle_values(Object& object);
  /// Keys with nothing behind them, where that is not the same as an empty list.
  void warn_of_empty_values(const Place& place, std::span<const KeyRule> rules);
  std::string hint_on_keys(std::string_view title, std::string_view key, std::span<const KeyRule> rules);

  SourceMap& positions_;
  Diagnostics& diagnostics_;
  std::set<std::string_view> titles_with_keys_listed_;
  std::deque<YamlEntry> split_;  ///< of keys that hold their value, as `name:vm1` does
};

/// The reader of one member: `Field<Subnet>{"name", member<&Subnet::name>}`.
template <auto Member>
struct MemberReader;

template <typename T, typename V, V T::*Member>
struct MemberReader<Member> {
  static void read(FieldReader& reader, const Place& place, T& into) { reader.read(place, into.*Member); }
};

template <auto Member>
inline constexpr auto member = &MemberReader<Member>::read;

}  // namespace emu
