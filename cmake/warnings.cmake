# SPDX-License-Identifier: Apache-2.0
# Our own code compiles with these; LAZULI_WERROR (the ci preset) makes them errors. Dependencies are imported targets, whose
# headers CMake treats as system headers.
add_library(project_warnings INTERFACE)
target_compile_options(project_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wold-style-cast -Wnon-virtual-dtor)
option(LAZULI_WERROR "Warnings are errors" OFF)
if(LAZULI_WERROR)
  target_compile_options(project_warnings INTERFACE -Werror)
endif()
