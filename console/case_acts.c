/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See case_acts.h; docs/casework.md shows the table.
 */
#include "console/case_acts.h"

#include <string.h>

#include "console/case_rules.h"

#define PHASE(name)   (1U << CASE_##name)
#define UNDER_WAY     (PHASE(OPEN) | PHASE(SUSPENDED))
#define ANY_PHASE     (UNDER_WAY | PHASE(COMPLETED) | PHASE(WITHDRAWN) | PHASE(UNKNOWN))
#define WORD_MAX      64
#define TEXT_BYTES    8000
#define SCORE_HIGHEST 5

#define IS_OVER                                                                                    \
    {                                                                                              \
        "办件已办结或已撤回，不能再执行此操作", "the case is completed or withdrawn already"       \
    }
#define NOT_OPEN                                                                                   \
    {                                                                                              \
        "办件不在办理中（已挂起、办结或撤回）", "the case is not open: it is suspended or over"    \
    }
#define NOT_SUSPENDED                                                                              \
    {                                                                                              \
        "办件没有挂起", "the case is not suspended"                                                \
    }
#define NOT_COMPLETED                                                                              \
    {                                                                                              \
        "办件还没有办结", "the case is not completed"                                              \
    }
#define NOT_DONE                                                                                   \
    {                                                                                              \
        "只有已办结的办件才能退回", "only what is completed can be sent back"                      \
    }
#define NOT_OVER                                                                                   \
    {                                                                                              \
        "办件仍在办理中", "the case is still under way"                                            \
    }
#define NEVER                                                                                      \
    {                                                                                              \
        NULL, NULL                                                                                 \
    }

const struct case_act case_acts[] = {
    {"accepted", RIGHT_WORK, RIGHT_NONE, UNDER_WAY, IS_OVER, ""},
    {"feedback", RIGHT_WORK, RIGHT_NONE, UNDER_WAY, IS_OVER, "text"},
    {"answered", RIGHT_WORK, RIGHT_NONE, UNDER_WAY, IS_OVER, "result"},
    {"completed", RIGHT_WORK, RIGHT_NONE, UNDER_WAY, IS_OVER, "result"},
    {"extension_requested", RIGHT_WORK, RIGHT_NONE, PHASE(OPEN), NOT_OPEN, "reason"},
    {"objected", RIGHT_WORK, RIGHT_NONE, PHASE(OPEN), NOT_OPEN, "reason"},
    {"appealed", RIGHT_WORK, RIGHT_NONE, ANY_PHASE, NEVER, "clock reason"},
    {"acknowledged", RIGHT_WORK, RIGHT_OVERSEE, ANY_PHASE, NEVER, "clock"},
    {"noted", RIGHT_WORK, RIGHT_OVERSEE, ANY_PHASE, NEVER, "text"},
    {"urged", RIGHT_OVERSEE, RIGHT_NONE, UNDER_WAY, IS_OVER, "text"},
    {"supervised", RIGHT_OVERSEE, RIGHT_NONE, UNDER_WAY, IS_OVER, "text"},
    {"extended", RIGHT_OVERSEE, RIGHT_NONE, PHASE(OPEN), NOT_OPEN, "approved_by reason"},
    {"suspended", RIGHT_OVERSEE, RIGHT_NONE, PHASE(OPEN), NOT_OPEN, "reason approved_by"},
    {"resumed", RIGHT_OVERSEE, RIGHT_NONE, PHASE(SUSPENDED), NOT_SUSPENDED, ""},
    {"assigned", RIGHT_OVERSEE, RIGHT_NONE, UNDER_WAY, IS_OVER, "unit reason"},
    {"returned", RIGHT_OVERSEE, RIGHT_NONE, PHASE(COMPLETED), NOT_DONE, "reason"},
    {"reopened", RIGHT_OVERSEE, RIGHT_NONE, PHASE(COMPLETED) | PHASE(WITHDRAWN), NOT_OVER,
     "reason"},
    {"struck_off", RIGHT_OVERSEE, RIGHT_NONE, PHASE(COMPLETED), NOT_COMPLETED, ""},
    {"withdrawn", RIGHT_OVERSEE, RIGHT_NONE, UNDER_WAY, IS_OVER, "reason"},
    {"waived", RIGHT_OVERSEE, RIGHT_NONE, ANY_PHASE, NEVER, "clock reason approved_by"},
    {"rated", RIGHT_OVERSEE, RIGHT_NONE, PHASE(COMPLETED), NOT_COMPLETED, "score"},
};
const size_t case_act_count = sizeof(case_acts) / sizeof(case_acts[0]);

