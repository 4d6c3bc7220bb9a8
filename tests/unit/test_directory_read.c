/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Directory and catalogue: what is read, and that addresses stay apart from people. Mistakes are
 * in tests/data/check.
 */
#include <stdlib.h>
#include <string.h>

#include "config/contact_seal.h"
#include "config/files.h"
#include "tests/support/check.h"
#include "tests/support/config_rig.h"

static struct config_rig rig;

static struct directory_file read_directory(const char *json, const uint8_t *key)
{
    struct directory_file file = {0};
    const struct source source = config_source("directory.json", json);
    CHECK(directory_read(&source, &rig.reading, key, &file));
    CHECK_STR(config_rig_lines(&rig), "");
    return file;
}

static void the_city_is_read_whole(void)
{
    char *json = config_test_data("directory.json");
    const struct directory_file file = read_directory(json, NULL);
    size_t unit_count = 0;
    size_t person_count = 0;
    (void)directory_units(file.directory, &unit_count);
    (void)directory_people(file.directory, &person_count);
    CHECK_EQ(unit_count, 44);
    CHECK_EQ(person_count, 217);
    CHECK_EQ(file.contact_count, 217);
    const struct unit *unit = directory_unit(file.directory, TEXT_LITERAL("d06"));
    CHECK(unit && text_is(unit->name, "市市场监督管理局"));
    CHECK(unit && text_is(unit->parent, "gov"));
    CHECK(unit && unit->handler_count == 3 && text_is(unit->handlers[2], "d06-h3"));
    CHECK(unit && !unit->oversight);
    const struct unit *oversight = directory_unit(file.directory, TEXT_LITERAL("oversight"));
    CHECK(oversight && oversight->oversight && !oversight->oversees_given);
    CHECK(text_is(file.contacts[216].person, "oversight-2"));
    CHECK(text_is(file.contacts[216].mobile, "19900000217"));
    CHECK(text_is(file.contacts[216].dingtalk, "dt-oversight-2"));
    free(json);
}

static void an_empty_oversees_list_is_not_a_missing_one(void)
{
    const struct directory_file file = read_directory(
        "{\"units\":[{\"id\":\"a\",\"name\":\"A\",\"oversight\":true,\"oversees\":[],"
        "\"area\":\"x\",\"robot\":\"tax\"},{\"id\":\"b\",\"name\":\"B\",\"oversees\":null}],"
        "\"people\":[]}",
        NULL);
    const struct unit *a = directory_unit(file.directory, TEXT_LITERAL("a"));
    const struct unit *b = directory_unit(file.directory, TEXT_LITERAL("b"));
    CHECK(a && a->oversees_given && a->oversees_count == 0);
    CHECK(a && text_is(a->area, "x") && text_is(a->robot, "tax"));
    CHECK(b && !b->oversees_given);
}

static void numbers_with_a_country_code_are_numbers(void)
{
    const struct directory_file file = read_directory(
        "{\"units\":[],\"people\":[{\"id\":\"p\",\"name\":\"P\",\"mobile\":\"+8613800000000\","
        "\"email\":\"p@example.com\",\"wecom\":null}]}",
        NULL);
    CHECK(text_is(file.contacts[0].mobile, "+8613800000000"));
    CHECK(text_is(file.contacts[0].email, "p@example.com"));
    CHECK_EQ(file.contacts[0].wecom.bytes, 0);
}

static void directory_with(struct buf *json, const char *id, struct text sealed)
{
    buf_clear(json);
    buf_format(
        json, "{\"units\":[],\"people\":[{\"id\":\"%s\",\"name\":\"P\",\"sealed\":\"%.*s\"}]}", id,
        TEXT_ARGS(sealed));
}

