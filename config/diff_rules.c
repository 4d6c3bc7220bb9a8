/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two rule sets compared: clocks and their stages, accountability, acts, figures.
 */
#include "config/diff_parts.h"

#define NOTE_KEY                                                                                   \
    {                                                                                              \
        "note", {"备注", "note"}, diff_write_quoted, NULL                                          \
    }
#define TITLE_KEY                                                                                  \
    {                                                                                              \
        "title", {"标题", "title"}, diff_write_quoted, NULL                                        \
    }

/* ---- stages ---- */

static const struct diff_key stage_keys[] = {
    TITLE_KEY,
    {"at", {"时刻", "time"}, diff_write_at, NULL},
    {"light", {"亮灯", "light"}, diff_write_plain, NULL},
    {"notify", {"通知对象", "people told"}, diff_write_plain, NULL},
    {"via", {"渠道", "channels"}, diff_write_via, diff_usual},
    {"template", {"模板", "template"}, diff_write_plain, diff_usual},
    {"repeat", {"重复", "repetition"}, diff_write_repeat, NULL},
    {"unless_acked", {"已签收则不发", "unless acknowledged"}, diff_write_plain, "false"},
    {"urgent", {"紧急", "urgent"}, diff_write_plain, "false"},
    {"send", {"发送时段", "time of sending"}, diff_write_plain, diff_usual},
    NOTE_KEY,
};

static struct diff_subject stage_subject(
    struct diff *diff, const struct diff_subject *clock, struct text stage)
{
    struct buf id;
    buf_init(&id, 1024);
    buf_format(&id, "%.*s/%.*s", TEXT_ARGS(clock->id), TEXT_ARGS(stage));
    buf_format(&diff->zh, "%.*s 的提醒 %.*s", TEXT_ARGS(clock->zh), TEXT_ARGS(stage));
    buf_format(&diff->en, "stage %.*s of %.*s", TEXT_ARGS(stage), TEXT_ARGS(clock->en));
    const struct diff_subject subject = {
        .what = "stage",
        .id = arena_text(&diff->arena, buf_view(&id)),
        .zh = arena_text(&diff->arena, buf_view(&diff->zh)),
        .en = arena_text(&diff->arena, buf_view(&diff->en)),
    };
    diff->failed = diff->failed || !subject.id.ptr || !subject.zh.ptr || !subject.en.ptr;
    buf_release(&id);
    buf_clear(&diff->zh);
    buf_clear(&diff->en);
    return subject;
}

/* A member in words, in both languages. */
static void say_value(struct diff *diff, diff_write_fn *write, const struct json_value *value)
{
    write(value, EXPLAIN_CHINESE, &diff->zh);
    write(value, EXPLAIN_ENGLISH, &diff->en);
}

static void tell_stage(
    struct diff *diff,
    const struct diff_subject *subject,
    const struct json_value *stage,
    bool added)
{
    diff_say_there(diff, subject, added);
    diff_say(diff, "（", " (");
    say_value(diff, diff_write_at, json_get(stage, "at"));
    diff_say(diff, "，", ", ");
    say_value(diff, diff_write_plain, json_get(stage, "light"));
    diff_say(diff, "，通知 ", ", to ");
    say_value(diff, diff_write_plain, json_get(stage, "notify"));
    diff_say(diff, "）", ")");
    diff_tell_there(diff, subject, stage, added);
}

static void pair_stages(
    struct diff *diff,
    const struct diff_subject *owner,
    const struct diff_item *from,
    const struct diff_item *to)
{
    const struct diff_subject subject = stage_subject(diff, owner, to ? to->id : from->id);
    if (!from || !to) {
        tell_stage(diff, &subject, to ? to->value : from->value, to != NULL);
        return;
    }
    const struct diff_objects objects = {
        from->value, to->value, stage_keys, DIFF_COUNT(stage_keys)};
    diff_objects(diff, &subject, &objects);
}

/* ---- clocks ---- */

static const struct diff_key clock_keys[] = {
    TITLE_KEY,
    {"family", {"类别", "family"}, diff_write_plain, diff_usual},
    {"match", {"适用条件", "match"}, diff_write_match, "{}"},
    {"start", {"起算事件", "start"}, diff_write_kinds, "\"received\""},
    {"stop", {"停止事件", "stop"}, diff_write_kinds, "[\"answered\",\"completed\"]"},
    {"limit", {"期限", "limit"}, diff_write_limit, NULL},
    {"recur", {"定期", "recurrence"}, diff_write_recur, NULL},
    {"per", {"分别计时", "one for each"}, diff_write_plain, NULL},
    {"again", {"再次起算", "starts again"}, diff_write_plain, "false"},
    {"statutory_limit", {"法定期限", "statutory limit"}, diff_write_duration, NULL},
    {"roll", {"顺延", "roll"}, diff_write_plain, "\"next_working_day\""},
    {"late_arrival", {"下班后收到", "late arrival"}, diff_write_plain, "\"same_day\""},
    {"pause", {"可中止", "pause"}, diff_write_plain, "true"},
    {"pause_reasons", {"中止理由", "reasons to pause"}, diff_write_plain, NULL},
    {"pause_max", {"最长中止", "longest pause"}, diff_write_duration, NULL},
    {"on_transfer", {"转办时", "on transfer"}, diff_write_plain, "\"continue\""},
    {"on_reopen", {"重新办理时", "on reopening"}, diff_write_plain, "\"restart\""},
    {"extensions_max", {"延长次数", "number of extensions"}, diff_write_plain, "1"},
    {"stages", {"", ""}, NULL, NULL},
    NOTE_KEY,
};

