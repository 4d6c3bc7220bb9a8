# SPDX-License-Identifier: Apache-2.0
#
# The compile and link flags of every target of this project, in one INTERFACE target.
# Hardening flags differ between compilers, so each one is tried before it is used.
include(CheckCCompilerFlag)
include(CheckCSourceCompiles)
include(CheckLinkerFlag)

add_library(nrt_flags INTERFACE)
target_include_directories(nrt_flags INTERFACE "${CMAKE_SOURCE_DIR}")
target_compile_definitions(nrt_flags INTERFACE
    _GNU_SOURCE=
    NRT_VERSION="${PROJECT_VERSION}"
    $<$<BOOL:${NRT_FAILPOINTS}>:NRT_FAILPOINTS=1>
)
target_compile_options(nrt_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wformat=2
    -Wstrict-prototypes -Wmissing-prototypes -Wundef -Wvla -Wswitch-enum -Wcast-qual
    -Wwrite-strings -fno-common -fno-omit-frame-pointer
    $<$<BOOL:${NRT_WERROR}>:-Werror>
    "-ffile-prefix-map=${CMAKE_SOURCE_DIR}/="
)

target_link_options(nrt_flags INTERFACE -Wl,--as-needed)

if(NRT_SANITIZE)
    target_compile_options(nrt_flags INTERFACE
        -fsanitize=address,undefined -fno-sanitize-recover=all)
    target_link_options(nrt_flags INTERFACE
        -fsanitize=address,undefined -fno-sanitize-recover=all)
endif()

# The fuzzing engine is told which branches an input takes.
if(NRT_LIBFUZZER)
    target_compile_options(nrt_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

function(nrt_add_flag_if_known flag)
    string(MAKE_C_IDENTIFIER "NRT_HAS${flag}" known)
    check_c_compiler_flag("${flag}" ${known})
    if(${known})
        target_compile_options(nrt_flags INTERFACE "${flag}")
    endif()
endfunction()

function(nrt_add_link_flag_if_known flag)
    string(MAKE_C_IDENTIFIER "NRT_LINKS${flag}" known)
    check_linker_flag(C "${flag}" ${known})
    if(${known})
        target_link_options(nrt_flags INTERFACE "${flag}")
    endif()
endfunction()

# The level counts only if the C library really takes it: it falls back with a mere warning.
function(nrt_add_fortify)
    foreach(level 3 2)
        set(CMAKE_REQUIRED_FLAGS "-O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=${level}")
        check_c_source_compiles("
            #include <stdio.h>
            #if !defined(__USE_FORTIFY_LEVEL) || __USE_FORTIFY_LEVEL < ${level}
            #error not fortified
            #endif
            int main(void) { return 0; }" NRT_HAS_FORTIFY_${level})
        if(NRT_HAS_FORTIFY_${level})
            target_compile_options(nrt_flags INTERFACE
                -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=${level})
            return()
        endif()
    endforeach()
endfunction()

if(NRT_HARDEN)
    nrt_add_fortify()
    nrt_add_flag_if_known(-fstack-protector-strong)
    nrt_add_flag_if_known(-fcf-protection)
    nrt_add_flag_if_known(-fstack-clash-protection)
    nrt_add_flag_if_known(-ftrivial-auto-var-init=zero)
    nrt_add_flag_if_known(-fPIE)
    nrt_add_link_flag_if_known(-pie)
    nrt_add_link_flag_if_known(-Wl,-z,relro)
    nrt_add_link_flag_if_known(-Wl,-z,now)
    nrt_add_link_flag_if_known(-Wl,-z,noexecstack)
endif()
