/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the ground floor costs per event: strict JSON reading, writing, instants, identities.
 * Prints nanoseconds of one core per operation. Usage: bench_base [rounds, default 300000]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/crypto.h"
#include "base/json.h"
#include "base/must.h"
#include "base/wall.h"

static const char event[] =
    "{\"specversion\":\"1.0\",\"id\":\"DY-2019-000119-1\",\"source\":\"/dongyang/oa\","
    "\"type\":\"case.received\",\"subject\":\"DY-2019-000119\","
    "\"time\":\"2019-04-01T06:44:10+08:00\",\"datacontenttype\":\"application/json\","
    "\"data\":{\"title\":\"关于取水许可事项的函（0119号）\",\"matter\":\"m21.4\","
    "\"from_unit\":\"t13\",\"unit\":\"d17\",\"handler\":\"d17-h2\","
    "\"labels\":{\"kind\":\"problem\",\"severity\":\"major\"}}}";

static double now_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void report(const char *what, double since_ns, long rounds)
{
    printf("%-32s %8.0f ns\n", what, (now_ns() - since_ns) / (double)rounds);
}

static struct json_doc *parse(void)
{
    struct json_doc *doc = NULL;
    const enum err err = json_parse(TEXT_LITERAL(event), &json_limits_event, &doc, NULL);
    MUST(!err);
    return doc;
}

static void bench_parse(long rounds)
{
    const double since_ns = now_ns();
    for (long i = 0; i < rounds; i++)
        json_free(parse());
    report("parse and free", since_ns, rounds);
}

static void bench_get(long rounds)
{
    struct json_doc *const doc = parse();
    size_t bytes = 0;
    const double since_ns = now_ns();
    for (long i = 0; i < rounds; i++) {
        const struct json_value *const root = json_root(doc);
        bytes += json_get_string(root, "subject").bytes + json_get_string(root, "time").bytes +
                 json_get_string(json_get(root, "data"), "handler").bytes;
    }
    report("get three members", since_ns, rounds);
    MUST(bytes > 0);
    json_free(doc);
}

static void bench_write(long rounds)
{
    struct buf buf;
    struct json_doc *const doc = parse();
    buf_init(&buf, 10000);
    const double since_ns = now_ns();
    for (long i = 0; i < rounds; i++) {
        struct json_out out;
        buf_clear(&buf);
        json_out_init(&out, &buf);
        json_out_value(&out, json_root(doc));
    }
    report("write it again", since_ns, rounds);
    MUST(text_is(buf_view(&buf), event));
    buf_release(&buf);
    json_free(doc);
}

static void bench_wall(long rounds)
{
    char text[WALL_TEXT_BYTES] = "2019-04-01T06:44:10+08:00";
    const size_t bytes = strlen(text);
    struct wall_ms at = {0};
    double since_ns = now_ns();
    for (long i = 0; i < rounds; i++) {
        text[18] = (char)('0' + i % 10);
        const enum err err = wall_parse(text, bytes, &at);
        MUST(!err);
    }
    report("read an instant", since_ns, rounds);
    since_ns = now_ns();
    for (long i = 0; i < rounds; i++)
        (void)wall_format(wall_add(at, i * 1000), 28800, text);
    report("write an instant", since_ns, rounds);
}

static void bench_id(long rounds)
{
    const struct text parts[] = {
        TEXT_LITERAL("DY-2019-000119"), TEXT_LITERAL("reply"), TEXT_LITERAL("1"),
        TEXT_LITERAL("overdue"), TEXT_LITERAL("1554087990000")};
    char id[NRT_ID_BYTES];
    const double since_ns = now_ns();
    for (long i = 0; i < rounds; i++)
        crypto_id(parts, 5, id);
    report("identity of an alert", since_ns, rounds);
}

int main(int argc, char **argv)
{
    const long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : 300000;
    if (rounds <= 0) {
        (void)fprintf(stderr, "usage: bench_base [rounds]\n");
        return 2;
    }
    printf("an event of %zu bytes, %ld rounds\n", sizeof event - 1, rounds);
    bench_parse(rounds);
    bench_get(rounds);
    bench_write(rounds);
    bench_wall(rounds);
    bench_id(rounds);
    return 0;
}
