/* SPDX-License-Identifier: Apache-2.0 */
/* "sign_in" of nrt.json: what is read, and what is said about mistakes. */
#include <stdlib.h>
#include <string.h>

#include "config/settings_parts.h"
#include "tests/support/check.h"
#include "tests/support/config_rig.h"

static struct config_rig rig;

static bool load(const char *json, struct settings *settings)
{
    const struct secrets secrets = {.folder = "/nowhere"};
    config_rig_release(&rig);
    config_rig_init(&rig);
    return settings_parse(text_of(json), &secrets, &rig.reading, settings);
}

static bool complains(const char *json, const char *part)
{
    struct settings settings;
    check_note("%s", json);
    return CHECK(!load(json, &settings)) && CHECK(strstr(config_rig_lines(&rig), part) != NULL);
}

static void by_default_nobody_else_is_believed(void)
{
    struct settings settings;
    CHECK(load("{}", &settings));
    CHECK_EQ(settings.sign_in.proxy_header.bytes, 0);
    CHECK_EQ(settings.sign_in.dingtalk_channel.bytes, 0);
}

static void a_proxy_is_named_by_header_addresses_and_secret(void)
{
    struct settings settings;
    struct address address;
    (void)setenv("NRT_TEST_PROXY", "hush", 1);
    CHECK(load(
        "{\"sign_in\":{\"proxy\":{\"header\":\"X-Remote-User\",\"from\":[\"10.1.0.0/16\",\"::1\"],"
        "\"secret\":{\"env\":\"NRT_TEST_PROXY\"}}}}",
        &settings));
    const struct sign_in_settings *sign_in = &settings.sign_in;
    CHECK(text_is(sign_in->proxy_header, "x-remote-user"));
    CHECK(text_is(sign_in->proxy_secret, "hush"));
    CHECK(sign_in->proxy_has_secret);
    if (CHECK_EQ(sign_in->proxy_count, 2) &&
        CHECK(address_read(TEXT_LITERAL("10.1.255.1"), &address))) {
        CHECK(address_in(&address, &sign_in->proxies[0]));
        CHECK(!address_in(&address, &sign_in->proxies[1]));
    }
}

static void dingtalk_has_a_channel_and_an_organisation(void)
{
    struct settings settings;
    (void)setenv("NRT_TEST_DING", "s", 1);
    CHECK(load(
        "{\"channels\":{\"w\":{\"type\":\"dingtalk-work\",\"app_key\":\"k\",\"app_secret\":"
        "{\"env\":\"NRT_TEST_DING\"},\"agent_id\":1}},\"sign_in\":{\"dingtalk\":{\"channel\":"
        "\"w\",\"corp_id\":\"ding0123\"}}}",
        &settings));
    CHECK(text_is(settings.sign_in.dingtalk_channel, "w"));
    CHECK(text_is(settings.sign_in.dingtalk_corp, "ding0123"));
}

static void mistakes_are_told_with_what_to_do(void)
{
    (void)complains(
        "{\"sign_in\":{\"proxy\":{\"header\":\"X-User\",\"from\":[]}}}",
        "nobody is believed by default");
    (void)complains(
        "{\"sign_in\":{\"proxy\":{\"header\":\"X-User\",\"from\":[\"10.1.2.3/24\"]}}}",
        "no bits behind the prefix");
    (void)complains(
        "{\"sign_in\":{\"proxy\":{\"header\":\"X-Forwarded-For\",\"from\":[\"10.1.2.3\"]}}}",
        "let the proxy use one of its own");
    (void)complains(
        "{\"sign_in\":{\"dingtalk\":{\"channel\":\"sms\",\"corp_id\":\"d\"}}}",
        "no dingtalk-work channel");
    (void)complains(
        "{\"sign_in\":{\"dingtalk\":{\"channel\":\"smss\",\"corp_id\":\"d\"}}}",
        "did you mean \"sms\"?");
}

int main(void)
{
    config_rig_init(&rig);
    CHECK_RUN(by_default_nobody_else_is_believed);
    CHECK_RUN(a_proxy_is_named_by_header_addresses_and_secret);
    CHECK_RUN(dingtalk_has_a_channel_and_an_organisation);
    CHECK_RUN(mistakes_are_told_with_what_to_do);
    config_rig_release(&rig);
    return check_done();
}
