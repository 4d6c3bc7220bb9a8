/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one table of commands (cli/main.c): help, `nrt CMD --help`, the nearest name and the tests
 * are made from it. A command is one function; it prints its result to stdout, its complaints to
 * stderr, and returns one of the exit codes below. `--help` is answered before it is called.
 */
#ifndef NRT_CLI_COMMANDS_H
#define NRT_CLI_COMMANDS_H

#include <stddef.h>

enum exit_code {
    EXIT_FINE = 0,
    EXIT_FOUND = 1, /* it ran and found problems, or failed */
    EXIT_USAGE = 2, /* the words of the command line are off */
    EXIT_AWAY = 3   /* what it speaks to cannot be reached */
};

/* argv[0] is the command's name. */
typedef int command_fn(int argc, char **argv);

struct command {
    const char *name; /* "calendar" */
    const char
        *arguments; /* one form a line, without the name: "add START DURATION [--calendar F]" */
    const char *summary; /* one line for `nrt --help`; "": not listed there */
    const char *details; /* paragraphs for `nrt CMD --help`: options, an example */
    command_fn *run;
};

extern const struct command commands[];
extern const size_t command_count;

/* Need nothing running. */
command_fn cmd_simulate;
command_fn cmd_calendar;
command_fn cmd_check;
command_fn cmd_config;
command_fn cmd_directory;
command_fn cmd_matters;
command_fn cmd_message;
command_fn cmd_version;
command_fn cmd_backup;
command_fn cmd_restore;
/* Start something. */
command_fn cmd_up;
command_fn cmd_serve;
/* Started by the console for long work. */
command_fn cmd_worker;
/* Speak HTTP to a running console. */
command_fn cmd_case;
command_fn cmd_explain;
command_fn cmd_rules;
command_fn cmd_export;
command_fn cmd_overdue;
command_fn cmd_report;
command_fn cmd_alerts;
command_fn cmd_import;
command_fn cmd_audit;
command_fn cmd_keys;
command_fn cmd_user;
command_fn cmd_doctor;
command_fn cmd_send_test;
command_fn cmd_sending;
command_fn cmd_stop_sending;
command_fn cmd_resume_sending;
command_fn cmd_clock;

#endif
