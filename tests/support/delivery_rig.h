/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Notifiers beside a monitor over the memory twin, each on a host of its own, before gateways whose
 * answers are scripted; and what the journal tells of the messages. Shipped rules, calendar and
 * people; sms by Kannel, dingtalk by a robot. Service time is stepped.
 */
#ifndef NRT_TESTS_SUPPORT_DELIVERY_RIG_H
#define NRT_TESTS_SUPPORT_DELIVERY_RIG_H

#include "notifiers/send_journal.h"
#include "tests/support/fake_gateway.h"
#include "tests/support/sim_world.h"

#define DELIVERY_MESSAGES_MAX 512
#define DELIVERY_HOSTS_MAX    2
#define DELIVERY_CHANNELS     2

struct message {
    char id[32];
    char person[64];
    char channel[32];
    char case_id[32];
    char digest[32]; /* the message in whose place it went */
    char state[16];
    char states[128]; /* all of them, "held sending accepted " */
    char reason[128];
    char text[512];
    int64_t at;
    int64_t ready;
    int64_t attempts;
    size_t members; /* of a digest */
};

struct notifier;

/* A notifier on a host of its own: its way to the gateway and its disk. */
struct host {
    struct fake_gateway *gateway;
    struct send_journal *journal;
    struct notifier *notifier; /* NULL while down */
};

struct rig {
    struct settings settings;
    struct channel_settings channels[DELIVERY_CHANNELS]; /* sms, dingtalk */
    struct bundle *bundle;
    struct sim_world *world;
    struct host hosts[DELIVERY_HOSTS_MAX];
    size_t host_count;
    struct fake_gateway *gateway; /* of the first */
    struct message messages[DELIVERY_MESSAGES_MAX];
    size_t message_count;
    size_t receipt_count;
};

struct rig_options {
    uint64_t seed;
    uint64_t crash_one_in;
    int32_t partitions;
    fake_script *script;
    void *context;
    const char *journal;              /* NULL: in memory */
    size_t hosts;                     /* 0: one */
    int64_t digest_ms;                /* of both channels */
    const struct bundle_files *files; /* NULL: what is shipped */
};

void rig_init(struct rig *rig, const struct rig_options *options);
void rig_release(struct rig *rig);

/* An instant as RFC 3339 says it. */
struct wall_ms rig_at(const char *text);
/* An event of that case arrives; data is what stands between the braces. */
bool rig_event(
    struct rig *rig, const char *case_id, const char *when, const char *kind, const char *data);
bool rig_step_to(struct rig *rig, const char *when);

/* Read all messages of the journal, each with its last state. */
void rig_read_journal(struct rig *rig);
/* The first message of that person and channel; an empty one when there is none. */
const struct message *rig_find(struct rig *rig, const char *person, const char *channel);

#endif
