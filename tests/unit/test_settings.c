/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nrt.json: defaults, channels and their options, secrets. Mistakes are in tests/data/check.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/embed.h"
#include "base/file.h"
#include "config/settings.h"
#include "tests/support/check.h"
#include "tests/support/config_rig.h"

static char folder[] = "/tmp/test_settings.XXXXXX";
static struct config_rig rig;

static void write_file(const char *name, struct text text)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    CHECK(file_write(path, text, 0600, NULL) == ERR_OK);
}

static bool load(const char *json, struct settings *settings)
{
    report_release(&rig.report);
    write_file("nrt.json", text_of(json));
    return settings_load(folder, &rig.arena, settings, &rig.report);
}

static void check_option(
    const struct channel_settings *channel, const char *name, const char *value)
{
    const struct text option = channel_option(channel, name);
    check_note("%s", name);
    CHECK(text_is(option, value));
}

static void check_same_channels(const struct settings *a, const struct settings *b)
{
    CHECK_EQ(a->channel_count, b->channel_count);
    for (size_t i = 0; i < a->channel_count; i++) {
        const struct channel_settings *left = &a->channels[i];
        const struct channel_settings *right = settings_channel(b, left->name);
        if (CHECK(right)) {
            CHECK(text_equal(left->type, right->type));
            CHECK_EQ(left->quiet_from_s, right->quiet_from_s);
            CHECK_EQ(left->quiet_until_s, right->quiet_until_s);
            CHECK_EQ(left->digest_ms, right->digest_ms);
            CHECK_EQ(left->fallback_after_ms, right->fallback_after_ms);
            CHECK_EQ(left->implied, right->implied);
            CHECK(
                text_equal(channel_option(left, "signature"), channel_option(right, "signature")));
        }
    }
}

static void the_shipped_file_says_what_the_defaults_are(void)
{
    struct settings defaults;
    struct settings shipped;
    settings_defaults(&defaults);
    const struct text json =
        embedded_find(nrt_embedded_config, nrt_embedded_config_count, "shipped/nrt.json");
    CHECK(load(json.ptr, &shipped));
    CHECK_STR(config_rig_lines(&rig), "");
    CHECK(text_equal(defaults.redis_url, shipped.redis_url));
    CHECK(text_equal(defaults.prefix, shipped.prefix));
    CHECK_EQ(defaults.partitions, shipped.partitions);
    CHECK(text_equal(defaults.http_listen, shipped.http_listen));
    CHECK_EQ(defaults.default_via_count, shipped.default_via_count);
    CHECK(text_equal(defaults.default_via[0], shipped.default_via[0]));
    CHECK_EQ(defaults.backfill_ms, shipped.backfill_ms);
    CHECK_EQ(defaults.retention_ms, shipped.retention_ms);
    CHECK_EQ(defaults.all_clear, shipped.all_clear);
    CHECK_EQ(defaults.storm_after_start, shipped.storm_after_start);
    CHECK_EQ(defaults.storm_times, shipped.storm_times);
    CHECK_EQ(defaults.storm_least, shipped.storm_least);
    CHECK_EQ(defaults.link_ms, shipped.link_ms);
    check_same_channels(&defaults, &shipped);
}

static void a_missing_file_means_defaults(void)
{
    struct settings settings;
    CHECK(settings_load("/nowhere", &rig.arena, &settings, &rig.report));
    CHECK_EQ(settings.partitions, 1);
    CHECK(settings_load(NULL, &rig.arena, &settings, &rig.report));
    CHECK(settings_channel(&settings, TEXT_LITERAL("sms"))->implied);
}

