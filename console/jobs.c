/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Children: started, read from without blocking, ended. Looked at a few times a second by one
 * timer; a child that says nothing any more is collected there too.
 */
#include "console/jobs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"

#define LOOK_MS          ((int64_t)50)
#define READY_MS_MAX     ((int64_t)30000)
#define OUT_BYTES_MAX    ((size_t)1024 * 1024)
#define PATH_BYTES       600
#define WORD_BYTES       512
#define CHILD_DATA_BYTES ((rlim_t)1536 * 1024 * 1024)

extern char **environ;

struct job {
    struct job *next;
    char id[CHANGE_ID_BYTES];
    enum job_state state;
    pid_t pid; /* 0: not running */
    int out_fd;
    int64_t since_ms; /* monotonic: asked for, started, or ended */
    int64_t days;
    bool replan;
    int64_t done;
    int64_t total;
    char why[512];
    struct buf out; /* of the child, not a whole line yet */
    struct buf totals;
    char bundle_path[PATH_BYTES];
    char items_path[PATH_BYTES];
    char complaints_path[PATH_BYTES];
};

struct jobs {
    struct console *console;
    struct loop_timer *timer;
    struct job *first; /* newest first */
    int64_t number;
    char folder[PATH_BYTES - 64];
};

const char *job_state_name(enum job_state state)
{
    static const char *const names[JOB_STATE_COUNT] = {
        [JOB_WAITING] = "running", [JOB_RUNNING] = "running",     [JOB_DONE] = "done",
        [JOB_FAILED] = "failed",   [JOB_CANCELLED] = "cancelled",
    };
    return names[state];
}

static bool is_open(const struct job *job)
{
    return job->state == JOB_WAITING || job->state == JOB_RUNNING;
}

static void remove_files(const struct job *job)
{
    (void)unlink(job->bundle_path);
    (void)unlink(job->items_path);
    (void)unlink(job->complaints_path);
}

static void job_free(struct job *job)
{
    remove_files(job);
    if (job->out_fd >= 0) {
        (void)close(job->out_fd);
    }
    buf_release(&job->out);
    buf_release(&job->totals);
    free(job);
}

static void job_end(struct job *job, enum job_state state, const char *why)
{
    job->state = state;
    job->since_ms = clock_mono().ms;
    if (why) {
        (void)snprintf(job->why, sizeof(job->why), "%s", why);
    }
    (void)unlink(job->bundle_path);
    log_info(
        "job_ended", "job=%s state=%s cases=%lld", job->id, job_state_name(state),
        (long long)job->done);
}

/* ---- starting ---- */

/* The names of channels, those of SMS alone or all of default_via, with commas between. */
static void channel_words(
    const struct settings *settings, bool sms, char ret_words[static WORD_BYTES])
{
    size_t bytes = 0;
    ret_words[0] = '\0';
    const size_t count = sms ? settings->channel_count : settings->default_via_count;
    for (size_t i = 0; i < count && bytes < WORD_BYTES - 80; i++) {
        const struct text name = sms ? settings->channels[i].name : settings->default_via[i];
        if (sms && !text_is(name, "sms") && !text_is(settings->channels[i].type, "kannel")) {
            continue;
        }
        bytes += (size_t)snprintf(
            ret_words + bytes, WORD_BYTES - bytes, "%s%.*s", bytes > 0 ? "," : "", TEXT_ARGS(name));
    }
}

static void bound_child(pid_t pid)
{
#ifndef __SANITIZE_ADDRESS__
    const struct rlimit data = {.rlim_cur = CHILD_DATA_BYTES, .rlim_max = CHILD_DATA_BYTES};
    (void)prlimit(pid, RLIMIT_DATA, &data, NULL);
#endif
    (void)setpriority(PRIO_PROCESS, (id_t)pid, 10);
}

