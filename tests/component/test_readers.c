/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers made beside the loop, through a real socket: they see what the writer has committed,
 * end when they take too long or nobody waits for them any more, and never hold up the loop.
 * Files are sent whole however large they are.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/must.h"
#include "console/ledger_sql.h"
#include "console/problem.h"
#include "console/readers.h"
#include "tests/support/check.h"
#include "tests/support/console_rig.h"

#define LIMIT_MS   1000
#define FILE_BYTES ((int64_t)24 * 1024 * 1024)

/* ---- the service's side: a console of nothing but a ledger, readers and a socket ---- */

static struct console console;
static struct role_env env;
static struct service_clock service_clock;

static enum err ask_number(struct ledger *ledger, const char *text, int64_t *ret_number)
{
    struct sql_stmt *stmt = NULL;
    bool row = false;
    enum err err = sql_prepare(ledger->db, text, &stmt, NULL);
    if (!err) {
        err = sql_step(stmt, &row, NULL);
    }
    if (!err && row) {
        *ret_number = sql_i64(stmt, 0);
    }
    sql_finalize(stmt);
    return err;
}

static void answer_number(struct http_call *call, int64_t number)
{
    char text[32];
    (void)snprintf(text, sizeof(text), "number=%lld", (long long)number);
    http_answer(call, 200, "text/plain", text_of(text));
}

static void read_count(const struct view *view, struct http_call *call)
{
    int64_t number = -1;
    MUST(ask_number(view->ledger, "SELECT count(*) FROM oddities", &number) == ERR_OK);
    answer_number(call, number);
}

/* Its handler does not even look whether the query has come to an end. */
static void read_for_ever(const struct view *view, struct http_call *call)
{
    int64_t number = 0;
    const enum err ignored = ask_number(
        view->ledger,
        "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
        &number);
    (void)ignored;
    answer_number(call, number);
}

static void read_write(const struct view *view, struct http_call *call)
{
    struct sql_stmt *stmt = NULL;
    bool row = false;
    enum err err = sql_prepare(view->ledger->db, "DELETE FROM oddities", &stmt, NULL);
    if (!err) {
        err = sql_step(stmt, &row, NULL);
    }
    sql_finalize(stmt);
    answer_number(call, err != ERR_OK);
}

static void read_problem(const struct view *view, struct http_call *call)
{
    (void)view;
    http_add_header(call, "X-Own", "yes");
    problem_answer(call, PROBLEM_CONFLICT, "as it is");
}

static void read_nothing(const struct view *view, struct http_call *call)
{
    (void)view;
    (void)call; /* a handler that forgets to answer */
}

static void read_file(const struct view *view, struct http_call *call)
{
    char bytes[4096];
    (void)view;
    FILE *file = tmpfile();
    for (int64_t at = 0; at < FILE_BYTES; at += (int64_t)sizeof(bytes)) {
        memset(bytes, (int)('a' + at / (int64_t)sizeof(bytes) % 26), sizeof(bytes));
        MUST(fwrite(bytes, 1, sizeof(bytes), file) == sizeof(bytes));
    }
    (void)fflush(file);
    const int fd = dup(fileno(file));
    (void)fclose(file);
    MUST(lseek(fd, 0, SEEK_SET) == 0);
    http_answer_file(call, 200, "application/octet-stream", fd, FILE_BYTES, "超期\r\n\"清单.xlsx");
}

static const struct {
    const char *path;
    api_read_fn *read;
} reads[] = {
    {"/count", read_count},     {"/for-ever", read_for_ever}, {"/write", read_write},
    {"/problem", read_problem}, {"/nothing", read_nothing},   {"/file", read_file},
};

static bool admit(void *context, struct http_call *call, struct http_admission *ret_admission)
{
    (void)context;
    (void)call;
    (void)ret_admission;
    return true;
}

static void worked(const struct view *view, void *context)
{
    MUST(view->actor->kind == ACTOR_NOBODY && !view->actor->scope.all);
    *(int *)context = 1;
}

/* Long work: it ends when the service does. */
static void works_for_ever(const struct view *view, void *context)
{
    int64_t number = 0;
    const enum err ignored = ask_number(
        view->ledger,
        "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
        &number);
    (void)ignored;
    *(int *)context = 1;
}

/* The work's own answer, on the loop. */
struct work {
    int ran_in_thread;
    struct http_call *call;
};

