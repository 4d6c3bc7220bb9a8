# SPDX-License-Identifier: Apache-2.0
#
# Has the pages built and writes the C source that embeds them; run by nrt_embed_pages() with -P.
#   PREBUILT a folder that has them, or empty; BUILDER SHELF prints the folder it has made;
#   GROUP, OUTPUT as for EmbedWrite.cmake.
# The folder is named after the sources, so that other pages are other files to the assembler.
if(PREBUILT)
    set(ROOT "${PREBUILT}")
else()
    execute_process(COMMAND "${BUILDER}" "${SHELF}" OUTPUT_VARIABLE ROOT RESULT_VARIABLE failed)
    if(failed)
        message(FATAL_ERROR "the pages were not built")
    endif()
endif()
string(STRIP "${ROOT}" ROOT)
file(GLOB_RECURSE found "${ROOT}/*")
if(NOT EXISTS "${ROOT}/index.html")
    message(FATAL_ERROR "no index.html in ${ROOT}")
endif()
list(SORT found)
string(REPLACE ";" "|" FILES "${found}")
include("${CMAKE_CURRENT_LIST_DIR}/EmbedWrite.cmake")
