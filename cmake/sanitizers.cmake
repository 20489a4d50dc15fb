# SPDX-License-Identifier: Apache-2.0
# LAZULI_SANITIZE=address,undefined (the asan preset) instruments everything built here.
set(LAZULI_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize=")
if(LAZULI_SANITIZE)
  add_compile_options(-fsanitize=${LAZULI_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${LAZULI_SANITIZE})
endif()
