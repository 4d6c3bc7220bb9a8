/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SMS vendors through the real HTTP engine against strict stand-ins: what is taken, every way in
 * which a message or a call is refused, what is known of a message whose answer was lost, and
 * receipts that are pushed and decoded.
 */
#include <stdio.h>
#include <string.h>

#include "tests/support/call_back.h"
#include "tests/support/channel_samples.h"
#include "tests/support/check.h"
#include "tests/support/work_rig.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct channel_receiver li = {.mobile = SAMPLE_TEXT("+86 138-0000-0001")};
static const struct channel_param params[] = {
    {.name = SAMPLE_TEXT("station"), .value = SAMPLE_TEXT("一号水库")},
    {.name = SAMPLE_TEXT("level"), .value = SAMPLE_TEXT("12.35 m")},
};

static struct channel_message message_of(const char *id, const char *template)
{
    return (struct channel_message){
        .id = text_of(id),
        .text = TEXT_LITERAL("一号水库水位超限"),
        .receivers = &li,
        .receiver_count = 1,
        .template = text_of(template),
        .params = params,
        .param_count = COUNT(params),
    };
}

static void check_outcome(
    const struct outcome *outcome, enum outcome_kind kind, enum outcome_cause cause)
{
    check_note("%s", outcome->reason);
    CHECK_STR(outcome_kind_name(outcome->kind), outcome_kind_name(kind));
    CHECK_STR(outcome_cause_name(outcome->cause), outcome_cause_name(cause));
}

static struct outcome send_one(struct work_rig *rig, const char *id, const char *template)
{
    const struct channel_message message = message_of(id, template);
    return work_rig_send(rig, &message);
}

/* What the stand-in answers or does to the next call, and what is made of it. */
struct fault {
    const char *order;
    enum outcome_kind kind;
    enum outcome_cause cause;
};

#define BUSY   OUTCOME_RETRY_LATER, CAUSE_TRANSPORT
#define UNSURE OUTCOME_UNSURE, CAUSE_TRANSPORT

static void check_faults(
    struct work_rig *rig, const char *template, const struct fault *faults, size_t count)
{
    for (size_t index = 0; index < count; index++) {
        char body[256];
        char id[32];
        (void)snprintf(body, sizeof(body), "{\"answers\":[{%s}]}", faults[index].order);
        (void)snprintf(id, sizeof(id), "fault%zu", index);
        work_rig_tell(rig, "/standin/next", body);
        work_rig_step(rig, 60000); /* no two within the span in which words are the same */
        const struct outcome outcome = send_one(rig, id, template);
        check_note("%s", faults[index].order);
        check_outcome(&outcome, faults[index].kind, faults[index].cause);
    }
}

static const struct fault common_faults[] = {
    {"\"status\":503", BUSY},
    {"\"status\":500,\"body\":\"<html>\"", BUSY},
    {"\"status\":504", UNSURE},
    {"\"status\":302,\"headers\":{\"Location\":\"http://127.0.0.1:1/\"}", OUTCOME_RETRY_LATER,
     CAUSE_CREDENTIAL},
    {"\"status\":404", OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL},
    {"\"body\":\"<html>ok</html>\"", UNSURE},
    {"\"big\":100000", UNSURE},
    {"\"silent\":true", UNSURE},
    {"\"lost\":true", UNSURE},
    {"\"cut\":9", UNSURE},
};

/* Receipts as they come from the stand-in, over a real connection, decoded. */
static void pushed(struct work_rig *rig, const char *order, struct channel_receipts *ret_receipts)
{
    struct call_back call_back;
    char body[512];
    if (!call_back_init(&call_back, rig->base)) {
        return;
    }
    (void)snprintf(
        body, sizeof(body), "{%s%s\"url\":\"%s\"}", order, order[0] ? "," : "", call_back.url);
    work_rig_tell(rig, "/standin/push", body);
    CHECK_EQ(call_back.count, 1);
    struct err_why why = {0};
    CHECK_EQ(
        rig->type->decode_receipts((struct text){0}, buf_view(&call_back.body), ret_receipts, &why),
        ERR_OK);
    CHECK_STR(why.text, "");
    CHECK_EQ(ret_receipts->left_out, 0);
    call_back_release(&call_back);
}

static void check_receipt(
    const struct channel_receipt *receipt, const struct outcome *sent, enum receipt_state state)
{
    CHECK_STR(receipt->gateway_id, sent->gateway_id);
    CHECK_STR(receipt_state_name(receipt->state), receipt_state_name(state));
}