static void every_key_is_taken(void)
{
    struct settings settings;
    (void)setenv("NRT_TEST_REDIS", "r3dis", 1);
    CHECK(load(
        "{\"redis\":{\"url\":\"redis://10.0.0.5:6379\",\"user\":\"nrt\","
        "\"password\":{\"env\":\"NRT_TEST_REDIS\"}},\"prefix\":\"city\",\"partitions\":3,"
        "\"http\":{\"listen\":\"[::1]:80\",\"public_url\":\"https://nrt.example.gov.cn/\"},"
        "\"default_via\":[\"dingtalk\",\"sms\"],\"ops\":{\"notify\":[\"person:a\"],\"via\":["
        "\"sms\"]},"
        "\"backfill\":\"30m\",\"retention\":\"365d\",\"calendar\":\"cn\","
        "\"changes\":{\"approval\":true}}",
        &settings));
    CHECK_STR(config_rig_lines(&rig), "");
    CHECK(settings.changes_need_approval);
    CHECK(text_is(settings.redis_url, "redis://10.0.0.5:6379"));
    CHECK(text_is(settings.redis_user, "nrt"));
    CHECK(text_is(settings.redis_password, "r3dis"));
    CHECK(text_is(settings.prefix, "city"));
    CHECK_EQ(settings.partitions, 3);
    CHECK(text_is(settings.http_listen, "[::1]:80"));
    CHECK(text_is(settings.public_url, "https://nrt.example.gov.cn"));
    CHECK_EQ(settings.default_via_count, 2);
    CHECK(text_is(settings.ops_notify[0], "person:a"));
    CHECK_EQ(settings.ops_via_count, 1);
    CHECK_EQ(settings.backfill_ms, 30 * 60 * 1000);
    CHECK_EQ(settings.retention_ms, INT64_C(365) * 86400 * 1000);
    CHECK(text_is(settings.calendar, "cn"));
}

static void kannel_has_its_options_and_dingtalk_is_implied(void)
{
    struct settings settings;
    write_file("kannel.key", TEXT_LITERAL("pa ss\n"));
    (void)setenv("NRT_TEST_RECEIPT", "r3ceipt", 1);
    CHECK(load(
        "{\"channels\":{\"sms\":{\"type\":\"kannel\",\"username\":\"nrt\","
        "\"password\":{\"file\":\"kannel.key\"},\"from\":\"10690000\","
        "\"receipt_secret\":{\"env\":\"NRT_TEST_RECEIPT\"},\"signature\":\"【东阳督查】\","
        "\"quiet\":[\"22:00\",\"07:00\"],\"digest\":\"90s\",\"fallback_after\":\"5m\"}}}",
        &settings));
    CHECK_STR(config_rig_lines(&rig), "");
    const struct channel_settings *sms = settings_channel(&settings, TEXT_LITERAL("sms"));
    CHECK(text_is(sms->type, "kannel"));
    CHECK(!sms->implied);
    CHECK(text_is(sms->url, "http://127.0.0.1:13013/cgi-bin/sendsms"));
    CHECK_EQ(sms->quiet_from_s, 22 * 3600);
    CHECK_EQ(sms->quiet_until_s, 7 * 3600);
    CHECK_EQ(sms->digest_ms, 90000);
    CHECK_EQ(sms->fallback_after_ms, 300000);
    check_option(sms, "username", "nrt");
    check_option(sms, "password", "pa ss");
    check_option(sms, "from", "10690000");
    check_option(sms, "receipt_secret", "r3ceipt");
    check_option(sms, "signature", "【东阳督查】");
    check_option(sms, "nothing", "");
    for (size_t i = 0; i < sms->option_count; i++) {
        const struct text name = sms->options[i].name;
        CHECK_EQ(
            sms->options[i].secret, text_is(name, "password") || text_is(name, "receipt_secret"));
    }
    const struct channel_settings *dingtalk = settings_channel(&settings, TEXT_LITERAL("dingtalk"));
    CHECK(dingtalk && dingtalk->implied && text_is(dingtalk->type, "sandbox"));
}

