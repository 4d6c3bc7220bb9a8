/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bundles: made from a folder, carried as JSON without any address in the clear, made again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "config/bundle_make.h"
#include "tests/support/check.h"
#include "tests/support/config_rig.h"

static char folder[] = "/tmp/test_bundle.XXXXXX";
static const uint8_t key[SEAL_KEY_BYTES] = {7, 7, 7};
static struct settings settings;
static struct report report;

static void write_file(const char *name, const char *text)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    char *slash = strrchr(path, '/');
    *slash = '\0';
    CHECK(file_make_folders(path, 0700, NULL) == ERR_OK);
    *slash = '/';
    CHECK(file_write(path, text_of(text), 0600, NULL) == ERR_OK);
}

static void remove_all(void)
{
    static const char *const names[] = {"directory.json",     "matters.json", "templates/warn.json",
                                        "templates/own.json", "rules/a.json", "calendars/a.json",
                                        "templates",          "rules",        "calendars"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[512];
        (void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        (void)remove(path);
    }
}

static struct bundle *load_folder(void)
{
    report_release(&report);
    return bundle_load_folder(folder, &settings, &report);
}

/* The city's people with shipped rules, calendar and texts. */
static struct bundle *load_city(void)
{
    char *directory = config_test_data("directory.json");
    char *matters = config_test_data("matters.json");
    write_file("directory.json", directory);
    write_file("matters.json", matters);
    free(directory);
    free(matters);
    return load_folder();
}

static void shipped_defaults_make_a_whole_bundle(void)
{
    report_release(&report);
    struct bundle *bundle = bundle_load_folder(NULL, &settings, &report);
    if (!CHECK(bundle)) {
        return;
    }
    CHECK_EQ(report.error_count, 0);
    CHECK_EQ(bundle->policy.set_count, 1);
    CHECK_EQ(bundle->template_count, 5);
    CHECK_EQ(bundle->policy.backfill_ms, 3600000);
    CHECK(text_is(bundle->calendar_id, "cn"));
    CHECK(bundle_template(bundle, TEXT_LITERAL("overdue")));
    CHECK(!bundle_template(bundle, TEXT_LITERAL("nothing")));
    const struct contact *contact = bundle_contact(bundle, TEXT_LITERAL("unit-a-head"));
    CHECK(contact && text_is(contact->mobile, "19900000004"));
    CHECK(!bundle_contact(bundle, TEXT_LITERAL("nobody")));
    CHECK(directory_matter(bundle->policy.directory, TEXT_LITERAL("m01.1")));
    bundle_free(bundle);
}

static void what_a_folder_lacks_is_shipped(void)
{
    write_file(
        "templates/own.json",
        "{\"id\":\"own\",\"texts\":{\"zh\":{\"sms\":\"{sign}x\",\"markdown\":\"x\"}}}");
    write_file(
        "templates/warn.json",
        "{\"id\":\"warn\",\"texts\":{\"zh\":{\"sms\":\"{sign}mine\",\"markdown\":\"x\"}}}");
    struct bundle *bundle = load_city();
    if (CHECK(bundle)) {
        CHECK_EQ(bundle->template_count, 6);
        const struct template_text *warn = bundle_template(bundle, TEXT_LITERAL("warn"));
        CHECK(warn && text_is(warn->zh_sms, "{sign}mine"));
        CHECK(warn && text_is(warn->en_sms, "{sign}mine")); /* Chinese stands in */
        CHECK(bundle_contact(bundle, TEXT_LITERAL("d06-head")));
        CHECK(text_is(bundle->policy.sets[0].id, "dongyang-2019"));
    }
    bundle_free(bundle);
    remove_all();
}

static void an_own_directory_without_matters_has_none(void)
{
    write_file("directory.json", "{\"units\":[],\"people\":[]}");
    struct bundle *bundle = load_folder();
    if (CHECK(bundle)) {
        CHECK(!directory_matter(bundle->policy.directory, TEXT_LITERAL("m01")));
    }
    bundle_free(bundle);
    remove_all();
}

static struct bundle *through_json(const struct bundle *bundle, struct buf *json)
{
    report_release(&report);
    buf_init(json, (size_t)16 << 20);
    CHECK(bundle_to_json(bundle, key, json) == ERR_OK);
    return bundle_from_json(buf_view(json), key, &report);
}

static void a_bundle_survives_its_json(void)
{
    struct buf json;
    struct buf again;
    struct bundle *bundle = load_city();
    bundle->version = 4;
    bundle->policy.backfill_ms = 1800000;
    struct bundle *copy = through_json(bundle, &json);
    if (CHECK(copy)) {
        size_t count = 0;
        CHECK_EQ(report.count, 0);
        CHECK_EQ(copy->version, 4);
        CHECK_EQ(copy->policy.version, 4);
        CHECK_EQ(copy->policy.backfill_ms, 1800000);
        CHECK_STR(copy->digest, bundle->digest);
        CHECK_EQ(copy->template_count, bundle->template_count);
        (void)directory_people(copy->policy.directory, &count);
        CHECK_EQ(count, 217);
        for (size_t i = 0; i < copy->contact_count; i++) {
            CHECK(text_equal(copy->contacts[i].mobile, bundle->contacts[i].mobile));
            CHECK(text_equal(copy->contacts[i].dingtalk, bundle->contacts[i].dingtalk));
            CHECK(text_equal(copy->contacts[i].zwdd, bundle->contacts[i].zwdd));
        }
        CHECK(directory_matter(copy->policy.directory, TEXT_LITERAL("m24.4")));
        CHECK(text_is(copy->sources.rules[0].name, "rules/dongyang.json"));
        struct bundle *second = through_json(copy, &again);
        CHECK(second && text_is(second->contacts[0].mobile, "19900000001"));
        bundle_free(second);
        buf_release(&again);
    }
    bundle_free(copy);
    bundle_free(bundle);
    buf_release(&json);
    remove_all();
}

static void no_address_stands_in_the_json(void)
{
    struct buf json;
    struct bundle *bundle = load_city();
    struct bundle *copy = through_json(bundle, &json);
    for (size_t i = 0; i < bundle->contact_count; i++) {
        check_note("%.*s", TEXT_ARGS(bundle->contacts[i].person));
        CHECK(!strstr(json.ptr, bundle->contacts[i].mobile.ptr));
        CHECK(!strstr(json.ptr, bundle->contacts[i].dingtalk.ptr));
        CHECK(!strstr(json.ptr, bundle->contacts[i].zwdd.ptr));
    }
    CHECK(strstr(json.ptr, "\"sealed\":\"intl:"));
    bundle_free(copy);
    bundle_free(bundle);
    buf_release(&json);
    remove_all();
}

static void another_key_or_broken_json_gives_errors_not_bundles(void)
{
    const uint8_t other[SEAL_KEY_BYTES] = {8};
    struct buf json;
    struct bundle *bundle = load_city();
    bundle_free(through_json(bundle, &json));
    report_release(&report);
    CHECK(!bundle_from_json(buf_view(&json), other, &report));
    CHECK_EQ(report.error_count, 217);
    static const char *const bad[] = {
        "",
        "{}",
        "[]",
        "{\"format\":2}",
        "{\"format\":1}",
        "{\"format\":1,\"version\":1,"
        "\"backfill_ms\":1}",
        "{\"format\":1,\"version\":1,\"backfill_ms\":1,\"calendar\":1,\"directory\":[],\"rules\":{}"
        "}",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        report_release(&report);
        check_note("%s", bad[i]);
        CHECK(!bundle_from_json(text_of(bad[i]), key, &report));
        CHECK_GE(report.error_count, 1);
    }
    bundle_free(bundle);
    buf_release(&json);
    remove_all();
}

static void the_digest_changes_with_any_file_and_with_nothing_else(void)
{
    char before[sizeof((struct bundle *)0)->digest];
    struct bundle *bundle = load_city();
    (void)snprintf(before, sizeof before, "%s", bundle->digest);
    CHECK_EQ(strlen(before), 64);
    bundle_free(bundle);
    bundle = load_folder();
    CHECK_STR(bundle->digest, before);
    bundle_free(bundle);
    write_file("matters.json", "{\"matters\":[]}");
    bundle = load_folder();
    CHECK(strcmp(bundle->digest, before) != 0);
    bundle_free(bundle);
    remove_all();
}

static void a_broken_file_gives_no_bundle(void)
{
    write_file("rules/a.json", "{");
    CHECK(!load_folder());
    CHECK_GE(report.error_count, 1);
    remove_all();
}

int main(void)
{
    CHECK(mkdtemp(folder));
    settings_defaults(&settings);
    report_init(&report);
    CHECK_RUN(shipped_defaults_make_a_whole_bundle);
    CHECK_RUN(what_a_folder_lacks_is_shipped);
    CHECK_RUN(an_own_directory_without_matters_has_none);
    CHECK_RUN(a_bundle_survives_its_json);
    CHECK_RUN(no_address_stands_in_the_json);
    CHECK_RUN(another_key_or_broken_json_gives_errors_not_bundles);
    CHECK_RUN(the_digest_changes_with_any_file_and_with_nothing_else);
    CHECK_RUN(a_broken_file_gives_no_bundle);
    report_release(&report);
    remove_all();
    (void)rmdir(folder);
    return check_done();
}
