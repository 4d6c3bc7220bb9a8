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

#include "base/text.h"

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
    errno = 0;
    const struct dirent *entry = readdir(dir);
    while (entry && err == ERR_OK) {
        if (is_json_name(entry->d_name)) {
            err = list_add(list, entry->d_name, why);
        }
        errno = 0;
        entry = readdir(dir);
    }
    if (err == ERR_OK && errno != 0) {
        err = err_set(why, ERR_IO, "cannot list the folder: %s", strerror(errno));
    }
    return err;
}

enum err folder_list_load(struct folder_list *list, const char *folder, struct err_why *why)
{
    *list = (struct folder_list){0};
    DIR *dir = opendir(folder);
    if (!dir) {
        return errno == ENOENT
                   ? ERR_OK
                   : err_set(why, ERR_IO, "cannot open the folder: %s", strerror(errno));
    }
    list->names = calloc(FOLDER_FILES_MAX, sizeof *list->names);
    enum err err = list->names ? ERR_OK : err_set(why, ERR_NO_MEMORY, "out of memory");
    if (err == ERR_OK) {
        err = list_read(list, dir, why);
    }
    (void)closedir(dir);
    if (err != ERR_OK) {
        folder_list_release(list);
        return err;
    }
    qsort(list->names, list->count, sizeof *list->names, name_compare);
    return ERR_OK;
}

void folder_list_release(struct folder_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->names[i]);
    }
    free(list->names);
    *list = (struct folder_list){0};
}
