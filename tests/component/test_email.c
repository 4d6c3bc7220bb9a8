/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nrt-test: timeout=180
 *
 * E-mail by the real channel and the real engine against a strict mail server, over STARTTLS, TLS
 * and neither: what arrives, what every reply at every command means, and that a server which
 * falls silent at whatever command, QUIT too, does not hold the loop up.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/json.h"
#include "notifiers/channel.h"
#include "notifiers/http_engine.h"
#include "tests/support/check.h"
#include "tests/support/child.h"

#define GUARD_MS     20000
#define SHORT_MS     700
#define STALL_MS_MAX 150
#define LOG_BYTES    ((size_t)4 * 1024 * 1024)

struct server {
    struct child child;
    struct json_doc *ready;
    char ca[512];
};

static struct event_base *base;
static struct http_engine *engine;
static struct server strict; /* wants name and password */
static struct server plain;  /* knows no TLS and nobody */
static struct mono_ms last_beat;
static int64_t worst_gap_ms;

/* ---- servers ---- */

static int port_of(const struct server *server, const char *name)
{
    int64_t port = 0;
    CHECK_EQ(json_i64(json_get(json_root(server->ready), name), &port), ERR_OK);
    return (int)port;
}

static bool server_start(struct server *server, const char *name, const char *const *more)
{
    char folder[300];
    const char *tmp = getenv("TMPDIR");
    const char *arguments[8] = {folder};
    (void)snprintf(
        folder, sizeof(folder), "%s/mail-%d-%s", tmp ? tmp : "/tmp", (int)getpid(), name);
    for (size_t index = 0; more[index]; index++) {
        arguments[index + 1] = more[index];
    }
    if (!CHECK(child_start(&server->child, "smtp_standin.py", arguments)) ||
        !CHECK(
            !json_parse(text_of(server->child.ready), &json_limits_answer, &server->ready, NULL))) {
        return false;
    }
    (void)snprintf(
        server->ca, sizeof(server->ca), "%.*s",
        TEXT_ARGS(json_get_string(json_root(server->ready), "ca")));
    return true;
}

static struct buf doors(const struct server *server, const char *path, const char *body)
{
    struct http_request request;
    struct http_fetched fetched = {0};
    char url[128];
    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%d%s", port_of(server, "doors"), path);
    http_request_init(&request, body ? "POST" : "GET");
    http_request_url(&request, text_of(url), "/");
    buf_string(&request.body, body ? body : "");
    request.answer_bytes_max = LOG_BYTES;
    CHECK_EQ(http_fetch(&request, &fetched, NULL), ERR_OK);
    http_request_release(&request);
    return fetched.body;
}

/* What goes wrong at the next such command. */
static void order(const struct server *server, const char *entry)
{
    char body[256];
    (void)snprintf(body, sizeof(body), "{\"answers\":[%s]}", entry);
    struct buf answer = doors(server, "/standin/next", body);
    buf_release(&answer);
}

static size_t mails_taken(const struct server *server)
{
    struct buf log = doors(server, "/standin/log", NULL);
    size_t count = 0;
    for (const char *at = log.ptr; at && (at = strstr(at, "\"reply_to\"")); at++) {
        count++;
    }
    buf_release(&log);
    return count;
}

/* ---- sending ---- */

#define TEXT(s)                                                                                    \
    {                                                                                              \
        .ptr = (s), .bytes = sizeof(s) - 1                                                         \
    }

static struct channel_option options[] = {
    {.name = TEXT("from"), .value = TEXT("限时督办 <noreply@city.test>")},
    {.name = TEXT("reply_to"), .value = TEXT("office@city.test")},
    {.name = TEXT("username"), .value = TEXT("nrt")},
    {.name = TEXT("password"), .value = TEXT("s3cret words"), .secret = true},
};

struct sending {
    const struct server *server;
    const char *scheme;
    const char *ca;    /* NULL: the server's */
    const char *proxy; /* NULL: none */
    const char *host;  /* NULL: where the server is */
    const char *title;
    const char *to;
    size_t option_count;    /* 0: all; 2: without name and password */
    struct http_engine *by; /* NULL: the engine of this file */
};

struct sent {
    bool done;
    enum http_result result;
    struct outcome outcome;
    char reason[256];
    int64_t took_ms;
};

