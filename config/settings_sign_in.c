/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "sign_in": who else may say who somebody is. A proxy in front of the console that has signed its
 * users in by itself is believed only from the addresses named here; DingTalk is asked with the
 * keys of a channel that sends by it anyway.
 */
#include <string.h>

#include "base/address.h"
#include "config/describe.h"
#include "config/refer.h"
#include "config/settings_parts.h"

#define HEADER_BYTES_MAX 64
#define CORP_BYTES_MAX   64

/* ---- the proxy ---- */

static bool is_header_name(struct text text)
{
    for (size_t index = 0; index < text.bytes; index++) {
        const char c = text.ptr[index];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '-')) {
            return false;
        }
    }
    return text.bytes > 0 && text.bytes <= HEADER_BYTES_MAX;
}

/* Headers that the service reads for itself, or that any client may set, cannot name a user. */
static bool is_taken(struct text name)
{
    static const char *const taken[] = {"host",          "cookie",
                                        "authorization", "content-type",
                                        "origin",        "content-length",
                                        "connection",    "accept",
                                        "user-agent",    "accept-language",
                                        "referer",       "x-forwarded-for",
                                        "x-nrt-csrf",    "x-nrt-proxy-secret"};
    for (size_t index = 0; index < sizeof taken / sizeof taken[0]; index++) {
        if (text_is(name, taken[index])) {
            return true;
        }
    }
    return false;
}

static void read_header(struct reader *reader, const struct json_value *value, void *target)
{
    char got[READ_GOT_BYTES];
    char lower[HEADER_BYTES_MAX];
    struct text *header = target;
    const struct text text = json_string(value);
    if (describe_value(reader, "proxy_header")) {
        return;
    }
    if (json_type(value) != JSON_STRING || !is_header_name(text)) {
        reader_error(
            reader, value, "expected the name of a header such as \"X-Remote-User\", got %s",
            read_got(value, got));
        return;
    }
    for (size_t index = 0; index < text.bytes; index++) {
        const char c = text.ptr[index];
        lower[index] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    const struct text name = {lower, text.bytes};
    if (is_taken(name)) {
        reader_error(
            reader, value, "this header has another meaning; let the proxy use one of its own");
        return;
    }
    *header = reader_keep(reader, name);
}

static void read_range(struct reader *reader, const struct json_value *value, void *target)
{
    struct address_range *range = target;
    if (describe_value(reader, "address_range")) {
        return;
    }
    if (json_type(value) != JSON_STRING || !address_range_read(json_string(value), range)) {
        char got[READ_GOT_BYTES];
        reader_error(
            reader, value,
            "expected an address or a range such as \"10.1.2.0/24\" (no bits behind the prefix), "
            "got %s",
            read_got(value, got));
    }
}

static void read_from(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct read_items items = {
        read_range, sizeof(struct address_range), "a list of addresses such as [\"10.1.2.3\"]"};
    struct sign_in_settings *sign_in = &((struct settings_file *)target)->settings.sign_in;
    describe_also(reader, "at_least_one");
    sign_in->proxies = read_list(reader, value, &items, &sign_in->proxy_count);
    if (json_type(value) == JSON_ARRAY && sign_in->proxy_count == 0) {
        reader_error(
            reader, value, "at least one address is needed: nobody is believed by default");
    }
}

static void read_proxy_secret(struct reader *reader, const struct json_value *value, void *target)
{
    struct settings_file *file = target;
    read_secret(reader, value, file->secrets, &file->settings.sign_in.proxy_secret);
}

static void read_proxy(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct field fields[] = {
        {"header", read_header, SETTINGS_FIELD(sign_in.proxy_header), FIELD_REQUIRED},
        {"from", read_from, 0, FIELD_REQUIRED},
        {"secret", read_proxy_secret, 0, FIELD_OPTIONAL},
    };
    struct sign_in_settings *sign_in = &((struct settings_file *)target)->settings.sign_in;
    (void)read_object(reader, value, fields, FIELD_COUNT(fields), target);
    sign_in->proxy_has_secret = json_get(value, "secret") != NULL;
}

/* ---- DingTalk ---- */

static void read_corp(struct reader *reader, const struct json_value *value, void *target)
{
    struct text *corp = target;
    if (describe_value(reader, "corp_id")) {
        return;
    }
    read_id(reader, value, corp);
    if (corp->bytes > CORP_BYTES_MAX) {
        reader_error(reader, value, "a corp id has at most %d bytes", CORP_BYTES_MAX);
    }
}

static void read_dingtalk(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct field fields[] = {
        {"channel", read_id, SETTINGS_FIELD(sign_in.dingtalk_channel), FIELD_REQUIRED},
        {"corp_id", read_corp, SETTINGS_FIELD(sign_in.dingtalk_corp), FIELD_REQUIRED},
    };
    (void)read_object(reader, value, fields, FIELD_COUNT(fields), target);
}

void read_sign_in(struct reader *reader, const struct json_value *value, void *target)
{
    static const struct field fields[] = {
        {"proxy", read_proxy, 0, FIELD_OPTIONAL},
        {"dingtalk", read_dingtalk, 0, FIELD_OPTIONAL},
    };
    (void)read_object(reader, value, fields, FIELD_COUNT(fields), target);
}

void check_sign_in(
    struct reader *reader, const struct settings *settings, const struct json_value *root)
{
    const struct json_value *dingtalk = json_get(json_get(root, "sign_in"), "dingtalk");
    const struct json_value *name = json_get(dingtalk, "channel");
    const struct channel_settings *channel = settings_channel(settings, json_string(name));
    if (json_type(name) != JSON_STRING) {
        return;
    }
    const size_t mark = reader_enter_key(reader, TEXT_LITERAL("sign_in.dingtalk.channel"));
    refer_channel(reader, name, json_string(name));
    if (channel && !text_is(channel->type, "dingtalk-work")) {
        reader_error(
            reader, name, "channel \"%.*s\" is no dingtalk-work channel, whose keys are needed",
            TEXT_ARGS(utf8_cut(channel->name, 64)));
    }
    reader_leave(reader, mark);
}
