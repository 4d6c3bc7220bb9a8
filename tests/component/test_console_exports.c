/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists as files through the console's socket: what stands in them and above them, filters and
 * scope as in the lists, cells that look like formulas, more rows than are made at once, and that
 * a file is for who asked for it alone.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "tests/support/check.h"
#include "tests/support/console_rig.h"

#define ENTRIES   6
#define PER_ENTRY 900 /* cases of unit-b: 5400 in all */

static struct console_rig rig;
static struct console_rig other; /* the same console, asked by somebody of unit-a */
static char *kept;

static bool has(const char *part)
{
    check_note("looking for %s in %.1200s", part, kept ? kept : "(nothing)");
    return kept && strstr(kept, part) != NULL;
}

static int call_as(
    const struct console_rig *who, const char *method, const char *path, const char *body)
{
    free(kept);
    const int status = console_rig_call(who, method, path, body, &kept);
    check_note("%s %s -> %d %.600s", method, path, status, kept);
    return status;
}

static int call(const char *method, const char *path, const char *body)
{
    return call_as(&rig, method, path, body);
}

static bool comes_to(const char *path, const char *part)
{
    const int64_t end = clock_mono().ms + 20000;
    while (clock_mono().ms < end) {
        (void)call("GET", path, NULL);
        if (strstr(kept, part)) {
            return true;
        }
        (void)poll(NULL, 0, 10);
    }
    return CHECK(has(part));
}

/* ---- what the ledger holds ---- */

static void put_case(struct buf *facts, const char *id, const char *unit, const char *title)
{
    buf_format(
        facts,
        "%s{\"k\":\"case\",\"id\":\"%s\",\"title\":\"%s\",\"matter\":\"m01.1\",\"unit\":\"%s\","
        "\"handler\":\"%s-1\",\"from_unit\":\"office\",\"number\":\"东政函〔2026〕3号\","
        "\"labels\":{},\"state\":\"open\",\"light\":\"red\",\"created\":1769994000000,"
        "\"updated\":1769994000000,\"fault\":false,\"objected\":null,\"figures\":{\"accepted\":"
        "false,\"sent_back\":false},\"runs\":[{\"clock\":\"reply\",\"run\":1,\"family\":\"reply\","
        "\"title\":\"限时答复\",\"start\":1769994000000,\"due\":1770629400000,\"provisional\":"
        "false,\"outcome\":\"missed\",\"stopped\":null,\"light\":\"red\",\"unit\":\"%s\","
        "\"handler\":\"%s-1\",\"rules\":1,\"waived\":false,\"appeal\":\"none\",\"rule_change\":"
        "false,\"waiting_for\":[]}]}",
        facts->bytes > 1 ? "," : "", id, title, unit, unit, unit, unit);
}

static char *entry_make(int entry)
{
    struct buf facts;
    buf_init(&facts, (size_t)8 << 20);
    buf_char(&facts, '[');
    if (entry == ENTRIES) {
        put_case(&facts, "A-1", "unit-a", "=1+1");
        put_case(&facts, "A-2", "unit-a", "＝cmd|' /C calc'!A0");
        put_case(&facts, "A-3", "unit-a", "第一行\\n=2+2");
    }
    for (int i = 0; entry < ENTRIES && i < PER_ENTRY; i++) {
        char id[32];
        (void)snprintf(id, sizeof(id), "B-%d-%d", entry, i);
        put_case(&facts, id, "unit-b", "关于用地的函");
    }
    buf_char(&facts, ']');
    return buf_take(&facts, NULL);
}

/* ---- facts ---- */

static void a_csv_says_what_it_is_and_runs_nothing(void)
{
    CHECK_EQ(call("GET", "/api/v1/overdue.csv?unit=unit-a&sort=case", NULL), 200);
    CHECK(kept && strncmp(kept, "\xef\xbb\xbf\"超期清单\"\r\n", 19) == 0);
    CHECK(has("\"筛选：unit=unit-a 甲局；sort=case\"\r\n"));
    CHECK(has("\"导出时间：2026-03-02 08:00；导出人："));
    CHECK(has("\r\n\"编号\",\"标题\",\"文号\",\"事项\",\"承办单位\""));
    CHECK(has("\r\n\"A-1\",\"'=1+1\",\"东政函〔2026〕3号\","));
    CHECK(has("\"'＝cmd|' /C calc'!A0\"") && has("\"第一行\n'=2+2\""));
    CHECK(has(",2026-02-09 17:30,") && !has("B-0-0"));
    CHECK_EQ(call("GET", "/api/v1/overdue.csv?unit=unit-a&lang=en", NULL), 200);
    CHECK(has("\"Overdue\"\r\n\"Filter: unit=unit-a 甲局\"\r\n\"Exported 2026-03-02 08:00 by "));
    CHECK_EQ(call("GET", "/api/v1/cases.csv?unit=unit-a&status=overdue", NULL), 200);
    CHECK(has("\"超期未办\"") && has("\"A-3\""));
    CHECK_EQ(call("GET", "/api/v1/cases.csv?unit=unit-a&status=met", NULL), 200);
    CHECK(!has("\"A-3\""));
}