static void on_answer(void *context, const struct http_answer *answer)
{
    struct sent *sent = context;
    channel_email.classify(answer, &sent->outcome);
    sent->result = answer->result;
    (void)snprintf(sent->reason, sizeof(sent->reason), "%s", answer->reason);
    sent->done = true;
}

static void on_beat(evutil_socket_t fd, short what, void *context)
{
    const struct mono_ms now = clock_mono();
    const int64_t gap_ms = now.ms - last_beat.ms;
    (void)fd;
    (void)what;
    (void)context;
    worst_gap_ms = gap_ms > worst_gap_ms ? gap_ms : worst_gap_ms;
    last_beat = now;
}

static void wait_for(struct sent *sent)
{
    const struct mono_ms started = clock_mono();
    const struct mono_ms guard = mono_add(started, GUARD_MS);
    worst_gap_ms = 0;
    last_beat = started;
    while (!sent->done && CHECK(clock_mono().ms < guard.ms)) {
        event_base_loop(base, EVLOOP_ONCE);
    }
    on_beat(-1, 0, NULL);
    sent->took_ms = clock_mono().ms - started.ms;
}

static struct sent send_mail(const struct sending *sending)
{
    char url[128];
    struct http_request request;
    struct err_why why = {0};
    struct sent sent = {0};
    const bool inside = strcmp(sending->scheme, "smtps") == 0;
    (void)snprintf(
        url, sizeof(url), "%s://%s:%d", sending->scheme,
        sending->host ? sending->host : "127.0.0.1",
        port_of(sending->server, inside ? "tls_port" : "port"));
    const struct channel_settings settings = {
        .name = TEXT("mail"),
        .type = TEXT("email"),
        .url = text_of(url),
        .proxy = text_of(sending->proxy),
        .ca_file = text_of(sending->ca ? sending->ca : sending->server->ca),
        .options = options,
        .option_count = sending->option_count ? sending->option_count : 4,
    };
    const struct channel_receiver to = {
        .user = text_of(sending->to ? sending->to : "li@unit.test")};
    const struct channel_call call = {
        .settings = &settings,
        .now = {.ms = INT64_C(1795249800123)},
        .message =
            {
                .id = TEXT("k3v5x7b2"),
                .title = text_of(sending->title ? sending->title : "超期提醒"),
                .text = TEXT("甲局：请今日办结。\n.\n.隐藏的一行\n链接 https://city.test/a/x"),
                .receivers = &to,
                .receiver_count = 1,
            },
    };
    channel_request_init(&request, channel_email.method, &settings);
    CHECK_EQ(channel_email.encode(&call, &request, &why), ERR_OK);
    CHECK_STR(why.text, "");
    request.timeout_ms = SHORT_MS;
    struct http_engine *by = sending->by ? sending->by : engine;
    by->ops->post(by, &request, on_answer, &sent);
    CHECK(!sent.done);
    http_request_release(&request);
    wait_for(&sent);
    return sent;
}

static struct sent send_starttls(void)
{
    return send_mail(&(struct sending){.server = &strict, .scheme = "smtp"});
}

static void check_outcome(const struct sent *sent, enum outcome_kind kind, enum outcome_cause cause)
{
    CHECK_STR(outcome_kind_name(sent->outcome.kind), outcome_kind_name(kind));
    CHECK_STR(outcome_cause_name(sent->outcome.cause), outcome_cause_name(cause));
    CHECK_GE(STALL_MS_MAX, worst_gap_ms);
}

/* The newest line of the log. */
static struct json_doc *last_mail(const struct server *server)
{
    struct json_doc *doc = NULL;
    struct buf log = doors(server, "/standin/log", NULL);
    CHECK_EQ(json_parse(buf_view(&log), &json_limits_config, &doc, NULL), ERR_OK);
    buf_release(&log);
    return doc;
}

static const struct json_value *newest(const struct json_doc *doc)
{
    const struct json_value *last = NULL;
    for (const struct json_value *line = json_first(json_root(doc)); line; line = json_next(line)) {
        last = line;
    }
    return last;
}

static bool mail_says(const struct json_value *mail, const char *name, const char *expected)
{
    return text_is(json_get_string(mail, name), expected);
}