/* ---- Alibaba Cloud ---- */

static bool aliyun_up(struct work_rig *rig)
{
    const char *const arguments[] = {"--key",      "testid=testsecret",
                                     "--sign",     "测试水务",
                                     "--template", "SMS_000000001=${station}水位${level}。",
                                     "--template", "SMS_2=${other}",
                                     "--per-day",  "15",
                                     NULL};
    if (!work_rig_init(rig, "aliyun_standin.py", arguments, "aliyun")) {
        return false;
    }
    rig->settings.options = sample_aliyun.settings.options;
    rig->settings.option_count = sample_aliyun.settings.option_count;
    return true;
}

#define ALIYUN_TEMPLATE "SMS_000000001"

static void alibaba_cloud_takes_what_is_sent(void)
{
    struct work_rig rig;
    if (aliyun_up(&rig)) {
        const struct outcome outcome = send_one(&rig, "m1", ALIYUN_TEMPLATE);
        check_outcome(&outcome, OUTCOME_ACCEPTED, CAUSE_NONE);
        CHECK_STR(outcome.gateway_id, "900000000000000000^0");
        CHECK_EQ(work_rig_logged(&rig, "【测试水务】一号水库水位12.35 m。"), 1);
        CHECK_EQ(work_rig_logged(&rig, "\"out_id\": \"m1\""), 1);
        work_rig_release(&rig);
    }
}

static void alibaba_cloud_refuses_and_is_understood(void)
{
    static const struct channel_option wrong[] = {
        SAMPLE_OPTION("access_key_id", "testid"),
        SAMPLE_SECRET("access_key_secret", "other"),
        SAMPLE_OPTION("signature", "测试水务"),
    };
    static const struct channel_option unknown[] = {
        SAMPLE_OPTION("access_key_id", "nobody"),
        SAMPLE_SECRET("access_key_secret", "other"),
        SAMPLE_OPTION("signature", "测试水务"),
    };
    struct work_rig rig;
    if (!aliyun_up(&rig)) {
        return;
    }
    struct outcome outcome = send_one(&rig, "m1", "SMS_1");
    check_outcome(&outcome, OUTCOME_REJECTED, CAUSE_NONE); /* no such template */
    outcome = send_one(&rig, "m1", "SMS_2");
    check_outcome(&outcome, OUTCOME_REJECTED, CAUSE_NONE); /* variables missing */
    for (int sent = 0; sent < 15; sent++) {
        outcome = send_one(&rig, "m1", ALIYUN_TEMPLATE);
        check_outcome(&outcome, OUTCOME_ACCEPTED, CAUSE_NONE);
    }
    outcome = send_one(&rig, "m2", ALIYUN_TEMPLATE);
    check_outcome(&outcome, OUTCOME_RETRY_LATER, CAUSE_RATE);
    CHECK_EQ(outcome.after_ms, 3600000);
    rig.now.ms += 16 * 60000; /* the sender's clock alone */
    outcome = send_one(&rig, "m3", ALIYUN_TEMPLATE);
    check_outcome(&outcome, OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL);
    work_rig_step(&rig, 0);
    rig.settings.options = wrong;
    rig.settings.option_count = COUNT(wrong);
    outcome = send_one(&rig, "m3", ALIYUN_TEMPLATE);
    check_outcome(&outcome, OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL);
    rig.settings.options = unknown;
    outcome = send_one(&rig, "m3", ALIYUN_TEMPLATE);
    check_outcome(&outcome, OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL);
    work_rig_release(&rig);
}

static void alibaba_cloud_fails_and_is_understood(void)
{
    static const struct fault faults[] = {
        {"\"refuse\":\"isv.DAY_LIMIT_CONTROL\"", OUTCOME_RETRY_LATER, CAUSE_RATE_ALL},
        {"\"refuse\":\"isv.AMOUNT_NOT_ENOUGH\"", OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL},
        {"\"refuse\":\"isp.SYSTEM_ERROR\"", BUSY},
        {"\"refuse\":\"isv.BLACK_KEY_CONTROL_LIMIT\"", OUTCOME_REJECTED, CAUSE_NONE},
    };
    struct work_rig rig;
    if (aliyun_up(&rig)) {
        check_faults(&rig, ALIYUN_TEMPLATE, common_faults, COUNT(common_faults));
        check_faults(&rig, ALIYUN_TEMPLATE, faults, COUNT(faults));
        work_rig_release(&rig);
    }
}

