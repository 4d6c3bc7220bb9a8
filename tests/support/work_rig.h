/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One channel, the real HTTP engine, and a strict stand-in of its gateway, on a service time that
 * both share. Calls are carried out one at a time and waited for.
 */
#ifndef NRT_TESTS_SUPPORT_WORK_RIG_H
#define NRT_TESTS_SUPPORT_WORK_RIG_H

#include "notifiers/channel.h"
#include "tests/support/child.h"

#define WORK_RIG_NOW INT64_C(1790000000000) /* a Monday morning in September 2026 */

struct work_rig {
    struct child standin;
    struct event_base *base;
    struct http_engine *engine;
    const struct channel_type *type;
    struct channel_settings settings;
    struct wall_ms now;
    uint8_t nonce; /* another one for each call */
    char url[64];
    struct channel_token token;
};

/* Starts tests/support/PROGRAM with arguments and --clock stepped. */
bool work_rig_init(
    struct work_rig *rig, const char *program, const char *const *arguments, const char *type);
void work_rig_release(struct work_rig *rig);
void work_rig_step(struct work_rig *rig, int64_t ms);
/* POST to a door of the stand-in: "/standin/next", "/standin/push". */
void work_rig_tell(struct work_rig *rig, const char *path, const char *body);
/* How many log lines contain `part`; the log is written as JSON with ", " and ": ". */
int work_rig_logged(struct work_rig *rig, const char *part);

/* Each carries out one call; an encoder's refusal is a failed check. */
struct outcome work_rig_token(struct work_rig *rig);
struct outcome work_rig_look_up(
    struct work_rig *rig, const char *mobile, char ret_user[static CHANNEL_USER_BYTES]);
struct outcome work_rig_send(struct work_rig *rig, const struct channel_message *message);
struct outcome work_rig_ask(
    struct work_rig *rig,
    const struct channel_question *question,
    struct channel_receipts *ret_receipts);
/* The same where exactly one receipt must come. */
struct outcome work_rig_poll(
    struct work_rig *rig,
    const struct channel_question *question,
    struct channel_receipt *ret_receipt);

#endif