static void say_stage_ids(struct diff *diff, const struct json_value *stages)
{
    for (const struct json_value *stage = json_first(stages); stage; stage = json_next(stage)) {
        diff_say_text(diff, json_get_string(stage, "id"));
        if (json_next(stage)) {
            diff_say(diff, "、", ", ");
        }
    }
}

static void tell_clock(
    struct diff *diff,
    const struct diff_subject *subject,
    const struct json_value *clock,
    bool added)
{
    diff_say_there(diff, subject, added);
    if (json_get(clock, "recur")) {
        diff_say(diff, "（定期 ", " (recurs ");
        say_value(diff, diff_write_recur, json_get(clock, "recur"));
    } else {
        diff_say(diff, "（期限 ", " (limit ");
        say_value(diff, diff_write_limit, json_get(clock, "limit"));
    }
    diff_say(diff, "；适用于 ", "; for ");
    if (json_get(clock, "match")) {
        say_value(diff, diff_write_match, json_get(clock, "match"));
    } else {
        diff_say(diff, "任何事项", "every case");
    }
    diff_say(diff, "；提醒 ", "; stages ");
    say_stage_ids(diff, json_get(clock, "stages"));
    diff_say(diff, "）", ")");
    diff_tell_there(diff, subject, clock, added);
}

static void pair_clocks(
    struct diff *diff,
    const struct diff_subject *owner,
    const struct diff_item *from,
    const struct diff_item *to)
{
    static const struct diff_words kind = {"时限", "clock"};
    const struct diff_subject subject =
        diff_subject_of(diff, "clock", kind, to ? to->id : from->id);
    (void)owner;
    if (!from || !to) {
        tell_clock(diff, &subject, to ? to->value : from->value, to != NULL);
        return;
    }
    const struct diff_objects objects = {
        from->value, to->value, clock_keys, DIFF_COUNT(clock_keys)};
    const struct diff_lists stages = {
        .from = diff_items_of(diff, json_get(from->value, "stages")),
        .to = diff_items_of(diff, json_get(to->value, "stages")),
        .pair = pair_stages,
        .owner = &subject,
        .order = {"提醒", "stages"},
    };
    diff_objects(diff, &subject, &objects);
    diff_lists(diff, &stages);
}

/* ---- accountability ---- */

static const struct diff_key policy_keys[] = {
    TITLE_KEY,
    {"families", {"类别", "families"}, diff_write_plain, NULL},
    {"misses", {"次数", "misses"}, diff_write_plain, NULL},
    {"window", {"时间范围", "window"}, diff_write_plain, NULL},
    {"scope", {"对象", "scope"}, diff_write_plain, "\"unit\""},
    {"notify", {"通知对象", "people told"}, diff_write_plain, NULL},
    NOTE_KEY,
};

static void pair_policies(
    struct diff *diff,
    const struct diff_subject *owner,
    const struct diff_item *from,
    const struct diff_item *to)
{
    static const struct diff_words kind = {"问责条款", "accountability"};
    const struct diff_subject subject =
        diff_subject_of(diff, "accountability", kind, to ? to->id : from->id);
    (void)owner;
    if (!from || !to) {
        const struct json_value *policy = to ? to->value : from->value;
        diff_say_there(diff, &subject, to != NULL);
        diff_say(diff, "（", " (");
        say_value(diff, diff_write_plain, json_get(policy, "misses"));
        diff_say(diff, " 次，", " misses, ");
        say_value(diff, diff_write_plain, json_get(policy, "window"));
        diff_say(diff, "）", ")");
        diff_tell_there(diff, &subject, policy, to != NULL);
        return;
    }
    const struct diff_objects objects = {
        from->value, to->value, policy_keys, DIFF_COUNT(policy_keys)};
    diff_objects(diff, &subject, &objects);
}

/* ---- acts ---- */