static void a_wrong_filter_is_told_as_in_the_list(void)
{
    CHECK_EQ(call("GET", "/api/v1/overdue.csv?sort=colour", NULL), 400);
    CHECK_EQ(call("GET", "/api/v1/overdue.xlsx?uint=a", NULL), 400);
    CHECK_EQ(call("GET", "/api/v1/cases.xlsx?status=gone", NULL), 400);
    CHECK_EQ(call("GET", "/api/v1/figures/units.csv?month=July", NULL), 400);
    CHECK_EQ(call("GET", "/api/v1/accountability.csv?state=maybe", NULL), 400);
}

static void figures_and_accountability_are_files_too(void)
{
    CHECK_EQ(call("GET", "/api/v1/figures/units.csv?month=2026-02", NULL), 200);
    CHECK(has("\"单位排名\"") && has("\"按时办结率\"") && has("\"乙局\",0.0%,0,5400,"));
    CHECK_EQ(call("GET", "/api/v1/figures/units?month=2026-02", NULL), 200);
    CHECK(has("\"missed\":5400"));
    CHECK_EQ(call("GET", "/api/v1/accountability.csv?unit=unit-a", NULL), 200);
    CHECK(has("\"问责线索\"") && has("\"甲局\""));
}

/* Opens the workbook as the archive it is. */
static const char reader[] =
    "import io, sys, urllib.request, zipfile\n"
    "def get(path):\n"
    "    ask = urllib.request.Request(sys.argv[1] + path,\n"
    "        headers={'Authorization': 'Bearer ' + sys.argv[2]})\n"
    "    return urllib.request.urlopen(ask, timeout=20)\n"
    "answer = get(sys.argv[3])\n"
    "assert answer.headers['Content-Type'].endswith('spreadsheetml.sheet'), answer.headers\n"
    "assert 'attachment' in answer.headers['Content-Disposition'], answer.headers\n"
    "book = zipfile.ZipFile(io.BytesIO(answer.read()))\n"
    "assert book.testzip() is None\n"
    "sheet = book.read('xl/worksheets/sheet1.xml').decode()\n"
    "assert '<f' not in sheet.replace('<fo', ''), 'a formula'\n"
    "assert sheet.count('<row ') == int(sys.argv[4]), sheet.count('<row ')\n"
    "for part in sys.argv[5:]:\n"
    "    assert part in sheet, part\n";

