/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The types of channels and their keys, as tables.
 */
#include "config/channel_options.h"

const struct option_rule network_rules[2] = {
    {"proxy", OPTION_PROXY, false},
    {"ca_file", OPTION_FILE, false},
};

static const struct option_rule kannel_rules[] = {
    {"url", OPTION_URL, false},
    {"username", OPTION_TEXT, true},
    {"password", OPTION_SECRET, true},
    {"from", OPTION_TEXT, false},
    {"receipt_secret", OPTION_SECRET, false},
    {"signature", OPTION_SIGNATURE, true},
};

static const struct option_rule aliyun_rules[] = {
    {"url", OPTION_URL, false},
    {"access_key_id", OPTION_TEXT, true},
    {"access_key_secret", OPTION_SECRET, true},
    {"security_token", OPTION_SECRET, false},
    {"signature", OPTION_SIGNATURE, true},
    {"receipt_secret", OPTION_SECRET, false},
};

static const struct option_rule tencent_rules[] = {
    {"url", OPTION_URL, false},
    {"secret_id", OPTION_TEXT, true},
    {"secret_key", OPTION_SECRET, true},
    {"security_token", OPTION_SECRET, false},
    {"sdk_app_id", OPTION_NUMBER, true},
    {"region", OPTION_TEXT, false},
    {"signature", OPTION_SIGNATURE, true},
    {"receipt_secret", OPTION_SECRET, false},
};

static const struct option_rule yunmas_rules[] = {
    {"url", OPTION_URL, true},
    {"ec_name", OPTION_TEXT, true},
    {"ap_id", OPTION_TEXT, true},
    {"secret_key", OPTION_SECRET, true},
    {"sign", OPTION_TEXT, true},
    {"signature", OPTION_SIGNATURE, false},
    {"add_serial", OPTION_NUMBER, false},
    {"path", OPTION_PATH, false},
    {"template_path", OPTION_PATH, false},
    {"receipt_secret", OPTION_SECRET, false},
};

/* body_type stands before body, which is read by it. */
static const struct option_rule http_sms_rules[] = {
    {"url", OPTION_URL_PATTERN, true},
    {"method", OPTION_METHOD, false},
    {"headers", OPTION_HEADERS, false},
    {"body_type", OPTION_BODY_TYPE, false},
    {"body_encoding", OPTION_BODY_ENCODING, false},
    {"charset", OPTION_CHARSET, false},
    {"body", OPTION_BODY, false},
    {"username", OPTION_TEXT, false},
    {"secret", OPTION_SECRET, false},
    {"signature", OPTION_SIGNATURE, false},
    {"success", OPTION_TEST, true},
    {"retry", OPTION_TEST, false},
    {"credential", OPTION_TEST, false},
    {"gateway_id", OPTION_VALUE, false},
    {"receipt_secret", OPTION_SECRET, false},
    {"receipt", OPTION_RECEIPT, false},
};

static const struct option_rule dingtalk_robot_rules[] = {
    {"url", OPTION_URL, false},
    {"robots", OPTION_ROBOTS, true},
};

static const struct option_rule dingtalk_work_rules[] = {
    {"url", OPTION_URL, false},
    {"app_key", OPTION_TEXT, true},
    {"app_secret", OPTION_SECRET, true},
    {"agent_id", OPTION_NUMBER, true},
};

static const struct option_rule zwdd_rules[] = {
    {"url", OPTION_URL, true},
    {"app_key", OPTION_TEXT, true},
    {"app_secret", OPTION_SECRET, true},
    {"tenant_id", OPTION_NUMBER, true},
    {"algorithm", OPTION_ALGORITHM, false},
    {"ip", OPTION_TEXT, false},
    {"mac", OPTION_TEXT, false},
};

static const struct option_rule wecom_app_rules[] = {
    {"url", OPTION_URL, false},
    {"corp_id", OPTION_TEXT, true},
    {"secret", OPTION_SECRET, true},
    {"agent_id", OPTION_NUMBER, true},
};

static const struct option_rule wecom_robot_rules[] = {
    {"url", OPTION_URL, false},
    {"robots", OPTION_KEY_ROBOTS, true},
};

