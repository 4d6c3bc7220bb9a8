/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shared reader: hints, ids, paths that grow too long, files that are no JSON.
 */
#include <stdio.h>
#include <string.h>

#include "config/read.h"
#include "tests/support/check.h"
#include "tests/support/config_rig.h"

static const char *hint_for(const char *word, const char *candidate)
{
    static char hint[READ_HINT_BYTES];
    struct nearest nearest;
    nearest_init(&nearest, text_of(word));
    nearest_try(&nearest, text_of(candidate));
    return nearest_hint(&nearest, hint);
}

static void only_near_words_are_suggested(void)
{
    CHECK_STR(hint_for("limt", "limit"), "; did you mean \"limit\"?");
    CHECK_STR(hint_for("unit_haed", "unit_head"), "; did you mean \"unit_head\"?");
    CHECK_STR(hint_for("office_hour", "office_hours"), "; did you mean \"office_hours\"?");
    CHECK_STR(hint_for("x", "id"), "");
    CHECK_STR(hint_for("colour", "limit"), "");
    CHECK_STR(hint_for("", "id"), "");
}

static void the_second_use_of_an_id_is_found_among_thousands(void)
{
    struct config_rig rig;
    struct reader reader;
    struct id_table table = {0};
    static char names[5000][16];
    config_rig_init(&rig);
    const struct source source = config_source("a.json", "[\n1\n]");
    CHECK(reader_open(&reader, &source, &rig.reading));
    const struct json_value *value = json_first(json_root(reader.doc));
    for (int i = 0; i < 5000; i++) {
        (void)snprintf(names[i], sizeof names[i], "n%d", i);
        CHECK(id_table_add(&table, &reader, value, text_of(names[i])));
    }
    CHECK(id_table_add(&table, &reader, value, text_of("")));
    CHECK(id_table_add(&table, &reader, value, text_of("")));
    CHECK_STR(config_rig_lines(&rig), "");
    CHECK(!id_table_add(&table, &reader, value, text_of("n4711")));
    CHECK_STR(
        config_rig_lines(&rig), "a.json:2:1: error: duplicate id \"n4711\" (first at line 2)\n");
    CHECK(!reader_close(&reader));
    id_table_release(&table);
    config_rig_release(&rig);
}

static void a_path_too_long_to_show_is_cut(void)
{
    struct config_rig rig;
    struct reader reader;
    config_rig_init(&rig);
    const struct source source = config_source("a.json", "{}");
    CHECK(reader_open(&reader, &source, &rig.reading));
    size_t marks[100];
    for (size_t i = 0; i < 100; i++) {
        marks[i] = i % 2 ? reader_enter_index(&reader, i)
                         : reader_enter_key(&reader, text_of("a-key-of-some-length"));
        CHECK(strlen(reader.path) < READ_PATH_BYTES);
    }
    for (size_t i = 100; i > 0; i--) {
        reader_leave(&reader, marks[i - 1]);
    }
    CHECK_STR(reader.path, "");
    CHECK(reader_close(&reader));
    config_rig_release(&rig);
}

static void a_file_that_is_not_json_is_one_finding_with_its_place(void)
{
    struct config_rig rig;
    struct reader reader;
    config_rig_init(&rig);
    const struct source source = config_source("a.json", "{\n  \"id\": 1,\n  \"id\": 2\n}");
    CHECK(!reader_open(&reader, &source, &rig.reading));
    CHECK(!reader_close(&reader));
    CHECK(strstr(config_rig_lines(&rig), "a.json:3:3: error: not JSON: "));
    CHECK_EQ(rig.report.count, 1);
    config_rig_release(&rig);
}

int main(void)
{
    CHECK_RUN(only_near_words_are_suggested);
    CHECK_RUN(the_second_use_of_an_id_is_found_among_thousands);
    CHECK_RUN(a_path_too_long_to_show_is_cut);
    CHECK_RUN(a_file_that_is_not_json_is_one_finding_with_its_place);
    return check_done();
}