static void robots_become_dotted_options(void)
{
    struct settings settings;
    (void)setenv("NRT_TEST_TOKEN", "t0", 1);
    (void)setenv("NRT_TEST_SECRET", "SEC0", 1);
    CHECK(load(
        "{\"channels\":{\"dingtalk\":{\"type\":\"dingtalk-robot\",\"robots\":{"
        "\"default\":{\"token\":{\"env\":\"NRT_TEST_TOKEN\"},\"secret\":{\"env\":\"NRT_TEST_"
        "SECRET\"}},"
        "\"税务\":{\"token\":{\"env\":\"NRT_TEST_TOKEN\"},\"secret\":{\"env\":\"NRT_TEST_SECRET\"}}"
        "}}}}",
        &settings));
    CHECK_STR(config_rig_lines(&rig), "");
    const struct channel_settings *dingtalk = settings_channel(&settings, TEXT_LITERAL("dingtalk"));
    CHECK(text_is(dingtalk->url, "https://oapi.dingtalk.com"));
    check_option(dingtalk, "robots.default.token", "t0");
    check_option(dingtalk, "robots.default.secret", "SEC0");
    check_option(dingtalk, "robots.税务.secret", "SEC0");
}

/* ---- one of each type ---- */

#define SECRET_KEY(key) "\"" key "\":{\"file\":\"kannel.key\"}"

static const struct {
    const char *json; /* behind the type */
    const char *url;
    const char *options[8]; /* name, value, ... */
} kinds[] = {
    {"\"aliyun\",\"access_key_id\":\"id\"," SECRET_KEY(
         "access_key_secret") ","
                              "\"signature\":\"【水务局】\"," SECRET_KEY("receipt_secret"),
     "https://dysmsapi.aliyuncs.com",
     {"access_key_id", "id", "access_key_secret", "pa ss", "receipt_secret", "pa ss"}},
    {"\"tencent\",\"secret_id\":\"id\"," SECRET_KEY("secret_key") ",\"sdk_app_id\":1400006666,"
                                                                  "\"signature\":\"【水务局】\"",
     "https://sms.tencentcloudapi.com",
     {"secret_key", "pa ss", "sdk_app_id", "1400006666", "signature", "【水务局】"}},
    {"\"yunmas\",\"url\":\"http://10.0.0.2:1992\",\"ec_name\":\"局\",\"ap_id\":\"a\"," SECRET_KEY(
         "secret_key") ",\"sign\":\"ABC\",\"add_serial\":\"01\",\"path\":\"/sms/submit\"",
     "http://10.0.0.2:1992",
     {"ec_name", "局", "sign", "ABC", "add_serial", "01", "path", "/sms/submit"}},
    {"\"dingtalk-work\",\"app_key\":\"k\"," SECRET_KEY("app_secret") ",\"agent_id\":\"77\"",
     "https://oapi.dingtalk.com",
     {"app_key", "k", "app_secret", "pa ss", "agent_id", "77"}},
    {"\"zwdd\",\"url\":\"https://zwdd.test\",\"app_key\":\"k\"," SECRET_KEY(
         "app_secret") ",\"tenant_id\":50000,\"algorithm\":\"md5\"",
     "https://zwdd.test",
     {"tenant_id", "50000", "algorithm", "md5"}},
    {"\"wecom-app\",\"corp_id\":\"ww\"," SECRET_KEY("secret") ",\"agent_id\":1000002",
     "https://qyapi.weixin.qq.com",
     {"corp_id", "ww", "secret", "pa ss", "agent_id", "1000002"}},
    {"\"wecom-robot\",\"robots\":{\"default\":{" SECRET_KEY("key") "}}",
     "https://qyapi.weixin.qq.com",
     {"robots.default.key", "pa ss"}},
    {"\"email\",\"url\":\"smtps://"
     "mail.test:465\",\"from\":\"a@b.test\",\"username\":\"u\"," SECRET_KEY("password"),
     "smtps://mail.test:465",
     {"from", "a@b.test", "username", "u", "password", "pa ss"}},
};

static void every_type_has_its_options(void)
{
    struct settings settings;
    write_file("kannel.key", TEXT_LITERAL("pa ss\n"));
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        char json[1024];
        (void)snprintf(json, sizeof json, "{\"channels\":{\"c\":{\"type\":%s}}}", kinds[i].json);
        check_note("%s", kinds[i].json);
        CHECK(load(json, &settings));
        CHECK_STR(config_rig_lines(&rig), "");
        const struct channel_settings *channel = settings_channel(&settings, TEXT_LITERAL("c"));
        CHECK(text_is(channel->url, kinds[i].url));
        for (size_t k = 0; k < 8 && kinds[i].options[k]; k += 2) {
            check_option(channel, kinds[i].options[k], kinds[i].options[k + 1]);
        }
    }
}

