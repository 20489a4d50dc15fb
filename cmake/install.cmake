# SPDX-License-Identifier: Apache-2.0
# What is installed, by `cmake --install` as by the package.
find_package(Python3 REQUIRED COMPONENTS Interpreter)

# Made of what documents the program and its files already.
function(add_manual page section source)
  set(made ${PROJECT_BINARY_DIR}/${page}.gz)
  add_custom_command(OUTPUT ${made} DEPENDS ${PROJECT_SOURCE_DIR}/scripts/manual ${ARGN}
    COMMAND bash -o pipefail -c "${source} | '${PROJECT_SOURCE_DIR}/scripts/manual' ${page} ${PROJECT_VERSION} | gzip -9n >'${made}'" VERBATIM)
  install(FILES ${made} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
  set(LAZULI_MANUALS ${LAZULI_MANUALS} ${made} PARENT_SCOPE)
endfunction()
add_manual(lazuli.1 1 "'$<TARGET_FILE:lazuli>' help --json" lazuli)
add_manual(lazuli-lab.5 5 "cat '${PROJECT_SOURCE_DIR}/docs/lab-file.md'" ${PROJECT_SOURCE_DIR}/docs/lab-file.md)
add_manual(lazuli-labvm.1 1 "'${PROJECT_SOURCE_DIR}/scripts/labvm' --help" ${PROJECT_SOURCE_DIR}/scripts/labvm)
add_custom_target(manual ALL DEPENDS ${LAZULI_MANUALS})

install(TARGETS lazuli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS lazuli-server lazuli-supervisor RUNTIME DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/lazuli)

install(FILES packaging/lazuli.bash RENAME lazuli DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES packaging/lazuli.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
# Debian's zsh looks for what packages bring in another folder than for what is installed by hand.
install(CODE [[
  set(zsh_functions site-functions)
  if(CMAKE_INSTALL_PREFIX MATCHES "/usr$")
    set(zsh_functions vendor-completions)
  endif()
]])
install(FILES packaging/lazuli.zsh RENAME _lazuli DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/\${zsh_functions})

install(DIRECTORY scenarios DESTINATION ${CMAKE_INSTALL_DATADIR}/lazuli)
install(FILES docs/lab.schema.json DESTINATION ${CMAKE_INSTALL_DATADIR}/lazuli)
file(CREATE_LINK ../share/lazuli/scripts/labvm ${PROJECT_BINARY_DIR}/lazuli-labvm SYMBOLIC)
install(FILES ${PROJECT_BINARY_DIR}/lazuli-labvm DESTINATION ${CMAKE_INSTALL_BINDIR})
install(PROGRAMS scripts/labvm scripts/provision DESTINATION ${CMAKE_INSTALL_DATADIR}/lazuli/scripts)
install(FILES packaging/copyright README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES docs/azure-fidelity.md docs/design.md docs/lab-file.md docs/lab-file.yaml DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs)