static void work_done(struct console *of, void *context, bool ran)
{
    struct work *work = context;
    MUST(of == &console && (ran || console.readers == NULL));
    answer_number(work->call, work->ran_in_thread);
    free(work);
}

/* A fact that cannot be read is kept: one more row, committed by the writer. */
static void write_one(struct http_call *call)
{
    static int sequence;
    char position[32];
    struct journal_entry entry = {.partition = 0, .facts = TEXT_LITERAL("[{\"k\":\"?\"}]")};
    (void)snprintf(position, sizeof(position), "%d-0", ++sequence);
    entry.position = text_of(position);
    answer_number(call, ledger_apply(console.ledger, &entry, 1, NULL));
}

static void handle(void *context, struct http_call *call)
{
    (void)context;
    for (size_t index = 0; index < sizeof(reads) / sizeof(reads[0]); index++) {
        if (text_is(call->head.path, reads[index].path)) {
            readers_answer(&console, reads[index].read, call);
            return;
        }
    }
    struct work *work = calloc(1, sizeof(*work));
    work->call = call;
    if (text_is(call->head.path, "/work")) {
        MUST(readers_run(&console, worked, work_done, work));
        return;
    }
    if (text_is(call->head.path, "/work-for-ever")) {
        MUST(readers_run(&console, works_for_ever, work_done, work));
        return;
    }
    if (text_is(call->head.path, "/look")) {
        MUST(readers_look(&console, worked, work_done, work));
        return;
    }
    free(work);
    if (text_is(call->head.path, "/write-one")) {
        write_one(call);
    } else {
        answer_number(call, (int64_t)readers_busy(console.readers));
    }
}

static void refuse(void *context, struct http_call *call, int status, const char *why)
{
    (void)context;
    http_answer(call, status, "text/plain", text_of(why));
}

static void on_term(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    (void)event_base_loopbreak(context);
}

static _Noreturn void serve(const char *folder, int ready_fd)
{
    static const struct http_handler handler = {.admit = admit, .handle = handle, .refuse = refuse};
    const struct http_options options = {.listen = "127.0.0.1:0"};
    struct err_why why = {0};
    struct report report;
    char path[512];
    log_set_level(LOG_ERROR);
    report_init(&report);
    clock_init_real(&service_clock);
    env = (struct role_env){.base = event_base_new(), .clock = &service_clock};
    env.data_folder = folder;
    struct bundle *bundle = bundle_load_folder(NULL, NULL, &report);
    env.bundle = bundle;
    console.env = &env;
    (void)snprintf(path, sizeof(path), "%s/ledger.db", folder);
    if (!env.base || !env.bundle || ledger_open(path, &console.ledger, &why) ||
        readers_create(&console, &console.readers, &why) ||
        http_server_create(env.base, &options, &handler, &console.http, &why)) {
        (void)fprintf(stderr, "serve: %s\n", why.text);
        _exit(90);
    }
    readers_set_limit(console.readers, LIMIT_MS);
    const int port = http_server_port(console.http);
    struct event *term = evsignal_new(env.base, SIGTERM, on_term, env.base);
    event_add(term, NULL);
    if (write(ready_fd, &port, sizeof(port)) != sizeof(port)) {
        _exit(91);
    }
    (void)event_base_dispatch(env.base);
    readers_free(console.readers); /* also with a query under way */
    http_server_free(console.http);
    ledger_close(console.ledger);
    event_free(term);
    event_base_free(env.base);
    bundle_free(bundle);
    report_release(&report);
    exit(0); /* the leak check of test builds looks at what is left */
}

/* ---- the test's side ---- */

static struct console_rig rig;
static char *kept;

static int ask(const char *path)
{
    char bytes[256];
    (void)snprintf(
        bytes, sizeof(bytes), "GET %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", path);
    free(kept);
    kept = console_rig_ask(&rig, bytes, strlen(bytes));
    check_note("%s -> %.300s", path, kept ? kept : "(nothing)");
    return kept && strlen(kept) > 12 ? (int)strtol(kept + 9, NULL, 10) : 0;
}

static bool has(const char *part)
{
    check_note("looking for %s in %.400s", part, kept ? kept : "(nothing)");
    return kept && strstr(kept, part) != NULL;
}

