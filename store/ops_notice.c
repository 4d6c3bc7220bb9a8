/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See ops_notice.h. A fixed table of troubles and a short queue of notices that wait for the
 * store. A notice's id is made of trouble, subject, the local day the trouble began on, which time
 * that day it was, and how many days it has lasted: what two instances, or one before and after
 * its restart, would tell alike has one id.
 */
#include "store/ops_notice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/log.h"
#include "config/notice.h"
#include "rules/directory.h"

#define ROWS_MAX     64
#define WAITING_MAX  32
#define LOOK_MS      5000 /* real time: is it a day later, does the store take it now? */
#define RETRY_MS     1000
#define NOTICE_BYTES ((size_t)64 * 1024)
#define CHANNELS_MAX 32
#define ROLES_MAX    32

struct trouble_row {
    enum ops_trouble trouble;
    char subject[OPS_SUBJECT_BYTES];
    bool used;
    bool bad;
    struct wall_ms since;
    int32_t day;     /* local day of `since` */
    int32_t episode; /* of that day, from 0 */
    int64_t told;    /* times this episode was told: 1, and one more a day */
    char zh[OPS_WORDS_BYTES];
    char en[OPS_WORDS_BYTES];
};

struct waiting {
    int32_t partition;
    char *json;
    size_t bytes;
};

struct ops_board {
    struct role_env *env;
    struct loop_timer *timer;
    struct trouble_row rows[ROWS_MAX];
    struct waiting waiting[WAITING_MAX];
    size_t waiting_count;
    bool adding; /* waiting[0] is on its way */
};

struct trouble_name {
    const char *name;
    bool of_channel; /* its subject is a channel that must not carry the notice */
    bool can_wait;   /* for the end of the quiet hours: nothing gets worse until then */
    const char *over_zh;
    const char *over_en;
};

static const struct trouble_name names[OPS_TROUBLE_COUNT] = {
    [OPS_CHANNEL_CLOSED] = {"channel_closed", true, false, "通道恢复", "the channel is open again"},
    [OPS_CREDENTIAL] =
        {"credential", true, false, "通道凭据恢复", "the channel takes messages again"},
    [OPS_MESSAGES_DEAD] = {"messages_dead", true, true, "", ""},
    [OPS_CANARY] = {"canary", true, false, "探测消息恢复", "the canary has arrived again"},
    [OPS_LATE] = {"late", false, false, "计时恢复及时", "alerts are in time again"},
    [OPS_STORM_BRAKE] =
        {"storm_brake", false, false, "风暴闸已解除", "the storm brake is released"},
    [OPS_SENDING_STOPPED] = {"sending_stopped", false, true, "发送已恢复", "sending goes on"},
    [OPS_CALENDAR_YEAR] = {"calendar_year", false, true, "日历已补全", "the calendar is complete"},
    [OPS_CONFIG_REFUSED] =
        {"config_refused", false, true, "配置恢复正常", "the configuration is fine"},
    [OPS_LEDGER] = {"ledger", false, false, "台账恢复写入", "the ledger is written again"},
    [OPS_SEND_JOURNAL] =
        {"send_journal", false, false, "发送日志恢复写入", "the send journal is written again"},
    [OPS_ROLE_MISSING] = {"role_missing", false, false, "角色已恢复", "the role is there again"},
    [OPS_CERTIFICATE] = {"certificate", false, true, "证书已更新", "the certificate is renewed"},
};

const char *ops_trouble_name(enum ops_trouble trouble)
{
    return trouble < OPS_TROUBLE_COUNT ? names[trouble].name : "unknown";
}

/* ---- whom and by what ---- */

static bool is_dead(const struct ops_board *board, struct text channel)
{
    for (size_t index = 0; index < ROWS_MAX; index++) {
        const struct trouble_row *row = &board->rows[index];
        if (row->used && row->bad && names[row->trouble].of_channel &&
            text_is(channel, row->subject)) {
            return true;
        }
    }
    return false;
}

struct channels {
    struct text items[CHANNELS_MAX];
    size_t count;
};

