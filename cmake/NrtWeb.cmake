# SPDX-License-Identifier: Apache-2.0
#
# nrt_embed_pages(TARGET) puts the pages of console/web into the binary, as the table
# nrt_embedded_web of base/embed.h: index.html, assets/NAME-HASH.js, and beside each its .gz.
# scripts/pages.sh builds them, once for all presets of a checkout; it needs nodejs and npm, at
# build time only. NRT_CONSOLE_PREBUILT=DIR takes a folder it has made before instead.
set(NRT_CONSOLE_PREBUILT "" CACHE PATH "Folder with the built pages; empty: build them (Node.js)")
cmake_path(GET CMAKE_BINARY_DIR PARENT_PATH nrt_shelf)
set(NRT_PAGES_SHELF "${nrt_shelf}/web")

function(nrt_embed_pages target)
    set(generated "${CMAKE_CURRENT_BINARY_DIR}/embedded_web.c")
    set(writer "${CMAKE_SOURCE_DIR}/cmake/EmbedWrite.cmake")
    set(builder "${CMAKE_SOURCE_DIR}/scripts/pages.sh")
    set(sources "")
    if(NOT NRT_CONSOLE_PREBUILT)
        file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/web/*")
    endif()
    add_custom_command(
        OUTPUT "${generated}"
        COMMAND "${CMAKE_COMMAND}" -DGROUP=web "-DOUTPUT=${generated}"
            "-DPREBUILT=${NRT_CONSOLE_PREBUILT}" "-DBUILDER=${builder}"
            "-DSHELF=${NRT_PAGES_SHELF}"
            -P "${CMAKE_SOURCE_DIR}/cmake/EmbedPages.cmake"
        DEPENDS ${sources} "${writer}" "${CMAKE_SOURCE_DIR}/cmake/EmbedPages.cmake"
            "${CMAKE_SOURCE_DIR}/scripts/pages.sh"
        COMMENT "Building the pages"
        VERBATIM)
    target_sources(${target} PRIVATE "${generated}")
endfunction()
