/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two directories and two catalogues of matters compared. Of a person's addresses it is told that
 * they changed, never what they are: the texts go to pages and logs.
 */
#include "config/contact_seal.h"
#include "config/diff_parts.h"

static const struct diff_key unit_keys[] = {
    {"name", {"名称", "name"}, diff_write_quoted, NULL},
    {"parent", {"上级", "parent"}, diff_write_plain, NULL},
    {"head", {"主要负责人", "head"}, diff_write_plain, NULL},
    {"deputy_head", {"副职", "deputy head"}, diff_write_plain, NULL},
    {"leader", {"分管领导", "leader"}, diff_write_plain, NULL},
    {"clerk", {"联络员", "clerk"}, diff_write_plain, NULL},
    {"handlers", {"经办人", "handlers"}, diff_write_plain, "[]"},
    {"oversight", {"督查", "oversight"}, diff_write_plain, "false"},
    {"oversees", {"督查范围", "units overseen"}, diff_write_plain, NULL},
    {"area", {"区域", "area"}, diff_write_quoted, NULL},
    {"robot", {"群机器人", "robot"}, diff_write_plain, NULL},
    {"note", {"备注", "note"}, diff_write_quoted, NULL},
};

static void pair_units(
    struct diff *diff,
    const struct diff_subject *owner,
    const struct diff_item *from,
    const struct diff_item *to)
{
    static const struct diff_words kind = {"单位", "unit"};
    const struct diff_subject subject = diff_subject_of(diff, "unit", kind, to ? to->id : from->id);
    (void)owner;
    if (!from || !to) {
        const struct json_value *unit = to ? to->value : from->value;
        diff_say_there(diff, &subject, to != NULL);
        diff_say(diff, "（", " (");
        diff_say_text(diff, json_get_string(unit, "name"));
        diff_say(diff, "）", ")");
        diff_tell_there(diff, &subject, unit, to != NULL);
        return;
    }
    const struct diff_objects objects = {from->value, to->value, unit_keys, DIFF_COUNT(unit_keys)};
    diff_objects(diff, &subject, &objects);
}

/* ---- people ---- */

static const struct diff_key person_keys[] = {
    {"name", {"姓名", "name"}, diff_write_quoted, NULL},
    {"unit", {"单位", "unit"}, diff_write_plain, NULL},
    {"leave", {"请假", "leave"}, diff_write_leaves, "[]"},
    {"mobile", {"", ""}, NULL, NULL},
    {"dingtalk", {"", ""}, NULL, NULL},
    {"zwdd", {"", ""}, NULL, NULL},
    {"wecom", {"", ""}, NULL, NULL},
    {"email", {"", ""}, NULL, NULL},
    {CONTACT_SEALED_KEY, {"", ""}, NULL, NULL},
    {"note", {"备注", "note"}, diff_write_quoted, NULL},
};

static void compare_address(
    struct diff *diff,
    const struct diff_subject *subject,
    const struct diff_key *address,
    struct text from,
    struct text to)
{
    if (text_equal(from, to)) {
        return;
    }
    static const struct diff_words hows[] = {
        {"已填写", "given"}, {"已删除", "removed"}, {"已更改（不显示）", "changed (not shown)"}};
    const size_t how = from.bytes == 0 ? 0 : to.bytes == 0 ? 1 : 2;
    const struct diff_change change = {
        .change = how == 0   ? "added"
                  : how == 1 ? "removed"
                             : "changed",
        .key = address->key};
    buf_format(&diff->zh, "%.*s 的%s：%s", TEXT_ARGS(subject->zh), address->name.zh, hows[how].zh);
    buf_format(&diff->en, "%s of %.*s: %s", address->name.en, TEXT_ARGS(subject->en), hows[how].en);
    diff_tell(diff, subject, &change);
}

/* Sealed, and there was no key. */
static bool is_closed(const struct json_value *person, const struct contact *contact)
{
    return json_get(person, CONTACT_SEALED_KEY) && contact->mobile.bytes == 0 &&
           contact->dingtalk.bytes == 0 && contact->zwdd.bytes == 0 && contact->wecom.bytes == 0 &&
           contact->email.bytes == 0;
}

