// SPDX-License-Identifier: Apache-2.0
// tests/fuzz/lab_file_fuzz.hpp — what must hold for any bytes that are given as a lab file.
#pragma once

#include <cstddef>
#include <cstdint>

/// libFuzzer's entry. Reads the bytes and validates what was understood, alone and against itself as the running lab; aborts
/// when a promise of the reader or of the rules is broken.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);  // NOLINT(readability-identifier-naming): its name
