/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http-sms through the real HTTP engine: three gateways of the world described in configuration
 * alone, each against a strict stand-in that knows nothing of the description.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "tests/support/check.h"
#include "tests/support/config_rig.h"
#include "tests/support/work_rig.h"

#define PORT "4242" /* of the descriptions; the stand-in's own takes its place */

/* The worked examples of docs/channels.md. */
static const char kannel[] =
    "{\"channels\":{\"sms\":{\"type\":\"http-sms\",\"method\":\"GET\","
    "\"url\":\"http://127.0.0.1:" PORT
    "/cgi-bin/sendsms?username={username}&password={secret}&to={mobile}"
    "&charset=UTF-8&coding=2&text={text}\","
    "\"username\":\"water\",\"secret\":{\"env\":\"NRT_TEST_SMS_SECRET\"},"
    "\"signature\":\"【水务局】\",\"success\":\"status = 202\",\"retry\":\"status = 503\"}}}";

static const char yunmas[] =
    "{\"channels\":{\"sms\":{\"type\":\"http-sms\","
    "\"url\":\"http://127.0.0.1:" PORT "/sms/norsubmit\",\"body_type\":\"json\","
    "\"body_encoding\":\"base64\",\"body\":{\"ecName\":\"测试水务局\",\"apId\":\"{username}\","
    "\"mobiles\":\"{mobile}\",\"content\":\"{text}\",\"sign\":\"ABCDEFGH1\",\"addSerial\":\"\","
    "\"mac\":\"{md5:测试水务局{username}{secret}{mobile}{text}ABCDEFGH1}\"},"
    "\"username\":\"testap\",\"secret\":{\"env\":\"NRT_TEST_SMS_SECRET\"},"
    "\"success\":\"json.rspcod = 'success' and json.success = true\","
    "\"credential\":\"json.rspcod in ('IllegalMac', 'InvalidUsrOrPwd')\","
    "\"gateway_id\":\"json.msgGroup\",\"receipt_secret\":{\"env\":\"NRT_TEST_SMS_SECRET\"},"
    "\"receipt\":{\"gateway_id\":\"json.msgGroup\",\"status\":\"json.errorCode\","
    "\"delivered\":[\"DELIVRD\"],\"reply_from\":\"json.mobile\","
    "\"reply_text\":\"json.smsContent\"}}}}";

static const char aspx[] =
    "{\"channels\":{\"sms\":{\"type\":\"http-sms\",\"charset\":\"gbk\","
    "\"url\":\"http://127.0.0.1:" PORT "/sms.aspx\","
    "\"body\":{\"action\":\"send\",\"account\":\"{username}\","
    "\"password\":\"{upper:{md5:{secret}}}\",\"mobile\":\"{mobile}\",\"content\":\"{text}\","
    "\"extno\":\"\"},"
    "\"username\":\"water\",\"secret\":{\"env\":\"NRT_TEST_SMS_SECRET\"},"
    "\"signature\":\"【水务局】\",\"success\":\"xml.returnstatus = 'Success'\","
    "\"retry\":\"xml.message contains '繁忙'\","
    "\"credential\":\"xml.message contains '密码' or xml.message contains '余额'\","
    "\"gateway_id\":\"xml.taskID\",\"receipt_secret\":{\"env\":\"NRT_TEST_SMS_SECRET\"},"
    "\"receipt\":{\"gateway_id\":\"form.taskid\",\"status\":\"form.status\","
    "\"delivered\":[\"DELIVRD\"],\"answer\":\"ok\"}}}}";

static char folder[] = "/tmp/test_http_sms.XXXXXX";
static struct config_rig config;

static const struct channel_receiver li = {.mobile = {"+86 138-0000-0001", 17}};

static struct channel_message message_of(const char *text)
{
    return (struct channel_message){
        .id = TEXT_LITERAL("aaaabbbbccccddddeeeeffffgg"),
        .text = text_of(text),
        .receivers = &li,
        .receiver_count = 1,
    };
}

