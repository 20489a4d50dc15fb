// SPDX-License-Identifier: Apache-2.0
#include "emu/model/services.hpp"

namespace emu {

std::string_view to_string(DefaultAction action) {
  switch (action) {
    case DefaultAction::Allow: return "Allow";
    case DefaultAction::Deny: return "Deny";
  }
  return "";
}

}  // namespace emu
