/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 云MAS: its mac and body against known vectors, every word of rspcod, every form of its status
 * reports.
 */
#include <stdio.h>
#include <string.h>

#include "base/crypto.h"
#include "base/json.h"
#include "tests/support/channel_codes.h"
#include "tests/support/channel_samples.h"
#include "tests/support/check.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct channel_type *const yunmas = &channel_yunmas;
static struct channel_settings settings;
static const struct channel_receiver receivers[] = {
    {.mobile = SAMPLE_TEXT("+86 13800000001")},
    {.mobile = SAMPLE_TEXT("13800000002")},
};
static const struct channel_param params[] = {
    {.name = SAMPLE_TEXT("station"), .value = SAMPLE_TEXT("一号水库")},
    {.name = SAMPLE_TEXT("level"), .value = SAMPLE_TEXT("12.35")},
};

/* The message of the vectors: two numbers, the signature typed by hand. */
static struct channel_call sample_call(void)
{
    settings = sample_yunmas.settings;
    return (struct channel_call){
        .settings = &settings,
        .message =
            {
                .id = TEXT_LITERAL("alert-000123"),
                .text = TEXT_LITERAL("【测试】一号水库水位超限"),
                .receivers = receivers,
                .receiver_count = COUNT(receivers),
            },
    };
}

static struct channel_call template_call(size_t param_count)
{
    struct channel_call call = sample_call();
    call.message.template = TEXT_LITERAL("0123456789abcdef0123456789abcdef");
    call.message.params = params;
    call.message.param_count = param_count;
    return call;
}

static struct buf decoded_body(const struct http_request *request)
{
    struct buf decoded;
    buf_init(&decoded, 65536);
    CHECK_EQ(crypto_base64_decode(buf_view(&request->body), &decoded), ERR_OK);
    return decoded;
}

/* ---- requests ---- */

static void free_text_is_sent_exactly_as_known(void)
{
    const struct channel_call call = sample_call();
    struct http_request request = request_of(yunmas, &call);
    CHECK_STR(request.url.ptr, "http://mas.10086.test:1992/sms/norsubmit");
    CHECK_STR(request.shown.ptr, "POST http://mas.10086.test:1992/sms/norsubmit");
    CHECK_STR(request.method, "POST");
    CHECK_STR(header_of(&request, "Content-Type"), "text/plain; charset=utf-8");
    CHECK_STR(
        request.body.ptr,
        "eyJlY05hbWUiOiLmtYvor5XmsLTliqHlsYAiLCJhcElkIjoidGVzdGFwIiwibW9iaWxlcyI6IjEzODAwMDAwMDAx"
        "LDEzODAwMDAwMDAyIiwiY29udGVudCI6IuOAkOa1i+ivleOAkeS4gOWPt+awtOW6k+awtOS9jei2hemZkCIsInNp"
        "Z24iOiJBQkNERUZHSDEiLCJhZGRTZXJpYWwiOiIiLCJtYWMiOiI3MTQ5MWE0MDNkZjU5OTZjMjI1YTg1M2JkNWUx"
        "YWExOCJ9");
    struct buf json = decoded_body(&request);
    CHECK(strstr(json.ptr, "\"mac\":\"71491a403df5996c225a853bd5e1aa18\""));
    CHECK(!strstr(json.ptr, "testsecret"));
    buf_release(&json);
    http_request_release(&request);
}

static void a_template_is_sent_exactly_as_known(void)
{
    const struct channel_call call = template_call(COUNT(params));
    struct http_request request = request_of(yunmas, &call);
    CHECK_STR(request.url.ptr, "http://mas.10086.test:1992/sms/tmpsubmit");
    struct buf json = decoded_body(&request);
    CHECK_STR(
        json.ptr, "{\"ecName\":\"测试水务局\",\"apId\":\"testap\","
                  "\"templateId\":\"0123456789abcdef0123456789abcdef\","
                  "\"mobiles\":\"13800000001,13800000002\","
                  "\"params\":\"[\\\"一号水库\\\",\\\"12.35\\\"]\",\"sign\":\"ABCDEFGH1\","
                  "\"addSerial\":\"\",\"mac\":\"51371195bebcccc0bfe911737055c496\"}");
    buf_release(&json);
    http_request_release(&request);
}

