# SPDX-License-Identifier: Apache-2.0
#
# Third-party libraries, all from the distribution, found through pkg-config.
find_package(PkgConfig REQUIRED)

function(nrt_find_library target package)
    pkg_check_modules(${target} IMPORTED_TARGET ${package})
    if(NOT ${target}_FOUND)
        message(FATAL_ERROR
            "pkg-config does not know '${package}'. ./up installs every package the build needs; "
            "scripts/packages.sh lists them.")
    endif()
endfunction()

nrt_find_library(CJSON libcjson)
nrt_find_library(SQLITE sqlite3)
nrt_find_library(CRYPTO libcrypto)
nrt_find_library(EVENT libevent)
nrt_find_library(HIREDIS hiredis)
nrt_find_library(CURL libcurl)
nrt_find_library(ICAL libical)
nrt_find_library(XLSX xlsxwriter)
nrt_find_library(ARGON2 libargon2)
nrt_find_library(ZLIB zlib)
nrt_find_library(SSL libssl)
nrt_find_library(EVENT_SSL libevent_openssl)
