# SPDX-License-Identifier: Apache-2.0
#
# nrt_embed(TARGET GROUP ROOT FILES...) puts files into the binary, as the table of GROUP that
# base/embed.h declares. A file's name there is its path relative to ROOT. EmbedWrite.cmake
# writes the C source at build time, so an edited file needs no new configure run.
function(nrt_embed target group root)
    set(files ${ARGN})
    list(SORT files)
    set(generated "${CMAKE_CURRENT_BINARY_DIR}/embedded_${group}.c")
    set(writer "${CMAKE_SOURCE_DIR}/cmake/EmbedWrite.cmake")
    string(REPLACE ";" "|" joined "${files}")
    add_custom_command(
        OUTPUT "${generated}"
        COMMAND "${CMAKE_COMMAND}" "-DGROUP=${group}" "-DROOT=${root}"
            "-DFILES=${joined}" "-DOUTPUT=${generated}" -P "${writer}"
        DEPENDS ${files} "${writer}"
        COMMENT "Embedding ${group}"
        VERBATIM)
    get_target_property(kind ${target} TYPE)
    if(kind STREQUAL "STATIC_LIBRARY")
        target_sources(${target} PRIVATE "${generated}")
    endif()
endfunction()
