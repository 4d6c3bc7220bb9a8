/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See account_watch.h. The id of a notice is made of the entry and the person: what was told before
 * is not told again, by this process or the next.
 */
#include "console/account_watch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "config/notice.h"
#include "console/readers.h"

#define LOOK_MS         ((int64_t)60000)
#define RECENT_MS       ((int64_t)24 * 3600000)
#define ARENA_BYTES_MAX ((size_t)256 * 1024 * 1024)
#define TOLD_MAX        1024
#define WORDS_BYTES     ((size_t)4096)

/* One look: made in a thread, told on the loop. */
struct look {
    struct account_watch *watch;
    struct arena arena;
    struct account_notice notices[ACCOUNT_NOTICES_MAX];
    size_t count;
    enum err err;
};

struct account_watch {
    struct console *console;
    struct loop_timer *timer;
    struct look *look; /* under way; NULL: none */
    int64_t revision;  /* of the ledger at the last look */
    char told[TOLD_MAX][NRT_ID_BYTES];
    size_t told_count; /* ever; the last TOLD_MAX of them are remembered */
};

/* ---- words ---- */

static bool is_english(const struct settings *settings)
{
    const struct channel_settings *channel =
        settings->default_via_count > 0 ? settings_channel(settings, settings->default_via[0])
                                        : NULL;
    return channel && channel->english;
}

static struct text who_name(const struct view *view, const struct account_entry *entry)
{
    const struct directory *directory = view_policy(view)->directory;
    if (entry->policy->by_person) {
        const struct person *person = directory_person(directory, entry->who);
        return person ? person->name : entry->who;
    }
    const struct unit *unit = directory_unit(directory, entry->who);
    return unit ? unit->name : entry->who;
}

static void words_make(
    const struct view *view, const struct account_entry *entry, struct buf *words)
{
    const struct text who = who_name(view, entry);
    const struct text title =
        entry->policy->title.bytes > 0 ? entry->policy->title : entry->policy->id;
    if (is_english(view->settings)) {
        buf_format(
            words, "Accountability: %.*s has %zu misses (%.*s). Please look into it.",
            TEXT_ARGS(who), entry->evidence_count, TEXT_ARGS(title));
    } else {
        buf_format(
            words, "问责线索：%.*s累计超期%zu件（%.*s），请核查处理。", TEXT_ARGS(who),
            entry->evidence_count, TEXT_ARGS(title));
    }
    buf_text(words, view->settings->public_url);
}

static struct text notice_json(
    const struct view *view,
    const struct account_entry *entry,
    const char *id,
    struct text person,
    struct arena *arena)
{
    struct buf words;
    struct buf json;
    buf_init(&words, WORDS_BYTES);
    buf_init(&json, 4 * WORDS_BYTES);
    words_make(view, entry, &words);
    const struct notice notice = {
        .kind = "account",
        .id = text_of(id),
        .to = &person,
        .to_count = 1,
        .via = view->settings->default_via,
        .via_count = view->settings->default_via_count,
        .title =
            is_english(view->settings) ? TEXT_LITERAL("Accountability") : TEXT_LITERAL("问责线索"),
        .text = buf_view(&words),
        .unit = entry->unit,
        .send = SEND_OFFICE,
        .at = view->now,
    };
    notice_write(&notice, &json);
    const struct text kept = buf_error(&json) || buf_error(&words)
                                 ? (struct text){0}
                                 : arena_text(arena, buf_view(&json));
    buf_release(&words);
    buf_release(&json);
    return kept;
}

/* ---- looking ---- */

static enum err entry_notices(
    const struct view *view,
    const struct account_entry *entry,
    struct arena *arena,
    struct account_notice *notices,
    size_t *count)
{
    struct people_list people = {0};
    const struct figure_run *last = entry->evidence[entry->evidence_count - 1];
    const struct role_subject subject = {.unit = entry->unit, .handler = last->handler};
    const enum err err = directory_resolve(
        view_policy(view)->directory, entry->policy->notify, entry->policy->notify_count, &subject,
        arena, &people);
    for (size_t index = 0; index < people.count && !err && *count < ACCOUNT_NOTICES_MAX; index++) {
        struct account_notice *notice = &notices[*count];
        const struct text parts[] = {TEXT_LITERAL("account"), entry->id, people.ids[index]};
        crypto_id(parts, sizeof(parts) / sizeof(parts[0]), notice->id);
        notice->person = people.ids[index];
        notice->json = notice_json(view, entry, notice->id, notice->person, arena);
        if (!notice->json.ptr) {
            return ERR_NO_MEMORY;
        }
        (*count)++;
    }
    return err;
}