/* Those of the list that are not dead, nor the one the trouble is of. */
static void add_living(
    const struct ops_board *board,
    const struct trouble_row *row,
    const struct text *list,
    size_t count,
    struct channels *channels)
{
    for (size_t index = 0; index < count && channels->count < CHANNELS_MAX; index++) {
        const bool own = names[row->trouble].of_channel && text_is(list[index], row->subject);
        if (!own && !is_dead(board, list[index])) {
            channels->items[channels->count++] = list[index];
        }
    }
}

/* ops.via without what is dead; else default_via; else any other that reaches people; and where
 * all are dead, ops.via as it is: told late is better than not at all. */
static struct channels via_of(const struct ops_board *board, const struct trouble_row *row)
{
    const struct settings *settings = board->env->settings;
    struct channels channels = {.count = 0};
    add_living(board, row, settings->ops_via, settings->ops_via_count, &channels);
    if (channels.count == 0) {
        add_living(board, row, settings->default_via, settings->default_via_count, &channels);
    }
    for (size_t i = 0; channels.count == 0 && i < settings->channel_count; i++) {
        if (!text_is(settings->channels[i].type, "webhook") && !settings->channels[i].implied) {
            add_living(board, row, &settings->channels[i].name, 1, &channels);
        }
    }
    if (channels.count == 0) {
        const bool given = settings->ops_via_count > 0;
        const struct text *list = given ? settings->ops_via : settings->default_via;
        const size_t count = given ? settings->ops_via_count : settings->default_via_count;
        for (; channels.count < count && channels.count < CHANNELS_MAX; channels.count++) {
            channels.items[channels.count] = list[channels.count];
        }
    }
    return channels;
}

static bool people_of(
    const struct ops_board *board, struct arena *arena, struct people_list *ret_people)
{
    const struct settings *settings = board->env->settings;
    const struct role_subject subject = {.unit = {0}};
    struct role roles[ROLES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < settings->ops_notify_count && count < ROLES_MAX; i++) {
        count += role_parse(settings->ops_notify[i], &roles[count], NULL) == ERR_OK ? 1 : 0;
    }
    *ret_people = (struct people_list){0};
    return count > 0 &&
           directory_resolve(
               board->env->bundle->policy.directory, roles, count, &subject, arena, ret_people) ==
               ERR_OK &&
           ret_people->count > 0;
}

/* ---- handing over ---- */

static void hand_over(struct ops_board *board);

static void drop_first(struct ops_board *board)
{
    free(board->waiting[0].json);
    board->waiting_count--;
    memmove(
        &board->waiting[0], &board->waiting[1], board->waiting_count * sizeof(board->waiting[0]));
}

static void on_added(
    void *context, enum err err, const char *why, const struct text *positions, size_t count)
{
    struct ops_board *board = context;
    (void)positions;
    (void)count;
    board->adding = false;
    if (err) {
        log_warn("ops_notice_waits", "err=%s why=\"%s\"", err_name(err), why ? why : "");
        loop_timer_arm(board->timer, RETRY_MS);
        return;
    }
    drop_first(board);
    hand_over(board);
}

static void hand_over(struct ops_board *board)
{
    if (board->adding || board->waiting_count == 0) {
        return;
    }
    const struct waiting *first = &board->waiting[0];
    const struct store_item item = {
        .partition = first->partition,
        .arrived = role_now(board->env),
        .body = {.ptr = first->json, .bytes = first->bytes},
    };
    board->adding = true;
    store_queue_add(board->env->store, QUEUE_OUTBOX, &item, 1, on_added, board);
}

static void notice_id(
    const struct trouble_row *row, int64_t time, bool over, char ret_id[static NRT_ID_BYTES])
{
    char when[80];
    (void)snprintf(
        when, sizeof(when), "%d.%d.%lld%s", (int)row->day, (int)row->episode, (long long)time,
        over ? " over" : "");
    const struct text parts[] = {
        TEXT_LITERAL("ops"), text_of(names[row->trouble].name), text_of(row->subject),
        text_of(when)};
    crypto_id(parts, sizeof(parts) / sizeof(parts[0]), ret_id);
}

