/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Listing of configuration folders. Hidden files and other endings are passed over.
 */
#include "config/folder_list.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/text.h"
#include "config/os_error.h"

static bool is_json_name(const char *name)
{
    const size_t bytes = strlen(name);
    return name[0] != '.' && bytes > 5 && strcmp(name + bytes - 5, ".json") == 0;
}

static int name_compare(const void *a, const void *b)
{
    const char *const *left = a;
    const char *const *right = b;
    return strcmp(*left, *right);
}

static enum err list_add(struct folder_list *list, const char *name, struct err_why *why)
{
    MUST(list->names);
    if (list->count == FOLDER_FILES_MAX) {
        return err_set(why, ERR_FULL, "more than %d files in one folder", FOLDER_FILES_MAX);
    }
    list->names[list->count] = strdup(name);
    if (!list->names[list->count]) {
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    }
    list->count++;
    return ERR_OK;
}

static enum err list_read(struct folder_list *list, DIR *dir, struct err_why *why)
{
    enum err err = ERR_OK;
    const struct dirent *entry = NULL;
    do {
        errno = 0;
        /* NOLINTNEXTLINE(concurrency-mt-unsafe): the stream is this function's own */
        entry = readdir(dir);
        if (entry && is_json_name(entry->d_name)) {
            err = list_add(list, entry->d_name, why);
        }
    } while (entry && err == ERR_OK);
    if (err == ERR_OK && errno != 0) {
        err = err_set(
            why, ERR_IO, "cannot list the folder: %s", os_error(errno, (char[OS_ERROR_BYTES]){0}));
    }
    return err;
}

enum err folder_list_load(struct folder_list *list, const char *folder, struct err_why *why)
{
    *list = (struct folder_list){0};
    DIR *dir = opendir(folder);
    if (!dir) {
        return errno == ENOENT ? ERR_OK
                               : err_set(
                                     why, ERR_IO, "cannot open the folder: %s",
                                     os_error(errno, (char[OS_ERROR_BYTES]){0}));
    }
    list->names = calloc(FOLDER_FILES_MAX, sizeof(char *));
    const enum err err = list->names ? list_read(list, dir, why) : ERR_NO_MEMORY;
    (void)closedir(dir);
    if (err != ERR_OK) {
        folder_list_release(list);
        return err;
    }
    qsort(list->names, list->count, sizeof(char *), name_compare);
    return ERR_OK;
}

void folder_list_release(struct folder_list *list)
{
    for (size_t i = 0; list->names && i < list->count; i++) {
        free(list->names[i]);
    }
    free(list->names);
    *list = (struct folder_list){0};
}