static size_t known(struct work_rig *rig, const char *id, struct channel_receipts *ret_receipts)
{
    const struct channel_question question = {
        .message = text_of(id),
        .mobile = li.mobile,
        .sent_at = rig->now,
    };
    const struct outcome outcome = work_rig_ask(rig, &question, ret_receipts);
    check_outcome(&outcome, OUTCOME_ACCEPTED, CAUSE_NONE);
    return ret_receipts->count;
}

static void alibaba_cloud_tells_whether_it_has_a_lost_message(void)
{
    static struct channel_receipts receipts;
    struct work_rig rig;
    if (!aliyun_up(&rig)) {
        return;
    }
    work_rig_tell(&rig, "/standin/next", "{\"answers\":[{\"lost\":true},{\"silent\":true}]}");
    struct outcome outcome = send_one(&rig, "lost", ALIYUN_TEMPLATE);
    check_outcome(&outcome, UNSURE);
    outcome = send_one(&rig, "silent", ALIYUN_TEMPLATE);
    check_outcome(&outcome, UNSURE);
    CHECK_EQ(known(&rig, "silent", &receipts), 0);
    CHECK_EQ(known(&rig, "lost", &receipts), 1);
    CHECK_EQ(receipts.items[0].state, RECEIPT_QUEUED);
    work_rig_tell(&rig, "/standin/push", "{\"success\":false}");
    CHECK_EQ(known(&rig, "lost", &receipts), 1);
    CHECK_EQ(receipts.items[0].state, RECEIPT_UNDELIVERED);
    work_rig_release(&rig);
}

static void alibaba_cloud_pushes_receipts(void)
{
    static struct channel_receipts receipts;
    struct work_rig rig;
    if (!aliyun_up(&rig)) {
        return;
    }
    const struct outcome one = send_one(&rig, "m1", ALIYUN_TEMPLATE);
    const struct outcome two = send_one(&rig, "m2", ALIYUN_TEMPLATE);
    pushed(&rig, "\"out_ids\":[\"m2\"],\"success\":false", &receipts);
    CHECK_EQ(receipts.count, 1);
    CHECK_STR(receipts.items[0].message, "m2");
    check_receipt(&receipts.items[0], &two, RECEIPT_UNDELIVERED);
    pushed(&rig, "", &receipts);
    CHECK_EQ(receipts.count, 1);
    CHECK_STR(receipts.items[0].message, "m1");
    CHECK_STR(receipts.items[0].code, "DELIVERED");
    check_receipt(&receipts.items[0], &one, RECEIPT_DELIVERED);
    work_rig_release(&rig);
}

/* ---- Tencent Cloud ---- */

static bool tencent_up(struct work_rig *rig)
{
    const char *const arguments[] = {"--key",      "AKIDtest=testkey", "--sign",
                                     "测试水务",   "--template",       "1110={1}水位{2}。",
                                     "--template", "1111={1}",         NULL};
    if (!work_rig_init(rig, "tencent_standin.py", arguments, "tencent")) {
        return false;
    }
    rig->settings.options = sample_tencent.settings.options;
    rig->settings.option_count = sample_tencent.settings.option_count;
    return true;
}

static void tencent_cloud_takes_what_is_sent_and_refuses_the_rest(void)
{
    static const struct channel_option wrong[] = {
        SAMPLE_OPTION("secret_id", "AKIDtest"),
        SAMPLE_SECRET("secret_key", "other"),
        SAMPLE_OPTION("sdk_app_id", "1400006666"),
        SAMPLE_OPTION("signature", "测试水务"),
    };
    struct work_rig rig;
    if (!tencent_up(&rig)) {
        return;
    }
    struct outcome outcome = send_one(&rig, "m1", "1110");
    check_outcome(&outcome, OUTCOME_ACCEPTED, CAUSE_NONE);
    CHECK_STR(outcome.gateway_id, "2640:000000000000000000000001");
    CHECK_EQ(work_rig_logged(&rig, "【测试水务】一号水库水位12.35 m。"), 1);
    CHECK_EQ(work_rig_logged(&rig, "\"session\": \"m1\""), 1);
    outcome = send_one(&rig, "m2", "1110"); /* the same words within 30 seconds */
    check_outcome(&outcome, OUTCOME_RETRY_LATER, CAUSE_RATE);
    CHECK_EQ(outcome.after_ms, 30000);
    outcome = send_one(&rig, "m2", "1");
    check_outcome(&outcome, OUTCOME_REJECTED, CAUSE_NONE); /* no such template */
    outcome = send_one(&rig, "m2", "1111");
    check_outcome(&outcome, OUTCOME_REJECTED, CAUSE_NONE); /* too many variables */
    rig.now.ms -= 6 * 60000;                               /* the sender's clock alone */
    outcome = send_one(&rig, "m3", "1110");
    check_outcome(&outcome, OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL);
    work_rig_step(&rig, 6 * 60000);
    for (int sent = 1; sent < 10; sent++) {
        work_rig_step(&rig, 30000);
        outcome = send_one(&rig, "m3", "1110");
        check_outcome(&outcome, OUTCOME_ACCEPTED, CAUSE_NONE);
    }
    work_rig_step(&rig, 30000);
    outcome = send_one(&rig, "m3", "1110");
    check_outcome(&outcome, OUTCOME_RETRY_LATER, CAUSE_RATE); /* the number's day */
    rig.settings.options = wrong;
    rig.settings.option_count = COUNT(wrong);
    outcome = send_one(&rig, "m3", "1110");
    check_outcome(&outcome, OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL);
    work_rig_release(&rig);
}

