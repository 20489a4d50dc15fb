# SPDX-License-Identifier: Apache-2.0
# Where CMAKE_UNITY_BUILD is on (the presets release, ci and asan, which build everything, and what clang-tidy reads in scripts/check),
# each folder of a target is compiled as one piece: headers are read and templates made once a folder instead of once a file. So a name
# in an anonymous namespace is used once in a folder. The preset dev compiles file by file, which is faster after a change.
function(compile_by_folder target)
  get_target_property(sources ${target} SOURCES)
  foreach(source IN LISTS sources)
    cmake_path(ABSOLUTE_PATH source OUTPUT_VARIABLE folder)
    cmake_path(GET folder PARENT_PATH folder)
    cmake_path(RELATIVE_PATH folder BASE_DIRECTORY ${PROJECT_SOURCE_DIR})
    string(MAKE_C_IDENTIFIER "${folder}" group)
    set_source_files_properties(${source} TARGET_DIRECTORY ${target} PROPERTIES UNITY_GROUP ${group})
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD_MODE GROUP)
  if(CMAKE_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    # It warns of anonymous namespaces in what is included, which in such a piece is every file.
    target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
  endif()
endfunction()
