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

static const struct option_rule http_sms_rules[] = {
    {"url", OPTION_URL_PATTERN, true},      {"method", OPTION_METHOD, false},
    {"headers", OPTION_HEADERS, false},     {"body_type", OPTION_BODY_TYPE, false},
    {"charset", OPTION_CHARSET, false},     {"body", OPTION_BODY, false},
    {"username", OPTION_TEXT, false},       {"secret", OPTION_SECRET, false},
    {"signature", OPTION_SIGNATURE, false}, {"success", OPTION_TEST, true},
    {"retry", OPTION_TEST, false},          {"credential", OPTION_TEST, false},
    {"gateway_id", OPTION_VALUE, false},    {"receipt_secret", OPTION_SECRET, false},
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

#define RULES(table) (table), FIELD_COUNT(table)

static const struct channel_kind kinds[] = {
    {"kannel", true, "http://127.0.0.1:13013/cgi-bin/sendsms", NULL, RULES(kannel_rules)},
    {"aliyun", true, "https://dysmsapi.aliyuncs.com", "{\"code\":0,\"msg\":\"接收成功\"}",
     RULES(aliyun_rules)},
    {"tencent", true, "https://sms.tencentcloudapi.com", "{\"result\":0,\"errmsg\":\"OK\"}",
     RULES(tencent_rules)},
    {"yunmas", true, NULL, NULL, RULES(yunmas_rules)},
    {"http-sms", true, NULL, NULL, RULES(http_sms_rules)},
    {"dingtalk-robot", true, "https://oapi.dingtalk.com", NULL, RULES(dingtalk_robot_rules)},
    {"dingtalk-work", true, "https://oapi.dingtalk.com", NULL, RULES(dingtalk_work_rules)},
    {"zwdd", true, NULL, NULL, RULES(zwdd_rules)},
    {"wecom-app", true, "https://qyapi.weixin.qq.com", NULL, RULES(wecom_app_rules)},
    {"wecom-robot", true, "https://qyapi.weixin.qq.com", NULL, RULES(wecom_robot_rules)},
    {"email", true, NULL, NULL, RULES(email_rules)},
    {"sandbox", false, NULL, NULL, RULES(sandbox_rules)},
};

const struct channel_kind webhook_channel_kind = {
    "webhook", true, NULL, NULL, RULES(webhook_rules)};

const struct channel_kind *channel_kind_at(size_t index)
{
    return index < FIELD_COUNT(kinds) ? &kinds[index] : NULL;
}
