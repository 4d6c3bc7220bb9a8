/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `nrt config init`: the shipped configuration as files. Nothing that is there is ever
 * overwritten: all names are looked at before the first byte is written.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/embed.h"
#include "base/file.h"
#include "config/policy.h"

#define SHIPPED    "shipped/"
#define PATH_BYTES 1280

/* The demo's cases and people are shipped too, but nobody's configuration. */
static bool is_shipped(const struct embedded_file *file)
{
    const struct text name = text_of(file->name);
    return text_starts_with(name, TEXT_LITERAL(SHIPPED)) &&
           !text_starts_with(name, TEXT_LITERAL(SHIPPED "demo/"));
}

static enum err target_path(
    const char *folder,
    const struct embedded_file *file,
    char path[static PATH_BYTES],
    struct err_why *why)
{
    const int bytes = snprintf(path, PATH_BYTES, "%s/%s", folder, file->name + strlen(SHIPPED));
    if (bytes < 0 || bytes >= PATH_BYTES) {
        return err_set(why, ERR_RANGE, "the folder's path is too long");
    }
    return ERR_OK;
}

static enum err refuse_existing(const char *folder, struct err_why *why)
{
    char path[PATH_BYTES];
    for (size_t i = 0; i < nrt_embedded_config_count; i++) {
        if (!is_shipped(&nrt_embedded_config[i])) {
            continue;
        }
        const enum err err = target_path(folder, &nrt_embedded_config[i], path, why);
        if (err != ERR_OK) {
            return err;
        }
        if (access(path, F_OK) == 0) {
            return err_set(why, ERR_EXISTS, "%s is already there; nothing was written", path);
        }
    }
    return ERR_OK;
}

static enum err write_one(const char *folder, const struct embedded_file *file, struct err_why *why)
{
    char path[PATH_BYTES];
    enum err err = target_path(folder, file, path, why);
    if (err != ERR_OK) {
        return err;
    }
    char *slash = strrchr(path, '/');
    *slash = '\0';
    err = file_make_folders(path, 0755, why);
    *slash = '/';
    if (err != ERR_OK) {
        return err;
    }
    return file_write(path, (struct text){(const char *)file->bytes, file->byte_count}, 0644, why);
}

enum err config_write_defaults(const char *folder, struct err_why *why)
{
    enum err err = refuse_existing(folder, why);
    for (size_t i = 0; err == ERR_OK && i < nrt_embedded_config_count; i++) {
        if (is_shipped(&nrt_embedded_config[i])) {
            err = write_one(folder, &nrt_embedded_config[i], why);
        }
    }
    return err;
}
