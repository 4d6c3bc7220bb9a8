# SPDX-License-Identifier: Apache-2.0
#
# Writes the C source of one group of embedded files; run by nrt_embed() with -P.
#   GROUP name of the table; ROOT folder the names are relative to; FILES joined with '|';
#   OUTPUT file to write.
# The assembler includes the bytes, so the compiler never parses them. Each file is followed by
# a NUL byte that byte_count does not count: text can go to functions that want a string.
string(REPLACE "|" ";" files "${FILES}")
set(text "/* Written by cmake/EmbedWrite.cmake; do not edit. */\n#include \"base/embed.h\"\n\n")
set(rows "")
set(count 0)
foreach(file IN LISTS files)
    file(RELATIVE_PATH name "${ROOT}" "${file}")
    file(SIZE "${file}" bytes)
    set(symbol "nrt_embedded_${GROUP}_${count}")
    string(APPEND text
        "__asm__(\".section .rodata\\n.balign 16\\n\"\n"
        "        \".hidden ${symbol}\\n.globl ${symbol}\\n${symbol}:\\n\"\n"
        "        \".incbin \\\"${file}\\\"\\n.byte 0\\n.previous\\n\");\n"
        "extern const unsigned char ${symbol}[] __attribute__((visibility(\"hidden\")));\n")
    string(APPEND rows "    {\"${name}\", ${symbol}, ${bytes}u},\n")
    math(EXPR count "${count} + 1")
endforeach()
# An array needs a member; the count leaves this one out.
string(APPEND rows "    {0, 0, 0},\n")
string(APPEND text
    "\nconst struct embedded_file nrt_embedded_${GROUP}[] = {\n${rows}};\n"
    "const size_t nrt_embedded_${GROUP}_count = ${count}u;\n")
file(WRITE "${OUTPUT}" "${text}")