static void tencent_cloud_fails_and_is_understood(void)
{
    static const struct fault faults[] = {
        {"\"refuse\":\"RequestLimitExceeded\"", OUTCOME_RETRY_LATER, CAUSE_RATE_ALL},
        {"\"refuse\":\"AuthFailure.SecretIdNotFound\"", OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL},
        {"\"refuse\":\"FailedOperation.InsufficientBalanceInSmsPackage\"", OUTCOME_RETRY_LATER,
         CAUSE_CREDENTIAL},
        {"\"refuse\":\"InternalError\"", BUSY},
        {"\"refuse\":\"FailedOperation.ContainSensitiveWord\"", OUTCOME_REJECTED, CAUSE_NONE},
    };
    struct work_rig rig;
    if (tencent_up(&rig)) {
        check_faults(&rig, "1110", common_faults, COUNT(common_faults));
        check_faults(&rig, "1110", faults, COUNT(faults));
        work_rig_release(&rig);
    }
}

static void tencent_cloud_pushes_receipts_and_can_be_asked(void)
{
    static struct channel_receipts receipts;
    struct work_rig rig;
    if (!tencent_up(&rig)) {
        return;
    }
    work_rig_tell(&rig, "/standin/next", "{\"answers\":[{},{\"lost\":true}]}");
    const struct outcome one = send_one(&rig, "m1", "1110");
    work_rig_step(&rig, 30000);
    const struct outcome two = send_one(&rig, "m2", "1110");
    check_outcome(&two, UNSURE);
    const struct channel_question question = {
        .message = TEXT_LITERAL("m2"), .mobile = li.mobile, .sent_at = rig.now};
    struct outcome outcome = work_rig_ask(&rig, &question, &receipts);
    check_outcome(&outcome, OUTCOME_UNSURE, CAUSE_NONE); /* nothing has been reported yet */
    pushed(&rig, "\"sessions\":[\"m1\"]", &receipts);
    CHECK_EQ(receipts.count, 1);
    check_receipt(&receipts.items[0], &one, RECEIPT_DELIVERED);
    pushed(&rig, "\"success\":false", &receipts);
    CHECK_EQ(receipts.items[0].state, RECEIPT_UNDELIVERED);
    CHECK_STR(receipts.items[0].code, "UNDELIV");
    outcome = work_rig_ask(&rig, &question, &receipts);
    check_outcome(&outcome, OUTCOME_ACCEPTED, CAUSE_NONE);
    CHECK_EQ(receipts.count, 1);
    CHECK_STR(receipts.items[0].message, "m2");
    CHECK_EQ(receipts.items[0].state, RECEIPT_UNDELIVERED);
    work_rig_release(&rig);
}

/* ---- 云MAS ---- */

static bool yunmas_up(struct work_rig *rig)
{
    const char *const arguments[] = {"--account",  "测试水务局:testap=testsecret",
                                     "--sign",     "ABCDEFGH1=测试水务",
                                     "--template", "t2={}水位{}。",
                                     NULL};
    if (!work_rig_init(rig, "yunmas_standin.py", arguments, "yunmas")) {
        return false;
    }
    rig->settings.options = sample_yunmas.settings.options;
    rig->settings.option_count = sample_yunmas.settings.option_count;
    return true;
}