const struct case_act *case_act_find(struct text kind)
{
    for (size_t index = 0; index < case_act_count; index++) {
        if (text_is(kind, case_acts[index].kind)) {
            return &case_acts[index];
        }
    }
    return NULL;
}

static bool may(const struct actor *actor, enum right right, const struct case_standing *standing)
{
    return right != RIGHT_NONE && actor_can(actor, right) &&
           case_standing_is_in(standing, actor_scope(actor, right));
}

static bool is(const struct case_act_question *question, const char *kind)
{
    return strcmp(question->act->kind, kind) == 0;
}

static bool has(const struct case_act_question *question, const char *member)
{
    return json_get_string(question->data, member).bytes > 0;
}

static bool refuses_appeal(const struct case_act_question *question)
{
    return is(question, "appealed") &&
           text_is(json_get_string(question->data, "result"), "rejected");
}

static bool is_ruling(const struct case_act_question *question)
{
    return refuses_appeal(question) ||
           (is(question, "noted") && (has(question, "refuses") || has(question, "ruling")));
}

/* A miss is contested by whoever held the case at the due. */
static bool has_missed(const struct case_act_question *question)
{
    const struct scope *scope = actor_scope(question->view->actor, RIGHT_WORK);
    const struct case_standing *standing = question->standing;
    for (size_t index = 0; index < standing->run_count; index++) {
        const struct standing_run *run = &standing->runs[index];
        if (text_is(run->outcome, "missed") && scope_has(scope, run->unit)) {
            return actor_can(question->view->actor, RIGHT_WORK);
        }
    }
    return false;
}

/* Who holds the case completes it: a co-handling unit answers for itself alone. */
static bool is_the_hosts(const struct case_act_question *question)
{
    return is(question, "completed") &&
           !scope_has(actor_scope(question->view->actor, RIGHT_WORK), question->standing->unit);
}

bool case_act_is_for(const struct case_act_question *question)
{
    const struct actor *actor = question->view->actor;
    if (is_the_hosts(question)) {
        return false;
    }
    if (is_ruling(question)) {
        return may(actor, RIGHT_OVERSEE, question->standing);
    }
    if (is(question, "appealed") && has_missed(question)) {
        return true;
    }
    return may(actor, question->act->right, question->standing) ||
           (!is(question, "appealed") &&
            may(actor, question->act->other_right, question->standing));
}

/* ---- what the case stands at ---- */

static struct text plain_clock(struct text clock)
{
    const char *at = clock.bytes > 0 ? memchr(clock.ptr, '@', clock.bytes) : NULL;
    return at ? (struct text){.ptr = clock.ptr, .bytes = (size_t)(at - clock.ptr)} : clock;
}

/* A clock that can still be met: more time would do something for it. */
static bool has_time_left(const struct case_act_question *question)
{
    const struct case_standing *standing = question->standing;
    for (size_t index = 0; index < standing->run_count; index++) {
        const struct standing_run *run = &standing->runs[index];
        if (text_is(run->outcome, "running") &&
            (!run->due.known || run->due.ms >= question->view->now.ms)) {
            return true;
        }
    }
    return false;
}

/* `clock` empty: any of them. */
static bool has_miss(const struct case_standing *standing, struct text clock, bool contested_too)
{
    for (size_t index = 0; index < standing->run_count; index++) {
        const struct standing_run *run = &standing->runs[index];
        if (text_is(run->outcome, "missed") && !run->waived &&
            (clock.bytes == 0 || text_equal(run->clock, clock)) &&
            (contested_too || text_is(run->appeal, "none"))) {
            return true;
        }
    }
    return false;
}

