# SPDX-License-Identifier: Apache-2.0
# The Debian package, which `cpack` makes of what is installed; scripts/package does all of it.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGE_DESCRIPTION "You describe virtual networks in one file, in the words of Terraform's
azurerm provider. Lazuli builds them out of network namespaces, veth links,
bridges, policy routes and nftables, and you run real programs inside. Azure's
rules decide what passes. No command needs root.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_THREADS 0)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "the Lazuli authors <lazuli@example.com>")
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# What a lab's user wants at hand. Tunnels need libreswan, whose package starts a daemon on the host's own IKE ports: nobody gets that
# without asking for it.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "iproute2, iputils-ping, curl, tcpdump, nftables, uidmap")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "libreswan, graphviz, qemu-system-x86, busybox-static, cpio, kmod, xz-utils")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${PROJECT_SOURCE_DIR}/packaging/prerm ${PROJECT_SOURCE_DIR}/packaging/postrm)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

# The changelog that Debian's tools read: when this version was released, which CHANGELOG.md says.
file(STRINGS CHANGELOG.md released REGEX "^## \\[${PROJECT_VERSION}\\] - ")
if(NOT released)
  message(FATAL_ERROR "CHANGELOG.md has no section of version ${PROJECT_VERSION} with its date")
endif()
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS CHANGELOG.md)
string(REGEX REPLACE ".* - " "" released "${released}")
execute_process(COMMAND date -uRd "${released}" OUTPUT_VARIABLE released OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
file(CONFIGURE OUTPUT changelog CONTENT [[
lazuli (@PROJECT_VERSION@) bookworm; urgency=medium

  * What is new is in CHANGELOG.md.

 -- @CPACK_DEBIAN_PACKAGE_MAINTAINER@  @released@
]] @ONLY)
execute_process(COMMAND gzip -9nkf ${PROJECT_BINARY_DIR}/changelog COMMAND_ERROR_IS_FATAL ANY)
install(FILES ${PROJECT_BINARY_DIR}/changelog.gz CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})

include(CPack)