static const struct option_rule email_rules[] = {
    {"url", OPTION_MAIL_URL, true},     {"username", OPTION_TEXT, false},
    {"password", OPTION_SECRET, false}, {"from", OPTION_MAIL, true},
    {"reply_to", OPTION_MAIL, false},
};

static const struct option_rule sandbox_rules[] = {
    {"signature", OPTION_SIGNATURE, false},
};

static const struct option_rule webhook_rules[] = {
    {"url", OPTION_URL, true},
    {"secret", OPTION_SECRET, true},
    {"events", OPTION_EVENTS, true},
};

#define RULES(table) .rules = (table), .rule_count = FIELD_COUNT(table)

static const struct channel_kind kinds[] = {
    {
        .name = "kannel",
        .has_network = true,
        .traits = {.sms = true, .contact = CONTACT_MOBILE},
        .default_url = "http://127.0.0.1:13013/cgi-bin/sendsms",
        RULES(kannel_rules),
    },
    {
        .name = "aliyun",
        .has_network = true,
        .traits = {.sms = true, .contact = CONTACT_MOBILE},
        .default_url = "https://dysmsapi.aliyuncs.com",
        .receipt_reply = "{\"code\":0,\"msg\":\"接收成功\"}",
        .templates =
            {
                .takes = true,
                .needs = true,
                .value_max = 35,
                .value_wanted = true,
                .no_links = true,
                .signs = true,
            },
        RULES(aliyun_rules),
    },
    {
        .name = "tencent",
        .has_network = true,
        .traits = {.sms = true, .contact = CONTACT_MOBILE},
        .default_url = "https://sms.tencentcloudapi.com",
        .receipt_reply = "{\"result\":0,\"errmsg\":\"OK\"}",
        .templates =
            {.takes = true, .needs = true, .value_wanted = true, .no_links = true, .signs = true},
        RULES(tencent_rules),
    },
    {
        .name = "yunmas",
        .has_network = true,
        .traits = {.sms = true, .contact = CONTACT_MOBILE},
        .templates = {.takes = true, .signs = true},
        RULES(yunmas_rules),
    },
    {.name = "http-sms",
     .has_network = true,
     .traits = {.sms = true, .contact = CONTACT_MOBILE},
     RULES(http_sms_rules)},
    {
        .name = "dingtalk-robot",
        .has_network = true,
        .default_url = "https://oapi.dingtalk.com",
        RULES(dingtalk_robot_rules),
    },
    {
        .name = "dingtalk-work",
        .has_network = true,
        .traits = {.contact = CONTACT_DINGTALK, .by_mobile = true},
        .default_url = "https://oapi.dingtalk.com",
        RULES(dingtalk_work_rules),
    },
    {.name = "zwdd",
     .has_network = true,
     .traits = {.contact = CONTACT_ZWDD, .by_mobile = true},
     RULES(zwdd_rules)},
    {
        .name = "wecom-app",
        .has_network = true,
        .traits = {.contact = CONTACT_WECOM, .by_mobile = true},
        .default_url = "https://qyapi.weixin.qq.com",
        RULES(wecom_app_rules),
    },
    {
        .name = "wecom-robot",
        .has_network = true,
        .default_url = "https://qyapi.weixin.qq.com",
        RULES(wecom_robot_rules),
    },
    {.name = "email",
     .has_network = true,
     .traits = {.contact = CONTACT_EMAIL},
     RULES(email_rules)},
    {.name = "sandbox", .templates = {.takes = true}, RULES(sandbox_rules)},
};

const struct channel_kind webhook_channel_kind = {
    .name = "webhook", .has_network = true, RULES(webhook_rules)};

const struct channel_kind *channel_kind_at(size_t index)
{
    return index < FIELD_COUNT(kinds) ? &kinds[index] : NULL;
}

static const struct channel_kind *kind_of(struct text type)
{
    static const struct channel_kind none = {0};
    for (size_t i = 0; i < FIELD_COUNT(kinds); i++) {
        if (text_is(type, kinds[i].name)) {
            return &kinds[i];
        }
    }
    return &none;
}

const struct channel_traits *channel_traits(struct text type)
{
    return &kind_of(type)->traits;
}

const struct template_law *channel_template_law(struct text type)
{
    return &kind_of(type)->templates;
}