enum err account_notices(
    const struct view *view,
    struct arena *arena,
    struct account_notice *ret_notices,
    size_t *ret_count)
{
    const struct account_query query = {.open_only = true};
    struct account_list list = {0};
    *ret_count = 0;
    enum err err = accountability_list(view, &query, arena, &list);
    for (size_t index = 0; index < list.count && !err; index++) {
        const struct account_entry *entry = &list.items[index];
        if (entry->opened.ms <= view->now.ms - RECENT_MS) {
            break; /* the newest come first */
        }
        if (entry->policy->notify_count > 0) {
            err = entry_notices(view, entry, arena, ret_notices, ret_count);
        }
    }
    return err;
}

static void look_free(struct look *look)
{
    arena_release(&look->arena);
    free(look);
}

static void in_thread(const struct view *view, void *context)
{
    struct look *look = context;
    look->err = account_notices(view, &look->arena, look->notices, &look->count);
}

static void on_told(
    void *context, enum err err, const char *why, const struct text *positions, size_t count)
{
    struct account_watch *watch = context;
    (void)positions;
    (void)count;
    if (err) {
        log_warn("account_notices_wait", "err=%s why=\"%s\"", err_name(err), why ? why : "");
        watch->told_count = 0; /* all of them once more at the next look */
        watch->revision = -1;
    }
}

static bool is_told(const struct account_watch *watch, const char *id)
{
    const size_t known = watch->told_count < TOLD_MAX ? watch->told_count : TOLD_MAX;
    for (size_t index = 0; index < known; index++) {
        if (strcmp(watch->told[index], id) == 0) {
            return true;
        }
    }
    return false;
}

/* Forgotten again when it could not be told: the mailbox takes each once anyway. */
static void tell(struct account_watch *watch, const struct look *look)
{
    struct role_env *env = watch->console->env;
    struct store_item items[ACCOUNT_NOTICES_MAX];
    size_t count = 0;
    for (size_t index = 0; index < look->count; index++) {
        const char *id = look->notices[index].id;
        if (is_told(watch, id)) {
            continue;
        }
        memcpy(watch->told[watch->told_count++ % TOLD_MAX], id, NRT_ID_BYTES);
        items[count++] = (struct store_item){
            .partition = store_partition_of(env->store, look->notices[index].person),
            .arrived = role_now(env),
            .body = look->notices[index].json,
        };
    }
    if (count > 0) {
        store_queue_add(env->store, QUEUE_OUTBOX, items, count, on_told, watch);
    }
}

static void on_looked(struct console *console, void *context, bool ran)
{
    struct look *look = context;
    struct account_watch *watch = look->watch;
    (void)console;
    watch->look = NULL;
    if (ran && look->err) {
        log_warn("account_watch_failed", "err=%s", err_name(look->err));
    } else if (ran && look->count > 0) {
        tell(watch, look);
    }
    look_free(look);
}

static void look_begin(struct account_watch *watch)
{
    struct look *look = calloc(1, sizeof(*look));
    if (!look) {
        return;
    }
    look->watch = watch;
    arena_init(&look->arena, ARENA_BYTES_MAX);
    watch->revision = ledger_revision(watch->console->ledger);
    watch->look = look;
    if (!readers_run(watch->console, in_thread, on_looked, look)) {
        watch->look = NULL;
        watch->revision = -1;
        look_free(look);
    }
}

static void on_timer(void *context)
{
    struct account_watch *watch = context;
    struct console *console = watch->console;
    if (!watch->look && console->caught_up && !console->terminating &&
        watch->revision != ledger_revision(console->ledger)) {
        look_begin(watch);
    }
    loop_timer_arm(watch->timer, LOOK_MS);
}

struct account_watch *account_watch_create(struct console *console)
{
    struct account_watch *watch = calloc(1, sizeof(*watch));
    if (!watch) {
        return NULL;
    }
    watch->console = console;
    watch->revision = -1;
    watch->timer = loop_timer_create(console->env->loop, on_timer, watch);
    if (!watch->timer) {
        free(watch);
        return NULL;
    }
    if (console->env->clock->mode != CLOCK_STEPPED) {
        loop_timer_arm(watch->timer, LOOK_MS);
    }
    return watch;
}

/* After the readers: no look is under way any more. */
void account_watch_free(struct account_watch *watch)
{
    if (!watch) {
        return;
    }
    loop_timer_free(watch->timer);
    free(watch);
}
