/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `nrt serve`: one role as this very process (containers, the supervisor's children), or without
 * --role all three as children of a supervisor, against a Redis that somebody else runs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/args.h"
#include "cli/commands.h"
#include "cli/up.h"
#include "store/role_start.h"

static const struct {
    const char *name;
    role_start_fn *start;
} roles[] = {
    {"monitor", monitor_start},
    {"notifier", notifier_start},
    {"console", console_start},
};
#define ROLE_COUNT (sizeof(roles) / sizeof(roles[0]))

/* Names stand in Redis keys and file names. */
static bool instance_is_good(const char *name)
{
    const size_t bytes = strlen(name);
    return bytes > 0 && bytes <= 40 &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") ==
               bytes;
}

static int serve_role(const char *role, struct role_options *options)
{
    static char instance[64]; /* as long-lived as the options that point to it */
    const char *names[ROLE_COUNT];
    for (size_t i = 0; i < ROLE_COUNT; i++) {
        names[i] = roles[i].name;
        if (strcmp(role, roles[i].name) != 0) {
            continue;
        }
        if (!options->instance) {
            (void)snprintf(instance, sizeof(instance), "%s-1", role);
            options->instance = instance;
        }
        if (!instance_is_good(options->instance)) {
            return args_misuse(
                "serve", "--instance takes letters, digits, '-' and '_', at most 40: '%s'",
                options->instance);
        }
        options->role = roles[i].name;
        return role_run(options, roles[i].start);
    }
    const char *nearest = args_nearest(role, names, ROLE_COUNT);
    return args_misuse(
        "serve", "--role is monitor, notifier or console, not '%s'%s%s", role,
        nearest ? "; nearest: " : "", nearest ? nearest : "");
}

/* All three, supervised; Redis is somebody else's. */
static int serve_all(const struct role_options *options)
{
    struct up *up = calloc(1, sizeof(*up));
    if (!up) {
        return args_fail(EXIT_FOUND, "serve", "memory is out");
    }
    up->lock_fd = -1;
    up->options = (struct up_options){
        .data = options->data_folder,
        .config = options->config_folder,
        .redis_url = options->redis_url,
        .listen = options->http_listen,
    };
    int code = up_data_take(up);
    if (code == EXIT_FINE) {
        code = up_plan_addresses(up);
    }
    if (code == EXIT_FINE && up->embedded) {
        code = args_misuse(
            "serve", "no Redis is named; give --redis URL, set redis.url in nrt.json, or let `nrt "
                     "up` run one");
    }
    if (code == EXIT_FINE) {
        code = up_plan_children(up);
    }
    if (code == EXIT_FINE) {
        code = supervisor_run(&up->supervisor);
    }
    arena_release(&up->arena);
    free(up);
    return code;
}

int cmd_serve(int argc, char **argv)
{
    const char *role = NULL;
    struct role_options options = {.data_folder = UP_DATA_DEFAULT};
    const struct arg args[] = {
        {.name = "--role", .text = &role},
        {.name = "--instance", .text = &options.instance},
        {.name = "--data", .text = &options.data_folder},
        {.name = "--config", .text = &options.config_folder},
        {.name = "--redis", .text = &options.redis_url},
        {.name = "--listen", .text = &options.http_listen},
    };
    const int code = args_read(argc, argv, args, sizeof(args) / sizeof(args[0]));
    if (code != EXIT_FINE) {
        return code;
    }
    return role ? serve_role(role, &options) : serve_all(&options);
}
