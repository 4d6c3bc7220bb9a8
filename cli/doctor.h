/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Findings of `nrt doctor`: each one line with ok, warn or fail, and what to do about it.
 */
#ifndef NRT_CLI_DOCTOR_H
#define NRT_CLI_DOCTOR_H

#include "cli/api.h"

enum health { HEALTH_OK, HEALTH_WARN, HEALTH_FAIL };

struct doctor {
    struct api api;
    const char *data;
    const char *config; /* NULL: what is compiled in */
    bool json;
    bool colours;
    bool away;           /* the console does not answer */
    struct json_out out; /* with --json */
    struct buf text;
    size_t fail_count;
    size_t warn_count;
};

/* advice: what to do; "" where there is nothing to do. */
struct finding_words {
    const char *check; /* "redis" */
    const char *advice;
};
void doctor_say(
    struct doctor *doctor, enum health health, struct finding_words words, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* doctor_service.c: what the console knows. An exit code: EXIT_AWAY when it cannot be asked. */
int doctor_service(struct doctor *doctor);
/* doctor_changes.c: versions and drafts; digest: of the folder's configuration, "" if it has none
 */
void doctor_changes(struct doctor *doctor, const char *digest);
/* doctor_machine.c: this machine: folder, disk, clock, packages, settings. */
void doctor_machine(struct doctor *doctor);

#endif