static int open_workbook(
    const char *path, const char *rows, const char *part, const char *other_part)
{
    char url[64];
    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%d", rig.port);
    const pid_t pid = fork();
    if (pid == 0) {
        (void)execlp(
            "python3", "python3", "-c", reader, url, rig.token, path, rows, part, other_part,
            (char *)NULL);
        _exit(127);
    }
    int status = -1;
    return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void a_workbook_holds_the_same_and_no_formula(void)
{
    CHECK_EQ(
        open_workbook(
            "/api/v1/overdue.xlsx?unit=unit-a", "7", "t=\"inlineStr\"><is><t>=1+1</t></is>",
            "<t>＝cmd|' /C calc'!A0</t>"),
        0);
    CHECK_EQ(open_workbook("/api/v1/figures/units.xlsx", "6", "<v>5400</v>", "甲局"), 0);
}

static void many_rows_are_a_job(void)
{
    char path[96];
    CHECK_EQ(call("GET", "/api/v1/overdue.csv", NULL), 413);
    CHECK(has("POST /api/v1/exports"));
    CHECK_EQ(
        call(
            "POST", "/api/v1/exports",
            "{\"what\":\"overdue\",\"format\":\"xlsx\",\"filter\":{\"unit\":\"unit-b\"}}"),
        202);
    CHECK(has("{\"job\":\"x1\"}"));
    CHECK(comes_to("/api/v1/jobs/x1", "\"state\":\"done\""));
    CHECK(has("\"kind\":\"export\"") && has("\"done\":5400,\"total\":5400"));
    CHECK(has("超期清单-20260302-0800.xlsx") && has("\"until\":\"2026-03-03T08:00:00+08:00\""));
    (void)snprintf(path, sizeof(path), "/api/v1/jobs/x1/file");
    CHECK_EQ(open_workbook(path, "5404", "unit=unit-b", "B-5-899"), 0);
    CHECK_EQ(open_workbook(path, "5404", "乙局", "B-0-0"), 0); /* as often as wanted */
    CHECK_EQ(
        call("POST", "/api/v1/exports", "{\"what\":\"cases\",\"format\":\"csv\",\"filter\":{}}"),
        202);
    CHECK(comes_to("/api/v1/jobs/x2", "\"state\":\"done\""));
    CHECK_EQ(call("GET", "/api/v1/jobs/x2/file", NULL), 200);
    CHECK(has("\"办件清单\"") && has("\"筛选：无\""));
}

static void a_wrong_order_is_refused(void)
{
    CHECK_EQ(call("POST", "/api/v1/exports", "{\"what\":\"all\",\"format\":\"csv\"}"), 400);
    CHECK_EQ(call("POST", "/api/v1/exports", "{\"what\":\"cases\",\"format\":\"pdf\"}"), 400);
    CHECK_EQ(
        call(
            "POST", "/api/v1/exports",
            "{\"what\":\"cases\",\"format\":\"csv\",\"filter\":{\"late_from\":\"3\"}}"),
        400);
    CHECK(has("filter: \\\"late_from\\\""));
    CHECK_EQ(
        call(
            "POST", "/api/v1/exports",
            "{\"what\":\"cases\",\"format\":\"csv\",\"filter\":{\"status\":\"gone\"}}"),
        400);
    CHECK_EQ(call("GET", "/api/v1/jobs/x99/file", NULL), 404);
}

static void a_file_is_for_who_asked_and_holds_what_they_see(void)
{
    CHECK_EQ(
        call(
            "POST", "/api/v1/tokens",
            "{\"name\":\"unit-a-reader\",\"rights\":[\"read\",\"export\"],\"unit\":\"unit-a\"}"),
        201);
    struct json_doc *doc = NULL;
    CHECK_EQ(json_parse(text_of(kept), &json_limits_answer, &doc, NULL), ERR_OK);
    other = rig;
    (void)snprintf(
        other.token, sizeof(other.token), "%.*s",
        TEXT_ARGS(json_get_string(json_root(doc), "token")));
    json_free(doc);
    CHECK_EQ(call_as(&other, "GET", "/api/v1/jobs/x1", NULL), 404);
    CHECK_EQ(call_as(&other, "GET", "/api/v1/jobs/x1/file", NULL), 404);
    CHECK_EQ(call_as(&other, "DELETE", "/api/v1/jobs/x1", NULL), 404);
    CHECK_EQ(call_as(&other, "GET", "/api/v1/overdue.csv", NULL), 200);
    CHECK(has("\"A-1\"") && !has("B-0-0") && has("限本人可见范围"));
    CHECK_EQ(call_as(&other, "GET", "/api/v1/figures/units.csv", NULL), 200);
    CHECK(has("甲局") && !has("乙局"));
    CHECK_EQ(
        call_as(
            &other, "POST", "/api/v1/exports",
            "{\"what\":\"cases\",\"format\":\"csv\",\"filter\":{}}"),
        202);
    CHECK(has("{\"job\":\"x3\"}"));
    CHECK_EQ(call("GET", "/api/v1/jobs/x3/file", NULL), 404);
    for (int turn = 0; turn < 1000; turn++) {
        if (call_as(&other, "GET", "/api/v1/jobs/x3/file", NULL) == 200) {
            break;
        }
        (void)poll(NULL, 0, 10);
    }
    CHECK(has("\"A-3\"") && !has("B-5-1"));
}

/* Who took what stands in the trail. */
static void exports_are_audited(void)
{
    CHECK(comes_to("/api/v1/audit?action=overdue.export", "overdue.export"));
    CHECK(comes_to("/api/v1/audit?action=export.take", "export.take"));
}

int main(void)
{
    const char *journal[ENTRIES + 2] = {NULL};
    char *made[ENTRIES + 1];
    for (int entry = 0; entry <= ENTRIES; entry++) {
        made[entry] = entry_make(entry);
        journal[entry] = made[entry];
    }
    const struct console_rig_options options = {.stepped = true, .journal = journal};
    const bool up = console_rig_start(&rig, &options);
    if (up && comes_to("/api/v1/cases?limit=1", "\"total\":5403")) {
        CHECK_RUN(a_csv_says_what_it_is_and_runs_nothing);
        CHECK_RUN(a_wrong_filter_is_told_as_in_the_list);
        CHECK_RUN(figures_and_accountability_are_files_too);
        CHECK_RUN(a_workbook_holds_the_same_and_no_formula);
        CHECK_RUN(many_rows_are_a_job);
        CHECK_RUN(a_wrong_order_is_refused);
        CHECK_RUN(a_file_is_for_who_asked_and_holds_what_they_see);
        CHECK_RUN(exports_are_audited);
    }
    if (up) {
        CHECK_EQ(console_rig_stop(&rig), 0);
    }
    for (int entry = 0; entry <= ENTRIES; entry++) {
        free(made[entry]);
    }
    free(kept);
    return check_done();
}
