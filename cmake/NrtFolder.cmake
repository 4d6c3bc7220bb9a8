# SPDX-License-Identifier: Apache-2.0
#
# nrt_folder_library(NAME [FOLDERS lower...] [LIBRARIES third-party...])
# makes nrt_NAME from the .c files of the calling folder. A folder without any is an INTERFACE
# library, so that the tree configures while a part is still to come.
function(nrt_folder_library name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "FOLDERS;LIBRARIES")
    file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.c")
    list(TRANSFORM arg_FOLDERS PREPEND nrt_)
    if(NOT sources)
        add_library(nrt_${name} INTERFACE)
        target_link_libraries(nrt_${name} INTERFACE nrt_flags ${arg_FOLDERS} ${arg_LIBRARIES})
        return()
    endif()
    add_library(nrt_${name} STATIC ${sources})
    target_link_libraries(nrt_${name} PUBLIC nrt_flags ${arg_FOLDERS} PRIVATE ${arg_LIBRARIES})
endfunction()