static int begin(const char *path)
{
    char bytes[256];
    const int fd = console_rig_connect(&rig);
    (void)snprintf(bytes, sizeof(bytes), "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", path);
    CHECK(fd >= 0 && send(fd, bytes, strlen(bytes), MSG_NOSIGNAL) == (ssize_t)strlen(bytes));
    return fd;
}

static void a_reader_sees_what_was_written_before_it_asked(void)
{
    for (int count = 0; count < 50; count++) {
        char wanted[32];
        (void)snprintf(wanted, sizeof(wanted), "number=%d", count);
        CHECK_EQ(ask("/count"), 200);
        CHECK(has(wanted));
        CHECK_EQ(ask("/write-one"), 200);
        CHECK(has("number=0"));
    }
}

static void a_reader_cannot_write(void)
{
    CHECK_EQ(ask("/write"), 200);
    CHECK(has("number=1"));
}

static void a_problem_keeps_its_words_and_headers(void)
{
    CHECK_EQ(ask("/problem"), 409);
    CHECK(has("X-Own: yes\r\n") && has("as it is"));
    CHECK_EQ(ask("/nothing"), 500);
}

static void work_is_done_in_a_thread_and_ended_on_the_loop(void)
{
    CHECK_EQ(ask("/work"), 200);
    CHECK(has("number=1"));
}

static void a_query_without_an_end_is_given_up(void)
{
    const int64_t start_ms = clock_mono().ms;
    CHECK_EQ(ask("/for-ever"), 503);
    CHECK(has("took too long") && has("Retry-After: "));
    CHECK(clock_mono().ms - start_ms >= LIMIT_MS);
    CHECK(!has("number="));
}

static bool gets_idle(void)
{
    const int64_t end_ms = clock_mono().ms + 10000;
    do {
        if (ask("/busy") != 200) {
            return false;
        }
    } while (!strstr(kept, "number=0") && clock_mono().ms < end_ms);
    return has("number=0");
}

static void slow_queries_do_not_hold_up_the_loop_and_end_when_nobody_waits(void)
{
    int fds[READERS_ANSWERING * 3];
    const int count = (int)(sizeof(fds) / sizeof(fds[0]));
    for (int index = 0; index < count; index++) {
        fds[index] = begin("/for-ever");
    }
    CHECK_EQ(ask("/busy"), 200);
    CHECK(!has("number=0"));
    for (int index = 0; index < count; index++) {
        (void)close(fds[index]);
    }
    /* Three rounds of the limit, would they go on; those who left are not waited for. */
    const int64_t start_ms = clock_mono().ms;
    CHECK(gets_idle());
    CHECK(clock_mono().ms - start_ms < 2 * LIMIT_MS);
    CHECK_EQ(ask("/count"), 200);
}

static void a_full_queue_says_so_at_once(void)
{
    static int fds[READERS_QUEUE_MAX + READERS_ANSWERING + 20];
    const int count = (int)(sizeof(fds) / sizeof(fds[0]));
    int refused = 0;
    for (int index = 0; index < count; index++) {
        fds[index] = begin("/for-ever");
    }
    /* The last ones hear it; the first ones are still at it, or wait. */
    for (int index = count - 1; index >= count - 16; index--) {
        char answer[64] = "";
        struct pollfd wait = {.fd = fds[index], .events = POLLIN};
        refused += poll(&wait, 1, LIMIT_MS / 2) == 1 &&
                   recv(fds[index], answer, sizeof(answer) - 1, MSG_DONTWAIT) > 0 &&
                   strncmp(answer, "HTTP/1.1 503", 12) == 0;
    }
    CHECK_EQ(refused, 16);
    for (int index = 0; index < count; index++) {
        (void)close(fds[index]);
    }
    CHECK(gets_idle());
    CHECK_EQ(ask("/count"), 200);
}

static long resident_kib(void)
{
    char path[64];
    char text[128] = "";
    (void)snprintf(path, sizeof(path), "/proc/%ld/statm", (long)rig.pid);
    FILE *file = fopen(path, "re");
    const bool got = file && fgets(text, sizeof(text), file);
    if (file) {
        (void)fclose(file);
    }
    const char *second = got ? strchr(text, ' ') : NULL;
    return second ? strtol(second, NULL, 10) * (sysconf(_SC_PAGESIZE) / 1024) : 0;
}