static void yunmas_takes_texts_and_templates_and_refuses_the_rest(void)
{
    static const struct channel_option wrong[] = {
        SAMPLE_OPTION("ec_name", "测试水务局"),
        SAMPLE_OPTION("ap_id", "testap"),
        SAMPLE_SECRET("secret_key", "other"),
        SAMPLE_OPTION("sign", "ABCDEFGH1"),
    };
    static const struct channel_option sign[] = {
        SAMPLE_OPTION("ec_name", "测试水务局"),
        SAMPLE_OPTION("ap_id", "testap"),
        SAMPLE_SECRET("secret_key", "testsecret"),
        SAMPLE_OPTION("sign", "X"),
    };
    struct work_rig rig;
    if (!yunmas_up(&rig)) {
        return;
    }
    struct outcome outcome = send_one(&rig, "m1", NULL);
    check_outcome(&outcome, OUTCOME_ACCEPTED, CAUSE_NONE);
    CHECK_STR(outcome.gateway_id, "0102110405000000000001");
    CHECK_EQ(work_rig_logged(&rig, "【测试水务】一号水库水位超限"), 1);
    outcome = send_one(&rig, "m2", "t2");
    check_outcome(&outcome, OUTCOME_ACCEPTED, CAUSE_NONE); /* spelt mgsGroup */
    CHECK_STR(outcome.gateway_id, "0102110405000000000002");
    CHECK_EQ(work_rig_logged(&rig, "【测试水务】一号水库水位12.35 m。"), 1);
    outcome = send_one(&rig, "m2", "t1");
    check_outcome(&outcome, OUTCOME_REJECTED, CAUSE_NONE); /* no such template */
    rig.settings.options = wrong;
    rig.settings.option_count = COUNT(wrong);
    outcome = send_one(&rig, "m3", NULL);
    check_outcome(&outcome, OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL);
    rig.settings.options = sign;
    outcome = send_one(&rig, "m3", NULL);
    check_outcome(&outcome, OUTCOME_REJECTED, CAUSE_NONE);
    work_rig_release(&rig);
}

static void yunmas_fails_and_is_understood(void)
{
    static const struct fault faults[] = {
        {"\"refuse\":\"InvalidUsrOrPwd\"", OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL},
        {"\"refuse\":\"NOT_WHITE_IP\"", OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL},
        {"\"refuse\":\"InvalidMobile\"", OUTCOME_REJECTED, CAUSE_NONE},
    };
    struct work_rig rig;
    if (yunmas_up(&rig)) {
        check_faults(&rig, NULL, common_faults, COUNT(common_faults));
        check_faults(&rig, NULL, faults, COUNT(faults));
        work_rig_release(&rig);
    }
}

static void yunmas_pushes_reports_in_three_shapes(void)
{
    static const char *const shapes[] = {
        "\"shape\":\"array\"", "\"shape\":\"object\"", "\"shape\":\"mobiles\""};
    static struct channel_receipts receipts;
    struct work_rig rig;
    if (!yunmas_up(&rig)) {
        return;
    }
    const struct outcome sent = send_one(&rig, "m1", NULL);
    for (size_t index = 0; index < COUNT(shapes); index++) {
        check_note("%s", shapes[index]);
        pushed(&rig, shapes[index], &receipts);
        CHECK_EQ(receipts.count, 1);
        check_receipt(&receipts.items[0], &sent, RECEIPT_DELIVERED);
    }
    pushed(&rig, "\"status\":\"GW:9999\",\"error\":\"\"", &receipts);
    check_receipt(&receipts.items[0], &sent, RECEIPT_UNDELIVERED);
    work_rig_release(&rig);
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(alibaba_cloud_takes_what_is_sent);
    CHECK_RUN(alibaba_cloud_refuses_and_is_understood);
    CHECK_RUN(alibaba_cloud_fails_and_is_understood);
    CHECK_RUN(alibaba_cloud_tells_whether_it_has_a_lost_message);
    CHECK_RUN(alibaba_cloud_pushes_receipts);
    CHECK_RUN(tencent_cloud_takes_what_is_sent_and_refuses_the_rest);
    CHECK_RUN(tencent_cloud_fails_and_is_understood);
    CHECK_RUN(tencent_cloud_pushes_receipts_and_can_be_asked);
    CHECK_RUN(yunmas_takes_texts_and_templates_and_refuses_the_rest);
    CHECK_RUN(yunmas_fails_and_is_understood);
    CHECK_RUN(yunmas_pushes_reports_in_three_shapes);
    return check_done();
}