/* ---- facts ---- */

static void a_mail_arrives_whole_by_starttls(void)
{
    const struct sent sent = send_starttls();
    check_outcome(&sent, OUTCOME_ACCEPTED, CAUSE_NONE);
    struct json_doc *doc = last_mail(&strict);
    const struct json_value *mail = newest(doc);
    CHECK(mail_says(mail, "from", "noreply@city.test"));
    CHECK(mail_says(mail, "to", "li@unit.test"));
    CHECK(mail_says(mail, "id", "<k3v5x7b2@city.test>"));
    CHECK(mail_says(mail, "subject", "超期提醒"));
    CHECK(mail_says(
        mail, "text", "甲局：请今日办结。\n.\n.隐藏的一行\n链接 https://city.test/a/x\n"));
    CHECK(mail_says(mail, "date", "Sat, 21 Nov 2026 08:30:00 +0000"));
    CHECK(mail_says(mail, "name", "限时督办 <noreply@city.test>"));
    CHECK(mail_says(mail, "reply_to", "office@city.test"));
    CHECK(mail_says(mail, "hello", "city.test"));
    CHECK(mail_says(mail, "user", "nrt"));
    json_free(doc);
}

static void a_mail_arrives_inside_tls(void)
{
    const struct sent sent = send_mail(&(struct sending){.server = &strict, .scheme = "smtps"});
    check_outcome(&sent, OUTCOME_ACCEPTED, CAUSE_NONE);
}

static void a_server_without_tls_is_good_enough_without_a_password(void)
{
    const struct sent sent =
        send_mail(&(struct sending){.server = &plain, .scheme = "smtp", .option_count = 2});
    check_outcome(&sent, OUTCOME_ACCEPTED, CAUSE_NONE);
    CHECK_EQ(mails_taken(&plain), 1);
}

static void a_password_never_goes_without_tls(void)
{
    const struct sent sent = send_mail(&(struct sending){.server = &plain, .scheme = "smtp"});
    check_outcome(&sent, OUTCOME_RETRY_LATER, CAUSE_TRANSPORT);
    CHECK_EQ(sent.result, HTTP_NOT_SENT);
    CHECK(sent.reason[0] && !strstr(sent.reason, "s3cret"));
    CHECK_EQ(mails_taken(&plain), 1);
}

static void an_unknown_authority_is_refused(void)
{
    const char *const schemes[] = {"smtp", "smtps"};
    const size_t before = mails_taken(&strict);
    for (size_t index = 0; index < 2; index++) {
        const struct sent sent = send_mail(
            &(struct sending){.server = &strict, .scheme = schemes[index], .ca = plain.ca});
        check_outcome(&sent, OUTCOME_RETRY_LATER, CAUSE_TRANSPORT);
        CHECK_EQ(sent.result, HTTP_NOT_SENT);
    }
    CHECK_EQ(mails_taken(&strict), before);
}

static void a_wrong_password_is_for_operators(void)
{
    const struct text right = options[3].value;
    options[3].value = text_of("other words");
    const struct sent sent = send_starttls();
    options[3].value = right;
    check_outcome(&sent, OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL);
    CHECK(strstr(sent.outcome.reason, "SMTP 535 5.7.8"));
}

static void who_gives_no_name_is_told_so(void)
{
    const struct sent sent =
        send_mail(&(struct sending){.server = &strict, .scheme = "smtp", .option_count = 2});
    check_outcome(&sent, OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL);
    CHECK(strstr(sent.outcome.reason, "SMTP 530"));
}

