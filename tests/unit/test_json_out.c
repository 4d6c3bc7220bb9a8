/* SPDX-License-Identifier: Apache-2.0 */
/* Writing JSON: commas, escapes, numbers; and that what is written reads back the same. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/prng.h"
#include "tests/support/check.h"

static void commas_stand_between_values_only(void)
{
    struct buf buf;
    struct json_out out;
    buf_init(&buf, 1000);
    json_out_init(&out, &buf);
    json_out_open(&out, '{');
    json_out_member(&out, "a", TEXT_LITERAL("x"));
    json_out_key(&out, "b");
    json_out_open(&out, '[');
    json_out_i64(&out, -1);
    json_out_bool(&out, true);
    json_out_open(&out, '[');
    json_out_close(&out, ']');
    json_out_null(&out);
    json_out_close(&out, ']');
    json_out_key(&out, "c");
    json_out_raw(&out, TEXT_LITERAL("{\"r\":1}"));
    json_out_member_i64(&out, "d", INT64_MIN);
    json_out_close(&out, '}');
    CHECK_STR(
        buf.ptr,
        "{\"a\":\"x\",\"b\":[-1,true,[],null],\"c\":{\"r\":1},\"d\":-9223372036854775808}");
    buf_release(&buf);
}

static const char *quoted(struct text text)
{
    static struct buf buf;
    struct json_out out;
    buf_release(&buf);
    buf_init(&buf, 1000);
    json_out_init(&out, &buf);
    json_out_string(&out, text);
    return buf.ptr;
}

static void strings_are_escaped_and_otherwise_raw(void)
{
    CHECK_STR(quoted((struct text){0}), "\"\"");
    CHECK_STR(quoted(TEXT_LITERAL("一\"\\/")), "\"一\\\"\\\\/\"");
    CHECK_STR(
        quoted(TEXT_LITERAL("\b\f\n\r\t\1\x1f\x7f")), "\"\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\"");
}

static void what_is_no_utf_8_becomes_a_replacement_character(void)
{
    CHECK_STR(
        quoted(TEXT_LITERAL("a\xff"
                            "b")),
        "\"a\xef\xbf\xbd"
        "b\"");
    CHECK_STR(quoted(TEXT_LITERAL("\xe4\xb8")), "\"\xef\xbf\xbd\xef\xbf\xbd\"");
    (void)quoted((struct text){0});
}

/* The first bytes of a reject are kept in a fact, whatever they are, and a fact must be readable.
 */
static void any_bytes_can_be_read_back(void)
{
    for (int byte = 0; byte < 256; byte++) {
        const char bytes[] = {'a', (char)byte, 'b'};
        struct json_doc *doc = NULL;
        const char *written = quoted((struct text){.ptr = bytes, .bytes = sizeof(bytes)});
        check_note("byte %d", byte);
        CHECK_EQ(json_parse(text_of(written), &json_limits_event, &doc, NULL), ERR_OK);
        json_free(doc);
    }
    CHECK_STR(
        quoted(TEXT_LITERAL("a\0b")), "\"a\xef\xbf\xbd"
                                      "b\"");
    (void)quoted((struct text){0});
}

static const char *number_text(double number)
{
    static char text[40];
    struct buf buf;
    struct json_out out;
    buf_init(&buf, 100);
    json_out_init(&out, &buf);
    json_out_double(&out, number);
    (void)memcpy(text, buf.ptr, buf.bytes + 1);
    buf_release(&buf);
    return text;
}

static void numbers_are_as_short_as_they_can_be(void)
{
    CHECK_STR(number_text(0), "0");
    CHECK_STR(number_text(-17), "-17");
    CHECK_STR(number_text(0.1), "0.1");
    CHECK_STR(number_text(97.1), "97.1");
    CHECK_STR(number_text(0.1 + 0.2), "0.30000000000000004");
    CHECK_STR(number_text(9007199254740992.0), "9007199254740992");
    CHECK_STR(number_text(1e300), "1e+300");
    CHECK_STR(number_text((double)INFINITY), "null");
    CHECK_STR(number_text((double)NAN), "null");
}

/* ---- random documents ---- */

static void write_text(struct json_out *out, struct prng *prng)
{
    static const char *const pieces[] = {
        "a", "\"", "\\", "/", "\n", "\x1f", "\x7f", "é", "一", "水库", "\xf0\x9f\x98\x80",
        " ", "{",  "0"};
    char text[120];
    size_t bytes = 0;
    for (uint64_t left = prng_below(prng, 20); left > 0; left--) {
        const char *const piece = pieces[prng_below(prng, sizeof pieces / sizeof pieces[0])];
        memcpy(text + bytes, piece, strlen(piece));
        bytes += strlen(piece);
    }
    json_out_string(out, (struct text){.ptr = text, .bytes = bytes});
}

