/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The *.json files of one folder, in the order of their names.
 */
#ifndef NRT_CONFIG_FOLDER_LIST_H
#define NRT_CONFIG_FOLDER_LIST_H

#include <stddef.h>

#include "base/err.h"

#define FOLDER_FILES_MAX 1024

struct folder_list {
    char **names; /* without the folder */
    size_t count;
};

/* A folder that is not there has no files. ERR_IO, ERR_FULL, ERR_NO_MEMORY. */
enum err folder_list_load(struct folder_list *list, const char *folder, struct err_why *why)
    ERR_MUST_USE;
void folder_list_release(struct folder_list *list);

#endif