static void sealed_addresses_open_with_their_key_for_their_person_only(void)
{
    const uint8_t key[SEAL_KEY_BYTES] = {1, 2, 3};
    const uint8_t other_key[SEAL_KEY_BYTES] = {1, 2, 4};
    struct buf sealed;
    struct buf json;
    struct directory_file file;
    buf_init(&sealed, 4096);
    buf_init(&json, 8192);
    const struct contact contact = {
        .person = TEXT_LITERAL("p"),
        .mobile = TEXT_LITERAL("19900000001"),
        .zwdd = TEXT_LITERAL("z")};
    CHECK(contact_seal(&contact, key, &sealed) == ERR_OK);
    directory_with(&json, "p", buf_view(&sealed));
    file = read_directory(json.ptr, key);
    CHECK(text_is(file.contacts[0].mobile, "19900000001"));
    CHECK(text_is(file.contacts[0].zwdd, "z"));

    struct source source = config_source("directory.json", json.ptr);
    CHECK(!directory_read(&source, &rig.reading, other_key, &file));
    directory_with(&json, "q", buf_view(&sealed)); /* moved to somebody else */
    source = config_source("directory.json", json.ptr);
    CHECK(!directory_read(&source, &rig.reading, key, &file));
    CHECK_EQ(rig.report.error_count, 2);
    report_release(&rig.report);
    buf_release(&json);
    buf_release(&sealed);
}

static void a_value_of_another_algorithm_or_key_says_what_to_do(void)
{
    static const struct {
        const char *sealed;
        const char *words;
    } rows[] = {
        {"sm:0011aabb:AAAA", "the algorithm \"sm\""},
        {"intl:0011aabb:AAAA", "the key 0011aabb, which is not in seal.key"},
        {"intl:AAAA", "apply the configuration again"},
    };
    const uint8_t key[SEAL_KEY_BYTES] = {1, 2, 3};
    struct directory_file file;
    struct buf json;
    buf_init(&json, 8192);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        report_init(&rig.report);
        directory_with(&json, "p", text_of(rows[i].sealed));
        const struct source source = config_source("directory.json", json.ptr);
        CHECK(!directory_read(&source, &rig.reading, key, &file));
        CHECK(rig.report.count == 1 && strstr(rig.report.findings[0].message, rows[i].words));
        report_release(&rig.report);
    }
    buf_release(&json);
}

static void a_person_without_addresses_has_nothing_to_seal(void)
{
    const uint8_t key[SEAL_KEY_BYTES] = {0};
    struct buf sealed;
    buf_init(&sealed, 4096);
    const struct contact contact = {.person = TEXT_LITERAL("p")};
    CHECK(contact_seal(&contact, key, &sealed) == ERR_OK);
    CHECK_EQ(sealed.bytes, 0);
    buf_release(&sealed);
}

static void the_catalogue_is_read_in_two_levels(void)
{
    char *directory_json = config_test_data("directory.json");
    char *json = config_test_data("matters.json");
    struct matters_file file = {0};
    rig.reading.known.directory = read_directory(directory_json, NULL).directory;
    const struct source source = config_source("matters.json", json);
    CHECK(matters_read(&source, &rig.reading, &file));
    CHECK_STR(config_rig_lines(&rig), "");
    CHECK_EQ(file.matter_count, 135);
    size_t main_count = 0;
    for (size_t i = 0; i < file.matter_count; i++) {
        main_count += file.matters[i].parent.bytes == 0 ? 1 : 0;
    }
    CHECK_EQ(main_count, 24);
    rig.reading.known.directory = NULL;
    free(json);
    free(directory_json);
}

int main(void)
{
    config_rig_init(&rig);
    CHECK_RUN(the_city_is_read_whole);
    CHECK_RUN(an_empty_oversees_list_is_not_a_missing_one);
    CHECK_RUN(numbers_with_a_country_code_are_numbers);
    CHECK_RUN(sealed_addresses_open_with_their_key_for_their_person_only);
    CHECK_RUN(a_value_of_another_algorithm_or_key_says_what_to_do);
    CHECK_RUN(a_person_without_addresses_has_nothing_to_seal);
    CHECK_RUN(the_catalogue_is_read_in_two_levels);
    config_rig_release(&rig);
    return check_done();
}
