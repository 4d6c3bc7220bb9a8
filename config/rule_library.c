/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The compiled-in rule sets, read just far enough to be listed: the title and note of each. That
 * they are good rule sets is not checked here but wherever one of them is used.
 */
#include "config/rule_library.h"

#include <string.h>

#include "base/embed.h"
#include "base/json.h"
#include "base/must.h"

/* The name between the folder and ".json"; empty when the file is not one of that folder. */
static struct text id_in(const struct embedded_file *file, const char *folder)
{
    const struct text ending = TEXT_LITERAL(".json");
    const struct text name = text_of(file->name);
    const size_t front = strlen(folder);
    if (!text_starts_with(name, text_of(folder)) || name.bytes <= front + ending.bytes) {
        return (struct text){0};
    }
    return (struct text){name.ptr + front, name.bytes - front - ending.bytes};
}

static enum err entry_read(
    const struct embedded_file *file, struct arena *arena, struct library_entry *entry)
{
    const struct text json = {(const char *)file->bytes, file->byte_count};
    struct json_doc *doc = NULL;
    const enum err err = json_parse(json, &json_limits_config, &doc, NULL);
    if (err != ERR_OK) {
        MUST(err == ERR_NO_MEMORY);
        return err;
    }
    entry->json = json;
    entry->id = arena_text(arena, entry->id);
    entry->title = arena_text(arena, json_get_string(json_root(doc), "title"));
    entry->note = arena_text(arena, json_get_string(json_root(doc), "note"));
    json_free(doc);
    return entry->id.ptr && entry->title.ptr && entry->note.ptr ? ERR_OK : ERR_NO_MEMORY;
}

/* The table of files is in the order of names, so what is appended is in order too. */
static enum err append_folder(
    const char *folder, struct arena *arena, struct library_entry *entries, size_t *count)
{
    for (size_t i = 0; i < nrt_embedded_config_count; i++) {
        const struct text id = id_in(&nrt_embedded_config[i], folder);
        if (id.bytes == 0) {
            continue;
        }
        struct library_entry *entry = &entries[*count];
        *entry = (struct library_entry){
            .id = id,
            .is_default = strcmp(folder, SHIPPED_RULES) == 0,
        };
        const enum err err = entry_read(&nrt_embedded_config[i], arena, entry);
        if (err != ERR_OK) {
            return err;
        }
        ++*count;
    }
    return ERR_OK;
}

enum err library_list(struct arena *arena, struct library *ret_library)
{
    struct library_entry *entries = arena_array(arena, nrt_embedded_config_count, sizeof *entries);
    size_t count = 0;
    if (!entries) {
        return ERR_NO_MEMORY;
    }
    enum err err = append_folder(SHIPPED_RULES, arena, entries, &count);
    if (err == ERR_OK) {
        err = append_folder(SHIPPED_LIBRARY, arena, entries, &count);
    }
    if (err != ERR_OK) {
        return err;
    }
    *ret_library = (struct library){entries, count};
    return ERR_OK;
}

const struct library_entry *library_find(const struct library *library, struct text id)
{
    for (size_t i = 0; i < library->count; i++) {
        if (text_equal(library->entries[i].id, id)) {
            return &library->entries[i];
        }
    }
    return NULL;
}
