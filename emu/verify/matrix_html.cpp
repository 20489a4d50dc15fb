// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "emu/verify/escape_xml.hpp"
#include "emu/verify/matrix_report.hpp"

namespace emu {

std::string matrix_html(std::string_view lab, const Matrix& matrix) {
  return fmt::format("<!doctype html><title>{}</title><pre>{}</pre>\n", escape_xml(lab), escape_xml(matrix_text(matrix)));
}

}  // namespace emu