static void write_words(const struct trouble_row *row, bool english, bool over, struct buf *text)
{
    if (!over) {
        buf_string(text, english && row->en[0] ? row->en : row->zh);
        return;
    }
    buf_string(text, english ? "All right: " : "已恢复：");
    buf_string(text, english ? names[row->trouble].over_en : names[row->trouble].over_zh);
    if (row->subject[0]) {
        buf_format(text, english ? " (%s)" : "（%s）", row->subject);
    }
}

/* False when nobody is to be told, or it does not fit: then it was only logged. */
static bool write_notice(
    struct ops_board *board, const struct trouble_row *row, bool over, struct buf *json)
{
    char id[NRT_ID_BYTES];
    struct arena arena;
    struct buf text;
    struct people_list people;
    const struct channels via = via_of(board, row);
    const struct channel_settings *first =
        via.count > 0 ? settings_channel(board->env->settings, via.items[0]) : NULL;
    const bool english = first && first->english;
    arena_init(&arena, NOTICE_BYTES);
    buf_init(&text, NOTICE_BYTES);
    const bool somebody = people_of(board, &arena, &people);
    if (somebody) {
        notice_id(row, row->told, over, id);
        write_words(row, english, over, &text);
        const struct notice notice = {
            .kind = "ops",
            .id = text_of(id),
            .to = people.ids,
            .to_count = people.count,
            .via = via.items,
            .via_count = via.count,
            .title = english ? TEXT_LITERAL("Service notice") : TEXT_LITERAL("系统值守提醒"),
            .text = buf_view(&text),
            .send = names[row->trouble].can_wait ? SEND_DAY : SEND_NOW,
            .urgent = !names[row->trouble].can_wait,
            .at = role_now(board->env),
        };
        notice_write(&notice, json);
    }
    const bool written = somebody && !buf_error(&text) && !buf_error(json);
    buf_release(&text);
    arena_release(&arena);
    return written;
}

static void tell(struct ops_board *board, struct trouble_row *row, bool over)
{
    struct buf json;
    char subject[LOG_QUOTED_BYTES];
    log_warn(
        over ? "ops_trouble_over" : "ops_trouble", "trouble=%s subject=%s why=\"%s\"",
        names[row->trouble].name, log_quote(text_of(row->subject), subject),
        over ? names[row->trouble].over_en : row->en);
    buf_init(&json, NOTICE_BYTES);
    if (board->waiting_count < WAITING_MAX && write_notice(board, row, over, &json)) {
        struct waiting *waiting = &board->waiting[board->waiting_count];
        waiting->partition =
            store_partition_of(board->env->store, text_of(names[row->trouble].name));
        waiting->json = buf_take(&json, &waiting->bytes);
        board->waiting_count += waiting->json ? 1 : 0;
    }
    buf_release(&json);
    row->told += over ? 0 : 1;
    hand_over(board);
}

/* ---- the table ---- */

static void tell_if_due(struct ops_board *board, struct trouble_row *row)
{
    const int64_t lasted_ms = role_now(board->env).ms - row->since.ms;
    if (row->bad && row->episode < OPS_EPISODES_A_DAY && row->told <= lasted_ms / OPS_AGAIN_MS) {
        tell(board, row, false);
    }
}

static void on_timer(void *context)
{
    struct ops_board *board = context;
    for (size_t index = 0; index < ROWS_MAX; index++) {
        if (board->rows[index].used) {
            tell_if_due(board, &board->rows[index]);
        }
    }
    hand_over(board);
    loop_timer_arm(board->timer, LOOK_MS);
}

static struct ops_board *board_of(struct role_env *env)
{
    if (env->ops || !env->loop) {
        return env->ops;
    }
    struct ops_board *board = calloc(1, sizeof(*board));
    if (!board) {
        return NULL;
    }
    board->env = env;
    board->timer = loop_timer_create(env->loop, on_timer, board);
    if (!board->timer) {
        free(board);
        return NULL;
    }
    loop_timer_arm(board->timer, LOOK_MS);
    env->ops = board;
    return board;
}

