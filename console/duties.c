/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One walk over a closed list of words serves roles and rights.
 */
#include "console/duties.h"

#include <stdio.h>
#include <string.h>

/* The bit of a word; -1: it is none. */
typedef int bit_of_fn(struct text word);
typedef const char *word_of_fn(int bit);

static int duty_bit(struct text word)
{
    enum duty duty = DUTY_COUNT;
    return duty_parse(word, &duty) ? (int)duty : -1;
}

static int right_bit(struct text word)
{
    enum right right = RIGHT_COUNT;
    return right_parse(word, &right) ? (int)right : -1;
}

static const char *duty_word(int bit)
{
    return duty_name((enum duty)bit);
}

static const char *right_word(int bit)
{
    return right_name((enum right)bit);
}

static uint32_t read_words(struct text words, bit_of_fn *bit_of)
{
    uint32_t set = 0;
    while (words.bytes > 0) {
        const char *blank = memchr(words.ptr, ' ', words.bytes);
        const size_t bytes = blank ? (size_t)(blank - words.ptr) : words.bytes;
        const int bit = bit_of((struct text){words.ptr, bytes});
        set |= bit >= 0 ? UINT32_C(1) << bit : 0;
        words.ptr += bytes + (blank != NULL);
        words.bytes -= bytes + (blank != NULL);
    }
    return set;
}

/* A closed list of words. */
struct words {
    word_of_fn *word_of;
    int count;
};
static const struct words duty_words = {duty_word, DUTY_COUNT};
static const struct words right_words = {right_word, RIGHT_COUNT};

static const char *write_words(
    uint32_t set, const struct words *words, char *text, size_t text_bytes)
{
    size_t bytes = 0;
    text[0] = '\0';
    for (int bit = 0; bit < words->count; bit++) {
        const char *word = words->word_of(bit);
        if ((set >> bit & 1U) != 0 && word[0] && bytes + strlen(word) + 2 <= text_bytes) {
            bytes += (size_t)snprintf(
                text + bytes, text_bytes - bytes, "%s%s", bytes > 0 ? " " : "", word);
        }
    }
    return text;
}

uint32_t duties_read(struct text words)
{
    return read_words(words, duty_bit);
}

uint32_t rights_read(struct text words)
{
    return read_words(words, right_bit);
}

const char *duties_write(uint32_t roles, char text[static DUTIES_TEXT_BYTES])
{
    return write_words(roles, &duty_words, text, DUTIES_TEXT_BYTES);
}

const char *rights_write(uint32_t rights, char text[static RIGHTS_TEXT_BYTES])
{
    return write_words(rights, &right_words, text, RIGHTS_TEXT_BYTES);
}

static bool read_array(
    const struct json_value *array, bit_of_fn *bit_of, uint32_t *ret_set, struct text *ret_unknown)
{
    uint32_t set = 0;
    if (json_type(array) != JSON_ARRAY) {
        *ret_unknown = json_string(array);
        return false;
    }
    for (const struct json_value *item = json_first(array); item; item = json_next(item)) {
        const int bit = bit_of(json_string(item));
        if (bit < 0) {
            *ret_unknown = json_string(item);
            return false;
        }
        set |= UINT32_C(1) << bit;
    }
    *ret_set = set;
    return true;
}

bool duties_read_json(const struct json_value *array, uint32_t *ret_roles, struct text *ret_unknown)
{
    return read_array(array, duty_bit, ret_roles, ret_unknown);
}

bool rights_read_json(
    const struct json_value *array, uint32_t *ret_rights, struct text *ret_unknown)
{
    return read_array(array, right_bit, ret_rights, ret_unknown);
}

static void member(struct json_out *out, const char *key, uint32_t set, const struct words *words)
{
    json_out_key(out, key);
    json_out_open(out, '[');
    for (int bit = 0; bit < words->count; bit++) {
        const char *word = words->word_of(bit);
        if ((set >> bit & 1U) != 0 && word[0]) {
            json_out_string(out, text_of(word));
        }
    }
    json_out_close(out, ']');
}

void duties_member(struct json_out *out, const char *key, uint32_t roles)
{
    member(out, key, roles, &duty_words);
}

void rights_member(struct json_out *out, const char *key, uint32_t rights)
{
    member(out, key, rights, &right_words);
}