static void a_described_gateway_keeps_its_body_as_json(void)
{
    struct settings settings;
    CHECK(load(
        "{\"channels\":{\"c\":{\"type\":\"http-sms\",\"url\":\"http://a.test/{mobile}\","
        "\"body\":{ \"to\" : \"{mobile}\" },\"headers\":{\"X-Key\":\"{nonce}\"},"
        "\"success\":\"status = 200\"," SECRET_KEY(
            "receipt_secret") ",\"receipt\":{\"status\":\"json.s\",\"id\":\"json.i\","
                              "\"delivered\":[\"0\", \"1\"],\"answer\":\"0\"}}}}",
        &settings));
    CHECK_STR(config_rig_lines(&rig), "");
    const struct channel_settings *channel = settings_channel(&settings, TEXT_LITERAL("c"));
    check_option(channel, "body", "{\"to\":\"{mobile}\"}");
    check_option(channel, "headers.X-Key", "{nonce}");
    check_option(channel, "receipt.delivered", "[\"0\",\"1\"]");
    CHECK_STR(channel->receipt_reply, "0");
}

static void what_all_channels_may_have_is_read_for_each(void)
{
    struct settings settings;
    write_file("ca.pem", TEXT_LITERAL("x"));
    CHECK(load(
        "{\"channels\":{\"c\":{\"type\":\"wecom-app\",\"corp_id\":\"ww\"," SECRET_KEY(
            "secret") ",\"agent_id\":1,\"language\":\"en\",\"proxy\":\"http://10.0.0.1:3128\","
                      "\"ca_file\":\"ca.pem\",\"digest\":\"0s\",\"limits\":{\"per_person_day\":40,"
                      "\"per_second\":5,\"reserve\":2}}}}",
        &settings));
    CHECK_STR(config_rig_lines(&rig), "");
    const struct channel_settings *channel = settings_channel(&settings, TEXT_LITERAL("c"));
    CHECK(channel->english);
    CHECK(text_is(channel->proxy, "http://10.0.0.1:3128"));
    CHECK(strstr(channel->ca_file.ptr, folder) && strstr(channel->ca_file.ptr, "/ca.pem"));
    CHECK_EQ(channel->digest_ms, 0);
    if (CHECK_EQ(channel->limit_count, 2)) {
        CHECK(!channel->limits[0].per_person && channel->limits[1].per_person);
        CHECK_EQ(channel->limits[0].window_ms, 1000);
        CHECK_EQ(channel->limits[0].max, 5);
        CHECK_EQ(channel->limits[1].window_ms, 86400000);
        CHECK_EQ(channel->limits[1].max, 40);
        CHECK_EQ(channel->limits[1].reserve, 2);
    }
}

static void a_ca_file_that_is_not_there_stops_the_service(void)
{
    struct settings settings;
    CHECK(!load(
        "{\"channels\":{\"c\":{\"type\":\"email\",\"url\":\"smtp://m.test\","
        "\"from\":\"a@b\",\"ca_file\":\"none.pem\"}}}",
        &settings));
    CHECK(strstr(config_rig_lines(&rig), "channels.c.ca_file: the file cannot be read: No such"));
}

static void webhooks_are_channels_of_their_names(void)
{
    struct settings settings;
    CHECK(load(
        "{\"webhooks\":{\"oa\":{\"url\":\"https://oa.test/x\"," SECRET_KEY(
            "secret") ",\"events\":[\"alert\",\"acknowledged\"]}}}",
        &settings));
    CHECK_STR(config_rig_lines(&rig), "");
    if (CHECK_EQ(settings.webhook_count, 1)) {
        const struct webhook_settings *webhook = &settings.webhooks[0];
        CHECK(text_is(webhook->name, "oa"));
        CHECK(webhook->alerts && !webhook->misses && webhook->acknowledged);
    }
    const struct channel_settings *channel = settings_channel(&settings, TEXT_LITERAL("oa"));
    CHECK(
        channel && text_is(channel->type, "webhook") && text_is(channel->url, "https://oa.test/x"));
    CHECK_EQ(channel->quiet_from_s, channel->quiet_until_s);
    CHECK_EQ(channel->digest_ms, 0);
    check_option(channel, "secret", "pa ss");
    CHECK(settings_channel(&settings, TEXT_LITERAL("sms"))->implied); /* still there */
}

