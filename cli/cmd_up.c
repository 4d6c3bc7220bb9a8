/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `nrt up`: the whole service on one machine, with a Redis of its own. Three ways: to work with,
 * --demo (a city's cases on a fast clock), --smoke (one case through to one accepted message).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/up.h"

static int read_options(int argc, char **argv, struct up_options *options)
{
    const struct arg args[] = {
        {.name = "--data", .text = &options->data},
        {.name = "--config", .text = &options->config},
        {.name = "--redis", .text = &options->redis_url},
        {.name = "--port", .text = &options->port},
        {.name = "--clock", .text = &options->clock},
        {.name = "--clock-from", .text = &options->clock_from},
        {.name = "--speed", .text = &options->speed},
        {.name = "--instances", .text = &options->instances},
#ifdef NRT_FAILPOINTS
        {.name = "--failpoint", .text = &options->failpoint},
#endif
        {.name = "--demo", .flag = &options->demo},
        {.name = "--smoke", .flag = &options->smoke},
        {.name = "--quiet", .flag = &options->quiet},
        {.name = "--restored", .flag = &options->restored},
    };
    const int code = args_read(argc, argv, args, sizeof(args) / sizeof(args[0]));
    if (code != EXIT_FINE) {
        return code;
    }
    if (options->demo && (options->smoke || options->clock || options->config)) {
        return args_misuse("up", "--demo brings its own clock and rules");
    }
    if (options->smoke && (options->clock || options->config || options->data)) {
        return args_misuse("up", "--smoke brings its own data, clock and rules");
    }
    if ((options->clock_from || options->speed) && !options->clock) {
        return args_misuse("up", "--clock-from and --speed need --clock scaled or stepped");
    }
    return EXIT_FINE;
}

static void add_guide(struct up *up, int (*call)(void *context), bool decides)
{
    struct supervised *guide = supervisor_add(&up->supervisor, "guide");
    guide->spec.call = call;
    guide->spec.context = up;
    guide->once = true;
    guide->decides = decides;
    guide->finish_ms = 2000;
}

static int run_children(struct up *up, int (*guide)(void *context), bool decides)
{
    int code = up_plan_addresses(up);
    if (code == EXIT_FINE) {
        code = up_plan_children(up);
    }
    if (code != EXIT_FINE) {
        return code;
    }
    if (!up->options.quiet) {
        printf("nrt %s, data in %s\n", NRT_VERSION, up->data);
        (void)fflush(stdout);
    }
    add_guide(up, guide, decides);
    return supervisor_run(&up->supervisor);
}

static int run_service(struct up *up)
{
    const int code = up_data_take(up);
    return code == EXIT_FINE ? run_children(up, guide_run, false) : code;
}

static int run_demo(struct up *up)
{
    static char config[4200]; /* as long-lived as the options that point to it */
    int code = up_data_take_demo(up, demo_start(), demo_speed());
    (void)snprintf(config, sizeof(config), "%s/config", up->data);
    up->options.config = config;
    if (code == EXIT_FINE) {
        code = demo_write_config(config);
    }
    return code == EXIT_FINE ? run_children(up, demo_run, false) : code;
}

/* Roles log to files here: a smoke test's output is its steps; the logs are shown when it fails. */
static void send_logs_to_files(struct up *up, const char *folder)
{
    static char paths[SUPERVISED_MAX][256];
    for (size_t i = 0; i < up->supervisor.child_count; i++) {
        struct supervised *child = &up->supervisor.children[i];
        if (child->spec.program) {
            (void)snprintf(paths[i], sizeof(paths[i]), "%s/log/%s.log", folder, child->name);
            child->spec.log_path = paths[i];
        }
    }
}

static void show_logs(const struct up *up)
{
    char line[1024];
    for (size_t i = 0; i < up->supervisor.child_count; i++) {
        const char *path = up->supervisor.children[i].spec.log_path;
        FILE *file = path ? fopen(path, "re") : NULL;
        while (file && fgets(line, sizeof(line), file)) {
            (void)fputs(line, stderr);
        }
        if (file) {
            (void)fclose(file);
        }
    }
}

static int smoke_in(struct up *up, const char *folder)
{
    char config[160];
    char data[160];
    char port[16];
    (void)snprintf(config, sizeof(config), "%s/config", folder);
    (void)snprintf(data, sizeof(data), "%s/data", folder);
    (void)snprintf(port, sizeof(port), "%d", up_free_port());
    up->options.config = config;
    up->options.data = data;
    up->options.port = up->options.port ? up->options.port : port;
    up->options.quiet = true;
    int code = smoke_write_config(config);
    if (code == EXIT_FINE) {
        code = up_data_take(up);
    }
    if (code == EXIT_FINE) {
        code = up_plan_addresses(up);
    }
    if (code == EXIT_FINE) {
        code = up_plan_children(up);
    }
    if (code != EXIT_FINE) {
        return code;
    }
    send_logs_to_files(up, data);
    add_guide(up, smoke_run, true);
    code = supervisor_run(&up->supervisor);
    if (code != EXIT_FINE) {
        show_logs(up);
    }
    return code;
}

static int run_smoke(struct up *up)
{
    char folder[96];
    const char *tmp = args_environment("TMPDIR");
    const int bytes =
        snprintf(folder, sizeof(folder), "%s/nrt-smoke-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (bytes < 0 || bytes > 80) {
        (void)snprintf(
            folder, sizeof(folder), "/tmp/nrt-smoke-XXXXXX"); /* socket paths are short */
    }
    if (!mkdtemp(folder)) {
        return args_fail(EXIT_FOUND, "up", "cannot make a folder below /tmp");
    }
    const int code = smoke_in(up, folder);
    if (up->lock_fd >= 0) {
        (void)close(up->lock_fd);
    }
    up_data_remove(folder);
    if (code == EXIT_FINE) {
        printf("smoke: stopped; everything works\n");
    } else {
        (void)fprintf(stderr, "smoke: failed; the logs are above\n");
    }
    return code;
}

int cmd_up(int argc, char **argv)
{
    struct up *up = calloc(1, sizeof(*up));
    if (!up) {
        return args_fail(EXIT_FOUND, "up", "memory is out");
    }
    log_init("up");
    (void)umask(077);
    up->lock_fd = -1;
    int code = read_options(argc, argv, &up->options);
    if (code == EXIT_FINE && up->options.smoke) {
        code = run_smoke(up);
    } else if (code == EXIT_FINE && up->options.demo) {
        code = run_demo(up);
    } else if (code == EXIT_FINE) {
        code = run_service(up);
    }
    arena_release(&up->arena);
    free(up);
    return code;
}
