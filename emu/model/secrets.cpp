// SPDX-License-Identifier: Apache-2.0
#include "emu/model/secrets.hpp"

#include <optional>
#include <vector>

#include "emu/model/properties.hpp"

namespace emu {
namespace {

template <typename T>
void clear_secrets(T&) {}

void clear_secrets(Secret& secret) { secret = {}; }

template <Resource T>
void clear_secrets(T& resource);

template <typename T>
void clear_secrets(std::optional<T>& value) {
  if (value) clear_secrets(*value);
}

template <typename T>
void clear_secrets(std::vector<T>& values) {
  for (auto& value : values) clear_secrets(value);
}

template <Resource T>
void clear_secrets(T& resource) {
  each_property(resource, [](const char*, auto& property) { clear_secrets(property); });
}

}  // namespace

Model without_secrets(Model model) {
  clear_secrets(model);
  return model;
}

}  // namespace emu
