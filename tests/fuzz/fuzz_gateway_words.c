/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The little languages of http-sms: the first line is a pattern, the second a test, the third where
 * a value stands; the rest is what a gateway said. What the checks let pass can be written and
 * judged, whatever was said, and a test and its opposite are never both true.
 */
#include <stdio.h>

#include "base/must.h"
#include "config/gateway_call.h"
#include "config/gateway_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count);

static struct text take_line(struct text *rest)
{
    size_t bytes = 0;
    while (bytes < rest->bytes && rest->ptr[bytes] != '\n') {
        bytes++;
    }
    const struct text line = {rest->ptr, bytes};
    const size_t past = bytes < rest->bytes ? bytes + 1 : bytes;
    rest->ptr += past;
    rest->bytes -= past;
    return line;
}

static void write_pattern(struct text pattern, struct text said, bool gbk)
{
    struct err_why why = {0};
    struct gateway_values values = {.now = {.ms = INT64_C(1767323045678)}, .gbk = gbk};
    struct buf buf;
    if (!utf8_valid(pattern) || !utf8_valid(said)) {
        return; /* both come through JSON */
    }
    if (gateway_text_check(pattern, &why) != ERR_OK) {
        MUST(why.text[0] != '\0');
        return;
    }
    for (int name = 0; name < GATEWAY_NAME_COUNT; name++) {
        values.value[name] = said;
    }
    buf_init(&buf, GATEWAY_BYTES_MAX);
    gateway_text_write(pattern, &values, gbk ? gateway_escape_url : gateway_escape_xml, &buf);
    MUST(buf_error(&buf) == ERR_OK || buf_error(&buf) == ERR_FULL);
    buf_release(&buf);
}

static void judge(struct text test, const struct gateway_said *said)
{
    char opposite[2048];
    struct err_why why = {0};
    if (gateway_test_check(test, &why) != ERR_OK) {
        MUST(why.text[0] != '\0');
        return;
    }
    const enum gateway_truth truth = gateway_test(test, said);
    MUST(truth == GATEWAY_FALSE || truth == GATEWAY_TRUE || truth == GATEWAY_UNKNOWN);
    const int length = snprintf(opposite, sizeof opposite, "not (%.*s)", TEXT_ARGS(test));
    const struct text other = {opposite, (size_t)length};
    if (gateway_test_check(other, NULL) == ERR_OK) {
        const enum gateway_truth turned = gateway_test(other, said);
        MUST((truth == GATEWAY_UNKNOWN) == (turned == GATEWAY_UNKNOWN));
        MUST(truth == GATEWAY_UNKNOWN || truth != turned);
    }
}

static void find(struct text value, const struct gateway_said *said)
{
    struct buf buf;
    if (gateway_value_check(value, NULL) != ERR_OK) {
        return;
    }
    buf_init(&buf, (size_t)256 << 10);
    (void)!gateway_value(value, said, &buf);
    MUST(buf_error(&buf) == ERR_OK);
    buf_release(&buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count)
{
    static const struct channel_option gbk = {.name = {"charset", 7}, .value = {"gbk", 3}};
    struct text rest = {(const char *)bytes, byte_count};
    if (byte_count > 8192) {
        return 0;
    }
    const struct text pattern = take_line(&rest);
    const struct text test = take_line(&rest);
    const struct text value = take_line(&rest);
    const struct channel_settings settings = {.options = &gbk, .option_count = byte_count % 2};
    struct gateway_call call;
    write_pattern(pattern, rest, byte_count % 2 == 1);
    gateway_call_open(&settings, 200, rest, rest, &call);
    judge(test, &call.said);
    find(value, &call.said);
    struct gateway_said item;
    gateway_call_close(&call);
    gateway_call_open(&settings, 0, rest, rest, &call);
    while (gateway_call_next(&call, &item)) {
        find(value, &item);
    }
    gateway_call_close(&call);
    return 0;
}
