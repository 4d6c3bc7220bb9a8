/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "http": where the console listens, by which name people reach it, its certificate, and the
 * second listener that shows the outside nothing but the pages of links and the call-backs of
 * gateways.
 */
#include <stdio.h>
#include <string.h>

#include "config/describe.h"
#include "config/settings_parts.h"

#define PATH_BYTES 512

/* ---- addresses ---- */

static bool is_port(struct text text)
{
    int64_t port = 0;
    return text_parse_i64(text, &port) == ERR_OK && port >= 0 && port <= 65535;
}

/* "127.0.0.1:8420", "[::1]:8420", "localhost:8420"; port 0 takes a free one. */
static bool is_listen(struct text text)
{
    const char *colon = text.bytes > 0 ? memrchr(text.ptr, ':', text.bytes) : NULL;
    if (!colon || colon == text.ptr) {
        return false;
    }
    const size_t host_bytes = (size_t)(colon - text.ptr);
    const bool bracketed = text.ptr[0] == '[' && text.ptr[host_bytes - 1] == ']';
    const bool plain = !memchr(text.ptr, ':', host_bytes) && !memchr(text.ptr, '/', host_bytes);
    return (bracketed || plain) && is_port((struct text){colon + 1, text.bytes - host_bytes - 1});
}

static void read_listen(struct reader *reader, const struct json_value *value, void *target)
{
    struct text *listen = target;
    if (describe_value(reader, "listen")) {
        return;
    }
    if (json_type(value) != JSON_STRING || !is_listen(json_string(value))) {
        char got[READ_GOT_BYTES];
        reader_error(
            reader, value, "expected an address and port such as \"127.0.0.1:8420\", got %s",
            read_got(value, got));
        return;
    }
    *listen = reader_keep(reader, json_string(value));
}

static void read_public_url(struct reader *reader, const struct json_value *value, void *target)
{
    struct text *url = target;
    struct text text = json_string(value);
    if (describe_value(reader, "public_url")) {
        return;
    }
    const bool web = text_starts_with(text, TEXT_LITERAL("http://")) ||
                     text_starts_with(text, TEXT_LITERAL("https://"));
    if (!web || memchr(text.ptr, ' ', text.bytes) || text.bytes < sizeof "https://") {
        char got[READ_GOT_BYTES];
        reader_error(
            reader, value, "expected an address such as \"https://nrt.example.gov.cn\", got %s",
            read_got(value, got));
        return;
    }
    while (text.ptr[text.bytes - 1] == '/') {
        text.bytes--;
    }
    *url = reader_keep(reader, text);
}

/* ---- TLS ---- */

/* A relative path starts at the folder of the configuration. */
static void keep_path(
    struct reader *reader,
    const struct json_value *value,
    const struct secrets *secrets,
    struct text *path)
{
    char full[PATH_BYTES];
    const bool joined = secrets && secrets->folder && path->bytes > 0 && path->ptr[0] != '/';
    const int bytes = snprintf(
        full, sizeof full, "%s%s%.*s", joined ? secrets->folder : "", joined ? "/" : "",
        TEXT_ARGS(*path));
    if (bytes < 0 || (size_t)bytes >= sizeof full) {
        reader_error(reader, value, "a path has at most %d bytes", PATH_BYTES - 1);
        return;
    }
    *path = reader_keep(reader, text_of(full));
}

/* Both files or nothing: whoever names one of them wants TLS. */
static void read_tls(
    struct reader *reader,
    const struct json_value *value,
    const struct secrets *secrets,
    struct tls_settings *ret_tls)
{
    static const struct field fields[] = {
        {"cert", read_words, offsetof(struct tls_settings, cert), FIELD_REQUIRED},
        {"key", read_words, offsetof(struct tls_settings, key), FIELD_REQUIRED},
    };
    struct tls_settings tls = {0};
    if (!read_object(reader, value, fields, FIELD_COUNT(fields), &tls) || reader->describer) {
        return;
    }
    keep_path(reader, value, secrets, &tls.cert);
    keep_path(reader, value, secrets, &tls.key);
    *ret_tls = tls;
}

static void read_own_tls(struct reader *reader, const struct json_value *value, void *target)
{
    struct settings_file *file = target;
    read_tls(reader, value, file->secrets, &file->settings.http_tls);
}

static void read_door_tls(struct reader *reader, const struct json_value *value, void *target)
{
    struct settings_file *file = target;
    read_tls(reader, value, file->secrets, &file->settings.http_door_tls);
}

/* ---- all of it ---- */

struct text settings_outer_url(const struct settings *settings)
{
    return settings->http_door_url.bytes > 0 ? settings->http_door_url : settings->public_url;
}

static void read_door(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct field fields[] = {
        {"listen", read_listen, SETTINGS_FIELD(http_door_listen), FIELD_REQUIRED},
        {"url", read_public_url, SETTINGS_FIELD(http_door_url), FIELD_OPTIONAL},
        {"tls", read_door_tls, 0, FIELD_OPTIONAL},
    };
    (void)read_object(reader, value, fields, FIELD_COUNT(fields), target);
}

void read_http(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct field fields[] = {
        {"listen", read_listen, SETTINGS_FIELD(http_listen), FIELD_OPTIONAL},
        {"public_url", read_public_url, SETTINGS_FIELD(public_url), FIELD_OPTIONAL},
        {"tls", read_own_tls, 0, FIELD_OPTIONAL},
        {"public", read_door, 0, FIELD_OPTIONAL},
    };
    (void)read_object(reader, value, fields, FIELD_COUNT(fields), target);
}