static bool redirect(posix_spawn_file_actions_t *actions, const struct job *job, int out_fd)
{
    return posix_spawn_file_actions_adddup2(actions, out_fd, STDOUT_FILENO) == 0 &&
           posix_spawn_file_actions_addopen(
               actions, STDERR_FILENO, job->complaints_path, O_WRONLY | O_CREAT | O_TRUNC, 0600) ==
               0 &&
           posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0) == 0;
}

static int spawn(struct job *job, char *const argv[], int out_fd)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t usual;
    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawnattr_init(&attributes);
    /* Should we die, the child's next word kills it. */
    (void)sigemptyset(&usual);
    (void)sigaddset(&usual, SIGPIPE);
    (void)posix_spawnattr_setsigdefault(&attributes, &usual);
    (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    int failed = redirect(&actions, job, out_fd) ? 0 : ENOMEM;
    if (!failed) {
        failed = posix_spawn(&job->pid, "/proc/self/exe", &actions, &attributes, argv, environ);
    }
    (void)posix_spawnattr_destroy(&attributes);
    (void)posix_spawn_file_actions_destroy(&actions);
    return failed;
}

static void start(struct jobs *jobs, struct job *job)
{
    const struct role_env *env = jobs->console->env;
    int ends[2];
    char now[32];
    char days[32];
    char sms[WORD_BYTES];
    char via[WORD_BYTES];
    (void)snprintf(now, sizeof(now), "%lld", (long long)role_now(jobs->console->env).ms);
    (void)snprintf(days, sizeof(days), "%lld", (long long)job->days);
    channel_words(env->settings, true, sms);
    channel_words(env->settings, false, via);
    const char *const words[] = {
        "nrt",
        "worker",
        "preview",
        "--data",
        env->data_folder,
        "--bundle",
        job->bundle_path,
        "--now",
        now,
        "--days",
        days,
        "--replan",
        job->replan ? "yes" : "no",
        "--items",
        job->items_path,
        "--sms",
        sms,
        "--default-via",
        via,
        NULL};
    char *argv[sizeof(words) / sizeof(words[0])];
    memcpy(argv, words, sizeof(words)); /* posix_spawn takes them without const */
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
        job_end(job, JOB_FAILED, "no pipe for the child process");
        return;
    }
    (void)fcntl(ends[1], F_SETFL, 0); /* the child's end blocks, as programs expect */
    const int failed = spawn(job, argv, ends[1]);
    (void)close(ends[1]);
    if (failed) {
        (void)close(ends[0]);
        job->pid = 0;
        job_end(job, JOB_FAILED, "the child process could not be started");
        return;
    }
    bound_child(job->pid);
    job->out_fd = ends[0];
    job->state = JOB_RUNNING;
    job->since_ms = clock_mono().ms;
    log_info("job_started", "job=%s pid=%d", job->id, (int)job->pid);
}

/* The worker reads versions out of the ledger: they must be there first. */
static void start_when_ready(struct jobs *jobs, struct job *job)
{
    int64_t lacking = 0;
    const bool late = clock_mono().ms - job->since_ms > READY_MS_MAX;
    if (!ledger_version_lacking(jobs->console->ledger, &lacking) && (lacking == 0 || late)) {
        start(jobs, job);
    } else if (late) {
        job_end(job, JOB_FAILED, "the ledger could not be read");
    }
}

/* ---- what the child says ---- */

static void take_line(struct job *job, struct text line)
{
    struct json_doc *doc = NULL;
    if (json_parse(line, &json_limits_answer, &doc, NULL)) {
        return;
    }
    const struct json_value *root = json_root(doc);
    const bool progress = text_is(json_get_string(root, "type"), "progress");
    if (progress && (json_i64(json_get(root, "done"), &job->done) ||
                     json_i64(json_get(root, "total"), &job->total))) {
        job->done = 0;
    } else if (text_is(json_get_string(root, "type"), "totals")) {
        buf_clear(&job->totals);
        buf_text(&job->totals, line);
    }
    json_free(doc);
}

