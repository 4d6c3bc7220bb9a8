# SPDX-License-Identifier: Apache-2.0
#
# nrt_test_folder(FOLDER) makes ctests of everything named test_* in tests/FOLDER:
#   test_*.c            an executable, linked with the folders that it and the files of
#                       tests/support it uses include, so that it builds without the others
#   test_* (executable) a script, run as it is
# Every test gets the label FOLDER and the environment NRT_BIN, NRT_BUILD_DIR, NRT_SOURCE_DIR,
# NRT_SANITIZED (0 or 1), TMPDIR. A comment within the first 2000 bytes may say more:
#   nrt-test: slow            not in ./check --fast     long     only in ./check --long
#             serial          never beside another      timeout=SECONDS
#             plain           not with the sanitizers: what it runs is not of this build
#
# What may take long starts first (COST), so that no core idles at the end.
# Every test needs the fixture "clean": its set-up makes the folder that TMPDIR names (short, for
# the paths of unix sockets), its clean-up runs after the last test, fails when one of them left a
# process running, and removes the folder.
string(SHA256 NRT_TEST_TMP "${CMAKE_BINARY_DIR}")
string(SUBSTRING "${NRT_TEST_TMP}" 0 8 NRT_TEST_TMP)
set(NRT_TEST_TMP "/tmp/nrt-${NRT_TEST_TMP}")
file(WRITE "${CMAKE_BINARY_DIR}/test-tmp" "${NRT_TEST_TMP}\n")
set(NRT_TEST_PYTHON "${CMAKE_SOURCE_DIR}/tests/support:${CMAKE_SOURCE_DIR}/tests/e2e")
set(NRT_TEST_PREFIX "")
if(NRT_SANITIZE)
    set(NRT_TEST_PREFIX "asan/")
endif()
set(NRT_TEST_TIMEOUT_tidy 600)
set(NRT_TEST_TIMEOUT_unit 180)
set(NRT_TEST_TIMEOUT_property 1800)
set(NRT_TEST_TIMEOUT_component 400)
set(NRT_TEST_TIMEOUT_sim 1800)
set(NRT_TEST_TIMEOUT_torture 1200)
set(NRT_TEST_TIMEOUT_e2e 900)
set(NRT_TEST_TIMEOUT_browser 600)
set(NRT_TEST_TIMEOUT_docker 1800)