static void every_reply_counts_at_whatever_command_it_comes(void)
{
    static const struct {
        const char *entry;
        enum outcome_kind kind;
        enum outcome_cause cause;
    } table[] = {
        {"{\"at\":\"greeting\",\"reply\":\"421 4.3.2 busy\"}", OUTCOME_RETRY_LATER,
         CAUSE_TRANSPORT},
        {"{\"at\":\"greeting\",\"reply\":\"554 no mail here\"}", OUTCOME_REJECTED, CAUSE_NONE},
        {"{\"at\":\"AUTH\",\"reply\":\"454 4.7.0 later\"}", OUTCOME_RETRY_LATER, CAUSE_TRANSPORT},
        {"{\"at\":\"AUTH\",\"reply\":\"535 5.7.8 no\"}", OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL},
        {"{\"at\":\"MAIL\",\"reply\":\"452 4.3.1 full\"}", OUTCOME_RETRY_LATER, CAUSE_TRANSPORT},
        {"{\"at\":\"MAIL\",\"reply\":\"550 5.7.1 not you\"}", OUTCOME_REJECTED, CAUSE_NONE},
        {"{\"at\":\"RCPT\",\"reply\":\"450 4.2.0 greylisted\"}", OUTCOME_RETRY_LATER, CAUSE_NONE},
        {"{\"at\":\"RCPT\",\"reply\":\"550 5.1.1 <li@unit.test> unknown\"}", OUTCOME_REJECTED,
         CAUSE_NONE},
        {"{\"at\":\"DATA\",\"reply\":\"451 4.3.0 not now\"}", OUTCOME_RETRY_LATER, CAUSE_NONE},
        {"{\"at\":\".\",\"reply\":\"451 4.7.1 later\"}", OUTCOME_RETRY_LATER, CAUSE_NONE},
        {"{\"at\":\".\",\"reply\":\"552 5.2.2 mailbox full\"}", OUTCOME_REJECTED, CAUSE_NONE},
        {"{\"at\":\".\",\"reply\":\"554 5.7.1 looks like spam\"}", OUTCOME_REJECTED, CAUSE_NONE},
    };
    const size_t before = mails_taken(&strict);
    for (size_t index = 0; index < sizeof(table) / sizeof(table[0]); index++) {
        check_note("%s", table[index].entry);
        order(&strict, table[index].entry);
        const struct sent sent = send_starttls();
        check_outcome(&sent, table[index].kind, table[index].cause);
        CHECK(!strstr(sent.outcome.reason, "li@unit.test"));
    }
    CHECK_EQ(mails_taken(&strict), before);
}

static void before_the_last_byte_a_lost_mail_was_not_sent(void)
{
    static const char *const entries[] = {
        "{\"at\":\"greeting\",\"close\":true}", "{\"at\":\"greeting\",\"hang\":true}",
        "{\"at\":\"EHLO\",\"hang\":true}",      "{\"at\":\"AUTH\",\"hang\":true}",
        "{\"at\":\"MAIL\",\"close\":true}",     "{\"at\":\"RCPT\",\"hang\":true}",
        "{\"at\":\"DATA\",\"close\":true}",     "{\"at\":\"DATA\",\"hang\":true}",
    };
    for (size_t index = 0; index < sizeof(entries) / sizeof(entries[0]); index++) {
        check_note("%s", entries[index]);
        order(&strict, entries[index]);
        const struct sent sent = send_starttls();
        check_outcome(&sent, OUTCOME_RETRY_LATER, CAUSE_TRANSPORT);
        CHECK_EQ(sent.result, HTTP_NOT_SENT);
        CHECK_GE(3 * SHORT_MS, sent.took_ms);
    }
}

static void a_mail_whose_last_reply_is_lost_may_have_arrived(void)
{
    static const char *const entries[] = {
        "{\"at\":\".\",\"lost\":true}", "{\"at\":\".\",\"hang\":true}"};
    for (size_t index = 0; index < 2; index++) {
        const size_t before = mails_taken(&strict);
        order(&strict, entries[index]);
        const struct sent sent = send_starttls();
        check_outcome(&sent, OUTCOME_UNSURE, CAUSE_TRANSPORT);
        CHECK_EQ(mails_taken(&strict), before + 1);
    }
}

static void nobody_waits_for_the_answer_to_quit(void)
{
    order(&strict, "{\"at\":\"QUIT\",\"hang\":true}");
    struct sent sent = send_starttls();
    check_outcome(&sent, OUTCOME_ACCEPTED, CAUSE_NONE);
    CHECK_GE(SHORT_MS, sent.took_ms);
    order(&strict, "{\"at\":\"AUTH\",\"reply\":\"535 5.7.8 no\"},{\"at\":\"QUIT\",\"hang\":true}");
    sent = send_starttls();
    check_outcome(&sent, OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL);
}

