/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading replies. A text that merely begins with a figure ("2月3日已办") is no objection.
 */
#include "config/sms_reply.h"

#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "config/form.h"

/* ---- pushes ---- */

static bool reply_add(struct sms_replies *replies, struct text from, struct text words)
{
    if (replies->count == SMS_REPLIES_MAX) {
        return false;
    }
    replies->items[replies->count++] = (struct sms_reply){.from = from, .words = words};
    return true;
}

static enum err decode_form(
    struct text fields, struct arena *arena, struct sms_replies *replies, struct err_why *why)
{
    struct form form;
    const enum err err = form_read(fields, arena, &form);
    if (err) {
        return err_set(why, err, "the fields of the reply cannot be read");
    }
    const struct text from = form_get(&form, "from");
    if (from.bytes == 0) {
        return err_set(why, ERR_PARSE, "the reply says not from whom it is: from is missing");
    }
    (void)reply_add(replies, from, form_get(&form, "text"));
    return ERR_OK;
}

static struct text first_of(const struct json_value *object, const char *const names[3])
{
    struct text found = {0};
    for (size_t i = 0; i < 3 && found.bytes == 0; i++) {
        found = json_get_string(object, names[i]);
    }
    return found;
}

static enum err decode_object(
    const struct json_value *object,
    struct arena *arena,
    struct sms_replies *replies,
    struct err_why *why)
{
    static const char *const from_names[3] = {"mobile", "from", "phone"};
    static const char *const words_names[3] = {"smsContent", "text", "content"};
    const struct text from = first_of(object, from_names);
    const struct text words = first_of(object, words_names);
    if (from.bytes == 0) {
        return err_set(why, ERR_PARSE, "the reply says not from whom it is: mobile is missing");
    }
    const struct text kept_from = arena_text(arena, from);
    const struct text kept_words = arena_text(arena, words);
    if (!kept_from.ptr || (words.bytes > 0 && !kept_words.ptr)) {
        return ERR_NO_MEMORY;
    }
    return reply_add(replies, kept_from, kept_words)
               ? ERR_OK
               : err_set(why, ERR_FULL, "more than %d replies at once", SMS_REPLIES_MAX);
}

static enum err decode_json(
    struct text body, struct arena *arena, struct sms_replies *replies, struct err_why *why)
{
    struct json_doc *doc = NULL;
    enum err err = json_parse(body, &json_limits_answer, &doc, why);
    if (err) {
        return err;
    }
    const struct json_value *root = json_root(doc);
    if (json_type(root) == JSON_ARRAY) {
        for (const struct json_value *item = json_first(root); !err && item;
             item = json_next(item)) {
            err = decode_object(item, arena, replies, why);
        }
    } else {
        err = decode_object(root, arena, replies, why);
    }
    json_free(doc);
    return err;
}

enum err sms_reply_decode(
    struct text query,
    struct text body,
    struct arena *arena,
    struct sms_replies *ret_replies,
    struct err_why *why)
{
    ret_replies->count = 0;
    if (body.bytes == 0) {
        return decode_form(query, arena, ret_replies, why);
    }
    return body.ptr[0] == '{' || body.ptr[0] == '[' ? decode_json(body, arena, ret_replies, why)
                                                    : decode_form(body, arena, ret_replies, why);
}

/* ---- words ---- */

static bool starts_with_any(struct text text, const char *const *starts, size_t *ret_bytes)
{
    for (; *starts; starts++) {
        if (text_starts_with(text, text_of(*starts))) {
            *ret_bytes = strlen(*starts);
            return true;
        }
    }
    return false;
}

static const char *const blanks_and_points[] = {" ", "\t", "\r", "\n", "　", ",",  "，",
                                                ".", "。", ":",  "：", ";",  "；", "、",
                                                "!", "！", "-",  "+",  "＋", NULL};

static struct text skip_points(struct text text)
{
    size_t bytes = 0;
    while (starts_with_any(text, blanks_and_points, &bytes)) {
        text.ptr += bytes;
        text.bytes -= bytes;
    }
    return text;
}

/* Does nothing but blanks and points follow the word? */
static bool is_word(struct text words, const char *word)
{
    const size_t bytes = strlen(word);
    return words.bytes >= bytes && strncasecmp(words.ptr, word, bytes) == 0 &&
           skip_points((struct text){words.ptr + bytes, words.bytes - bytes}).bytes == 0;
}

/* What after a 2 makes it a date, a time or a number. */
static const char *const goes_on[] = {"0",  "1",  "2",  "3",  "4",  "5",  "6",  "7",  "8",
                                      "9",  "年", "月", "日", "号", "点", "时", "天", "个",
                                      "件", "周", "/",  "０", "１", "２", "３", "４", "５",
                                      "６", "７", "８", "９", "次", "小", NULL};

static bool is_objection(struct text words, struct text *ret_reason)
{
    static const char *const twos[] = {"2", "２", NULL};
    size_t bytes = 0;
    if (!starts_with_any(words, twos, &bytes)) {
        return false;
    }
    const struct text rest = {words.ptr + bytes, words.bytes - bytes};
    const struct text reason = skip_points(rest);
    /* "2.5天" and "2:30" go on behind the point. */
    if (starts_with_any(reason, goes_on, &bytes) && reason.ptr - rest.ptr <= 1 &&
        (reason.ptr == rest.ptr || rest.ptr[0] == '.' || rest.ptr[0] == ':' ||
         rest.ptr[0] == '-')) {
        return false;
    }
    *ret_reason = reason;
    return reason.bytes > 0;
}

enum sms_word sms_reply_word(struct text words, struct text *ret_reason)
{
    static const char *const seen[] = {"1", "１", "已阅", "Y", "Ｙ", "ｙ"};
    const struct text trimmed = skip_points(words);
    for (size_t i = 0; i < sizeof seen / sizeof seen[0]; i++) {
        if (is_word(trimmed, seen[i])) {
            return SMS_WORD_ACKNOWLEDGE;
        }
    }
    return is_objection(trimmed, ret_reason) ? SMS_WORD_OBJECT : SMS_WORD_OTHER;
}

/* ---- numbers ---- */

void sms_number_digits(struct text number, char ret_digits[static SMS_NUMBER_DIGITS + 1])
{
    size_t count = 0;
    size_t skipped = 0;
    for (size_t i = 0; i < number.bytes; i++) {
        const char c = number.ptr[i];
        const bool digit = c >= '0' && c <= '9';
        if (digit && count == SMS_NUMBER_DIGITS) {
            count = 0;
            break;
        }
        if (digit) {
            ret_digits[count++] = c;
        }
    }
    ret_digits[count] = '\0';
    skipped += count > 11 && strncmp(ret_digits, "00", 2) == 0 ? 2 : 0;
    skipped += count - skipped > 11 && strncmp(ret_digits + skipped, "86", 2) == 0 ? 2 : 0;
    memmove(ret_digits, ret_digits + skipped, count - skipped + 1);
}