/* The description, read as nrt.json is, with the stand-in's port. */
static bool describe(struct work_rig *rig, const char *json)
{
    char path[256];
    struct settings settings;
    struct buf text;
    buf_init(&text, 16384);
    const char *at = strstr(json, PORT);
    buf_add(&text, json, (size_t)(at - json));
    buf_string(&text, strrchr(rig->url, ':') + 1);
    buf_string(&text, at + strlen(PORT));
    (void)snprintf(path, sizeof path, "%s/nrt.json", folder);
    CHECK_EQ(file_write(path, buf_view(&text), 0600, NULL), ERR_OK);
    buf_release(&text);
    const bool read = settings_load(folder, &config.arena, &settings, &config.report);
    CHECK_STR(config_rig_lines(&config), "");
    if (!CHECK(read)) {
        return false;
    }
    rig->settings = *settings_channel(&settings, TEXT_LITERAL("sms"));
    return true;
}

static bool rig_up(
    struct work_rig *rig, const char *program, const char *const *arguments, const char *json)
{
    return work_rig_init(rig, program, arguments, "http-sms") && describe(rig, json);
}

static void check_outcome(
    const struct outcome *outcome, enum outcome_kind kind, enum outcome_cause cause)
{
    check_note("%s", outcome->reason);
    CHECK_STR(outcome_kind_name(outcome->kind), outcome_kind_name(kind));
    CHECK_STR(outcome_cause_name(outcome->cause), outcome_cause_name(cause));
}

static struct outcome send(struct work_rig *rig, const char *text)
{
    const struct channel_message message = message_of(text);
    return work_rig_send(rig, &message);
}

static const char *const two_doors[] = {"--account", "water=s&cret 1", NULL};

static void kannels_get_is_described_in_a_url(void)
{
    struct work_rig rig;
    if (!rig_up(&rig, "http_sms_standin.py", two_doors, kannel)) {
        return;
    }
    struct outcome outcome = send(&rig, "【水务局】一号水库水位已超汛限 0.35 米，100%&立即核查。");
    check_outcome(&outcome, OUTCOME_ACCEPTED, CAUSE_NONE);
    CHECK_EQ(
        work_rig_logged(
            &rig, "\"text\": \"【水务局】一号水库水位已超汛限 0.35 米，100%&立即核查。\""),
        1);
    work_rig_tell(&rig, "/standin/next", "{\"answers\":[{\"status\":503,\"body\":\"later\"}]}");
    outcome = send(&rig, "【水务局】请办");
    check_outcome(&outcome, OUTCOME_RETRY_LATER, CAUSE_TRANSPORT);
    work_rig_tell(&rig, "/standin/next", "{\"answers\":[{\"refuse\":\"Authorization failed\"}]}");
    outcome = send(&rig, "【水务局】请办");
    check_outcome(&outcome, OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL);
    outcome = send(&rig, "请办");
    check_outcome(&outcome, OUTCOME_REJECTED, CAUSE_NONE);
    work_rig_release(&rig);
}

static void the_json_in_base64_with_an_md5_is_described_in_a_body(void)
{
    struct work_rig rig;
    static const char *const arguments[] = {
        "--account", "测试水务局:testap=s&cret 1", "--sign", "ABCDEFGH1=测试", NULL};
    if (!rig_up(&rig, "yunmas_standin.py", arguments, yunmas)) {
        return;
    }
    struct outcome outcome = send(&rig, "一号水库\"水位\"超限\\");
    check_outcome(&outcome, OUTCOME_ACCEPTED, CAUSE_NONE);
    CHECK_STR(outcome.gateway_id, "0102110405000000000001");
    CHECK_EQ(work_rig_logged(&rig, "【测试】一号水库\\\"水位\\\"超限"), 1);
    work_rig_tell(&rig, "/standin/next", "{\"answers\":[{\"refuse\":\"IllegalMac\"}]}");
    outcome = send(&rig, "请办");
    check_outcome(&outcome, OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL);
    work_rig_tell(&rig, "/standin/next", "{\"answers\":[{\"body\":\"<html>oops</html>\"}]}");
    outcome = send(&rig, "请办");
    check_outcome(&outcome, OUTCOME_UNSURE, CAUSE_TRANSPORT);
    work_rig_tell(&rig, "/standin/next", "{\"answers\":[{\"lost\":true}]}");
    outcome = send(&rig, "请办");
    check_outcome(&outcome, OUTCOME_UNSURE, CAUSE_TRANSPORT);
    work_rig_release(&rig);
}

