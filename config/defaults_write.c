/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `nrt config init`: the shipped configuration as files, with the rule set that was asked for.
 * Nothing that is there is ever overwritten: all names are looked at before the first byte is
 * written.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/embed.h"
#include "base/file.h"
#include "config/policy.h"
#include "config/rule_library.h"

#define SHIPPED    "shipped/"
#define PATH_BYTES 1280

/*
 * The demo's cases and people are shipped too, but nobody's configuration; of the rule sets only
 * one is written, by itself.
 */
static bool is_common(const struct embedded_file *file)
{
    const struct text name = text_of(file->name);
    return text_starts_with(name, TEXT_LITERAL(SHIPPED)) &&
           !text_starts_with(name, TEXT_LITERAL(SHIPPED "demo/")) &&
           !text_starts_with(name, TEXT_LITERAL(SHIPPED_RULES)) &&
           !text_starts_with(name, TEXT_LITERAL(SHIPPED_LIBRARY));
}

static enum err target_path(
    const char *folder, struct text name, char path[static PATH_BYTES], struct err_why *why)
{
    const int bytes = snprintf(path, PATH_BYTES, "%s/%.*s", folder, TEXT_ARGS(name));
    if (bytes < 0 || bytes >= PATH_BYTES) {
        return err_set(why, ERR_RANGE, "the folder's path is too long");
    }
    return ERR_OK;
}

static enum err refuse_existing(const char *folder, struct text name, struct err_why *why)
{
    char path[PATH_BYTES];
    const enum err err = target_path(folder, name, path, why);
    if (err == ERR_OK && access(path, F_OK) == 0) {
        return err_set(why, ERR_EXISTS, "%s is already there; nothing was written", path);
    }
    return err;
}

static enum err write_one(
    const char *folder, struct text name, struct text content, struct err_why *why)
{
    char path[PATH_BYTES];
    enum err err = target_path(folder, name, path, why);
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
    return file_write(path, content, 0644, why);
}

static struct text name_in_folder(const struct embedded_file *file)
{
    return text_of(file->name + strlen(SHIPPED));
}

static struct text content_of(const struct embedded_file *file)
{
    return (struct text){(const char *)file->bytes, file->byte_count};
}

static enum err write_all(
    const char *folder, const struct library_entry *rules, struct err_why *why)
{
    char rules_name[256];
    (void)snprintf(rules_name, sizeof rules_name, "rules/%.*s.json", TEXT_ARGS(rules->id));
    enum err err = refuse_existing(folder, text_of(rules_name), why);
    for (size_t i = 0; err == ERR_OK && i < nrt_embedded_config_count; i++) {
        if (is_common(&nrt_embedded_config[i])) {
            err = refuse_existing(folder, name_in_folder(&nrt_embedded_config[i]), why);
        }
    }
    if (err == ERR_OK) {
        err = write_one(folder, text_of(rules_name), rules->json, why);
    }
    for (size_t i = 0; err == ERR_OK && i < nrt_embedded_config_count; i++) {
        const struct embedded_file *file = &nrt_embedded_config[i];
        if (is_common(file)) {
            err = write_one(folder, name_in_folder(file), content_of(file), why);
        }
    }
    return err;
}

enum err config_write_defaults(const char *folder, const char *rules_id, struct err_why *why)
{
    struct arena arena;
    struct library library = {0};
    arena_init(&arena, 0);
    enum err err = library_list(&arena, &library);
    if (err != ERR_OK) {
        (void)err_set(why, err, "out of memory");
    } else {
        const struct library_entry *rules =
            rules_id ? library_find(&library, text_of(rules_id)) : &library.entries[0];
        err = rules ? write_all(folder, rules, why)
                    : err_set(why, ERR_NOT_FOUND, "there is no rule set \"%s\"", rules_id);
    }
    arena_release(&arena);
    return err;
}