static void take_lines(struct job *job)
{
    size_t from = 0;
    for (;;) {
        const char *start = job->out.ptr + from;
        const char *end = job->out.bytes > from ? memchr(start, '\n', job->out.bytes - from) : NULL;
        if (!end) {
            break;
        }
        take_line(job, (struct text){.ptr = start, .bytes = (size_t)(end - start)});
        from += (size_t)(end - start) + 1;
    }
    if (from > 0) {
        memmove(job->out.ptr, job->out.ptr + from, job->out.bytes - from);
        buf_cut(&job->out, job->out.bytes - from);
    }
}

/* False at the end of what it says. */
static bool read_child(struct job *job)
{
    char bytes[16384];
    for (int turn = 0; turn < 64; turn++) {
        const ssize_t got = read(job->out_fd, bytes, sizeof(bytes));
        if (got > 0) {
            buf_add(&job->out, bytes, (size_t)got);
            take_lines(job);
        } else {
            return got < 0 && (errno == EAGAIN || errno == EINTR);
        }
    }
    return true;
}

/* ---- its end ---- */

static void collect(struct job *job)
{
    int status = 0;
    const pid_t ended = waitpid(job->pid, &status, WNOHANG);
    if (ended == 0) {
        return; /* it has closed its output and is about to end */
    }
    (void)close(job->out_fd);
    job->out_fd = -1;
    job->pid = 0;
    if (!is_open(job)) {
        return; /* cancelled, or out of time */
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && job->totals.bytes > 0) {
        job->done = job->total > 0 ? job->total : job->done;
        job_end(job, JOB_DONE, NULL);
        return;
    }
    struct buf said;
    buf_init(&said, (size_t)64 * 1024);
    (void)!file_read(job->complaints_path, &said, NULL);
    job_end(job, JOB_FAILED, NULL);
    (void)snprintf(
        job->why, sizeof(job->why), "%.*s",
        TEXT_ARGS(
            said.bytes > 0 ? utf8_cut(buf_view(&said), 400)
                           : TEXT_LITERAL("the child process ended without a result")));
    buf_release(&said);
}

static void stop_child(struct job *job, enum job_state state, const char *why)
{
    if (job->pid > 0) {
        (void)kill(job->pid, SIGKILL);
    }
    job_end(job, state, why);
}

static void look_at_job(struct jobs *jobs, struct job *job)
{
    if (job->state == JOB_WAITING) {
        start_when_ready(jobs, job);
    }
    if (job->pid > 0 && !read_child(job)) {
        collect(job);
    }
    if (job->state == JOB_RUNNING && clock_mono().ms - job->since_ms > JOB_MS_MAX) {
        stop_child(job, JOB_FAILED, "it took longer than 30 minutes");
    }
}

static void look(void *context)
{
    struct jobs *jobs = context;
    size_t kept = 0;
    bool open = false;
    struct job **link = &jobs->first;
    while (*link) {
        struct job *job = *link;
        look_at_job(jobs, job);
        open = open || is_open(job) || job->pid > 0;
        kept++;
        const bool old = kept > JOBS_KEPT_MAX || clock_mono().ms - job->since_ms > JOB_KEPT_MS;
        if (old && !is_open(job) && job->pid == 0) {
            *link = job->next;
            job_free(job);
        } else {
            link = &job->next;
        }
    }
    loop_timer_arm(jobs->timer, open ? LOOK_MS : 20 * LOOK_MS);
}

/* ---- the list ---- */

static struct job *job_find(const struct jobs *jobs, struct text id)
{
    struct job *job = jobs->first;
    while (job && !text_is(id, job->id)) {
        job = job->next;
    }
    return job;
}

static size_t open_count(const struct jobs *jobs)
{
    size_t count = 0;
    for (const struct job *job = jobs->first; job; job = job->next) {
        count += is_open(job) || job->pid > 0;
    }
    return count;
}