static void check_receipt(
    const struct work_rig *rig, const char *body, const char *id, enum receipt_state state)
{
    struct channel_receipts receipts;
    struct err_why why = {0};
    check_note("%s", body);
    CHECK_EQ(
        channel_decode_receipts(&rig->settings, (struct text){0}, text_of(body), &receipts, &why),
        ERR_OK);
    if (CHECK_EQ(receipts.count, 1)) {
        CHECK_STR(receipts.items[0].gateway_id, id);
        CHECK_EQ(receipts.items[0].state, state);
    }
}

static void the_form_in_gbk_is_described_with_a_charset(void)
{
    struct work_rig rig;
    if (!rig_up(&rig, "http_sms_standin.py", two_doors, aspx)) {
        return;
    }
    struct outcome outcome = send(&rig, "【水务局】龙游县饮用水“二期”：100% & 请办=是");
    check_outcome(&outcome, OUTCOME_ACCEPTED, CAUSE_NONE);
    CHECK_STR(outcome.gateway_id, "1504080852350001");
    CHECK_EQ(
        work_rig_logged(&rig, "\"text\": \"【水务局】龙游县饮用水“二期”：100% & 请办=是\""), 1);
    work_rig_tell(&rig, "/standin/next", "{\"answers\":[{\"refuse\":\"余额不足\"}]}");
    outcome = send(&rig, "【水务局】请办");
    check_outcome(&outcome, OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL);
    work_rig_tell(&rig, "/standin/next", "{\"answers\":[{\"refuse\":\"系统繁忙\"}]}");
    outcome = send(&rig, "【水务局】请办");
    check_outcome(&outcome, OUTCOME_RETRY_LATER, CAUSE_TRANSPORT);
    work_rig_tell(&rig, "/standin/next", "{\"answers\":[{\"refuse\":\"内容含敏感词\"}]}");
    outcome = send(&rig, "【水务局】请办");
    check_outcome(&outcome, OUTCOME_REJECTED, CAUSE_NONE);
    CHECK(strstr(outcome.reason, "内容含敏感词"));
    CHECK_STR(rig.settings.receipt_reply, "ok");
    check_receipt(&rig, "taskid=7&status=DELIVRD", "7", RECEIPT_DELIVERED);
    check_receipt(&rig, "taskid=7&status=EXPIRED", "7", RECEIPT_UNDELIVERED);
    work_rig_release(&rig);
}

static void the_stand_in_refuses_what_a_real_one_would_garble(void)
{
    struct work_rig rig;
    if (!rig_up(&rig, "http_sms_standin.py", two_doors, aspx)) {
        return;
    }
    struct channel_option options[32];
    memcpy(options, rig.settings.options, rig.settings.option_count * sizeof options[0]);
    rig.settings.options = options;
    for (size_t index = 0; index < rig.settings.option_count; index++) {
        if (text_is(options[index].name, "charset")) {
            options[index].value = TEXT_LITERAL("utf-8");
        }
    }
    const struct outcome outcome = send(&rig, "【水务局】请办");
    check_outcome(&outcome, OUTCOME_REJECTED, CAUSE_NONE);
    CHECK_EQ(work_rig_logged(&rig, "\"code\": \"编码错误\""), 1);
    work_rig_release(&rig);
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    if (!mkdtemp(folder) || setenv("NRT_TEST_SMS_SECRET", "s&cret 1", 1) != 0) {
        return 1;
    }
    config_rig_init(&config);
    CHECK_RUN(kannels_get_is_described_in_a_url);
    CHECK_RUN(the_json_in_base64_with_an_md5_is_described_in_a_body);
    CHECK_RUN(the_form_in_gbk_is_described_with_a_charset);
    CHECK_RUN(the_stand_in_refuses_what_a_real_one_would_garble);
    config_rig_release(&config);
    char path[256];
    (void)snprintf(path, sizeof path, "%s/nrt.json", folder);
    (void)unlink(path);
    (void)rmdir(folder);
    return check_done();
}
