// SPDX-License-Identifier: Apache-2.0
// emu/scenario/foreign_words.hpp — keys that people bring along from the portal, ARM, Bicep, the az command and Terraform, and what a
// lab file has in their place.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace emu {

/// A word that a lab file does not have, and what to do about it.
struct ForeignWord {
  /// What becomes of the value behind the word.
  enum class Value {
    Same,     ///< is what `key` takes, so it is read as that
    Other,    ///< is of another form: only the person can write it anew
    NotThere  ///< is something that Lazuli does not have yet
  };

  std::string_view object;  ///< the kind of object it stands in, as `ObjectKind` calls it; empty: in any
  std::string_view word;    ///< camelCase, snake_case and blanks are one
  std::string_view key;     ///< the key of that object that is meant; empty when it has none
  Value value = Value::Other;
  std::string_view advice;  ///< what to write
};

/// What is known about `word` in an object called `object`; nullptr when nothing is.
const ForeignWord* find_foreign_word(std::string_view object, std::string_view word);

/// `word` in lower case, without what joins its parts: `addressPrefix`, `address_prefix` and `Address prefix` are one.
std::string folded_word(std::string_view word);

}  // namespace emu
