/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets: {"env": "NAME"} or {"file": "path"}, never in the file itself. No message here ever
 * shows a secret, also not one that was written inline by mistake.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "config/describe.h"
#include "config/settings_parts.h"

#define SECRET_BYTES_MAX ((size_t)4096)

struct secret_file {
    struct text env;
    struct text file;
};

static void missing(
    struct reader *reader,
    const struct json_value *value,
    const struct secrets *secrets,
    const char *message)
{
    if (secrets->only_looking) {
        reader_warning(reader, value, "%s", message);
    } else {
        reader_error(reader, value, "%s", message);
    }
}

static void from_environment(
    struct reader *reader,
    const struct json_value *value,
    const struct secrets *secrets,
    struct text name,
    struct text *ret_secret)
{
    char message[160];
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): nothing here changes the environment */
    const char *found = getenv(name.ptr); /* kept texts end with a NUL */
    if (!found || !found[0]) {
        (void)snprintf(
            message, sizeof message, "the environment variable %.*s is not set%s",
            TEXT_ARGS(utf8_cut(name, 64)),
            secrets->only_looking ? " here; the service needs it" : "");
        missing(reader, value, secrets, message);
        return;
    }
    *ret_secret = reader_keep(reader, text_of(found));
}

static struct text without_newline(struct text text)
{
    while (text.bytes > 0 && strchr("\r\n", text.ptr[text.bytes - 1])) {
        text.bytes--;
    }
    return text;
}

/* A relative path starts at the folder of the configuration. */
static void from_file(
    struct reader *reader,
    const struct json_value *value,
    const struct secrets *secrets,
    struct text path,
    struct text *ret_secret)
{
    char full[1024];
    char message[400];
    struct buf buf;
    struct err_why why = {0};
    const bool absolute = path.ptr[0] == '/';
    const int bytes = snprintf(
        full, sizeof full, "%s%s%.*s", absolute || !secrets->folder ? "" : secrets->folder,
        absolute || !secrets->folder ? "" : "/", TEXT_ARGS(path));
    buf_init(&buf, SECRET_BYTES_MAX);
    enum err err = ERR_RANGE;
    if (bytes > 0 && (size_t)bytes < sizeof full) {
        err = file_read(full, &buf, &why);
    }
    const struct text secret = without_newline(buf_view(&buf));
    if (err != ERR_OK || secret.bytes == 0) {
        (void)snprintf(
            message, sizeof message, "the secret cannot be read: %s",
            err == ERR_OK ? "the file is empty" : why.text);
        missing(reader, value, secrets, message);
    } else if (memchr(secret.ptr, '\0', secret.bytes) || !utf8_valid(secret)) {
        reader_error(reader, value, "the secret's file is not text");
    } else {
        *ret_secret = reader_keep(reader, secret);
    }
    buf_release(&buf);
}

void read_secret(
    struct reader *reader,
    const struct json_value *value,
    const struct secrets *secrets,
    struct text *ret_secret)
{
    static const struct field fields[] = {
        {"env", read_words, offsetof(struct secret_file, env), FIELD_OPTIONAL},
        {"file", read_words, offsetof(struct secret_file, file), FIELD_OPTIONAL},
    };
    struct secret_file file = {0};
    if (describe_value(reader, "secret")) {
        return;
    }
    if (json_type(value) != JSON_OBJECT) {
        reader_error(
            reader, value,
            "a secret does not stand in this file; write {\"env\": \"NAME\"} or "
            "{\"file\": \"path\"}");
        return;
    }
    if (!read_object(reader, value, fields, FIELD_COUNT(fields), &file)) {
        return;
    }
    if ((file.env.bytes > 0) == (file.file.bytes > 0)) {
        reader_error(reader, value, "expected either \"env\" or \"file\"");
    } else if (file.env.bytes > 0) {
        from_environment(reader, value, secrets, file.env, ret_secret);
    } else {
        from_file(reader, value, secrets, file.file, ret_secret);
    }
}