function(nrt_test_folder folder)
    file(GLOB entries CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${folder}/test_*")
    foreach(entry IN LISTS entries)
        file(STRINGS "${entry}" marks LIMIT_INPUT 2000 REGEX "nrt-test:")
        if(NRT_SANITIZE AND marks MATCHES "[ :]plain")
            continue()
        endif()
        cmake_path(GET entry EXTENSION LAST_ONLY extension)
        cmake_path(GET entry STEM LAST_ONLY stem)
        set(name "${NRT_TEST_PREFIX}${folder}/${stem}")
        if(extension STREQUAL ".c")
            set(target "${folder}_${stem}")
            add_executable(${target} "${entry}")
            nrt_test_libraries(libraries "${entry}")
            target_link_libraries(${target} PRIVATE
                nrt_flags ${libraries}
                PkgConfig::EVENT PkgConfig::HIREDIS PkgConfig::CURL PkgConfig::SQLITE
                PkgConfig::CJSON PkgConfig::CRYPTO m)
            set_target_properties(${target} PROPERTIES
                RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests/bin")
            add_test(NAME ${name} COMMAND ${target})
        elseif(extension STREQUAL ".py" OR extension STREQUAL ".sh" OR NOT extension)
            add_test(NAME ${name} COMMAND "${entry}")
        else()
            continue()
        endif()
        nrt_test_settings("${name}" "${folder}" "${entry}")
    endforeach()
endfunction()

# nrt_test_libraries(RESULT FILE) lists what a C file has to be linked with: one library for each
# file of tests/support it reaches, then the folders that it and those include.
function(nrt_test_libraries result file)
    set(queue "${file}")
    set(seen "")
    set(support "")
    set(folders "")
    while(queue)
        list(POP_FRONT queue next)
        if(next IN_LIST seen OR NOT EXISTS "${next}")
            continue()
        endif()
        list(APPEND seen "${next}")
        set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${next}")
        file(STRINGS "${next}" includes REGEX "^#include \"")
        foreach(include IN LISTS includes)
            string(REGEX REPLACE "^#include \"([^\"]*)\".*" "\\1" path "${include}")
            if(path MATCHES "^tests/support/(.*)\\.h$")
                list(APPEND queue "${CMAKE_SOURCE_DIR}/${path}"
                    "${CMAKE_SOURCE_DIR}/tests/support/${CMAKE_MATCH_1}.c")
                list(APPEND support "nrt_support_${CMAKE_MATCH_1}")
            elseif(path MATCHES "^([a-z]+)/")
                list(APPEND folders "nrt_${CMAKE_MATCH_1}")
            endif()
        endforeach()
    endwhile()
    list(REMOVE_DUPLICATES support)
    list(REMOVE_DUPLICATES folders)
    set(libraries "")
    foreach(library IN LISTS support folders)
        if(TARGET ${library})
            list(APPEND libraries ${library})
        endif()
    endforeach()
    # Files of tests/support may use each other in any order.
    if(support)
        list(PREPEND libraries -Wl,--start-group)
        list(APPEND libraries -Wl,--end-group)
    endif()
    set(${result} ${libraries} PARENT_SCOPE)
endfunction()

function(nrt_test_settings name folder entry)
    set(labels ${folder})
    set(environment
        "NRT_BIN=${CMAKE_BINARY_DIR}/nrt"
        "NRT_BUILD_DIR=${CMAKE_BINARY_DIR}"
        "NRT_SOURCE_DIR=${CMAKE_SOURCE_DIR}"
        "NRT_SANITIZED=$<BOOL:${NRT_SANITIZE}>"
        "TMPDIR=${NRT_TEST_TMP}"
        "PYTHONDONTWRITEBYTECODE=1"
        "ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1"
        "UBSAN_OPTIONS=print_stacktrace=1")
    set(timeout ${NRT_TEST_TIMEOUT_${folder}})
    file(STRINGS "${entry}" marks LIMIT_INPUT 2000 REGEX "nrt-test:")
    if(marks MATCHES "[ :]slow")
        list(APPEND labels slow)
    endif()
    if(marks MATCHES "[ :]long")
        list(APPEND labels long)
    endif()
    if(marks MATCHES "timeout=([0-9]+)")
        set(timeout ${CMAKE_MATCH_1})
    endif()
    set_tests_properties("${name}" PROPERTIES
        LABELS "${labels}"
        TIMEOUT ${timeout}
        COST ${timeout}
        FIXTURES_REQUIRED "${NRT_TEST_PREFIX}clean"
        ENVIRONMENT "${environment}"
        ENVIRONMENT_MODIFICATION
            "PYTHONPATH=path_list_prepend:${NRT_TEST_PYTHON}")
    if(marks MATCHES "[ :]serial")
        set_tests_properties("${name}" PROPERTIES RUN_SERIAL ON)
    endif()
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${entry}")
endfunction()

function(nrt_test_fixture)
    set(fixture "${NRT_TEST_PREFIX}clean")
    set(watch "${CMAKE_SOURCE_DIR}/tests/support/nothing_left_running")
    add_test(NAME "${NRT_TEST_PREFIX}temporary_folder"
        COMMAND "${CMAKE_COMMAND}" -E make_directory "${NRT_TEST_TMP}")
    add_test(NAME "${NRT_TEST_PREFIX}nothing_left_running"
        COMMAND "${watch}" "${CMAKE_BINARY_DIR}" -- "${NRT_TEST_TMP}")
    add_test(NAME "${NRT_TEST_PREFIX}temporary_folder_removed"
        COMMAND "${CMAKE_COMMAND}" -E rm -rf "${NRT_TEST_TMP}")
    set_tests_properties("${NRT_TEST_PREFIX}temporary_folder" PROPERTIES
        FIXTURES_SETUP "${fixture}" TIMEOUT 60)
    set_tests_properties("${NRT_TEST_PREFIX}nothing_left_running" PROPERTIES
        FIXTURES_CLEANUP "${fixture}" TIMEOUT 60)
    set_tests_properties("${NRT_TEST_PREFIX}temporary_folder_removed" PROPERTIES
        FIXTURES_CLEANUP "${fixture}" DEPENDS "${NRT_TEST_PREFIX}nothing_left_running" TIMEOUT 60)
endfunction()
