/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The work is a copy on the heap that the thread has to itself; the loop only knows that it is
 * there.
 */
#include "console/passwords.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "console/problem.h"
#include "console/readers.h"
#include "console/sign_in.h"

struct passwords {
    struct job *jobs[PASSWORDS_WAITING_MAX];
};

struct job {
    struct password_work work;
    struct http_call *call;
    password_done_fn *done;
    struct job **place;
    char address[ADDRESS_TEXT_BYTES];
};

struct passwords *passwords_create(void)
{
    return calloc(1, sizeof(struct passwords));
}

void passwords_free(struct passwords *passwords)
{
    free(passwords);
}

struct password password_of(struct text text)
{
    struct password password = {0};
    if (text.bytes > 0 && text.bytes <= PASSWORD_BYTES_MAX) {
        memcpy(password.ptr, text.ptr, text.bytes);
        password.bytes = text.bytes;
    }
    return password;
}

/* ---- in the thread ---- */

static struct text text_in(const struct password *password)
{
    return (struct text){password->ptr, password->bytes};
}

static void on_thread(const struct view *view, void *context)
{
    struct password_work *work = &((struct job *)context)->work;
    const struct text hash = text_of(work->hash);
    const struct text given = text_in(&work->given);
    (void)view;
    work->err = ERR_OK;
    work->made[0] = '\0';
    if (work->verify) {
        work->err = hash.bytes > 0 ? password_verify(given, hash) : password_verify_nothing(given);
    }
    if (work->err) {
        return;
    }
    if (work->make) {
        work->err = password_hash(text_in(&work->next), &password_cost_now, work->made);
    } else if (work->verify && password_is_stale(hash, &password_cost_now)) {
        work->err = password_hash(given, &password_cost_now, work->made);
    }
}

/* ---- on the loop ---- */

static void job_free(struct job *job)
{
    *job->place = NULL;
    explicit_bzero(job, sizeof(*job));
    free(job);
}

static void on_done(struct console *console, void *context, bool ran)
{
    struct job *job = context;
    if (!ran) {
        problem_answer(job->call, PROBLEM_UNAVAILABLE, "the service is stopping");
    } else if (job->work.err == ERR_NO_MEMORY) {
        problem_answer(job->call, PROBLEM_UNAVAILABLE, "out of memory for passwords");
    } else {
        job->done(console, job->call, &job->work);
    }
    job_free(job);
}

/* NULL: there is no room, this name is being looked at, or too many from this address are. */
static struct job **place_for(struct passwords *passwords, const char *name, const char *address)
{
    struct job **place = NULL;
    int of_address = 0;
    for (size_t index = 0; index < PASSWORDS_WAITING_MAX; index++) {
        struct job *job = passwords->jobs[index];
        if (!job) {
            place = &passwords->jobs[index];
            continue;
        }
        of_address += strcmp(job->address, address) == 0;
        if (strcmp(job->work.name, name) == 0 || of_address >= PASSWORDS_PER_ADDRESS) {
            return NULL;
        }
    }
    return place;
}

void passwords_work(
    struct console *console,
    struct http_call *call,
    struct password_work *work,
    password_done_fn *done)
{
    char address[ADDRESS_TEXT_BYTES];
    (void)sign_in_address(console, call, address);
    struct job **place = place_for(sign_in_passwords(console), work->name, address);
    struct job *job = place ? calloc(1, sizeof(*job)) : NULL;
    if (job) {
        *job = (struct job){.work = *work, .call = call, .done = done, .place = place};
        memcpy(job->address, address, sizeof job->address);
        *place = job;
    }
    explicit_bzero(work, sizeof(*work));
    if (!place) {
        http_add_header(call, "Retry-After", "1");
        problem_answer_with(
            call, PROBLEM_TOO_MANY, "other passwords are being looked at; try again", "retry_after",
            TEXT_LITERAL("1"));
    } else if (!job || !readers_look(console, on_thread, on_done, job)) {
        if (job) {
            job_free(job);
        }
        problem_answer(call, PROBLEM_UNAVAILABLE, "no room for one more sign-in; try again");
    }
}

