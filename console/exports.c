/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See exports.h. An order is the loop's; while a thread is at it, the thread has its wish, its
 * arena and its path, and both have the progress. It is freed on the loop alone.
 */
#include "console/exports.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "console/readers.h"

#define LOOK_MS    ((int64_t)60000)
#define PATH_BYTES 600
#define NAME_BYTES 160
#define PREFIX     "export-"

struct order {
    struct order *next;
    struct exports *exports;
    char id[EXPORT_ID_BYTES];
    const char *state;
    bool running;     /* a thread has it */
    int64_t since_ms; /* monotonic: ended */
    int64_t until_ms;
    struct arena arena;
    struct actor actor;
    struct http_head head; /* its parameters alone */
    struct export_wish wish;
    struct export_progress progress;
    struct ledger_total total;
    _Atomic int64_t total_known;
    enum err err;
    struct err_why why;
    char path[PATH_BYTES];
    char name[NAME_BYTES];
};

struct exports {
    struct console *console;
    struct loop_timer *timer;
    struct order *first; /* newest first */
    int64_t number;
    char folder[PATH_BYTES - 64];
};

/* ---- beginning and end ---- */

static void order_free(struct order *order)
{
    (void)unlink(order->path);
    arena_release(&order->arena);
    free(order);
}

static void remove_leftovers(const struct exports *exports)
{
    DIR *folder = opendir(exports->folder);
    if (!folder) {
        return;
    }
    const struct dirent *entry = NULL;
    while ((entry = readdir(folder))) { /* NOLINT(concurrency-mt-unsafe): own DIR */
        char path[PATH_BYTES + 256];
        if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) == 0) {
            (void)snprintf(path, sizeof(path), "%s/%s", exports->folder, entry->d_name);
            (void)unlink(path);
        }
    }
    (void)closedir(folder);
}

/* Those whose day is over. */
static void on_timer(void *context)
{
    struct exports *exports = context;
    struct order **link = &exports->first;
    while (*link) {
        struct order *order = *link;
        if (!order->running && clock_mono().ms - order->since_ms >= EXPORT_KEPT_MS) {
            *link = order->next;
            order_free(order);
        } else {
            link = &order->next;
        }
    }
    loop_timer_arm(exports->timer, LOOK_MS);
}

struct exports *exports_create(struct console *console)
{
    struct exports *exports = calloc(1, sizeof(*exports));
    struct err_why why = {0};
    if (!exports) {
        return NULL;
    }
    exports->console = console;
    (void)snprintf(
        exports->folder, sizeof(exports->folder), "%s/" EXPORT_FOLDER_NAME,
        console->env->data_folder);
    if (file_make_folders(exports->folder, 0700, &why)) {
        log_warn("no_export_folder", "why=\"%s\" next=exports_fail", why.text);
    }
    remove_leftovers(exports);
    exports->timer = loop_timer_create(console->env->loop, on_timer, exports);
    if (!exports->timer) {
        free(exports);
        return NULL;
    }
    loop_timer_arm(exports->timer, LOOK_MS);
    return exports;
}

void exports_stop(struct exports *exports)
{
    for (struct order *order = exports ? exports->first : NULL; order; order = order->next) {
        atomic_store(&order->progress.stop, true);
    }
}

void exports_free(struct exports *exports)
{
    if (!exports) {
        return;
    }
    while (exports->first) {
        struct order *order = exports->first;
        exports->first = order->next;
        order_free(order);
    }
    loop_timer_free(exports->timer);
    free(exports);
}

/* ---- in a thread ---- */

static void make(const struct view *view, void *context)
{
    struct order *order = context;
    struct view own = *view;
    struct arena arena;
    own.actor = &order->actor;
    arena_init(&arena, 0);
    order->err = export_count(&own, &order->wish, &arena, &order->total, &order->why);
    if (!order->err) {
        atomic_store(&order->total_known, order->total.count);
        order->err = export_write(&own, &order->wish, &arena, &order->why);
    }
    arena_release(&arena);
}

/* ---- on the loop again ---- */

static void on_made(struct console *console, void *context, bool ran)
{
    struct order *order = context;
    order->running = false;
    order->since_ms = clock_mono().ms;
    order->until_ms = role_now(console->env).ms + EXPORT_KEPT_MS;
    const bool stopped = atomic_load(&order->progress.stop);
    order->state = stopped || !ran ? "cancelled" : order->err ? "failed" : "done";
    if (order->err && !stopped && !order->why.text[0]) {
        (void)err_set(&order->why, order->err, "the ledger could not be read; see the log");
    }
    log_info(
        "export_ended", "export=%s what=%s state=%s rows=%lld", order->id,
        export_what_name(order->wish.what), order->state,
        (long long)atomic_load(&order->progress.done));
}

static bool text_take(struct arena *arena, struct text from, struct text *ret)
{
    *ret = arena_text(arena, from);
    return ret->ptr != NULL;
}

