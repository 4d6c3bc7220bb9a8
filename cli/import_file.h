/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file of events as lines to send: in file order as they are, or (replay) in the order they
 * arrived, each with its `arrived` written into it.
 */
#ifndef NRT_CLI_IMPORT_FILE_H
#define NRT_CLI_IMPORT_FILE_H

#include "base/arena.h"
#include "base/wall.h"

struct import_line {
    struct text text;
    size_t number;          /* in the file, from 1 */
    struct wall_ms arrived; /* replay only */
};

struct import_file {
    struct arena arena;
    struct buf bytes;
    struct import_line *lines;
    size_t count;
};

#define IMPORT_FILE_BYTES_MAX ((size_t)4 * 1024 * 1024 * 1024)

/* Blank lines are left out. ERR_* with why. */
enum err import_file_read(
    struct import_file *file, const char *path, bool replay, struct err_why *why) ERR_MUST_USE;
void import_file_release(struct import_file *file);

#endif
