/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `nrt version`: ours, the commit it was built from where that is known, and the libraries it
 * runs with now.
 */
#include <stdio.h>

#include <event2/event.h>

#include "base/json.h"
#include "base/sql.h"
#include "base/xlsx.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "notifiers/http_engine.h"

#ifndef NRT_BUILD
#define NRT_BUILD ""
#endif

static void print_json(void)
{
    struct buf text;
    struct json_out out;
    buf_init(&text, 4096);
    json_out_init(&out, &text);
    json_out_open(&out, '{');
    json_out_member(&out, "version", text_of(NRT_VERSION));
    json_out_member(&out, "build", text_of(NRT_BUILD));
    json_out_key(&out, "libraries");
    json_out_open(&out, '{');
    json_out_member(&out, "libevent", text_of(event_get_version()));
    json_out_member(&out, "sqlite", text_of(sql_version()));
    json_out_member(&out, "xlsxwriter", text_of(xlsx_version()));
    json_out_member(&out, "curl", text_of(http_engine_version()));
    json_out_close(&out, '}');
    json_out_close(&out, '}');
    printf("%.*s\n", TEXT_ARGS(buf_view(&text)));
    buf_release(&text);
}

int cmd_version(int argc, char **argv)
{
    bool json = false;
    const struct arg args[] = {{.name = "--json", .flag = &json}};
    const int code = args_read(argc, argv, args, 1);
    if (code != EXIT_FINE) {
        return code;
    }
    if (json) {
        print_json();
        return EXIT_FINE;
    }
    printf(
        "nrt %s%s%s%s\n", NRT_VERSION, NRT_BUILD[0] ? " (" : "", NRT_BUILD,
        NRT_BUILD[0] ? ")" : "");
    printf("libevent %s\n", event_get_version());
    printf("SQLite %s\n", sql_version());
    printf("libxlsxwriter %s\n", xlsx_version());
    printf("%s\n", http_engine_version());
    return EXIT_FINE;
}
