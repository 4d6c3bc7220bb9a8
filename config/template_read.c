/* SPDX-License-Identifier: Apache-2.0 */
/*
 * templates/<name>.json: texts by language and form. Chinese is required, English optional (the
 * Chinese text then stands in). Vendor templates are read in template_vendor_read.c.
 */
#include "config/describe.h"
#include "config/files.h"
#include "config/template_parts.h"

void read_pattern(struct reader *reader, const struct json_value *value, void *target)
{
    struct text *pattern = target;
    struct err_why why = {0};
    struct text text = {0};
    if (describe_value(reader, "message")) {
        return;
    }
    read_words(reader, value, &text);
    if (text.bytes == 0) {
        return;
    }
    if (template_check(text, &why) != ERR_OK) {
        reader_error(reader, value, "%s", why.text);
        return;
    }
    *pattern = text;
}

/* An SMS begins with its signature: carriers refuse one without. */
static void read_sms(struct reader *reader, const struct json_value *value, void *target)
{
    struct text *pattern = target;
    if (describe_value(reader, "message_sms")) {
        return;
    }
    read_pattern(reader, value, pattern);
    if (pattern->bytes > 0 && !text_starts_with(*pattern, TEXT_LITERAL("{sign}"))) {
        reader_error(reader, value, "an SMS must begin with {sign}, the filed signature");
    }
}

#define TEMPLATE_FIELD(name) offsetof(struct template_text, name)

static void read_zh(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct field fields[] = {
        {"sms", read_sms, TEMPLATE_FIELD(zh_sms), FIELD_REQUIRED},
        {"markdown", read_pattern, TEMPLATE_FIELD(zh_markdown), FIELD_REQUIRED},
    };
    (void)read_object(reader, value, fields, FIELD_COUNT(fields), target);
}

static void read_en(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct field fields[] = {
        {"sms", read_sms, TEMPLATE_FIELD(en_sms), FIELD_REQUIRED},
        {"markdown", read_pattern, TEMPLATE_FIELD(en_markdown), FIELD_REQUIRED},
    };
    (void)read_object(reader, value, fields, FIELD_COUNT(fields), target);
}

static void read_texts(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct field fields[] = {
        {"zh", read_zh, 0, FIELD_REQUIRED},
        {"en", read_en, 0, FIELD_OPTIONAL},
    };
    (void)read_object(reader, value, fields, FIELD_COUNT(fields), target);
}

static const struct field file_fields[] = {
    {"id", read_id, TEMPLATE_FIELD(id), FIELD_REQUIRED},
    {"texts", read_texts, 0, FIELD_REQUIRED},
    {"vendor", read_vendors, 0, FIELD_OPTIONAL},
};

void template_describe(struct reader *reader, const struct json_value *value, void *target)
{
    struct template_text template = {0};
    (void)target;
    (void)read_object(reader, value, file_fields, FIELD_COUNT(file_fields), &template);
}

bool template_read(
    const struct source *source, const struct reading *reading, struct template_text *ret_template)
{
    struct template_text template = {0};
    struct reader reader;
    if (reader_open(&reader, source, reading)) {
        (void)read_object(
            &reader, json_root(reader.doc), file_fields, FIELD_COUNT(file_fields), &template);
    }
    if (!reader_close(&reader)) {
        return false;
    }
    if (template.en_sms.bytes == 0) {
        template.en_sms = template.zh_sms;
        template.en_markdown = template.zh_markdown;
    }
    *ret_template = template;
    return true;
}
