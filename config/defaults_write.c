/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `nrt config init`: the shipped configuration as files, with the rule set that was asked for.
 * Nothing that is there is ever overwritten: all names are looked at before the first byte is
 * written. Each file names its JSON Schema, which is written beside, so that an editor helps.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/embed.h"
#include "base/file.h"
#include "config/policy.h"
#include "config/rule_library.h"
#include "config/schema.h"

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

/* Written for people's editors; what only the writer of the schemas needs stays in. */
static bool is_schema(const struct embedded_file *file)
{
    return text_starts_with(text_of(file->name), TEXT_LITERAL("schema/")) &&
           strstr(file->name, ".schema.json");
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

/* The shipped text with "$schema" as its first member. It begins with '{' and a member. */
static enum err write_configuration(
    const char *folder, struct text name, struct text content, struct err_why *why)
{
    char reference[64];
    struct buf buf;
    const char *brace = memchr(content.ptr, '{', content.bytes);
    if (!brace || !schema_reference(name.ptr, reference, sizeof reference)) {
        return write_one(folder, name, content, why);
    }
    const size_t head = (size_t)(brace - content.ptr) + 1;
    buf_init(&buf, content.bytes + 128);
    buf_add(&buf, content.ptr, head);
    buf_format(&buf, "\n  \"$schema\": \"%s\",", reference);
    buf_add(&buf, content.ptr + head, content.bytes - head);
    const enum err err = buf_error(&buf) != ERR_OK ? err_set(why, ERR_NO_MEMORY, "out of memory")
                                                   : write_one(folder, name, buf_view(&buf), why);
    buf_release(&buf);
    return err;
}

static struct text name_in_folder(const struct embedded_file *file)
{
    return text_of(file->name + strlen(SHIPPED));
}

static struct text content_of(const struct embedded_file *file)
{
    return (struct text){(const char *)file->bytes, file->byte_count};
}

static enum err refuse_any(const char *folder, const char *rules_name, struct err_why *why)
{
    enum err err = refuse_existing(folder, text_of(rules_name), why);
    for (size_t i = 0; err == ERR_OK && i < nrt_embedded_config_count; i++) {
        const struct embedded_file *file = &nrt_embedded_config[i];
        if (is_common(file)) {
            err = refuse_existing(folder, name_in_folder(file), why);
        } else if (is_schema(file)) {
            err = refuse_existing(folder, text_of(file->name), why);
        }
    }
    return err;
}

static enum err write_all(
    const char *folder, const struct library_entry *rules, struct err_why *why)
{
    char rules_name[256];
    (void)snprintf(rules_name, sizeof rules_name, "rules/%.*s.json", TEXT_ARGS(rules->id));
    enum err err = refuse_any(folder, rules_name, why);
    if (err == ERR_OK) {
        err = write_configuration(folder, text_of(rules_name), rules->json, why);
    }
    for (size_t i = 0; err == ERR_OK && i < nrt_embedded_config_count; i++) {
        const struct embedded_file *file = &nrt_embedded_config[i];
        if (is_common(file)) {
            err = write_configuration(folder, name_in_folder(file), content_of(file), why);
        } else if (is_schema(file)) {
            err = write_one(folder, text_of(file->name), content_of(file), why);
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