/* Sanitizers keep freed memory for a while. */
static bool is_sanitized(void)
{
    const char *word = getenv("NRT_SANITIZED");
    return word && word[0] == '1';
}

static void a_large_file_comes_whole_and_takes_no_memory(void)
{
    static char piece[65536]; /* its last byte stays 0 */
    const int fd = begin("/file");
    int64_t got = 0;
    int64_t head_bytes = 0;
    ssize_t count = 0;
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    CHECK(poll(&wait, 1, 10000) == 1);
    const long before = resident_kib();
    while (got - head_bytes < FILE_BYTES && (count = recv(fd, piece, sizeof(piece) - 1, 0)) > 0) {
        if (got == 0) {
            const char *end = memmem(piece, (size_t)count, "\r\n\r\n", 4);
            head_bytes = CHECK(end != NULL) ? end - piece + 4 : 0;
            free(kept);
            kept = strndup(piece, (size_t)head_bytes);
        }
        got += count;
    }
    CHECK_EQ(got - head_bytes, FILE_BYTES);
    CHECK(is_sanitized() || resident_kib() - before < 4 * 1024);
    CHECK(has("Content-Disposition: attachment; filename=\""));
    CHECK(has(".xlsx\"; filename*=UTF-8''%E8%B6%85%E6%9C%9F%0D%0A%22"));
    (void)close(fd);
    const int left = begin("/file"); /* and one who leaves in the middle */
    wait.fd = left;
    CHECK(poll(&wait, 1, 10000) == 1);
    (void)close(left);
    CHECK_EQ(ask("/count"), 200);
}

static void what_is_quick_does_not_wait_behind_what_is_long(void)
{
    int fds[READERS_WORKING + 2];
    for (int index = 0; index < READERS_WORKING + 2; index++) {
        fds[index] = begin("/work-for-ever");
    }
    CHECK_EQ(ask("/look"), 200);
    CHECK(has("number=1"));
    CHECK_EQ(ask("/count"), 200);
    for (int index = 0; index < READERS_WORKING + 2; index++) {
        (void)close(fds[index]);
    }
}

static void the_end_does_not_wait_for_a_query(void)
{
    const int fd = begin("/for-ever");
    int status = 0;
    CHECK_EQ(ask("/busy"), 200);
    CHECK(kill(rig.pid, SIGTERM) == 0);
    CHECK(waitpid(rig.pid, &status, 0) == rig.pid);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    (void)close(fd);
}

static void remove_folder(void)
{
    static const char *const names[] = {"ledger.db", "ledger.db-wal", "ledger.db-shm"};
    for (size_t index = 0; index < 3; index++) {
        char path[320];
        (void)snprintf(path, sizeof(path), "%s/%s", rig.folder, names[index]);
        (void)unlink(path);
    }
    (void)rmdir(rig.folder);
}

int main(void)
{
    int ends[2];
    const char *tmp = getenv("TMPDIR");
    (void)snprintf(
        rig.folder, sizeof(rig.folder), "%s/readers-XXXXXX", tmp && tmp[0] ? tmp : "/tmp");
    if (!CHECK(mkdtemp(rig.folder) != NULL) || !CHECK(pipe(ends) == 0)) {
        return check_done();
    }
    (void)fflush(stdout);
    rig.pid = fork();
    if (rig.pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that ends early leaves nobody behind */
        (void)close(ends[0]);
        serve(rig.folder, ends[1]);
    }
    (void)close(ends[1]);
    if (CHECK(read(ends[0], &rig.port, sizeof(rig.port)) == sizeof(rig.port))) {
        CHECK_RUN(a_reader_sees_what_was_written_before_it_asked);
        CHECK_RUN(a_reader_cannot_write);
        CHECK_RUN(a_problem_keeps_its_words_and_headers);
        CHECK_RUN(work_is_done_in_a_thread_and_ended_on_the_loop);
        CHECK_RUN(a_query_without_an_end_is_given_up);
        CHECK_RUN(slow_queries_do_not_hold_up_the_loop_and_end_when_nobody_waits);
        CHECK_RUN(a_full_queue_says_so_at_once);
        CHECK_RUN(a_large_file_comes_whole_and_takes_no_memory);
        CHECK_RUN(what_is_quick_does_not_wait_behind_what_is_long);
        CHECK_RUN(the_end_does_not_wait_for_a_query);
    }
    remove_folder();
    free(kept);
    return check_done();
}
