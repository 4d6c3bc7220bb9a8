/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole notifier at work: real Redis, real HTTP engine, send journal on disk, its own event
 * loop, and mail put straight into mailboxes. For measuring, and for gateways in the same loop.
 */
#ifndef NRT_TESTS_SUPPORT_SEND_RIG_H
#define NRT_TESTS_SUPPORT_SEND_RIG_H

#include "config/policy.h"
#include "notifiers/http_engine.h"
#include "notifiers/notifier.h"
#include "store/store_open.h"
#include "tests/support/redis_server.h"

#define SEND_RIG_PEOPLE 1000 /* "p0000" ..., with mobile number and e-mail */

struct send_rig {
    char folder[256];
    char redis_url[128];
    struct redis_server *redis; /* NULL in another process of the same rig */
    struct event_base *base;
    struct service_clock clock;
    struct settings settings;
    struct bundle *bundle;
    struct role_env env;
    struct http_engine *engine;
    struct send_journal *journal;
    struct notifier *notifier;
};

/* Channels are kept by pointer. The notifier is not up yet. False, with a failed check, when
 * something cannot be had. */
bool send_rig_init(
    struct send_rig *rig, const struct channel_settings *channels, size_t channel_count);
/* The same rig in another process: its folder and Redis, which stay the first one's. */
bool send_rig_join(
    struct send_rig *rig,
    const char *folder,
    const char *redis_url,
    const struct channel_settings *channels,
    size_t channel_count);
void send_rig_release(struct send_rig *rig);
void send_rig_up(struct send_rig *rig);
/* Ends it as a crash would; mailboxes and journal stay. */
void send_rig_down(struct send_rig *rig);

/*
 * Put test messages first, first + 1 ... by this channel, ready now, for one person after the
 * other. Their ids are "CHANNEL-00000001" ... (so channel names fit an id).
 */
void send_rig_put(struct send_rig *rig, const char *channel, size_t first, size_t count);

/* Turn the loop for so long at most, until a callback stops it (event_base_loopbreak). */
void send_rig_turn(struct send_rig *rig, int64_t ms);
/* Messages in mailboxes, waiting or in hand. */
int64_t send_rig_left(struct send_rig *rig);
/* A counter of the notifier, 0 while it is down. */
int64_t send_rig_counter(struct send_rig *rig, const char *name);
/* Turn until the counter has that value; false, with a failed check, after guard_ms. */
bool send_rig_wait(struct send_rig *rig, const char *name, int64_t least, int64_t guard_ms);

#endif
