/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON of a message without an alert behind it. */
#include "config/notice.h"
#include "tests/support/check.h"

static struct notice morning(void)
{
    static const struct text to[] = {{"li", 2}, {"wang", 4}};
    static const struct text via[] = {{"sms", 3}};
    static const struct notice_value values[] = {{"count", {"3", 1}}, {"worst", {"修路\"", 7}}};
    return (struct notice){
        .kind = "morning",
        .id = TEXT_LITERAL("N1"),
        .to = to,
        .to_count = 2,
        .via = via,
        .via_count = 1,
        .template_id = TEXT_LITERAL("morning"),
        .values = values,
        .value_count = 2,
        .send = SEND_DAY,
        .at = {.ms = 1553659200000},
    };
}

static void a_notice_says_all_that_it_was_given(void)
{
    struct buf buf;
    struct notice notice = morning();
    notice.title = TEXT_LITERAL("标题");
    notice.text = TEXT_LITERAL("{\"a\":1}");
    notice.case_id = TEXT_LITERAL("c1");
    notice.unit = TEXT_LITERAL("u1");
    notice.urgent = true;
    buf_init(&buf, 4096);
    notice_write(&notice, &buf);
    CHECK_STR(
        buf.ptr,
        "{\"notice\":\"morning\",\"id\":\"N1\",\"to\":[\"li\",\"wang\"],\"via\":[\"sms\"],"
        "\"template\":\"morning\",\"title\":\"标题\",\"text\":\"{\\\"a\\\":1}\","
        "\"values\":{\"count\":\"3\",\"worst\":\"修路\\\"\"},\"case\":\"c1\",\"unit\":\"u1\","
        "\"send\":\"day\",\"urgent\":true,\"at\":1553659200000}");
    buf_release(&buf);
}

static void what_is_empty_is_left_out(void)
{
    struct buf buf;
    const struct notice notice = morning();
    buf_init(&buf, 4096);
    notice_write(&notice, &buf);
    CHECK_STR(
        buf.ptr, "{\"notice\":\"morning\",\"id\":\"N1\",\"to\":[\"li\",\"wang\"],\"via\":[\"sms\"],"
                 "\"template\":\"morning\",\"values\":{\"count\":\"3\",\"worst\":\"修路\\\"\"},"
                 "\"send\":\"day\",\"urgent\":false,\"at\":1553659200000}");
    buf_release(&buf);
}

static void too_small_a_buffer_is_an_error_of_the_buffer(void)
{
    struct buf buf;
    const struct notice notice = morning();
    buf_init(&buf, 32);
    notice_write(&notice, &buf);
    CHECK(buf_error(&buf) != ERR_OK);
    buf_release(&buf);
}

int main(void)
{
    CHECK_RUN(a_notice_says_all_that_it_was_given);
    CHECK_RUN(what_is_empty_is_left_out);
    CHECK_RUN(too_small_a_buffer_is_an_error_of_the_buffer);
    return check_done();
}