static struct two_words obstacle_of_extension(const struct case_act_question *question)
{
    if (!has_time_left(question)) {
        return (struct two_words){
            "所有计时均已到期或停止：到期后不能延期，只能申诉",
            "every clock has stopped or is past its due: no extension then, only an appeal"};
    }
    if (is(question, "extension_requested") && question->standing->extension.known) {
        return (struct two_words){
            "已有一项延期申请待审批，一次只能有一项",
            "a request for more time is waiting for its decision; one at a time"};
    }
    bool extendable = true; /* what cannot be read is left to the rules to judge */
    if (!case_rules_extendable(question->view, question->standing->id, &extendable) &&
        !extendable) {
        return (struct two_words){
            "规则允许的延期次数已用完，不能再延期",
            "the rules allow no further extension: each clock has had as many as it may"};
    }
    return NO_WORDS;
}

/* Taken once, unless a clock that runs for one of the actor's units still waits for it. */
static struct two_words obstacle_of_acceptance(const struct case_act_question *question)
{
    const struct scope *own = actor_scope(question->view->actor, RIGHT_WORK);
    const struct case_standing *standing = question->standing;
    bool waits = !standing->accepted;
    for (size_t index = 0; index < standing->run_count && !waits; index++) {
        const struct standing_run *run = &standing->runs[index];
        const struct clock_rule *rule =
            policy_clock(view_policy(question->view), plain_clock(run->clock));
        waits = !run->has_stopped && rule && scope_has(own, run->unit) &&
                clock_stops_at(rule, TEXT_LITERAL("accepted"));
    }
    return waits ? NO_WORDS
                 : (struct two_words){"办件已签收，无需再次签收", "the case is accepted already"};
}

static bool has_appeal(const struct case_standing *standing, struct text clock)
{
    for (size_t index = 0; index < standing->run_count; index++) {
        const struct standing_run *run = &standing->runs[index];
        if (text_equal(run->clock, clock) && text_is(run->appeal, "open")) {
            return true;
        }
    }
    return false;
}

static struct two_words obstacle_of_miss(const struct case_act_question *question)
{
    if (refuses_appeal(question)) {
        return has_appeal(question->standing, json_get_string(question->data, "clock"))
                   ? NO_WORDS
                   : (struct two_words){
                         "该计时没有待裁定的申诉", "no appeal of this clock waits for a ruling"};
    }
    static const struct two_words nothing_to_appeal = {
        "该计时没有可申诉的超期（未超期、已免责或已申诉）",
        "there is no miss of this clock to appeal: none, waived, or appealed"};
    static const struct two_words nothing_to_waive = {
        "该计时没有需要免责的超期（未超期或已免责）",
        "there is no miss of this clock to waive: none, or waived already"};
    const bool appeals = is(question, "appealed");
    const struct text clock = json_get_string(question->data, "clock");
    if (has_miss(question->standing, clock, !appeals)) {
        return NO_WORDS;
    }
    return appeals ? nothing_to_appeal : nothing_to_waive;
}

static struct two_words obstacle_of_note(const struct case_act_question *question)
{
    if (has(question, "refuses") && !question->standing->extension.known) {
        return (struct two_words){
            "没有待审批的延期申请", "no request for more time waits for a decision"};
    }
    if (json_get_string(question->data, "ruling").bytes > 0 &&
        !question->standing->objected.known &&
        json_get_string(question->data, "clock").bytes == 0) {
        return (struct two_words){"没有待裁定的退件异议", "no objection waits for a ruling"};
    }
    return NO_WORDS;
}

