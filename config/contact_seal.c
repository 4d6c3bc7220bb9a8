/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sealing and opening of addresses. The sealed text is the JSON object of the address members;
 * "person:ID" is authenticated with it.
 */
#include "config/contact_seal.h"

#include <stdio.h>

#define CONTACT_BYTES_MAX ((size_t)8192)

static const struct {
    const char *key;
    size_t offset;
} addresses[] = {
    {"mobile", offsetof(struct contact, mobile)}, {"dingtalk", offsetof(struct contact, dingtalk)},
    {"zwdd", offsetof(struct contact, zwdd)},     {"wecom", offsetof(struct contact, wecom)},
    {"email", offsetof(struct contact, email)},
};
#define ADDRESS_COUNT (sizeof addresses / sizeof addresses[0])

bool contact_is_address(struct text key)
{
    for (size_t i = 0; i < ADDRESS_COUNT; i++) {
        if (text_is(key, addresses[i].key)) {
            return true;
        }
    }
    return false;
}

struct text contact_context(struct text person, char context[static CONTACT_CONTEXT_BYTES])
{
    const int bytes = snprintf(context, CONTACT_CONTEXT_BYTES, "person:%.*s", TEXT_ARGS(person));
    return (struct text){context, (size_t)bytes < CONTACT_CONTEXT_BYTES ? (size_t)bytes : 0};
}

static enum err contact_parse(struct reader *reader, struct text json, struct contact *contact)
{
    struct json_doc *doc = NULL;
    const enum err err = json_parse(json, &json_limits_event, &doc, NULL);
    if (err != ERR_OK) {
        return err;
    }
    for (size_t i = 0; i < ADDRESS_COUNT; i++) {
        const struct text text = json_get_string(json_root(doc), addresses[i].key);
        struct text *target = (struct text *)(void *)((char *)contact + addresses[i].offset);
        if (text.bytes > 0 && target->bytes == 0) {
            *target = reader_keep(reader, text);
        }
    }
    json_free(doc);
    return ERR_OK;
}

/* What to do about it depends on what is missing: the algorithm, the key, or the right value. */
static void open_failed(
    struct reader *reader,
    const struct json_value *value,
    struct text sealed,
    struct text person,
    enum err err)
{
    struct text algorithm = {0};
    struct text key_id = {0};
    (void)crypto_sealed_parts(sealed, &algorithm, &key_id);
    if (err == ERR_PROTO) {
        reader_error(
            reader, value,
            "the addresses of \"%.*s\" are sealed with the algorithm \"%.*s\", which this program "
            "does not have (it has \"intl\"): use the program that sealed them",
            TEXT_ARGS(person), TEXT_ARGS(utf8_cut(algorithm, 16)));
    } else if (err == ERR_NOT_FOUND) {
        reader_error(
            reader, value,
            "the addresses of \"%.*s\" are sealed with the key %.*s, which is not in seal.key: put "
            "it back (`nrt keys show` lists what there is)",
            TEXT_ARGS(person), TEXT_ARGS(utf8_cut(key_id, 16)));
    } else {
        reader_error(
            reader, value,
            "the addresses of \"%.*s\" cannot be opened: the key is not the one they were sealed "
            "with (apply the configuration again with this key)",
            TEXT_ARGS(person));
    }
}

void contact_open(
    struct reader *reader,
    const struct json_value *value,
    struct text sealed,
    const uint8_t key[static SEAL_KEY_BYTES],
    struct contact *contact)
{
    char context[CONTACT_CONTEXT_BYTES];
    struct buf plain;
    buf_init(&plain, CONTACT_BYTES_MAX);
    enum err err = crypto_open(key, contact_context(contact->person, context), sealed, &plain);
    if (err == ERR_OK) {
        err = contact_parse(reader, buf_view(&plain), contact);
    }
    if (err != ERR_OK) {
        open_failed(reader, value, sealed, contact->person, err);
    }
    buf_release(&plain);
}

static const struct text *address_of(const struct contact *contact, size_t index)
{
    return (const struct text *)(const void *)((const char *)contact + addresses[index].offset);
}

void contact_members(const struct contact *contact, struct json_out *out)
{
    for (size_t i = 0; i < ADDRESS_COUNT; i++) {
        const struct text *address = address_of(contact, i);
        if (address->bytes > 0) {
            json_out_member(out, addresses[i].key, *address);
        }
    }
}

enum err contact_seal(
    const struct contact *contact, const uint8_t key[static SEAL_KEY_BYTES], struct buf *sealed)
{
    char context[CONTACT_CONTEXT_BYTES];
    struct buf plain;
    struct json_out out;
    buf_init(&plain, CONTACT_BYTES_MAX);
    json_out_init(&out, &plain);
    json_out_open(&out, '{');
    contact_members(contact, &out);
    json_out_close(&out, '}');
    enum err err = buf_error(&plain);
    if (err == ERR_OK && plain.bytes > 2) {
        err = crypto_seal(key, contact_context(contact->person, context), buf_view(&plain), sealed);
    }
    buf_release(&plain);
    return err;
}
