/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nrt config init DIR: the compiled-in configuration as files to start from.
 */
#include <stdio.h>
#include <string.h>

#include "cli/args.h"
#include "cli/commands.h"
#include "config/policy.h"

#define COMMAND "config"

static int init_folder(const char *folder, bool json)
{
    struct err_why why = {0};
    if (config_write_defaults(folder, &why) != ERR_OK) {
        return args_fail(EXIT_FOUND, COMMAND, "%s", why.text);
    }
    if (json) {
        struct buf buf;
        struct json_out out;
        buf_init(&buf, 65536);
        json_out_init(&out, &buf);
        json_out_open(&out, '{');
        json_out_member(&out, "folder", text_of(folder));
        json_out_close(&out, '}');
        printf("%s\n", buf_error(&buf) == ERR_OK ? buf.ptr : "{}");
        buf_release(&buf);
        return EXIT_FINE;
    }
    printf(
        "wrote the default configuration to %s; check changes with: nrt check --config %s\n",
        folder, folder);
    return EXIT_FINE;
}

int cmd_config(int argc, char **argv)
{
    const char *verb = NULL;
    const char *folder = NULL;
    bool json = false;
    const struct arg args[] = {
        {.name = "init", .text = &verb, .required = true},
        {.name = "DIR", .text = &folder, .required = true},
        {.name = "--json", .flag = &json},
    };
    const int code = args_read(argc, argv, args, sizeof args / sizeof args[0]);
    if (code != EXIT_FINE) {
        return code;
    }
    if (strcmp(verb, "init") != 0) {
        return args_misuse(COMMAND, "unknown word '%s'; did you mean 'init'?", verb);
    }
    return init_folder(folder, json);
}
