/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ground floor while memory is out: the n-th allocation fails, n = 1, 2, ... until a run is
 * clean. Every run ends with ERR_NO_MEMORY or with the right result, and gives all back.
 * The sanitizers own malloc: under them the runs are made, but nothing fails.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/json.h"
#include "base/sql.h"
#include "tests/support/check.h"

#define RUNS_MAX 2000

static long fail_at;     /* the allocation that fails, counted from 1; 0: none */
static long allocations; /* since the run began */
static long in_use;      /* blocks */

#ifdef __SANITIZE_ADDRESS__

static const bool can_fail = false;

#else

static const bool can_fail = true;

void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t bytes);
void *__libc_realloc(void *old, size_t bytes);
void __libc_free(void *block);

static bool fails_now(void)
{
    return ++allocations == fail_at;
}

static void *counted(void *block)
{
    in_use += block ? 1 : 0;
    return block;
}

void *malloc(size_t bytes)
{
    return fails_now() ? NULL : counted(__libc_malloc(bytes));
}

void *calloc(size_t count, size_t bytes)
{
    return fails_now() ? NULL : counted(__libc_calloc(count, bytes));
}

void *realloc(void *old, size_t bytes)
{
    if (fails_now())
        return NULL;
    void *const block = __libc_realloc(old, bytes);
    return old ? block : counted(block);
}

void free(void *block)
{
    in_use -= block ? 1 : 0;
    __libc_free(block);
}

#endif

/* Every allocation of the scenario fails in turn, until a run asks for fewer than that. */
static void torture(enum err (*scenario)(void), bool keeps_nothing)
{
    long failed_runs = 0;
    for (fail_at = 1; fail_at <= RUNS_MAX; fail_at++) {
        const long before = in_use;
        allocations = 0;
        const enum err err = scenario();
        const bool clean = allocations < fail_at;
        failed_runs += err ? 1 : 0;
        check_note("allocation %ld", fail_at);
        CHECK_EQ(err, err && !clean ? ERR_NO_MEMORY : ERR_OK);
        CHECK(!keeps_nothing || in_use == before);
        if (clean)
            break;
    }
    CHECK_GE(RUNS_MAX, fail_at);
    CHECK_GE(failed_runs, can_fail ? 1 : 0);
    fail_at = 0;
}

/* Enough keys to leave the inline ones, enough values to leave the stack, an escaped key. */
static enum err read_json(void)
{
    static char text[20000];
    struct json_doc *doc = NULL;
    size_t bytes = (size_t)snprintf(text, sizeof text, "{\"\\u0061\":1");
    for (int i = 0; i < 500; i++)
        bytes += (size_t)snprintf(text + bytes, sizeof text - bytes, ",\"k%d\":[%d,\"x\"]", i, i);
    bytes += (size_t)snprintf(text + bytes, sizeof text - bytes, "}");
    const enum err err =
        json_parse((struct text){.ptr = text, .bytes = bytes}, &json_limits_event, &doc, NULL);
    if (!err)
        CHECK_EQ(json_count(json_root(doc)), 501);
    json_free(doc);
    return err;
}

static enum err write_json(void)
{
    struct buf buf;
    struct json_out out;
    buf_init(&buf, SIZE_MAX);
    json_out_init(&out, &buf);
    json_out_open(&out, '[');
    for (int i = 0; i < 1000; i++)
        json_out_member_i64(&out, "key", i);
    json_out_close(&out, ']');
    const enum err err = buf_error(&buf);
    buf_release(&buf);
    return err;
}

static enum err fill_arena(void)
{
    struct arena arena;
    enum err err = ERR_OK;
    arena_init(&arena, 0);
    for (int i = 0; i < 200 && !err; i++)
        err = arena_alloc(&arena, 100) ? ERR_OK : ERR_NO_MEMORY;
    arena_release(&arena);
    return err;
}

static enum err seal(void)
{
    const uint8_t key[SEAL_KEY_BYTES] = {7};
    struct buf sealed;
    struct buf plain;
    buf_init(&sealed, 10000);
    buf_init(&plain, 10000);
    enum err err = crypto_seal(key, text_of("c"), text_of("13800000001"), &sealed);
    if (!err)
        err = crypto_open(key, text_of("c"), buf_view(&sealed), &plain);
    /* OpenSSL does not tell a wrong tag from a want of memory. */
    if (err == ERR_CORRUPT && fail_at)
        err = ERR_NO_MEMORY;
    buf_release(&sealed);
    buf_release(&plain);
    return err;
}

static enum err use_sql(void)
{
    struct sql_db *db = NULL;
    struct sql_stmt *stmt = NULL;
    enum err err = sql_open(":memory:", SQL_RELAXED, &db, NULL);
    if (!err)
        err = sql_exec(db, "CREATE TABLE t(a UNIQUE)", NULL);
    if (!err)
        err = sql_prepare(db, "INSERT INTO t VALUES(?)", &stmt, NULL);
    for (int i = 0; i < 20 && !err; i++) {
        sql_bind_i64(stmt, 1, i);
        err = sql_run(stmt, NULL);
    }
    sql_finalize(stmt);
    sql_close(db);
    return err;
}

static enum err keep_clock(void)
{
    static char path[200];
    const char *const folder = getenv("TMPDIR");
    struct service_clock clock;
    (void)snprintf(path, sizeof path, "%s/oom-%ld", folder ? folder : "/tmp", (long)getpid());
    clock_init_stepped(&clock, (struct wall_ms){.ms = 7});
    enum err err = clock_save(&clock, path, NULL);
    if (!err)
        err = clock_load(&clock, path, NULL);
    if (!err)
        CHECK_EQ(clock_now(&clock).ms, 7);
    (void)unlink(path);
    return err;
}

static void reading_json_gives_up_cleanly(void)
{
    CHECK_EQ(read_json(), ERR_OK); /* what is made once is made now */
    torture(read_json, /* keeps_nothing= */ true);
}

static void writing_json_gives_up_cleanly(void)
{
    torture(write_json, /* keeps_nothing= */ true);
}

static void an_arena_gives_up_cleanly(void)
{
    torture(fill_arena, /* keeps_nothing= */ true);
}

static void sealing_gives_up_cleanly(void)
{
    CHECK_EQ(seal(), ERR_OK);
    torture(seal, /* keeps_nothing= */ false);
}

static void a_database_gives_up_cleanly(void)
{
    CHECK_EQ(use_sql(), ERR_OK);
    torture(use_sql, /* keeps_nothing= */ false);
}

static void the_clock_file_gives_up_cleanly(void)
{
    torture(keep_clock, /* keeps_nothing= */ true);
}

int main(void)
{
    CHECK_RUN(reading_json_gives_up_cleanly);
    CHECK_RUN(writing_json_gives_up_cleanly);
    CHECK_RUN(an_arena_gives_up_cleanly);
    CHECK_RUN(sealing_gives_up_cleanly);
    CHECK_RUN(a_database_gives_up_cleanly);
    CHECK_RUN(the_clock_file_gives_up_cleanly);
    return check_done();
}