static struct trouble_row *find(
    struct ops_board *board, enum ops_trouble trouble, struct text subject)
{
    const struct text cut = utf8_cut(subject, OPS_SUBJECT_BYTES - 1);
    for (size_t index = 0; index < ROWS_MAX; index++) {
        struct trouble_row *row = &board->rows[index];
        if (row->used && row->trouble == trouble && text_is(cut, row->subject)) {
            return row;
        }
    }
    return NULL;
}

/* A place for it; that of a trouble that is over where there is no other, NULL where none is. */
static struct trouble_row *make(
    struct ops_board *board, enum ops_trouble trouble, struct text subject)
{
    struct trouble_row *place = NULL;
    for (size_t index = 0; index < ROWS_MAX && !(place && !place->used); index++) {
        struct trouble_row *row = &board->rows[index];
        if (!row->used || (!row->bad && !place)) {
            place = row;
        }
    }
    if (place) {
        *place = (struct trouble_row){.used = true, .trouble = trouble, .day = INT32_MIN};
        const struct text cut = utf8_cut(subject, OPS_SUBJECT_BYTES - 1);
        (void)snprintf(place->subject, sizeof(place->subject), "%.*s", TEXT_ARGS(cut));
    }
    return place;
}

static void keep_words(char *kept, const char *words)
{
    const struct text cut = utf8_cut(text_of(words), OPS_WORDS_BYTES - 1);
    (void)snprintf(kept, OPS_WORDS_BYTES, "%.*s", TEXT_ARGS(cut));
}

static void begin(struct ops_board *board, struct trouble_row *row)
{
    const struct wall_ms now = role_now(board->env);
    const int32_t day = calendar_local_day(board->env->bundle->policy.calendar, now).number;
    row->episode = day == row->day ? row->episode + 1 : 0;
    row->day = day;
    row->since = now;
    row->told = 0;
    row->bad = true;
}

static struct trouble_row *row_for(
    struct ops_board *board,
    enum ops_trouble trouble,
    struct text subject,
    const struct ops_words *words)
{
    struct trouble_row *row = find(board, trouble, subject);
    row = row ? row : make(board, trouble, subject);
    if (row) {
        keep_words(row->zh, words->zh);
        keep_words(row->en, words->en ? words->en : words->zh);
    }
    return row;
}

void ops_raise(
    struct role_env *env, enum ops_trouble trouble, struct text subject, struct ops_words words)
{
    struct ops_board *board = board_of(env);
    struct trouble_row *row = board ? row_for(board, trouble, subject, &words) : NULL;
    if (!row) {
        return;
    }
    if (!row->bad) {
        begin(board, row);
    }
    tell_if_due(board, row);
}

void ops_clear(struct role_env *env, enum ops_trouble trouble, struct text subject)
{
    struct trouble_row *row = env->ops ? find(env->ops, trouble, subject) : NULL;
    if (!row || !row->bad) {
        return;
    }
    row->bad = false;
    if (row->told > 0) {
        tell(env->ops, row, true);
    }
}

void ops_happened(
    struct role_env *env, enum ops_trouble trouble, struct text subject, struct ops_words words)
{
    struct ops_board *board = board_of(env);
    struct trouble_row *row = board ? row_for(board, trouble, subject, &words) : NULL;
    if (!row) {
        return;
    }
    const struct wall_ms now = role_now(env);
    const int32_t day = calendar_local_day(env->bundle->policy.calendar, now).number;
    if (day != row->day) {
        row->day = day;
        row->told = 0;
        tell(board, row, false);
    }
}

bool ops_is_raised(const struct role_env *env, enum ops_trouble trouble, struct text subject)
{
    const struct trouble_row *row = env->ops ? find(env->ops, trouble, subject) : NULL;
    return row && row->bad;
}

void ops_release(struct role_env *env)
{
    struct ops_board *board = env->ops;
    if (!board) {
        return;
    }
    env->ops = NULL;
    while (board->waiting_count > 0) {
        drop_first(board);
    }
    loop_timer_free(board->timer);
    free(board);
}