static void a_template_without_variables_gets_one_empty_one(void)
{
    const struct channel_call call = template_call(0);
    struct http_request request = request_of(yunmas, &call);
    struct buf json = decoded_body(&request);
    CHECK(strstr(json.ptr, "\"params\":\"[\\\"\\\"]\""));
    buf_release(&json);
    http_request_release(&request);
}

static void the_extension_number_is_part_of_the_mac(void)
{
    static const struct channel_option options[] = {
        SAMPLE_OPTION("ec_name", "e"),     SAMPLE_OPTION("ap_id", "a"),
        SAMPLE_SECRET("secret_key", "k"),  SAMPLE_OPTION("sign", "s"),
        SAMPLE_OPTION("add_serial", "07"),
    };
    struct channel_call call = sample_call();
    settings.options = options;
    settings.option_count = COUNT(options);
    call.message.receiver_count = 1;
    call.message.text = TEXT_LITERAL("t");
    struct http_request request = request_of(yunmas, &call);
    struct buf json = decoded_body(&request);
    struct buf mac;
    uint8_t digest[MD5_BYTES];
    buf_init(&mac, 64);
    CHECK_EQ(crypto_md5(TEXT_LITERAL("eak13800000001ts07"), digest), ERR_OK);
    crypto_hex(&mac, digest, sizeof(digest));
    CHECK(strstr(json.ptr, "\"addSerial\":\"07\""));
    CHECK(strstr(json.ptr, mac.ptr));
    buf_release(&mac);
    buf_release(&json);
    http_request_release(&request);
}

static void the_address_is_whatever_the_vendor_gave(void)
{
    static const struct {
        const char *url;
        const char *path;
        const char *template_path;
        const char *plain;
        const char *templated;
    } table[] = {
        {"http://a:1992", "", "", "http://a:1992/sms/norsubmit", "http://a:1992/sms/tmpsubmit"},
        {"http://a:1992/", "", "", "http://a:1992/sms/norsubmit", "http://a:1992/sms/tmpsubmit"},
        {"http://a:1992/sms/norsubmit", "", "", "http://a:1992/sms/norsubmit",
         "http://a:1992/sms/tmpsubmit"},
        {"https://a:28888", "/sms/submit", "/sms/submit", "https://a:28888/sms/submit",
         "https://a:28888/sms/submit"},
        {"http://proxy/mas/", "/n", "/t", "http://proxy/mas/n", "http://proxy/mas/t"},
    };
    for (size_t index = 0; index < COUNT(table); index++) {
        const struct channel_option options[] = {
            SAMPLE_OPTION("ec_name", "e"),
            SAMPLE_OPTION("ap_id", "a"),
            SAMPLE_SECRET("secret_key", "k"),
            SAMPLE_OPTION("sign", "s"),
            {.name = SAMPLE_TEXT("path"), .value = text_of(table[index].path)},
            {.name = SAMPLE_TEXT("template_path"), .value = text_of(table[index].template_path)},
        };
        check_note("%s", table[index].url);
        struct channel_call call = sample_call();
        settings.url = text_of(table[index].url);
        settings.options = options;
        settings.option_count = COUNT(options);
        struct http_request request = request_of(yunmas, &call);
        CHECK_STR(request.url.ptr, table[index].plain);
        http_request_release(&request);
        call = template_call(1);
        settings.url = text_of(table[index].url);
        settings.options = options;
        settings.option_count = COUNT(options);
        request = request_of(yunmas, &call);
        CHECK_STR(request.url.ptr, table[index].templated);
        http_request_release(&request);
    }
}