static void a_reply_that_fits_nowhere_is_no_yes(void)
{
    static const char *const entries[] = {
        "{\"at\":\"MAIL\",\"reply\":\"299 odd\"}", "{\"at\":\"RCPT\",\"reply\":\"354 odd\"}",
        "{\"at\":\"DATA\",\"reply\":\"250 odd\"}", "{\"at\":\"MAIL\",\"reply\":\"hello\"}"};
    for (size_t index = 0; index < sizeof(entries) / sizeof(entries[0]); index++) {
        order(&strict, entries[index]);
        const struct sent sent = send_starttls();
        check_outcome(&sent, OUTCOME_RETRY_LATER, CAUSE_TRANSPORT);
    }
    order(&strict, "{\"at\":\".\",\"reply\":\"354 odd\"}");
    const struct sent sent = send_starttls();
    check_outcome(&sent, OUTCOME_UNSURE, CAUSE_TRANSPORT);
}

static void a_title_cannot_write_headers(void)
{
    const struct sent sent = send_mail(&(struct sending){
        .server = &strict, .scheme = "smtps", .title = "提醒\r\nBcc: all@city.test\r\n\r\nx"});
    check_outcome(&sent, OUTCOME_ACCEPTED, CAUSE_NONE);
    struct json_doc *doc = last_mail(&strict);
    CHECK(mail_says(newest(doc), "subject", "提醒  Bcc: all@city.test    x"));
    CHECK(!strstr(json_get_string(newest(doc), "bytes").ptr, "\r\nBcc"));
    json_free(doc);
}

static void with_a_clock_that_is_not_real_only_this_machine_gets_mail(void)
{
    struct http_engine *careful = http_engine_create(base, true, NULL);
    struct sent sent =
        send_mail(&(struct sending){.server = &strict, .scheme = "smtp", .by = careful});
    check_outcome(&sent, OUTCOME_ACCEPTED, CAUSE_NONE);
    sent = send_mail(
        &(struct sending){.server = &strict, .scheme = "smtp", .host = "192.0.2.1", .by = careful});
    CHECK_STR(http_result_name(sent.result), "forbidden");
    sent = send_mail(&(struct sending){
        .server = &strict,
        .scheme = "smtp",
        .host = "mail.test",
        .proxy = "http://127.0.0.1:9",
        .by = careful});
    CHECK_STR(http_result_name(sent.result), "forbidden");
    careful->ops->free(careful);
}

int main(int argc, char **argv)
{
    static const char *const strict_options[] = {
        "--user", "nrt", "--password", "s3cret words", NULL};
    static const char *const plain_options[] = {"--no-tls", NULL};
    if (!server_start(&strict, "strict", strict_options) ||
        !server_start(&plain, "plain", plain_options)) {
        return 1;
    }
    base = event_base_new();
    engine = http_engine_create(base, false, NULL);
    struct event *beat = event_new(base, -1, EV_PERSIST, on_beat, NULL);
    const struct timeval every = {.tv_usec = 10000};
    event_add(beat, &every);
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(a_mail_arrives_whole_by_starttls);
    CHECK_RUN(a_mail_arrives_inside_tls);
    CHECK_RUN(a_server_without_tls_is_good_enough_without_a_password);
    CHECK_RUN(a_password_never_goes_without_tls);
    CHECK_RUN(an_unknown_authority_is_refused);
    CHECK_RUN(a_wrong_password_is_for_operators);
    CHECK_RUN(who_gives_no_name_is_told_so);
    CHECK_RUN(every_reply_counts_at_whatever_command_it_comes);
    CHECK_RUN(before_the_last_byte_a_lost_mail_was_not_sent);
    CHECK_RUN(a_mail_whose_last_reply_is_lost_may_have_arrived);
    CHECK_RUN(nobody_waits_for_the_answer_to_quit);
    CHECK_RUN(a_reply_that_fits_nowhere_is_no_yes);
    CHECK_RUN(a_title_cannot_write_headers);
    CHECK_RUN(with_a_clock_that_is_not_real_only_this_machine_gets_mail);
    engine->ops->free(engine);
    event_free(beat);
    event_base_free(base);
    json_free(strict.ready);
    json_free(plain.ready);
    CHECK(child_stop(&strict.child));
    CHECK(child_stop(&plain.child));
    return check_done();
}
