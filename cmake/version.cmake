# SPDX-License-Identifier: Apache-2.0
# Writes OUTPUT, which defines emu::cli::kVersion, when it is to be another one: VERSION, and the commit of the repository in SOURCE.
set(version ${VERSION})
if(EXISTS ${SOURCE}/.git)
  set(git git --no-optional-locks -c safe.directory=* -C ${SOURCE})  # a clone that another user made is as good, and stays theirs
  execute_process(COMMAND ${git} rev-parse HEAD OUTPUT_VARIABLE commit RESULT_VARIABLE no_commit ERROR_QUIET)
  if(NOT no_commit)
    string(SUBSTRING ${commit} 0 7 commit)
    execute_process(COMMAND ${git} diff --quiet HEAD RESULT_VARIABLE differs)
    if(differs)
      string(APPEND commit ", changed")
    endif()
    string(APPEND version " (${commit})")
  endif()
endif()
file(CONFIGURE OUTPUT ${OUTPUT} @ONLY CONTENT [[
// SPDX-License-Identifier: Apache-2.0
#include "emu/cli/version.hpp"

namespace emu::cli {

const char* const kVersion = "@version@";

}  // namespace emu::cli
]])