static const struct diff_key act_keys[] = {
    {"to", {"发给", "people told"}, diff_write_plain, "[\"handler\",\"unit_head\"]"},
    {"copy_to", {"抄送", "copy"}, diff_write_plain, NULL},
    {"via", {"渠道", "channels"}, diff_write_via, diff_usual},
    {"template", {"模板", "template"}, diff_write_plain, diff_usual},
    {"send", {"发送时段", "time of sending"}, diff_write_plain, "\"now\""},
    {"urgent", {"紧急", "urgent"}, diff_write_plain, "false"},
    NOTE_KEY,
};

static void compare_act(
    struct diff *diff,
    const struct diff_words *act,
    const struct json_value *from,
    const struct json_value *to)
{
    static const struct diff_words kind = {"发送", "sending of"};
    struct diff_subject subject = diff_subject_of(diff, "act", kind, text_of(act->en));
    subject.zh = text_of(act->zh);
    if (!from != !to) {
        diff_say_there(diff, &subject, to != NULL);
        diff_say(diff, "：", ": ");
        diff_write_json(to ? to : from, &diff->zh);
        diff_write_json(to ? to : from, &diff->en);
        diff_tell_there(diff, &subject, to ? to : from, to != NULL);
        return;
    }
    const struct diff_objects objects = {from, to, act_keys, DIFF_COUNT(act_keys)};
    diff_objects(diff, &subject, &objects);
}

/* Acts that this table does not know are told by compare_unknown_acts(). */
static void compare_acts(
    struct diff *diff, const struct json_value *from, const struct json_value *to)
{
    static const struct diff_words acts[] = {{"催办的发送", "urged"}, {"督办的发送", "supervised"}};
    for (size_t i = 0; i < DIFF_COUNT(acts); i++) {
        compare_act(diff, &acts[i], json_get(from, acts[i].en), json_get(to, acts[i].en));
    }
}

/* ---- the set ---- */

static const struct diff_key set_keys[] = {
    TITLE_KEY,
    {"version", {"版本标注", "version label"}, diff_write_plain, NULL},
    {"waive_reasons", {"不计超期的理由", "reasons to waive"}, diff_write_plain, NULL},
    {"clocks", {"", ""}, NULL, NULL},
    {"accountability", {"", ""}, NULL, NULL},
    {"acts", {"", ""}, NULL, NULL},
    {"figures", {"", ""}, NULL, NULL},
    NOTE_KEY,
};

static const struct diff_key figure_keys[] = {
    {"on_time", {"按时率统计类别", "families of the on-time rate"}, diff_write_plain, NULL},
    NOTE_KEY,
};

/* Keys of acts and figures that nobody above has looked at. */
static void compare_unknown_acts(
    struct diff *diff,
    const struct diff_subject *subject,
    const struct json_value *from,
    const struct json_value *to)
{
    static const struct diff_key known[] = {
        {"urged", {"", ""}, NULL, NULL}, {"supervised", {"", ""}, NULL, NULL}, NOTE_KEY};
    const struct diff_objects objects = {from, to, known, DIFF_COUNT(known)};
    diff_objects(diff, subject, &objects);
}

static void compare_set_parts(
    struct diff *diff,
    const struct diff_subject *subject,
    const struct json_value *from,
    const struct json_value *to)
{
    const struct diff_lists clocks = {
        .from = diff_items_of(diff, json_get(from, "clocks")),
        .to = diff_items_of(diff, json_get(to, "clocks")),
        .pair = pair_clocks,
        .owner = subject,
        .order = {"时限", "clocks"},
    };
    const struct diff_lists policies = {
        .from = diff_items_of(diff, json_get(from, "accountability")),
        .to = diff_items_of(diff, json_get(to, "accountability")),
        .pair = pair_policies,
        .owner = subject,
    };
    const struct diff_objects figures = {
        json_get(from, "figures"), json_get(to, "figures"), figure_keys, DIFF_COUNT(figure_keys)};
    diff_lists(diff, &clocks);
    diff_lists(diff, &policies);
    compare_acts(diff, json_get(from, "acts"), json_get(to, "acts"));
    compare_unknown_acts(diff, subject, json_get(from, "acts"), json_get(to, "acts"));
    diff_objects(diff, subject, &figures);
}

void diff_rule_set(
    struct diff *diff,
    const struct diff_subject *owner,
    const struct diff_item *from,
    const struct diff_item *to)
{
    static const struct diff_words kind = {"规则集", "rule set"};
    const struct diff_subject subject = diff_subject_of(diff, "set", kind, to ? to->id : from->id);
    const struct json_value *before = from ? from->value : NULL;
    const struct json_value *after = to ? to->value : NULL;
    (void)owner;
    if (!before || !after) {
        diff_say_there(diff, &subject, after != NULL);
        diff_tell_there(diff, &subject, NULL, after != NULL);
        compare_set_parts(diff, &subject, before, after);
        return;
    }
    const struct diff_objects objects = {before, after, set_keys, DIFF_COUNT(set_keys)};
    diff_objects(diff, &subject, &objects);
    compare_set_parts(diff, &subject, before, after);
}