static void what_is_missing_is_named(void)
{
    struct channel_call call = sample_call();
    settings.url = (struct text){0};
    check_refused(
        yunmas, &call, "channel sms has no url; set it to the address that China Mobile gave");
    call = sample_call();
    settings.option_count = 3;
    check_refused(yunmas, &call, "channel sms has no sign; set channels.sms.sign");
    call = sample_call();
    call.message.receiver_count = 0;
    check_refused(yunmas, &call, "the mobile number is not a number");
    const struct channel_receiver nobody = {.mobile = TEXT_LITERAL("n/a")};
    call.message.receivers = &nobody;
    call.message.receiver_count = 1;
    check_refused(yunmas, &call, "the mobile number is not a number");
}

static void a_text_beyond_the_maximum_is_refused(void)
{
    static char text[100000];
    memset(text, 'x', sizeof(text) - 1);
    struct channel_call call = sample_call();
    call.message.text = text_of(text);
    check_refused(
        yunmas, &call, "the message is too long for a request, or this system has no MD5");
}

/* ---- answers ---- */

static void every_code_has_its_class(void)
{
    static const struct code_class table[] = {
        {"success", OUTCOME_ACCEPTED, CAUSE_NONE, -1},
        {"IllegalMac", OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL, -1},
        {"InvalidUsrOrPwd", OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL, -1},
        {"NOT_WHITE_IP", OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL, -1},
        {"IllegalSignId", OUTCOME_REJECTED, CAUSE_NONE, -1},
        {"NoSignId", OUTCOME_REJECTED, CAUSE_NONE, -1},
        {"InvalidMessage", OUTCOME_REJECTED, CAUSE_NONE, -1},
        {"InvalidMobile", OUTCOME_REJECTED, CAUSE_NONE, -1},
        {"TooManyMobiles", OUTCOME_REJECTED, CAUSE_NONE, -1},
        {"SomethingNew", OUTCOME_REJECTED, CAUSE_NONE, -1},
    };
    check_codes(yunmas, "{\"rspcod\":\"%s\",\"msgGroup\":\"1\"}", table, COUNT(table));
}

static void the_group_is_kept_in_either_spelling(void)
{
    static const char *const bodies[] = {
        "{\"rspcod\":\"success\",\"success\":true,\"msgGroup\":\"0102110405001000012345\"}",
        "{\"rspcod\":\"success\",\"success\":true,\"mgsGroup\":\"0102110405001000012345\"}",
        "{\"rspcod\":\"success\",\"msgGroup\":\"\",\"mgsGroup\":\"0102110405001000012345\"}",
    };
    for (size_t index = 0; index < COUNT(bodies); index++) {
        check_note("%s", bodies[index]);
        const struct outcome outcome = outcome_of_answer(yunmas, 200, bodies[index]);
        CHECK_EQ(outcome.kind, OUTCOME_ACCEPTED);
        CHECK_STR(outcome.gateway_id, "0102110405001000012345");
    }
}

static void an_answer_that_says_nothing_or_both_is_unsure(void)
{
    static const char *const bodies[] = {
        "",
        "ok",
        "[]",
        "{}",
        "{\"rspcod\":0}",
        "{\"success\":true}",
        "{\"rspcod\":\"success\",\"success\":false}",
        "{\"rspcod\":\"success\"",
    };
    for (size_t index = 0; index < COUNT(bodies); index++) {
        check_note("%s", bodies[index]);
        const struct outcome outcome = outcome_of_answer(yunmas, 200, bodies[index]);
        CHECK_STR(outcome_kind_name(outcome.kind), "unsure");
        CHECK_STR(outcome.gateway_id, "");
    }
    CHECK_EQ(outcome_of_answer(yunmas, 500, "").kind, OUTCOME_RETRY_LATER);
    CHECK_EQ(outcome_of_answer(yunmas, 404, "").cause, CAUSE_CREDENTIAL);
}

/* ---- receipts ---- */

