/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bundles: made from a folder, carried as JSON without any address in the clear, made again.
 */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "config/bundle_make.h"
#include "config/contact_seal.h"
#include "rules/directory.h"
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

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *place)
{
    (void)info;
    (void)kind;
    return place->level > 0 ? remove(path) : 0;
}

static void remove_all(void)
{
    CHECK_EQ(nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
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
    CHECK_EQ(bundle->template_count, 15);
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
        CHECK_EQ(bundle->template_count, 16);
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
    bundle->policy.since = (struct wall_ms){1772409600000};
    struct bundle *copy = through_json(bundle, &json);
    if (CHECK(copy)) {
        size_t count = 0;
        CHECK_EQ(report.count, 0);
        CHECK_EQ(copy->version, 4);
        CHECK_EQ(copy->policy.version, 4);
        CHECK_EQ(copy->policy.backfill_ms, 1800000);
        CHECK_EQ(copy->policy.since.ms, 1772409600000);
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

static void the_defaults_written_out_are_still_the_defaults(void)
{
    struct err_why why = {0};
    report_release(&report);
    struct bundle *shipped = bundle_load_folder(NULL, &settings, &report);
    CHECK_EQ(config_write_defaults(folder, NULL, &why), ERR_OK);
    struct bundle *written = load_folder();
    if (CHECK(shipped && written)) {
        CHECK_STR(written->digest, shipped->digest);
    }
    bundle_free(shipped);
    bundle_free(written);
    remove_all();
}

/* ---- from texts ---- */

static struct bundle *load_texts(
    enum config_kind kind,
    const struct bundle *base,
    const struct bundle_source *files,
    size_t count)
{
    const struct bundle_texts texts = {
        .files = files, .file_count = count, .kind = kind, .base = base, .key = key};
    report_release(&report);
    return bundle_load_texts(&texts, &settings, &report);
}

static struct bundle_source file_of(const char *name, const char *json)
{
    return (struct bundle_source){.name = text_of(name), .json = text_of(json)};
}

static void a_sealed_bundle_has_the_digest_of_its_files(void)
{
    struct buf json;
    struct bundle *bundle = load_city();
    struct bundle *copy = through_json(bundle, &json);
    if (CHECK(copy)) {
        bundle_set_digest(copy);
        CHECK_STR(copy->digest, bundle->digest);
        CHECK(bundle_same_places(copy, bundle));
    }
    bundle_free(copy);
    bundle_free(bundle);
    buf_release(&json);
    remove_all();
}

static void one_kind_is_replaced_and_the_others_stay(void)
{
    struct buf json;
    struct bundle *bundle = load_city();
    struct bundle *base = through_json(bundle, &json);
    const struct bundle_source same[] = {
        {bundle->sources.rules[0].name, bundle->sources.rules[0].json}};
    struct bundle *equal = load_texts(CONFIG_RULES, base, same, 1);
    CHECK(equal && strcmp(equal->digest, bundle->digest) == 0);
    CHECK(equal && text_equal(equal->contacts[3].mobile, bundle->contacts[3].mobile));
    bundle_free(equal);
    const struct bundle_source other = file_of("matters.json", "{\"matters\":[]}");
    struct bundle *without = load_texts(CONFIG_MATTERS, base, &other, 1);
    CHECK(without && strcmp(without->digest, bundle->digest) != 0);
    CHECK(without && !directory_matter(without->policy.directory, TEXT_LITERAL("m24.4")));
    CHECK(without && bundle_same_places(without, bundle));
    CHECK(without && text_is(without->policy.sets[0].id, "dongyang-2019"));
    bundle_free(without);
    bundle_free(base);
    bundle_free(bundle);
    buf_release(&json);
    remove_all();
}

static void files_of_another_kind_or_none_are_mistakes(void)
{
    const struct bundle_source good = file_of("matters.json", "{\"matters\":[]}");
    const struct bundle_source twice[] = {good, good};
    static const char *const names[] = {
        "nrt.json", "rules/.a.json", "rules/a/b.json", "../a.json", "matters", "rulesa.json", ""};
    struct bundle *base = load_folder();
    CHECK(!load_texts(CONFIG_RULES, base, &good, 1));
    CHECK(!load_texts(CONFIG_WHOLE, NULL, twice, 2));
    CHECK(!load_texts(CONFIG_RULES, base, NULL, 0));
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const struct bundle_source bad = file_of(names[i], "{}");
        check_note("%s", names[i]);
        CHECK(!load_texts(CONFIG_WHOLE, NULL, &bad, 1));
        CHECK_EQ(config_kind_of(text_of(names[i])), CONFIG_KIND_COUNT);
    }
    bundle_free(base);
}

static void a_number_beside_the_sealed_ones_is_the_newer_one(void)
{
    struct buf json;
    struct buf person;
    struct bundle *bundle = load_city();
    const struct contact *old = bundle_contact(bundle, TEXT_LITERAL("d06-head"));
    struct buf sealed;
    buf_init(&json, (size_t)16 << 20);
    buf_init(&person, 4096);
    buf_init(&sealed, 4096);
    CHECK(old && contact_seal(old, key, &sealed) == ERR_OK);
    buf_format(
        &person,
        "{\"units\":[],\"people\":[{\"id\":\"d06-head\",\"name\":\"H\",\"sealed\":\"%s\","
        "\"mobile\":\"19900009999\"}]}",
        sealed.ptr);
    struct bundle *with = NULL;
    const struct bundle_source files[] = {
        file_of("directory.json", person.ptr), file_of("matters.json", "{\"matters\":[]}")};
    with = load_texts(CONFIG_WHOLE, NULL, files, 2);
    const struct contact *now = with ? bundle_contact(with, TEXT_LITERAL("d06-head")) : NULL;
    CHECK(now && text_is(now->mobile, "19900009999"));
    CHECK(now && old && text_equal(now->dingtalk, old->dingtalk));
    CHECK(with && !bundle_same_places(with, bundle));
    CHECK(with && bundle_to_json(with, key, &json) == ERR_OK && !strstr(json.ptr, "19900009999"));
    bundle_free(with);
    bundle_free(bundle);
    buf_release(&sealed);
    buf_release(&person);
    buf_release(&json);
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
    CHECK_RUN(the_defaults_written_out_are_still_the_defaults);
    CHECK_RUN(a_sealed_bundle_has_the_digest_of_its_files);
    CHECK_RUN(one_kind_is_replaced_and_the_others_stay);
    CHECK_RUN(files_of_another_kind_or_none_are_mistakes);
    CHECK_RUN(a_number_beside_the_sealed_ones_is_the_newer_one);
    CHECK_RUN(a_broken_file_gives_no_bundle);
    report_release(&report);
    remove_all();
    (void)rmdir(folder);
    return check_done();
}
