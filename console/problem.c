/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of problems and their JSON.
 */
#include "console/problem.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "console/problem_words.h"

static const struct {
    int status;
    const char *code;
    const char *zh;
    const char *en;
} problems[PROBLEM_COUNT] = {
    [PROBLEM_BAD_REQUEST] = {400, "bad-request", "请求无法识别", "The request cannot be read"},
    [PROBLEM_NO_USABLE_EVENT] =
        {400, "no-usable-event", "没有可用的事件", "No event in it can be used"},
    [PROBLEM_UNAUTHORIZED] = {401, "unauthorized", "请先登录", "Please sign in"},
    [PROBLEM_SIGN_IN] =
        {401, "sign-in", "用户名或密码不正确", "The name or the password is not right"},
    [PROBLEM_FORBIDDEN] = {403, "forbidden", "没有此项权限", "You have no right to this"},
    [PROBLEM_FOREIGN_ORIGIN] =
        {403, "foreign-origin", "拒绝来自其他网站的请求", "Requests of other sites are refused"},
    [PROBLEM_CSRF] =
        {403, "csrf", "页面已过期，请刷新后重试", "The page is out of date, please reload it"},
    [PROBLEM_NOT_FOUND] = {404, "not-found", "没有找到", "There is no such thing"},
    [PROBLEM_METHOD] =
        {405, "method-not-allowed", "此地址不支持该方法", "This address has no such method"},
    [PROBLEM_TIMEOUT] = {408, "timeout", "请求超时", "The request took too long to arrive"},
    [PROBLEM_CONFLICT] = {409, "conflict", "当前状态下不能执行", "Not possible as things stand"},
    [PROBLEM_LENGTH] = {411, "length-required", "缺少内容长度", "The length of the body is needed"},
    [PROBLEM_CHANGED] =
        {412, "changed", "内容已被他人修改，请刷新", "Somebody else has changed it meanwhile"},
    [PROBLEM_TOO_LARGE] = {413, "too-large", "内容过大", "The body is too large"},
    [PROBLEM_MEDIA_TYPE] =
        {415, "media-type", "内容类型不受支持", "This content type is not taken"},
    [PROBLEM_EXPECTATION] = {417, "expectation", "无法满足该期望", "This cannot be expected here"},
    [PROBLEM_HOST] = {421, "unknown-host", "主机名不正确", "This host name is not ours"},
    [PROBLEM_CONFIGURATION] =
        {422, "configuration", "配置有错误，未作任何改动", "The configuration has errors"},
    [PROBLEM_INVALID] = {422, "invalid", "填写的内容有误", "Something filled in is not right"},
    [PROBLEM_PRECONDITION] =
        {428, "precondition", "缺少版本标记", "The version of what is changed is needed"},
    [PROBLEM_TOO_MANY] = {429, "too-many", "操作过于频繁，请稍后重试", "Too often, please wait"},
    [PROBLEM_HEAD_TOO_LARGE] = {431, "head-too-large", "请求头过大", "The headers are too large"},
    [PROBLEM_INTERNAL] = {500, "internal", "内部错误", "Something went wrong in here"},
    [PROBLEM_UNAVAILABLE] =
        {503, "unavailable", "服务暂不可用，请稍后重试", "Not available now, please try again"},
    [PROBLEM_STUCK] = {504, "stuck", "处理未能按时完成", "It did not finish in time"},
    [PROBLEM_VERSION] = {505, "http-version", "不支持的 HTTP 版本", "Unknown version of HTTP"},
    [PROBLEM_NO_SPACE] = {507, "no-space", "磁盘空间不足", "The disk is full"},
};

enum problem problem_of_status(int status)
{
    for (int problem = 0; problem < PROBLEM_COUNT; problem++) {
        if (problems[problem].status == status) {
            return (enum problem)problem;
        }
    }
    return PROBLEM_BAD_REQUEST;
}

int problem_status(enum problem problem)
{
    return problems[problem].status;
}

const char *problem_code(enum problem problem)
{
    return problems[problem].code;
}

static bool wants_chinese(const struct http_call *call)
{
    const struct text language = http_header(&call->head, "accept-language");
    return text_starts_with(language, text_of("zh"));
}

/* What to do about it, in the language of the request, and in both where both are known. */
static void put_detail(
    struct json_out *out, const struct http_call *call, const char *detail, const char *key)
{
    struct buf chinese;
    if (!detail || !detail[0]) {
        return;
    }
    buf_init(&chinese, 4096);
    const bool known = problem_in_chinese(detail, &chinese) && !buf_error(&chinese);
    const struct text zh = known ? buf_view(&chinese) : text_of(detail);
    json_out_member(out, "detail", wants_chinese(call) ? zh : text_of(detail));
    if (known && !(key && strcmp(key, "details") == 0)) {
        json_out_key(out, "details");
        json_out_open(out, '{');
        json_out_member(out, "zh", zh);
        json_out_member(out, "en", text_of(detail));
        json_out_close(out, '}');
    }
    buf_release(&chinese);
}

void problem_answer_with(
    struct http_call *call,
    enum problem problem,
    const char *detail,
    const char *key,
    struct text json)
{
    struct buf body;
    struct json_out out;
    char type[64];
    buf_init(&body, (size_t)4 * 1024 * 1024);
    json_out_init(&out, &body);
    (void)snprintf(type, sizeof(type), "urn:nrt:problem:%s", problems[problem].code);
    json_out_open(&out, '{');
    json_out_member(&out, "type", text_of(type));
    json_out_member(
        &out, "title", text_of(wants_chinese(call) ? problems[problem].zh : problems[problem].en));
    json_out_member_i64(&out, "status", problems[problem].status);
    put_detail(&out, call, detail, key);
    json_out_key(&out, "titles");
    json_out_open(&out, '{');
    json_out_member(&out, "zh", text_of(problems[problem].zh));
    json_out_member(&out, "en", text_of(problems[problem].en));
    json_out_close(&out, '}');
    if (key) {
        json_out_key(&out, key);
        json_out_raw(&out, json);
    }
    json_out_close(&out, '}');
    if (problem == PROBLEM_UNAVAILABLE) {
        http_add_header(call, "Retry-After", "2");
    }
    http_answer(call, problems[problem].status, "application/problem+json", buf_view(&body));
    buf_release(&body);
}

void problem_answer(struct http_call *call, enum problem problem, const char *detail)
{
    problem_answer_with(call, problem, detail, NULL, (struct text){0});
}