/* ---- what a password must be like ---- */

/* What people take when they have to take something: the first that anybody tries. */
static const char *const common[] = {
    "password",   "passw0rd",   "p@ssw0rd",     "p@ssword",   "qwertyuiop",    "qwerty",
    "1q2w3e4r5t", "1q2w3e4r",   "1qaz2wsx3edc", "1qaz2wsx",   "qazwsxedc",     "zaq12wsx",
    "asdfghjkl",  "zxcvbnm",    "iloveyou",     "woaini",     "woaini1314",    "5201314",
    "abcdefghij", "abc123",     "abcd1234",     "a1b2c3d4e5", "administrator", "admin",
    "root",       "test",       "welcome",      "letmein",    "changeme",      "default",
    "dongyang",   "zhejiang",   "zhengfu",      "duban",      "ducha",         "norepeattrip",
    "government", "superman",   "sunshine",     "princess",   "football",      "monkey",
    "dragon",     "master",     "login",        "user",       "guest",         "secret",
    "123456",     "123123",     "112233",       "111111",     "666666",        "888888",
    "987654321",  "0987654321", "0123456789",   "1234567890", "11111111",      "88888888",
};

static bool is_same_char(struct text text)
{
    size_t same = 1;
    while (same < text.bytes && text.ptr[same] == text.ptr[0]) {
        same++;
    }
    return same == text.bytes;
}

/* Digits and marks around a word make no other word of it. */
static struct text core_of(struct text text)
{
    static const char around[] = "0123456789!@#$%^&*()_+-=., ?~`/\\|;:'\"";
    while (text.bytes > 0 && memchr(around, text.ptr[text.bytes - 1], sizeof around - 1)) {
        text.bytes--;
    }
    while (text.bytes > 0 && memchr(around, text.ptr[0], sizeof around - 1)) {
        text.ptr++;
        text.bytes--;
    }
    return text;
}

static bool is_word(struct text text, const char *word)
{
    return text.bytes == strlen(word) && strncasecmp(text.ptr, word, text.bytes) == 0;
}

static bool is_common(struct text password)
{
    const struct text core = core_of(password);
    if (is_same_char(password) || core.bytes == 0) {
        return true;
    }
    for (size_t index = 0; index < sizeof common / sizeof common[0]; index++) {
        if (is_word(password, common[index]) || is_word(core, common[index])) {
            return true;
        }
    }
    return false;
}

static bool holds(struct text text, struct text part)
{
    for (size_t at = 0; part.bytes > 0 && at + part.bytes <= text.bytes; at++) {
        if (strncasecmp(text.ptr + at, part.ptr, part.bytes) == 0) {
            return true;
        }
    }
    return false;
}

static size_t chars_of(struct text text)
{
    size_t count = 0;
    for (size_t index = 0; index < text.bytes; index++) {
        count += ((unsigned char)text.ptr[index] & 0xc0) != 0x80;
    }
    return count;
}

const struct password_flaw *password_flaw(struct text password, struct text name)
{
    static const struct password_flaw too_short = {
        "short", "a password has at least 10 characters"};
    static const struct password_flaw too_long = {"long", "a password has at most 256 bytes"};
    static const struct password_flaw named = {
        "name", "a password does not hold the account's name"};
    static const struct password_flaw known = {
        "common", "this is one of the first that anybody would try; take several words"};
    if (password.bytes > PASSWORD_BYTES_MAX) {
        return &too_long;
    }
    if (chars_of(password) < PASSWORD_CHARS_MIN) {
        return &too_short;
    }
    if (name.bytes >= 3 && holds(password, name)) {
        return &named;
    }
    return is_common(password) ? &known : NULL;
}
