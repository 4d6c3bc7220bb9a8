/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rule sets that are compiled in: the default one, and a library of others that `nrt config
 * init --rules ID` writes out instead. The library is never loaded by itself: a rule set takes
 * effect only from somebody's configuration folder.
 */
#ifndef NRT_CONFIG_RULE_LIBRARY_H
#define NRT_CONFIG_RULE_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"

/* Folders of the library and of what a folder without rules gets, within the shipped files. */
#define SHIPPED_LIBRARY "shipped/library/"
#define SHIPPED_RULES   "shipped/rules/"

struct library_entry {
    struct text id;    /* the file's name without .json; what --rules takes */
    struct text title; /* as the file has it */
    struct text note;
    struct text json; /* the whole file, in the program's own memory */
    bool is_default;
};

struct library {
    const struct library_entry *entries; /* the default first, then by id */
    size_t count;
};

/* All of them; id, title and note live in the arena. ERR_NO_MEMORY. */
enum err library_list(struct arena *arena, struct library *ret_library) ERR_MUST_USE;
/* NULL when there is none of that id. */
const struct library_entry *library_find(const struct library *library, struct text id);

#endif
