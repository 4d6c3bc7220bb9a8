/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guide: a child of `nrt up` that waits until the service is ready, says so, and shows where
 * to go. It speaks to the console over HTTP like anybody else.
 */
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "cli/api.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/up.h"

#define ASK_EVERY_MS  50
#define SAY_EVERY_MS  ((int64_t)5000)
#define READY_WAIT_MS ((int64_t)300000)
#define BOX_COLUMNS   ((size_t)76)
#define URL_BYTES     300
#define PAGES_DEFAULT "http://127.0.0.1:8420" /* where commands look by themselves */

/* One line about what is still missing, from the answer of /readyz. */
static void say_waiting(const struct api_answer *answer)
{
    struct json_doc *doc = NULL;
    if (!answer) {
        printf("waiting for the console to answer\n");
    } else if (json_parse(buf_view(&answer->body), &json_limits_answer, &doc, NULL) == ERR_OK) {
        const struct json_value *reason = json_first(json_get(json_root(doc), "reasons"));
        for (; reason; reason = json_next(reason)) {
            printf("waiting: %.*s\n", TEXT_ARGS(json_string(reason)));
        }
    }
    json_free(doc);
    (void)fflush(stdout);
}

int guide_wait_ready(const struct up *up, int64_t wait_ms)
{
    struct api api;
    const struct mono_ms began = clock_mono();
    int64_t said_ms = began.ms;
    api_init_at(&api, "up", up->url, up->data);
    api_trust(&api, up->settings.http_tls.cert);
    const struct api_call call = {
        .method = "GET", .path = "/readyz", .quiet = true, .timeout_ms = 2000};
    while (clock_mono().ms - began.ms < wait_ms) {
        struct api_answer answer;
        const bool answered = api_send(&api, &call, &answer) == EXIT_FINE;
        const bool ready = answered && answer.status == 200;
        if (!ready && clock_mono().ms - said_ms >= SAY_EVERY_MS) {
            said_ms = clock_mono().ms;
            say_waiting(answered ? &answer : NULL);
        }
        if (answered) {
            buf_release(&answer.body);
        }
        if (ready) {
            return EXIT_FINE;
        }
        (void)poll(NULL, 0, ASK_EVERY_MS);
    }
    return EXIT_AWAY;
}

/* ---- the box ---- */

static void box_edge(const char *corner)
{
    printf("%s", corner);
    for (size_t i = 0; i < BOX_COLUMNS; i++) {
        printf("─");
    }
    printf("\n");
}

/* The box is open on the right: a link stays whole, however long, and can be copied. */
static void box_line(const char *label, const char *text)
{
    printf("│ %-9s%s\n", label, text);
}

/* How to call this program from where the person is. */
static const char *program_name(char path[static PATH_MAX])
{
    char here[PATH_MAX];
    const ssize_t bytes = readlink("/proc/self/exe", path, PATH_MAX - 1);
    if (bytes <= 0) {
        return "nrt";
    }
    path[bytes] = '\0';
    if (getcwd(here, sizeof(here)) && strncmp(path, here, strlen(here)) == 0 &&
        path[strlen(here)] == '/') {
        char *relative = path + strlen(here) - 1;
        relative[0] = '.';
        return relative;
    }
    return path;
}

/* A certificate is for the name people use, not for the address that is listened at. */
static const char *address(const struct up *up, char room[static URL_BYTES])
{
    const struct text url = up->settings.public_url;
    if (up->settings.http_tls.cert.bytes == 0 || url.bytes == 0 || url.bytes >= URL_BYTES) {
        return up->url;
    }
    (void)snprintf(room, URL_BYTES, "%.*s", TEXT_ARGS(url));
    return room;
}

static void box_try(const struct up *up)
{
    static const char *const things[] = {
        "case add --title 关于用地的函 --unit unit-a", "overdue", "doctor"};
    static const char *const demo_things[] = {"overdue", "alerts list", "doctor"};
    const char *const *chosen = up->options.demo ? demo_things : things;
    char path[PATH_MAX];
    char text[2 * PATH_MAX + 256];
    const char *program = program_name(path);
    char room[URL_BYTES];
    const char *url = address(up, room);
    const bool elsewhere = strcmp(url, PAGES_DEFAULT) != 0;
    const bool has_token_there = up->options.data && !up->options.demo;
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(
            text, sizeof(text), "%s%s%s%s %s%s%s", elsewhere ? "NRT_URL=" : "",
            elsewhere ? url : "", elsewhere ? " " : "", program, chosen[i],
            has_token_there ? " --data " : "", has_token_there ? up->options.data : "");
        box_line(i == 0 ? "Try" : "", text);
    }
}

/* Nothing is worse than alerts that go nowhere without anybody knowing: said at every start. */
static void box_sandboxes(const struct settings *settings)
{
    struct buf text;
    buf_init(&text, 1024);
    for (size_t i = 0; i < settings->channel_count; i++) {
        if (settings->channels[i].implied) {
            buf_string(&text, text.bytes > 0 ? ", " : "");
            buf_text(&text, settings->channels[i].name);
        }
    }
    if (text.bytes > 0) {
        buf_string(&text, " not configured: these messages reach NOBODY (docs/channels.md)");
        box_line("Careful", text.ptr);
    }
    buf_release(&text);
}

/*
 * As long as nobody has an account the console keeps a one-time link in DATA/setup-link: whoever
 * opens it makes the first one. There is no default password.
 */
static void box_sign_in(const struct up *up)
{
    char path[PATH_MAX];
    struct buf link;
    buf_init(&link, 2048);
    (void)snprintf(path, sizeof(path), "%s/setup-link", up->data);
    if (file_read(path, &link, NULL) == ERR_OK && link.bytes > 0) {
        link.ptr[link.bytes - 1] = '\0'; /* its line end */
        box_line("Sign in", link.ptr);
        box_line("", "opens once, within a day, and makes the first account");
    }
    buf_release(&link);
}

static void print_box(const struct up *up)
{
    box_edge("┌");
    box_line(
        "Ready", up->options.demo ? "five months of a city's cases, one day in two seconds"
                                  : "nrt " NRT_VERSION);
    char room[URL_BYTES];
    box_line("Pages", address(up, room));
    if (!up->options.demo) {
        box_sign_in(up);
    }
    box_line("Data", up->data);
    if (!up->options.demo) {
        box_sandboxes(&up->settings);
    }
    box_try(up);
    box_line("", "Ctrl-C stops everything.");
    box_edge("└");
    (void)fflush(stdout);
}

int guide_run(void *context)
{
    const struct up *up = context;
    const struct mono_ms began = clock_mono();
    if (guide_wait_ready(up, READY_WAIT_MS) != EXIT_FINE) {
        return args_fail(
            EXIT_FINE, "up", "the service is not ready after %lld s; its log says why",
            (long long)(READY_WAIT_MS / 1000));
    }
    if (!up->options.quiet) {
        if (!up->options.demo) {
            printf("ready after %.1f s\n", (double)(clock_mono().ms - began.ms) / 1000);
        }
        print_box(up);
    }
    return EXIT_FINE;
}