static void every_status_has_its_state(void)
{
    static const struct {
        const char *status;
        const char *error;
        enum receipt_state state;
        const char *code;
    } table[] = {
        {"CM:0000", "DELIVRD", RECEIPT_DELIVERED, "DELIVRD"},
        {"CM:0000", "UNDELIV", RECEIPT_UNDELIVERED, "UNDELIV"},
        {"CM:0000", "", RECEIPT_QUEUED, "CM:0000"},
        {"CM:3000", "", RECEIPT_QUEUED, "CM:3000"},
        {"CM:1004", "x", RECEIPT_UNDELIVERED, "CM:1004"},
        {"CM:1005", "x", RECEIPT_UNDELIVERED, "CM:1005"},
        {"CM:1006", "x", RECEIPT_UNDELIVERED, "CM:1006"},
        {"CM:4005", "x", RECEIPT_UNDELIVERED, "CM:4005"},
        {"CM:4007", "x", RECEIPT_UNDELIVERED, "CM:4007"},
        {"CM:8001", "x", RECEIPT_UNDELIVERED, "CM:8001"},
        {"CM:8003", "x", RECEIPT_UNDELIVERED, "CM:8003"},
        {"CM:8004", "x", RECEIPT_UNDELIVERED, "CM:8004"},
        {"GW:9999", "x", RECEIPT_UNDELIVERED, "GW:9999"},
        {"GW:9999", "DELIVRD", RECEIPT_UNDELIVERED, "GW:9999"},
    };
    for (size_t index = 0; index < COUNT(table); index++) {
        char body[512];
        struct channel_receipts receipts = {0};
        snprintf(
            body, sizeof(body),
            "{\"msgGroup\":\"g1\",\"mobile\":\"13800000001\",\"reportStatus\":\"%s\","
            "\"errorCode\":\"%s\"}",
            table[index].status, table[index].error);
        check_note("%s", body);
        CHECK_EQ(
            channel_yunmas.decode_receipts((struct text){0}, text_of(body), &receipts, NULL),
            ERR_OK);
        CHECK_EQ(receipts.count, 1);
        CHECK_STR(receipts.items[0].gateway_id, "g1");
        CHECK_STR(receipts.items[0].message, "");
        CHECK_STR(
            receipt_state_name(receipts.items[0].state), receipt_state_name(table[index].state));
        CHECK_STR(receipts.items[0].code, table[index].code);
    }
}

static void reports_come_alone_or_in_an_array_with_one_number_or_many(void)
{
    struct channel_receipts receipts = {0};
    CHECK_EQ(
        channel_yunmas.decode_receipts(
            (struct text){0},
            TEXT_LITERAL(
                "[{\"msgGroup\":\"g1\",\"mobiles\":[\"13800000001\"],\"reportStatus\":\"CM:0000\","
                "\"errorCode\":\"DELIVRD\"},"
                "{\"mgsGroup\":\"g2\",\"mobile\":\"13800000002\",\"reportStatus\":\"GW:9999\"},"
                "{\"mobile\":\"13800000001\",\"smsContent\":\"1\",\"addSerial\":\"\"},"
                "{\"msgGroup\":\"g3\"}]"),
            &receipts, NULL),
        ERR_OK);
    CHECK_EQ(receipts.count, 2);
    CHECK_EQ(receipts.left_out, 2);
    CHECK_STR(receipts.items[1].gateway_id, "g2");
    struct err_why why = {0};
    CHECK_EQ(
        channel_yunmas.decode_receipts((struct text){0}, TEXT_LITERAL("x"), &receipts, &why),
        ERR_PARSE);
    CHECK(why.text[0] != '\0');
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(free_text_is_sent_exactly_as_known);
    CHECK_RUN(a_template_is_sent_exactly_as_known);
    CHECK_RUN(a_template_without_variables_gets_one_empty_one);
    CHECK_RUN(the_extension_number_is_part_of_the_mac);
    CHECK_RUN(the_address_is_whatever_the_vendor_gave);
    CHECK_RUN(what_is_missing_is_named);
    CHECK_RUN(a_text_beyond_the_maximum_is_refused);
    CHECK_RUN(every_code_has_its_class);
    CHECK_RUN(the_group_is_kept_in_either_spelling);
    CHECK_RUN(an_answer_that_says_nothing_or_both_is_unsure);
    CHECK_RUN(every_status_has_its_state);
    CHECK_RUN(reports_come_alone_or_in_an_array_with_one_number_or_many);
    return check_done();
}