static void ops_morning_and_storm_are_read(void)
{
    struct settings settings;
    CHECK(load(
        "{\"ops\":{\"heartbeat\":{\"url\":\"https://beat.test/\",\"every\":\"30s\"},"
        "\"canary\":{\"via\":\"sms\",\"to\":\"person:li\",\"at\":\"09:00\",\"within\":\"5m\"}},"
        "\"morning\":{\"to\":[\"unit_head\",\"leader\"],\"at\":\"08:00\",\"via\":[\"dingtalk\"]},"
        "\"all_clear\":true,\"storm\":{\"after_start\":10,\"times\":0,\"least\":7},"
        "\"links_valid\":\"3d\"}",
        &settings));
    CHECK_STR(config_rig_lines(&rig), "");
    CHECK(text_is(settings.ops_heartbeat_url, "https://beat.test/"));
    CHECK_EQ(settings.ops_heartbeat_ms, 30000);
    CHECK(text_is(settings.ops_canary_via, "sms") && text_is(settings.ops_canary_to, "person:li"));
    CHECK_EQ(settings.ops_canary_at_s, 9 * 3600);
    CHECK_EQ(settings.ops_canary_within_ms, 300000);
    CHECK_EQ(settings.morning_to_count, 2);
    CHECK(text_is(settings.morning_to[1], "leader"));
    CHECK_EQ(settings.morning_at_s, 8 * 3600);
    CHECK(text_is(settings.morning_via[0], "dingtalk"));
    CHECK(settings.all_clear);
    CHECK_EQ(settings.storm_after_start, 10);
    CHECK_EQ(settings.storm_times, 0);
    CHECK_EQ(settings.storm_least, 7);
    CHECK_EQ(settings.link_ms, INT64_C(3) * 86400000);
}

static void a_missing_secret_stops_the_service_and_is_named(void)
{
    struct settings settings;
    const char *json = "{\"redis\":{\"password\":{\"env\":\"NRT_TEST_UNSET\"}}}";
    settings.partitions = 77;
    (void)unsetenv("NRT_TEST_UNSET");
    CHECK(!load(json, &settings));
    CHECK_STR(
        config_rig_lines(&rig), "nrt.json:1:22: error: redis.password: the environment variable "
                                "NRT_TEST_UNSET is not set\n");
    CHECK_EQ(settings.partitions, 77); /* untouched */
    report_release(&rig.report);
    CHECK(settings_check(folder, &rig.arena, &settings, &rig.report));
    CHECK_EQ(rig.report.warning_count, 1);
    CHECK_EQ(rig.report.error_count, 0);
}

int main(void)
{
    CHECK(mkdtemp(folder));
    config_rig_init(&rig);
    CHECK_RUN(the_shipped_file_says_what_the_defaults_are);
    CHECK_RUN(a_missing_file_means_defaults);
    CHECK_RUN(every_key_is_taken);
    CHECK_RUN(kannel_has_its_options_and_dingtalk_is_implied);
    CHECK_RUN(robots_become_dotted_options);
    CHECK_RUN(every_type_has_its_options);
    CHECK_RUN(a_described_gateway_keeps_its_body_as_json);
    CHECK_RUN(what_all_channels_may_have_is_read_for_each);
    CHECK_RUN(a_ca_file_that_is_not_there_stops_the_service);
    CHECK_RUN(webhooks_are_channels_of_their_names);
    CHECK_RUN(ops_morning_and_storm_are_read);
    CHECK_RUN(a_missing_secret_stops_the_service_and_is_named);
    config_rig_release(&rig);
    char path[256];
    static const char *const names[] = {"nrt.json", "kannel.key", "ca.pem"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(folder);
    return check_done();
}