static void write_scalar(struct json_out *out, struct prng *prng)
{
    switch (prng_below(prng, 6)) {
    case 0:
        json_out_null(out);
        break;
    case 1:
        json_out_bool(out, prng_one_in(prng, 2));
        break;
    case 2:
        json_out_i64(out, prng_range(prng, -9007199254740992, 9007199254740992));
        break;
    case 3:
        json_out_double(out, ldexp((double)prng_next(prng), (int)prng_range(prng, -300, 300)));
        break;
    default:
        write_text(out, prng);
        break;
    }
}

/* A random document without recursion: open, close and fill at random. */
static void write_document(struct json_out *out, struct prng *prng)
{
    char closing[16];
    size_t depth = 0;
    size_t serial = 0;
    for (int steps = (int)prng_below(prng, 200); steps > 0; steps--) {
        const uint64_t choice = prng_below(prng, 6);
        char key[40];
        (void)snprintf(key, sizeof key, "一\"%zu", serial++);
        if (choice == 0 && depth > 1) {
            json_out_close(out, closing[--depth]);
            continue;
        }
        if (depth > 0 && closing[depth - 1] == '}')
            json_out_key(out, key);
        if (depth == 0 || (choice <= 2 && depth < 15)) {
            const bool object = prng_one_in(prng, 2);
            json_out_open(out, object ? '{' : '[');
            closing[depth++] = object ? '}' : ']';
        } else {
            write_scalar(out, prng);
        }
    }
    if (depth == 0)
        write_scalar(out, prng);
    while (depth > 0)
        json_out_close(out, closing[--depth]);
}

static void random_documents_read_back_the_same(void)
{
    struct prng prng;
    struct buf written;
    struct buf copied;
    prng_seed(&prng, 825);
    buf_init(&written, 1000000);
    buf_init(&copied, 1000000);
    for (int i = 0; i < 5000; i++) {
        struct json_out out;
        struct json_doc *doc = NULL;
        struct err_why why = {0};
        buf_clear(&written);
        buf_clear(&copied);
        json_out_init(&out, &written);
        write_document(&out, &prng);
        check_note("document %d", i);
        if (!CHECK_EQ(json_parse(buf_view(&written), &json_limits_event, &doc, &why), ERR_OK)) {
            CHECK_STR(why.text, "");
            break;
        }
        json_out_init(&out, &copied);
        json_out_value(&out, json_root(doc));
        json_free(doc);
        if (!CHECK_STR(copied.ptr, written.ptr))
            break;
    }
    buf_release(&written);
    buf_release(&copied);
}

/* Damage must be refused or read as something that can be written and read again. */
static void damaged_documents_never_confuse(void)
{
    struct prng prng;
    struct buf text;
    int accepted = 0;
    prng_seed(&prng, 4711);
    buf_init(&text, 1000000);
    for (int i = 0; i < 20000; i++) {
        struct json_out out;
        struct json_doc *doc = NULL;
        buf_clear(&text);
        json_out_init(&out, &text);
        write_document(&out, &prng);
        for (uint64_t left = 1 + prng_below(&prng, 3); left > 0; left--)
            text.ptr[prng_below(&prng, text.bytes)] = (char)prng_below(&prng, 256);
        if (json_parse(buf_view(&text), &json_limits_event, &doc, NULL) != ERR_OK)
            continue;
        accepted++;
        buf_clear(&text);
        json_out_init(&out, &text);
        json_out_value(&out, json_root(doc));
        json_free(doc);
        check_note("document %d", i);
        CHECK_EQ(json_parse(buf_view(&text), &json_limits_event, &doc, NULL), ERR_OK);
        json_free(doc);
    }
    CHECK_GE(accepted, 100);
    buf_release(&text);
}

int main(void)
{
    CHECK_RUN(commas_stand_between_values_only);
    CHECK_RUN(strings_are_escaped_and_otherwise_raw);
    CHECK_RUN(what_is_no_utf_8_becomes_a_replacement_character);
    CHECK_RUN(any_bytes_can_be_read_back);
    CHECK_RUN(numbers_are_as_short_as_they_can_be);
    CHECK_RUN(random_documents_read_back_the_same);
    CHECK_RUN(damaged_documents_never_confuse);
    return check_done();
}
