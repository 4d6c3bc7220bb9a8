/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sealed values are found through the parsed text, and exchanged in its bytes: each is random and
 * stands there once, in the order of the people.
 */
#include "config/reseal.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "config/contact_seal.h"

#define VALUE_BYTES_MAX ((size_t)65536)

static const struct json_value *people_of(const struct json_doc *doc)
{
    const struct json_value *file = json_get(json_root(doc), "directory");
    return json_get(json_get(file, "json"), "people");
}

/* ---- which keys ---- */

static enum err use_add(struct seal_uses *uses, struct text sealed)
{
    struct text algorithm;
    struct text key_id;
    size_t at = 0;
    if (!crypto_sealed_parts(sealed, &algorithm, &key_id) || key_id.bytes >= SEAL_KEY_ID_BYTES) {
        return ERR_PARSE;
    }
    while (at < uses->count && !text_is(key_id, uses->uses[at].key_id)) {
        at++;
    }
    if (at == RESEAL_KEYS_MAX) {
        return ERR_FULL;
    }
    if (at == uses->count) {
        (void)snprintf(uses->uses[at].key_id, SEAL_KEY_ID_BYTES, "%.*s", TEXT_ARGS(key_id));
        uses->count++;
    }
    uses->uses[at].count++;
    return ERR_OK;
}

enum err seal_uses_add(struct text bundle, struct seal_uses *uses)
{
    struct json_doc *doc = NULL;
    enum err err = json_parse(bundle, &json_limits_config, &doc, NULL);
    const struct json_value *person = err ? NULL : json_first(people_of(doc));
    for (; person && !err; person = json_next(person)) {
        const struct text sealed = json_get_string(person, CONTACT_SEALED_KEY);
        err = sealed.bytes > 0 ? use_add(uses, sealed) : ERR_OK;
    }
    json_free(doc);
    return err;
}

size_t seal_uses_of(const struct seal_uses *uses, const char *key_id)
{
    for (size_t i = 0; i < uses->count; i++) {
        if (strcmp(uses->uses[i].key_id, key_id) == 0) {
            return uses->uses[i].count;
        }
    }
    return 0;
}

/* ---- another key ---- */

struct resealing {
    const uint8_t *key;
    char key_id[SEAL_KEY_ID_BYTES];
    struct text rest; /* of the old text */
    struct buf *out;
    size_t count;
};

static enum err value_reseal(
    const struct resealing *resealing, struct text id, struct text sealed, struct buf *anew)
{
    char context[CONTACT_CONTEXT_BYTES];
    struct buf plain;
    const struct text about = contact_context(id, context);
    buf_init(&plain, VALUE_BYTES_MAX);
    enum err err = crypto_open(resealing->key, about, sealed, &plain);
    if (!err) {
        err = crypto_seal(resealing->key, about, buf_view(&plain), anew);
    }
    buf_release(&plain);
    return err;
}

static enum err person_reseal(struct resealing *resealing, const struct json_value *person)
{
    const struct text sealed = json_get_string(person, CONTACT_SEALED_KEY);
    struct text algorithm;
    struct text key_id;
    struct buf anew;
    if (sealed.bytes == 0) {
        return ERR_OK;
    }
    if (crypto_sealed_parts(sealed, &algorithm, &key_id) && text_is(key_id, resealing->key_id)) {
        return ERR_OK;
    }
    buf_init(&anew, VALUE_BYTES_MAX);
    enum err err = value_reseal(resealing, json_get_string(person, "id"), sealed, &anew);
    const char *const found =
        err ? NULL : memmem(resealing->rest.ptr, resealing->rest.bytes, sealed.ptr, sealed.bytes);
    if (found) {
        const size_t before = (size_t)(found - resealing->rest.ptr);
        buf_add(resealing->out, resealing->rest.ptr, before);
        buf_text(resealing->out, buf_view(&anew));
        resealing->rest.ptr += before + sealed.bytes;
        resealing->rest.bytes -= before + sealed.bytes;
        resealing->count++;
    } else if (!err) {
        err = ERR_CORRUPT; /* escapes in a value that no encoder makes */
    }
    buf_release(&anew);
    return err;
}

enum err bundle_reseal(
    struct text bundle,
    const uint8_t key[static SEAL_KEY_BYTES],
    struct buf *resealed,
    size_t *ret_count,
    struct err_why *why)
{
    struct json_doc *doc = NULL;
    struct resealing resealing = {.key = key, .rest = bundle, .out = resealed};
    crypto_key_id(key, resealing.key_id);
    enum err err = json_parse(bundle, &json_limits_config, &doc, why);
    const struct json_value *person = err ? NULL : json_first(people_of(doc));
    for (; person && !err; person = json_next(person)) {
        err = person_reseal(&resealing, person);
        if (err) {
            err = err_set(
                why, err, "the addresses of \"%.*s\" cannot be opened: is their key in seal.key?",
                TEXT_ARGS(utf8_cut(json_get_string(person, "id"), 64)));
        }
    }
    json_free(doc);
    if (!err && resealing.count > 0) {
        buf_text(resealed, resealing.rest);
        err = buf_error(resealed);
    }
    if (!err) {
        *ret_count = resealing.count;
    }
    return err;
}