struct two_words case_act_obstacle(const struct case_act_question *question)
{
    const struct case_act *act = question->act;
    if (!(act->phases & 1U << question->standing->phase)) {
        return act->elsewhere;
    }
    if (is(question, "extension_requested") || is(question, "extended")) {
        return obstacle_of_extension(question);
    }
    if (is(question, "accepted")) {
        return obstacle_of_acceptance(question);
    }
    if (is(question, "objected") && question->standing->objected.known) {
        return (struct two_words){
            "退件异议已提出，等待裁定", "an objection is open already and waits for a ruling"};
    }
    if (is(question, "waived") || is(question, "appealed")) {
        return obstacle_of_miss(question);
    }
    if (is(question, "noted")) {
        return obstacle_of_note(question);
    }
    return NO_WORDS;
}

/* ---- what is filled in ---- */

static struct field_error fault(const char *field, const char *zh, const char *en)
{
    return (struct field_error){.field = field, .words = {zh, en}};
}

#define NO_FAULT ((struct field_error){.field = NULL, .words = {NULL, NULL}})

/* The words of `needs`, of which each is a member's name of this table. */
static const char *const member_names[] = {"text",        "result", "reason", "clock",
                                           "approved_by", "unit",   "score"};

static bool is_needed(const char *needs, const char *name)
{
    const size_t bytes = strlen(name);
    const char *at = needs;
    while ((at = strstr(at, name)) != NULL) {
        const bool starts = at == needs || at[-1] == ' ';
        if (starts && (at[bytes] == ' ' || at[bytes] == '\0')) {
            return true;
        }
        at += bytes;
    }
    return false;
}

static bool is_there(const struct json_value *data, const char *name)
{
    const struct json_value *value = json_get(data, name);
    return json_type(value) == JSON_NUMBER || json_string(value).bytes > 0;
}

static struct field_error fault_of_members(const struct case_act_question *question)
{
    for (size_t index = 0; index < sizeof(member_names) / sizeof(member_names[0]); index++) {
        const char *name = member_names[index];
        if (is_needed(question->act->needs, name) && !is_there(question->data, name)) {
            return fault(name, "此项必须填写", "this must be filled in");
        }
        if (json_get_string(question->data, name).bytes > TEXT_BYTES) {
            return fault(name, "内容过长（最多 8000 字节）", "too long: at most 8000 bytes");
        }
    }
    return NO_FAULT;
}

/* Is there a clock that takes so much more: its limit is in the same unit, and of the rules? */
static bool some_clock_takes(
    const struct case_act_question *question, const struct duration *duration)
{
    const struct case_standing *standing = question->standing;
    for (size_t index = 0; index < standing->run_count; index++) {
        const struct standing_run *run = &standing->runs[index];
        const struct clock_rule *rule =
            policy_clock(view_policy(question->view), plain_clock(run->clock));
        if (!text_is(run->outcome, "running")) {
            continue;
        }
        if (!rule || (!rule->limit_from_case && !rule->recurs && duration->at_second < 0 &&
                      rule->limit.unit == duration->unit)) {
            return true;
        }
    }
    return false;
}

static struct field_error fault_of_time(const struct case_act_question *question)
{
    const struct text by = json_get_string(question->data, "by");
    const struct text until = json_get_string(question->data, "until");
    struct duration duration;
    struct wall_ms at;
    if (by.bytes == 0 && until.bytes == 0) {
        return fault(
            "by", "请填写延长的时长（如 3wd）或新的到期时间",
            "say for how long, such as 3wd, or until when");
    }
    if (by.bytes > 0 && duration_parse(by, &duration, NULL)) {
        return fault(
            "by", "时长格式不正确，应为 3wd（工作日）、5d（日历日）等",
            "no duration; it must be such as 3wd (working days) or 5d (calendar days)");
    }
    if (by.bytes > 0 && !some_clock_takes(question, &duration)) {
        return fault(
            "by", "时长的单位须与计时的时限相同（工作日或日历日等），否则延期无效",
            "no clock has its limit in this unit: the extension would have no effect");
    }
    if (until.bytes > 0 &&
        (wall_parse(until.ptr, until.bytes, &at) || at.ms <= question->view->now.ms)) {
        return fault(
            "until", "新的到期时间必须是将来的时间", "until must be an instant in the future");
    }
    return NO_FAULT;
}

