/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small city for tests of what became of a message: one deadline a case, told to its handler by
 * Kannel ("sms"), DingTalk's work notifications ("work") or Alibaba Cloud ("cloud"), with gateways
 * whose answers are scripted, over the memory twin, in stepped time.
 */
#ifndef NRT_TESTS_SUPPORT_PROOF_RIG_H
#define NRT_TESTS_SUPPORT_PROOF_RIG_H

#include "notifiers/notifier.h"
#include "tests/support/fake_gateway.h"
#include "tests/support/sim_world.h"

#define PROOF_PEOPLE       6 /* p1 to p6; p6 has a DingTalk id, the others a number only */
#define PROOF_MESSAGES_MAX 128
#define PROOF_DUE          "2026-03-04T10:00:00+08:00"

/* What the scripted gateways do next, and how often each was asked. */
struct proof_script {
    const char *token;  /* the one given out and taken; NULL: none is to be had */
    int32_t refused;    /* so many sends are refused for their token */
    bool nobody;        /* the number is nobody's */
    bool no_number;     /* the gateway takes no such number */
    int32_t unanswered; /* so many sends get no answer */
    int32_t polls_lost; /* so many questions get none */
    const char *result; /* of a DingTalk task: a member of send_result */
    bool cloud_knows;   /* Alibaba has the message */
    int64_t cloud_status;
    char last_id[64]; /* the identity Alibaba was given last */
    int32_t tokens;
    int32_t lookups;
    int32_t sends;
    int32_t polls;
};

/* What the journal tells of a message. */
struct proof_message {
    char id[32];
    char person[16];
    char channel[16];
    char state[16];
    char states[160]; /* all of them, "sending accepted " */
    char reason[160];
    char heard[160]; /* of receipts told of it, "delivered read " */
};

struct proof_rig {
    struct settings settings;
    struct bundle *bundle;
    struct sim_world *world;
    struct fake_gateway *gateway;
    struct send_journal *journal;
    struct notifier *notifier;
    struct proof_script script;
    struct proof_message messages[PROOF_MESSAGES_MAX];
    size_t message_count;
};

/* via: what stands between the brackets of the stage's channels. */
void proof_rig_init(struct proof_rig *rig, uint64_t seed, const char *via, uint64_t crash_one_in);
void proof_rig_release(struct proof_rig *rig);
struct wall_ms proof_at(const char *text);
/* A case of person number `person` that falls due at `due`. */
void proof_received(struct proof_rig *rig, int person, const char *due);
void proof_step_to(struct proof_rig *rig, const char *when);
/* Fills the rig's messages from the journal. */
void proof_read(struct proof_rig *rig);
/* An empty one when there is none. */
const struct proof_message *proof_find(
    struct proof_rig *rig, const char *person, const char *channel);
/* Kannel calls back. */
void proof_call_back(struct proof_rig *rig, const char *id, int status);
/* Posts whose address holds that. */
size_t proof_posts(const struct proof_rig *rig, const char *part);

#endif