static void compare_addresses(
    struct diff *diff,
    const struct diff_subject *subject,
    const struct diff_item *before,
    const struct diff_item *after)
{
    static const struct contact nobody;
    static const struct diff_key keys[] = {
        {"mobile", {"手机号", "mobile"}, NULL, NULL},
        {"dingtalk", {"钉钉账号", "dingtalk"}, NULL, NULL},
        {"zwdd", {"浙政钉账号", "zwdd"}, NULL, NULL},
        {"wecom", {"企业微信账号", "wecom"}, NULL, NULL},
        {"email", {"邮箱", "email"}, NULL, NULL},
    };
    const struct contact *from = bundle_contact(diff->from, before->id);
    const struct contact *to = bundle_contact(diff->to, after->id);
    from = from ? from : &nobody;
    to = to ? to : &nobody;
    if (is_closed(before->value, from) || is_closed(after->value, to)) {
        diff->closed += text_equal(
                            json_get_string(before->value, CONTACT_SEALED_KEY),
                            json_get_string(after->value, CONTACT_SEALED_KEY))
                            ? 0
                            : 1;
        return;
    }
    compare_address(diff, subject, &keys[0], from->mobile, to->mobile);
    compare_address(diff, subject, &keys[1], from->dingtalk, to->dingtalk);
    compare_address(diff, subject, &keys[2], from->zwdd, to->zwdd);
    compare_address(diff, subject, &keys[3], from->wecom, to->wecom);
    compare_address(diff, subject, &keys[4], from->email, to->email);
}

/* Without the value: it may hold addresses. */
static void tell_person(
    struct diff *diff,
    const struct diff_subject *subject,
    const struct json_value *person,
    bool added)
{
    const struct text unit = json_get_string(person, "unit");
    diff_say_there(diff, subject, added);
    diff_say(diff, "（", " (");
    diff_say_text(diff, json_get_string(person, "name"));
    if (unit.bytes > 0) {
        diff_say(diff, "，单位 ", ", unit ");
        diff_say_text(diff, unit);
    }
    diff_say(diff, "）", ")");
    diff_tell_there(diff, subject, NULL, added);
}

static void pair_people(
    struct diff *diff,
    const struct diff_subject *owner,
    const struct diff_item *from,
    const struct diff_item *to)
{
    static const struct diff_words kind = {"人员", "person"};
    const struct diff_subject subject =
        diff_subject_of(diff, "person", kind, to ? to->id : from->id);
    (void)owner;
    if (!from || !to) {
        tell_person(diff, &subject, to ? to->value : from->value, to != NULL);
        return;
    }
    const struct diff_objects objects = {
        from->value, to->value, person_keys, DIFF_COUNT(person_keys)};
    diff_objects(diff, &subject, &objects);
    compare_addresses(diff, &subject, from, to);
}

static void tell_closed(struct diff *diff)
{
    static const struct diff_subject people = {.what = "person", .id = {"", 0}};
    const struct diff_change change = {.change = "sealed"};
    if (diff->closed == 0) {
        return;
    }
    buf_format(&diff->zh, "%zu 人的联系方式已加密，此处无法比较（须有 seal.key）", diff->closed);
    buf_format(
        &diff->en, "the addresses of %zu %s are sealed and cannot be compared without seal.key",
        diff->closed, diff->closed == 1 ? "person" : "people");
    diff_tell(diff, &people, &change);
}

void diff_directory(struct diff *diff, const struct json_value *from, const struct json_value *to)
{
    const struct diff_lists units = {
        .from = diff_items_of(diff, json_get(from, "units")),
        .to = diff_items_of(diff, json_get(to, "units")),
        .pair = pair_units,
    };
    const struct diff_lists people = {
        .from = diff_items_of(diff, json_get(from, "people")),
        .to = diff_items_of(diff, json_get(to, "people")),
        .pair = pair_people,
    };
    diff_lists(diff, &units);
    diff_lists(diff, &people);
    tell_closed(diff);
}

/* ---- matters ---- */

static const struct diff_key matter_keys[] = {
    {"title", {"名称", "title"}, diff_write_quoted, NULL},
    {"parent", {"主项", "parent"}, diff_write_plain, NULL},
    {"owner", {"负责人", "owner"}, diff_write_plain, NULL},
    {"unit", {"单位", "unit"}, diff_write_plain, NULL},
    {"note", {"备注", "note"}, diff_write_quoted, NULL},
};

static void pair_matters(
    struct diff *diff,
    const struct diff_subject *owner,
    const struct diff_item *from,
    const struct diff_item *to)
{
    static const struct diff_words kind = {"事项目录", "matter"};
    const struct diff_subject subject =
        diff_subject_of(diff, "matter", kind, to ? to->id : from->id);
    (void)owner;
    if (!from || !to) {
        const struct json_value *matter = to ? to->value : from->value;
        diff_say_there(diff, &subject, to != NULL);
        diff_say(diff, "（", " (");
        diff_say_text(diff, json_get_string(matter, "title"));
        diff_say(diff, "）", ")");
        diff_tell_there(diff, &subject, matter, to != NULL);
        return;
    }
    const struct diff_objects objects = {
        from->value, to->value, matter_keys, DIFF_COUNT(matter_keys)};
    diff_objects(diff, &subject, &objects);
}

void diff_matters(struct diff *diff, const struct json_value *from, const struct json_value *to)
{
    const struct diff_lists matters = {
        .from = diff_items_of(diff, json_get(from, "matters")),
        .to = diff_items_of(diff, json_get(to, "matters")),
        .pair = pair_matters,
    };
    diff_lists(diff, &matters);
}
