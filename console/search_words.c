/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See search_words.h. The full-text index of the ledger has the tokenizer "ascii", for which every
 * character beyond ASCII, and every Latin letter and digit, belongs to a word: what is cut here
 * stays cut.
 */
#include "console/search_words.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Of the last word of a phrase, when it is Latin: so many characters may be its beginning only. */
#define PREFIX_BYTES_MIN 3

#define FULL_WIDTH_FIRST 0xFF01U /* the same as ASCII from '!' on */
#define FULL_WIDTH_LAST  0xFF5EU
#define FULL_WIDTH_SPACE 0x3000U

static uint32_t code_of(const char *ptr, size_t bytes)
{
    static const uint8_t lead_bits[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    uint32_t code = (uint8_t)ptr[0] & lead_bits[bytes];
    for (size_t index = 1; index < bytes; index++) {
        code = code << 6 | ((uint8_t)ptr[index] & 0x3FU);
    }
    return code >= FULL_WIDTH_FIRST && code <= FULL_WIDTH_LAST ? code - FULL_WIDTH_FIRST + '!'
                                                               : code;
}

static bool is_latin(uint32_t code)
{
    return (code >= '0' && code <= '9') || (code >= 'a' && code <= 'z') ||
           (code >= 'A' && code <= 'Z');
}

/* Marks, brackets, spaces: of ASCII, of Latin-1, general and Chinese punctuation, full width. */
static bool separates(uint32_t code)
{
    return (code < 0x80 && !is_latin(code)) || (code >= 0x80 && code <= 0xBF) ||
           (code >= 0x2000 && code <= 0x206F) ||
           (code >= FULL_WIDTH_SPACE && code <= 0x303F && code != 0x3007) ||
           (code >= 0xFE10 && code <= 0xFE6F) || code >= 0xFF5F;
}

static void end_word(struct buf *out)
{
    if (out->bytes > 0 && out->ptr[out->bytes - 1] != ' ') {
        buf_char(out, ' ');
    }
}

static void add_word(struct buf *out, uint32_t code, struct text character)
{
    if (is_latin(code)) {
        buf_char(out, (char)(code >= 'A' && code <= 'Z' ? code - 'A' + 'a' : code));
        return;
    }
    end_word(out);
    if (code == '\n') {
        buf_string(out, "| ");
    } else if (!separates(code)) {
        buf_text(out, character);
        buf_char(out, ' ');
    }
}

void search_words(struct text text, struct buf *out)
{
    buf_char(out, ' ');
    for (size_t at = 0; at < text.bytes;) {
        const size_t bytes = utf8_char_bytes(text.ptr + at, text.bytes - at);
        if (bytes > 0) {
            const struct text character = {.ptr = text.ptr + at, .bytes = bytes};
            add_word(out, code_of(character.ptr, bytes), character);
        }
        at += bytes > 0 ? bytes : 1; /* what is not UTF-8 is passed over */
    }
    end_word(out);
}

/* Ends the last word where it may go on: " dy 0001" is in " dy 0001234 ". */
static void open_end(char *phrase, size_t bytes)
{
    size_t latin = 0;
    while (latin + 2 < bytes && is_latin((uint8_t)phrase[bytes - 2 - latin])) {
        latin++;
    }
    if (latin >= PREFIX_BYTES_MIN) {
        phrase[bytes - 1] = '\0';
    }
}

static void phrase_add(struct search_phrases *phrases, struct text typed)
{
    struct buf words;
    buf_init(&words, SEARCH_PHRASE_BYTES - 1);
    search_words(typed, &words);
    if (!buf_error(&words) && words.bytes > 1 && phrases->count < SEARCH_PHRASES_MAX) {
        char *phrase = phrases->phrases[phrases->count];
        (void)snprintf(phrase, SEARCH_PHRASE_BYTES, "%.*s", TEXT_ARGS(buf_view(&words)));
        open_end(phrase, words.bytes);
        const size_t at = strlen(phrases->match);
        const bool opened = phrase[strlen(phrase) - 1] != ' ';
        (void)snprintf(
            phrases->match + at, sizeof(phrases->match) - at, "%s\"%s\"%s",
            phrases->count > 0 ? " AND " : "", phrase + 1, opened ? " *" : "");
        phrases->count++;
    }
    buf_release(&words);
}

/* The bytes of the white space, also of full width, that the text begins with. */
static size_t space_bytes(struct text text)
{
    const struct text wide = TEXT_LITERAL("\u3000");
    if (text.bytes > 0 && strchr(" \t\r\n", text.ptr[0])) {
        return 1;
    }
    return text_starts_with(text, wide) ? wide.bytes : 0;
}

bool search_phrases_read(struct text typed, struct search_phrases *ret_phrases)
{
    struct text rest = utf8_cut(typed, SEARCH_TEXT_BYTES_MAX);
    ret_phrases->count = 0;
    ret_phrases->match[0] = '\0';
    struct text phrase = {.ptr = rest.ptr};
    while (rest.bytes > 0) {
        const size_t space = space_bytes(rest);
        if (space > 0) {
            phrase_add(ret_phrases, phrase);
            phrase = (struct text){.ptr = rest.ptr + space};
        } else {
            phrase.bytes++;
        }
        rest.ptr += space > 0 ? space : 1;
        rest.bytes -= space > 0 ? space : 1;
    }
    phrase_add(ret_phrases, phrase);
    return ret_phrases->count > 0;
}

bool search_finds(const struct search_phrases *phrases, struct text text)
{
    struct buf words;
    buf_init(&words, text.bytes * 3 + 64);
    search_words(text, &words);
    bool found = !buf_error(&words);
    for (int index = 0; index < phrases->count && found; index++) {
        const char *phrase = phrases->phrases[index];
        found = memmem(words.ptr, words.bytes, phrase, strlen(phrase)) != NULL;
    }
    buf_release(&words);
    return found;
}