static struct field_error fault_of_transfer(const struct case_act_question *question)
{
    const struct directory *directory = view_policy(question->view)->directory;
    const struct text unit = json_get_string(question->data, "unit");
    const struct text handler = json_get_string(question->data, "handler");
    const struct unit *known = directory_unit(directory, unit);
    const struct person *person = directory_person(directory, handler);
    if (!known) {
        return fault("unit", "通讯录中没有这个单位", "the directory has no such unit");
    }
    if (handler.bytes > 0 && !person) {
        return fault("handler", "通讯录中没有此人", "the directory has no such person");
    }
    if (person && !text_equal(person->unit, unit) &&
        !text_is_among(handler, known->handlers, known->handler_count)) {
        return fault("handler", "此人不在该单位", "this person is not of that unit");
    }
    return NO_FAULT;
}

static bool set_pauses_for(const struct ruleset *set, struct text reason, bool *some_list)
{
    for (size_t index = 0; index < set->clock_count; index++) {
        const struct clock_rule *rule = &set->clocks[index];
        *some_list = *some_list || rule->pause_reason_count > 0;
        if (text_is_among(reason, rule->pause_reasons, rule->pause_reason_count)) {
            return true;
        }
    }
    return false;
}

/* Reasons are a closed list where a rule set has one; sets without one take any. */
static bool pauses_for(const struct policy *policy, struct text reason)
{
    bool some_list = false;
    for (size_t index = 0; index < policy->set_count; index++) {
        if (set_pauses_for(&policy->sets[index], reason, &some_list)) {
            return true;
        }
    }
    return !some_list;
}

static bool waives_for(const struct policy *policy, struct text reason)
{
    bool some_list = false;
    for (size_t s = 0; s < policy->set_count; s++) {
        const struct ruleset *set = &policy->sets[s];
        some_list = some_list || set->waive_reason_count > 0;
        if (text_is_among(reason, set->waive_reasons, set->waive_reason_count)) {
            return true;
        }
    }
    return !some_list;
}

static struct field_error fault_of_reason(const struct case_act_question *question)
{
    const struct policy *policy = view_policy(question->view);
    const struct text reason = json_get_string(question->data, "reason");
    const bool known =
        is(question, "waived") ? waives_for(policy, reason) : pauses_for(policy, reason);
    return known ? NO_FAULT
                 : fault("reason", "事由不在规则所列的范围内", "the rules do not list this reason");
}

/* An answer is for a unit of one's own, whichever a co-handling unit's clock stops by. */
static struct field_error fault_of_unit(const struct case_act_question *question)
{
    const struct text unit = json_get_string(question->data, "unit");
    const struct scope *own = actor_scope(question->view->actor, RIGHT_WORK);
    return unit.bytes == 0 || scope_has(own, unit)
               ? NO_FAULT
               : fault("unit", "只能代表本单位", "it is not a unit of your own");
}

static struct field_error fault_of_score(const struct case_act_question *question)
{
    int64_t score = 0;
    const enum err err = json_i64(json_get(question->data, "score"), &score);
    return !err && score >= 1 && score <= SCORE_HIGHEST
               ? NO_FAULT
               : fault("score", "评分应为 1 至 5 的整数", "a score is a whole number from 1 to 5");
}

struct field_error case_act_fault(const struct case_act_question *question)
{
    const struct field_error missing = fault_of_members(question);
    if (missing.field) {
        return missing;
    }
    if (is(question, "extension_requested") || is(question, "extended")) {
        return fault_of_time(question);
    }
    if (is(question, "assigned")) {
        return fault_of_transfer(question);
    }
    if (is(question, "answered") || is(question, "accepted") || is(question, "completed")) {
        return fault_of_unit(question);
    }
    if (is(question, "suspended") || is(question, "waived")) {
        return fault_of_reason(question);
    }
    return is(question, "rated") ? fault_of_score(question) : NO_FAULT;
}