/* The asker goes, the order stays: all that it points to is copied. */
static bool actor_take(struct order *order, const struct actor *actor)
{
    struct arena *arena = &order->arena;
    struct actor *own = &order->actor;
    *own = *actor;
    own->peer = NULL;
    own->csrf = (struct text){0};
    struct text *ids = arena_array(arena, actor->scope.id_count + 1, sizeof(*ids));
    bool fine = ids && text_take(arena, actor->unit, &own->unit) &&
                text_take(arena, actor->person, &own->person) &&
                text_take(arena, actor->scope.units, &own->scope.units);
    for (size_t index = 0; fine && index < actor->scope.id_count; index++) {
        fine = text_take(arena, actor->scope.ids[index], &ids[index]);
    }
    own->scope.ids = ids;
    own->own = own->scope; /* reading asks for the widest alone */
    own->area = own->scope;
    return fine;
}

static bool head_take(struct order *order, const struct http_head *head)
{
    bool fine = true;
    order->head.param_count = head->param_count;
    for (size_t index = 0; fine && index < head->param_count; index++) {
        fine =
            text_take(&order->arena, head->params[index].name, &order->head.params[index].name) &&
            text_take(&order->arena, head->params[index].value, &order->head.params[index].value);
    }
    return fine;
}

static void name_take(struct order *order, const struct console *console)
{
    struct buf name;
    const struct view view = console_view(console, NULL);
    buf_init(&name, NAME_BYTES);
    export_file_name(&view, &order->wish, &name);
    (void)snprintf(order->name, sizeof(order->name), "%s", name.ptr ? name.ptr : "export");
    buf_release(&name);
}

static struct order *order_make(struct exports *exports, const struct export_order *wanted)
{
    struct order *order = calloc(1, sizeof(*order));
    if (!order) {
        return NULL;
    }
    arena_init(&order->arena, (size_t)8 * 1024 * 1024);
    order->exports = exports;
    order->state = "running";
    order->running = true;
    (void)snprintf(order->id, sizeof(order->id), "x%lld", (long long)++exports->number);
    (void)snprintf(order->path, sizeof(order->path), "%s/" PREFIX "%s", exports->folder, order->id);
    if (!actor_take(order, wanted->actor) || !head_take(order, wanted->head)) {
        order_free(order);
        return NULL;
    }
    order->wish = (struct export_wish){
        .what = wanted->what,
        .format = wanted->format,
        .head = &order->head,
        .path = order->path,
        .temp_folder = exports->folder,
        .progress = &order->progress,
    };
    name_take(order, exports->console);
    return order;
}

/* ---- whose ---- */

static bool is_of(const struct order *order, const struct actor *actor)
{
    return order->actor.kind == actor->kind && order->actor.account == actor->account &&
           strcmp(order->actor.name, actor->name) == 0;
}

static struct order *find(const struct exports *exports, struct text id, const struct actor *actor)
{
    for (struct order *order = exports->first; order; order = order->next) {
        if (text_is(id, order->id) && is_of(order, actor)) {
            return order;
        }
    }
    return NULL;
}

/* The person's oldest that has ended goes, when there are many; false when none has. */
static bool make_place(struct exports *exports, const struct actor *actor)
{
    size_t count = 0;
    size_t of_them = 0;
    struct order **oldest = NULL;
    for (struct order **link = &exports->first; *link; link = &(*link)->next) {
        count++;
        if (is_of(*link, actor)) {
            of_them++;
            oldest = (*link)->running ? oldest : link;
        }
    }
    if (count < EXPORTS_KEPT_MAX && of_them < EXPORTS_EACH_MAX) {
        return true;
    }
    if (!oldest) {
        return false;
    }
    struct order *gone = *oldest;
    *oldest = gone->next;
    order_free(gone);
    return true;
}

enum err exports_order(
    struct exports *exports,
    const struct export_order *wanted,
    char ret_id[static EXPORT_ID_BYTES],
    struct err_why *why)
{
    size_t open = 0;
    for (const struct order *order = exports->first; order; order = order->next) {
        open += order->running ? 1 : 0;
    }
    if (open >= EXPORTS_OPEN_MAX || !make_place(exports, wanted->actor)) {
        return err_set(
            why, ERR_FULL, "enough exports are being made; wait for one to end, or cancel one");
    }
    struct order *order = order_make(exports, wanted);
    if (!order) {
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    }
    if (!readers_run(exports->console, make, on_made, order)) {
        order_free(order);
        return err_set(why, ERR_FULL, "too much is being done at once; ask again in a moment");
    }
    order->next = exports->first;
    exports->first = order;
    (void)snprintf(ret_id, EXPORT_ID_BYTES, "%s", order->id);
    return ERR_OK;
}

bool exports_view(
    const struct exports *exports,
    struct text id,
    const struct actor *actor,
    struct export_view *ret_view)
{
    const struct order *order = find(exports, id, actor);
    if (!order) {
        return false;
    }
    const int64_t done = atomic_load(&order->progress.done);
    const int64_t total = atomic_load(&order->total_known);
    *ret_view = (struct export_view){
        .id = order->id,
        .state = order->state,
        .done = done,
        .total = !order->running || total < done ? done : total,
        .why = order->why.text,
        .path = order->running ? NULL : order->path,
        .name = order->name,
        .format = order->wish.format,
        .until_ms = order->until_ms,
    };
    return true;
}

bool exports_cancel(struct exports *exports, struct text id, const struct actor *actor)
{
    struct order *order = find(exports, id, actor);
    if (order && order->running) {
        atomic_store(&order->progress.stop, true);
    }
    return order != NULL;
}