static struct job *job_create(struct jobs *jobs, const struct preview_wish *wish)
{
    struct job *job = calloc(1, sizeof(*job));
    if (!job) {
        return NULL;
    }
    jobs->number++;
    (void)snprintf(job->id, sizeof(job->id), "p%lld", (long long)jobs->number);
    (void)snprintf(job->bundle_path, PATH_BYTES, "%s/%s.json", jobs->folder, job->id);
    (void)snprintf(job->items_path, PATH_BYTES, "%s/%s.ndjson", jobs->folder, job->id);
    (void)snprintf(job->complaints_path, PATH_BYTES, "%s/%s.txt", jobs->folder, job->id);
    buf_init(&job->out, OUT_BYTES_MAX);
    buf_init(&job->totals, OUT_BYTES_MAX);
    job->out_fd = -1;
    job->state = JOB_WAITING;
    job->since_ms = clock_mono().ms;
    job->days = wish->days;
    job->replan = wish->replan;
    return job;
}

enum err jobs_preview(
    struct jobs *jobs,
    const struct preview_wish *wish,
    char ret_id[static CHANGE_ID_BYTES],
    struct err_why *why)
{
    if (open_count(jobs) >= JOBS_RUNNING_MAX) {
        return err_set(why, ERR_FULL, "two previews are running: wait for one of them");
    }
    struct job *job = job_create(jobs, wish);
    if (!job) {
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    }
    const enum err err = file_write(job->bundle_path, wish->bundle, 0600, why);
    if (err) {
        job_free(job);
        return err;
    }
    job->next = jobs->first;
    jobs->first = job;
    memcpy(ret_id, job->id, CHANGE_ID_BYTES);
    loop_timer_arm(jobs->timer, 0);
    return ERR_OK;
}

bool jobs_view(const struct jobs *jobs, struct text id, struct job_view *ret_view)
{
    const struct job *job = job_find(jobs, id);
    if (job) {
        *ret_view = (struct job_view){
            .id = job->id,
            .state = job->state,
            .done = job->done,
            .total = job->total,
            .why = job->why,
            .totals = buf_view(&job->totals),
            .items_path = job->items_path,
        };
    }
    return job != NULL;
}

bool jobs_cancel(struct jobs *jobs, struct text id)
{
    struct job *job = job_find(jobs, id);
    if (job && is_open(job)) {
        stop_child(job, JOB_CANCELLED, "cancelled");
    }
    return job != NULL;
}

void jobs_stop(struct jobs *jobs)
{
    for (struct job *job = jobs->first; job; job = job->next) {
        if (is_open(job)) {
            stop_child(job, JOB_CANCELLED, "the console is stopping");
        }
    }
}

/* Files of a console before us: nobody knows what they belong to. */
static void clean_folder(const char *folder)
{
    DIR *entries = opendir(folder);
    if (!entries) {
        return;
    }
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread */
    for (const struct dirent *entry = readdir(entries); entry; entry = readdir(entries)) {
        if (entry->d_name[0] == 'p') {
            (void)unlinkat(dirfd(entries), entry->d_name, 0);
        }
    }
    (void)closedir(entries);
}

struct jobs *jobs_create(struct console *console)
{
    struct jobs *jobs = calloc(1, sizeof(*jobs));
    if (!jobs) {
        return NULL;
    }
    jobs->console = console;
    jobs->timer = loop_timer_create(console->env->loop, look, jobs);
    const int bytes =
        snprintf(jobs->folder, sizeof(jobs->folder), "%s/jobs", console->env->data_folder);
    if (!jobs->timer || bytes < 0 || (size_t)bytes >= sizeof(jobs->folder) ||
        file_make_folders(jobs->folder, 0700, NULL)) {
        jobs_free(jobs);
        return NULL;
    }
    clean_folder(jobs->folder);
    return jobs;
}

void jobs_free(struct jobs *jobs)
{
    if (!jobs) {
        return;
    }
    while (jobs->first) {
        struct job *job = jobs->first;
        jobs->first = job->next;
        if (job->pid > 0) {
            (void)kill(job->pid, SIGKILL);
            (void)waitpid(job->pid, NULL, 0);
        }
        job_free(job);
    }
    loop_timer_free(jobs->timer);
    free(jobs);
}
