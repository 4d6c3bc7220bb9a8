/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proof: access tokens, people looked up by their number, receipts awaited, gateways asked what
 * became of a message, the next channel when nothing came; and all of it with crashes between any
 * two steps.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/check.h"
#include "tests/support/proof_rig.h"

#define CRASH_SEEDS 40
#define MINUTE_MS   60000

/* ---- access tokens ---- */

static void one_token_serves_many_messages(void)
{
    struct proof_rig rig;
    proof_rig_init(&rig, 1, "\"work\"", 0);
    for (int person = 1; person <= PROOF_PEOPLE; person++) {
        proof_received(&rig, person, PROOF_DUE);
    }
    proof_step_to(&rig, "2026-03-04T10:00:30+08:00");
    CHECK_EQ(rig.script.tokens, 1);
    CHECK_EQ(rig.script.sends, PROOF_PEOPLE);
    CHECK_EQ(proof_posts(&rig, "asyncsend_v2?access_token=token-1"), PROOF_PEOPLE);
    proof_rig_release(&rig);
}

static void a_token_is_fetched_again_before_it_ends(void)
{
    struct proof_rig rig;
    proof_rig_init(&rig, 2, "\"work\"", 0);
    proof_received(&rig, 6, PROOF_DUE);
    proof_step_to(&rig, "2026-03-04T10:00:30+08:00");
    rig.script.token = "token-2";
    proof_received(
        &rig, 6, "2026-03-04T11:56:00+08:00"); /* four minutes before the two hours are over */
    proof_step_to(&rig, "2026-03-04T11:56:30+08:00");
    CHECK_EQ(rig.script.tokens, 2);
    proof_received(&rig, 6, "2026-03-04T11:57:00+08:00");
    proof_step_to(&rig, "2026-03-04T11:57:30+08:00");
    CHECK_EQ(rig.script.tokens, 2);
    CHECK_EQ(proof_posts(&rig, "asyncsend_v2?access_token=token-2"), 1);
    proof_rig_release(&rig);
}

static void a_refused_token_is_fetched_anew_once_and_the_message_goes(void)
{
    struct proof_rig rig;
    proof_rig_init(&rig, 3, "\"work\"", 0);
    rig.script.refused = 1;
    proof_received(&rig, 6, PROOF_DUE);
    proof_step_to(&rig, "2026-03-04T10:00:01+08:00");
    proof_read(&rig);
    CHECK_STR(proof_find(&rig, "p6", "work")->states, "sending retrying accepted ");
    CHECK_EQ(rig.script.tokens, 2);
    proof_rig_release(&rig);
}

static void a_fresh_token_refused_too_closes_the_channel(void)
{
    struct proof_rig rig;
    proof_rig_init(&rig, 4, "\"work\",\"sms\"", 0);
    rig.script.refused = 1000;
    proof_received(&rig, 6, PROOF_DUE);
    proof_step_to(&rig, "2026-03-04T10:00:10+08:00");
    proof_read(&rig);
    CHECK_STR(proof_find(&rig, "p6", "work")->states, "sending retrying rejected ");
    CHECK_STR(proof_find(&rig, "p6", "sms")->state, "accepted");
    CHECK_EQ(rig.script.tokens, 2);
    proof_rig_release(&rig);
}

static void without_a_token_the_next_channel_takes_over_and_the_reason_says_so(void)
{
    struct proof_rig rig;
    proof_rig_init(&rig, 5, "\"work\",\"sms\"", 0);
    rig.script.token = NULL;
    proof_received(&rig, 6, PROOF_DUE);
    proof_step_to(&rig, "2026-03-04T10:00:10+08:00");
    proof_read(&rig);
    const struct proof_message *message = proof_find(&rig, "p6", "work");
    CHECK_STR(message->states, "sending rejected ");
    CHECK(strstr(message->reason, "no access token: "));
    CHECK_STR(proof_find(&rig, "p6", "sms")->state, "accepted");
    CHECK_EQ(rig.script.sends, 1);
    proof_rig_release(&rig);
}

static void a_message_waits_for_a_token_that_comes_later(void)
{
    struct proof_rig rig;
    proof_rig_init(&rig, 6, "\"work\"", 0);
    rig.script.token = NULL;
    proof_received(&rig, 6, PROOF_DUE);
    proof_step_to(&rig, "2026-03-04T10:00:10+08:00");
    CHECK_EQ(rig.script.sends, 0);
    rig.script.token = "token-1";
    proof_step_to(&rig, "2026-03-04T10:30:00+08:00");
    proof_read(&rig);
    CHECK_STR(proof_find(&rig, "p6", "work")->state, "accepted");
    CHECK_EQ(rig.script.sends, 1);
    CHECK_GE(6, rig.script.tokens);
    proof_rig_release(&rig);
}

/* ---- people looked up by their number ---- */

static void a_person_is_looked_up_once_for_many_messages(void)
{
    struct proof_rig rig;
    proof_rig_init(&rig, 7, "\"work\"", 0);
    proof_received(&rig, 1, PROOF_DUE);
    proof_step_to(&rig, "2026-03-04T10:00:30+08:00");
    proof_received(&rig, 1, "2026-03-05T10:00:00+08:00");
    proof_step_to(&rig, "2026-03-05T10:00:30+08:00");
    CHECK_EQ(rig.script.lookups, 1);
    CHECK_EQ(rig.script.sends, 2);
    const struct fake_post *last =
        fake_gateway_post(rig.gateway, fake_gateway_count(rig.gateway) - 1);
    CHECK(strstr(last->body, "\"userid_list\":\"u-found\"") || strstr(last->url, "/getsendresult"));
    proof_rig_release(&rig);
}

static void an_id_of_the_directory_is_not_looked_up(void)
{
    struct proof_rig rig;
    proof_rig_init(&rig, 8, "\"work\"", 0);
    proof_received(&rig, 6, PROOF_DUE);
    proof_step_to(&rig, "2026-03-04T10:00:30+08:00");
    CHECK_EQ(rig.script.lookups, 0);
    CHECK_EQ(rig.script.sends, 1);
    proof_rig_release(&rig);
}

static void nobody_with_that_number_is_remembered_for_a_day(void)
{
    struct proof_rig rig;
    proof_rig_init(&rig, 9, "\"work\",\"sms\"", 0);
    rig.script.nobody = true;
    proof_received(&rig, 1, PROOF_DUE);
    proof_received(&rig, 1, "2026-03-04T11:00:00+08:00");
    proof_step_to(&rig, "2026-03-04T11:30:00+08:00");
    proof_read(&rig);
    CHECK_STR(proof_find(&rig, "p1", "work")->states, "sending rejected ");
    CHECK_STR(proof_find(&rig, "p1", "work")->reason, "not in the channel's directory");
    CHECK_STR(proof_find(&rig, "p1", "sms")->state, "accepted");
    CHECK_EQ(rig.script.lookups, 1);
    proof_received(&rig, 1, "2026-03-05T12:00:00+08:00");
    proof_step_to(&rig, "2026-03-05T12:00:30+08:00");
    CHECK_EQ(rig.script.lookups, 2);
    proof_rig_release(&rig);
}

static void a_number_the_gateway_does_not_take_is_nobodys(void)
{
    struct proof_rig rig;
    proof_rig_init(&rig, 23, "\"work\",\"sms\"", 0);
    rig.script.no_number = true;
    proof_received(&rig, 1, PROOF_DUE);
    proof_step_to(&rig, "2026-03-04T10:30:00+08:00");
    proof_read(&rig);
    CHECK_STR(proof_find(&rig, "p1", "work")->reason, "not in the channel's directory");
    CHECK_STR(proof_find(&rig, "p1", "sms")->state, "accepted");
    proof_rig_release(&rig);
}

/* ---- receipts awaited ---- */

static void a_delivered_message_goes_to_no_other_channel(void)
{
    struct proof_rig rig;
    proof_rig_init(&rig, 10, "\"sms\",\"work\"", 0);
    proof_received(&rig, 6, PROOF_DUE);
    proof_step_to(&rig, "2026-03-04T10:00:10+08:00");
    proof_read(&rig);
    proof_call_back(&rig, proof_find(&rig, "p6", "sms")->id, 8);
    proof_call_back(&rig, proof_find(&rig, "p6", "sms")->id, 1);
    proof_step_to(&rig, "2026-03-04T12:00:00+08:00");
    proof_read(&rig);
    CHECK_STR(proof_find(&rig, "p6", "sms")->states, "sending accepted ");
    CHECK_STR(proof_find(&rig, "p6", "sms")->heard, "queued delivered ");
    CHECK_STR(proof_find(&rig, "p6", "work")->state, "");
    CHECK_EQ(rig.script.sends, 1);
    proof_rig_release(&rig);
}

static void an_undelivered_message_goes_to_the_next_channel_at_once(void)
{
    struct proof_rig rig;
    proof_rig_init(&rig, 11, "\"sms\",\"work\"", 0);
    proof_received(&rig, 6, PROOF_DUE);
    proof_step_to(&rig, "2026-03-04T10:00:10+08:00");
    proof_read(&rig);
    CHECK_STR(proof_find(&rig, "p6", "work")->state, "");
    proof_call_back(&rig, proof_find(&rig, "p6", "sms")->id, 2);
    proof_read(&rig);
    CHECK_STR(proof_find(&rig, "p6", "sms")->states, "sending accepted accepted ");
    CHECK(strstr(proof_find(&rig, "p6", "sms")->reason, "not delivered"));
    CHECK_STR(proof_find(&rig, "p6", "work")->state, "accepted");
    proof_call_back(&rig, proof_find(&rig, "p6", "sms")->id, 2); /* and once more, late */
    proof_step_to(&rig, "2026-03-04T12:00:00+08:00");
    CHECK_EQ(rig.script.sends, 2);
    proof_rig_release(&rig);
}

static void without_a_receipt_the_next_channel_takes_over_in_time(void)
{
    struct proof_rig rig;
    proof_rig_init(&rig, 12, "\"sms\",\"work\"", 0);
    proof_received(&rig, 6, PROOF_DUE);
    proof_step_to(&rig, "2026-03-04T10:09:50+08:00");
    CHECK_EQ(rig.script.sends, 1);
    proof_step_to(&rig, "2026-03-04T10:10:10+08:00");
    proof_read(&rig);
    CHECK(strstr(proof_find(&rig, "p6", "sms")->reason, "no receipt"));
    CHECK_STR(proof_find(&rig, "p6", "work")->state, "accepted");
    CHECK_EQ(rig.script.sends, 2);
    proof_rig_release(&rig);
}

static void the_last_channel_waits_for_nothing(void)
{
    struct proof_rig rig;
    proof_rig_init(&rig, 13, "\"sms\"", 0);
    proof_received(&rig, 6, PROOF_DUE);
    proof_step_to(&rig, "2026-03-04T12:00:00+08:00");
    proof_read(&rig);
    CHECK_STR(proof_find(&rig, "p6", "sms")->states, "sending accepted ");
    CHECK_EQ(rig.script.sends, 1);
    proof_rig_release(&rig);
}

static void a_receipt_of_an_unsure_message_proves_it_and_it_is_not_repeated(void)
{
    struct proof_rig rig;
    proof_rig_init(&rig, 14, "\"sms\"", 0);
    rig.script.unanswered = 1;
    proof_received(&rig, 6, PROOF_DUE);
    proof_step_to(&rig, "2026-03-04T10:00:01+08:00");
    proof_read(&rig);
    CHECK_STR(proof_find(&rig, "p6", "sms")->states, "sending unsure ");
    proof_call_back(&rig, proof_find(&rig, "p6", "sms")->id, 1);
    proof_step_to(&rig, "2026-03-04T12:00:00+08:00");
    proof_read(&rig);
    CHECK_STR(proof_find(&rig, "p6", "sms")->states, "sending unsure accepted ");
    CHECK_EQ(rig.script.sends, 1);
    proof_rig_release(&rig);
}

static void a_receipt_counts_while_the_channel_is_closed(void)
{
    struct proof_rig rig;
    proof_rig_init(&rig, 24, "\"sms\",\"work\"", 0);
    rig.script.unanswered = 5; /* five failures close the channel */
    for (int person = 1; person <= 5; person++) {
        proof_received(&rig, person, PROOF_DUE);
    }
    proof_step_to(&rig, "2026-03-04T10:00:01+08:00");
    proof_read(&rig);
    CHECK_STR(proof_find(&rig, "p1", "sms")->states, "sending unsure ");
    proof_call_back(&rig, proof_find(&rig, "p1", "sms")->id, 1);
    proof_step_to(&rig, "2026-03-04T10:00:20+08:00");
    proof_read(&rig);
    CHECK_STR(proof_find(&rig, "p1", "sms")->states, "sending unsure accepted ");
    CHECK_STR(proof_find(&rig, "p1", "work")->state, "");
    CHECK_STR(proof_find(&rig, "p2", "sms")->states, "sending unsure unsure ");
    CHECK(strstr(proof_find(&rig, "p2", "sms")->reason, "the channel is closed"));
    CHECK_STR(proof_find(&rig, "p2", "work")->state, "accepted");
    proof_rig_release(&rig);
}

/* ---- asking gateways ---- */

static void dingtalk_is_asked_until_the_message_is_read(void)
{
    struct proof_rig rig;
    proof_rig_init(&rig, 15, "\"work\"", 0);
    proof_received(&rig, 6, PROOF_DUE);
    rig.script.result = "\"unread_user_id_list\":[\"u-six\"]";
    proof_step_to(&rig, "2026-03-04T10:01:30+08:00");
    CHECK_EQ(rig.script.polls, 1);
    rig.script.result = "\"read_user_id_list\":[\"u-six\"]";
    proof_step_to(&rig, "2026-03-05T10:00:00+08:00");
    proof_read(&rig);
    CHECK_STR(proof_find(&rig, "p6", "work")->states, "sending accepted ");
    CHECK_STR(proof_find(&rig, "p6", "work")->heard, "delivered read ");
    CHECK_EQ(rig.script.polls, 2);
    proof_rig_release(&rig);
}

static void a_message_nobody_reads_is_asked_for_a_bounded_number_of_times(void)
{
    struct proof_rig rig;
    proof_rig_init(&rig, 16, "\"work\"", 0);
    proof_received(&rig, 6, PROOF_DUE);
    proof_step_to(&rig, "2026-03-06T10:00:00+08:00");
    CHECK_EQ(rig.script.polls, 5);
    CHECK_EQ(rig.script.sends, 1);
    proof_rig_release(&rig);
}

static void dingtalk_says_undelivered_and_the_next_channel_takes_over(void)
{
    struct proof_rig rig;
    proof_rig_init(&rig, 17, "\"work\",\"sms\"", 0);
    proof_received(&rig, 6, PROOF_DUE);
    rig.script.result = "\"failed_user_id_list\":[\"u-six\"]";
    proof_step_to(&rig, "2026-03-04T10:11:00+08:00");
    proof_read(&rig);
    CHECK_STR(proof_find(&rig, "p6", "work")->heard, "undelivered ");
    CHECK_STR(proof_find(&rig, "p6", "sms")->state, "accepted");
    proof_rig_release(&rig);
}

static void an_unsure_message_that_the_gateway_knows_is_not_sent_again(void)
{
    struct proof_rig rig;
    proof_rig_init(&rig, 18, "\"cloud\"", 0);
    rig.script.unanswered = 1;
    rig.script.cloud_knows = true;
    rig.script.cloud_status = 3;
    proof_received(&rig, 6, PROOF_DUE);
    proof_step_to(&rig, "2026-03-04T12:00:00+08:00");
    proof_read(&rig);
    CHECK_STR(proof_find(&rig, "p6", "cloud")->states, "sending unsure accepted ");
    CHECK_STR(proof_find(&rig, "p6", "cloud")->heard, "delivered ");
    CHECK_EQ(rig.script.sends, 1);
    CHECK_EQ(rig.script.polls, 1);
    proof_rig_release(&rig);
}

static void one_it_does_not_know_is_sent_again_with_the_same_identity_and_words(void)
{
    struct proof_rig rig;
    proof_rig_init(&rig, 19, "\"cloud\"", 0);
    rig.script.unanswered = 1;
    proof_received(&rig, 6, PROOF_DUE);
    proof_step_to(&rig, "2026-03-04T10:05:00+08:00");
    proof_read(&rig);
    CHECK_STR(proof_find(&rig, "p6", "cloud")->states, "sending unsure accepted ");
    CHECK_EQ(rig.script.sends, 2);
    CHECK_EQ(proof_posts(&rig, proof_find(&rig, "p6", "cloud")->id), 2);
    CHECK_EQ(proof_posts(&rig, "TemplateCode=SMS_000000001"), 2);
    proof_rig_release(&rig);
}

static void a_gateway_that_cannot_be_asked_is_asked_again_first(void)
{
    struct proof_rig rig;
    proof_rig_init(&rig, 20, "\"cloud\"", 0);
    rig.script.unanswered = 1;
    rig.script.polls_lost = 2;
    rig.script.cloud_knows = true;
    rig.script.cloud_status = 3;
    proof_received(&rig, 6, PROOF_DUE);
    proof_step_to(&rig, "2026-03-04T12:00:00+08:00");
    proof_read(&rig);
    CHECK_STR(proof_find(&rig, "p6", "cloud")->states, "sending unsure unsure unsure accepted ");
    CHECK_EQ(rig.script.sends, 1);
    CHECK_EQ(rig.script.polls, 3);
    proof_rig_release(&rig);
}

static void a_gateway_that_can_never_be_asked_does_not_hold_a_message_for_ever(void)
{
    struct proof_rig rig;
    proof_rig_init(&rig, 21, "\"cloud\"", 0);
    rig.script.unanswered = 1;
    rig.script.polls_lost = 1000000;
    proof_received(&rig, 6, PROOF_DUE);
    proof_step_to(&rig, "2026-03-04T12:00:00+08:00");
    proof_read(&rig);
    CHECK_STR(proof_find(&rig, "p6", "cloud")->state, "accepted");
    CHECK_EQ(rig.script.sends, 2);
    proof_rig_release(&rig);
}

/* ---- what cannot be read ---- */

static void take_reject(void *context, const struct json_value *fact)
{
    char *seen = context;
    if (text_is(json_get_string(fact, "k"), "reject")) {
        const size_t used = strlen(seen);
        (void)snprintf(
            seen + used, 256 - used, "%.*s:%.*s ", TEXT_ARGS(json_get_string(fact, "via")),
            TEXT_ARGS(json_get_string(fact, "head")));
    }
}

static void what_cannot_be_read_is_told_and_does_not_stop_the_rest(void)
{
    struct proof_rig rig;
    char seen[256] = "";
    proof_rig_init(&rig, 22, "\"sms\"", 0);
    CHECK(sim_world_queue(rig.world, QUEUE_OUTBOX, TEXT_LITERAL("not json")));
    CHECK(sim_world_queue(rig.world, QUEUE_OUTBOX, TEXT_LITERAL("[{\"alert\":7}]")));
    CHECK(sim_world_queue(rig.world, QUEUE_RECEIPTS, TEXT_LITERAL("{\"mobile\":\"199\"}")));
    proof_received(&rig, 6, PROOF_DUE);
    proof_step_to(&rig, "2026-03-04T10:00:30+08:00");
    sim_world_facts(rig.world, take_reject, seen);
    CHECK(strstr(seen, "outbox:not json "));
    CHECK(strstr(seen, "outbox:{\"alert\":7} "));
    CHECK(strstr(seen, "receipt: "));
    proof_read(&rig);
    CHECK_STR(proof_find(&rig, "p6", "sms")->state, "accepted");
    proof_rig_release(&rig);
}

/* ---- crashes ---- */

/* The carrier's word on each SMS: by its number, delivered, undelivered, or none at all. */
static void carrier_speaks(struct proof_rig *rig, struct prng *prng)
{
    proof_read(rig);
    for (size_t index = 0; index < rig->message_count; index++) {
        const struct proof_message *message = &rig->messages[index];
        const char last = message->id[strlen(message->id) - 1];
        const bool sent = strcmp(message->channel, "sms") == 0 && proof_posts(rig, message->id) > 0;
        if (sent && last % 3 != 2 && prng_one_in(prng, 2)) {
            char id[32];
            (void)snprintf(id, sizeof(id), "%s", message->id);
            proof_call_back(rig, id, last % 3 == 0 ? 1 : 2);
        }
    }
}

static void check_ends(struct proof_rig *rig)
{
    for (int person = 1; person <= PROOF_PEOPLE; person++) {
        char name[16];
        (void)snprintf(name, sizeof(name), "p%d", person);
        const struct proof_message *sms = proof_find(rig, name, "sms");
        const struct proof_message *work = proof_find(rig, name, "work");
        check_note("%s sms: %s(%s) work: %s", name, sms->states, sms->heard, work->states);
        const bool delivered =
            strstr(sms->heard, " delivered") || strncmp(sms->heard, "delivered", 9) == 0;
        const bool taken_over =
            strcmp(work->state, "accepted") == 0 || strcmp(work->state, "unsure") == 0;
        if (strcmp(sms->state, "unsure") == 0) { /* given up; what came then came too late */
            CHECK(taken_over);
            continue;
        }
        CHECK(delivered ? work->state[0] == '\0' : taken_over);
        CHECK_GE(strstr(sms->states, "unsure") ? 2 : 1, proof_posts(rig, sms->id));
        CHECK_GE(proof_posts(rig, sms->id), 1);
    }
}

static size_t one_seed(uint64_t seed)
{
    struct proof_rig rig;
    struct prng prng;
    prng_seed(&prng, seed);
    proof_rig_init(&rig, seed, "\"sms\",\"work\"", 60);
    for (int person = 1; person <= PROOF_PEOPLE; person++) {
        proof_received(&rig, person, PROOF_DUE);
    }
    for (int minute = 0; minute < 9; minute++) {
        CHECK(
            sim_world_step_to(rig.world, wall_add(proof_at(PROOF_DUE), (minute + 1) * MINUTE_MS)));
        carrier_speaks(&rig, &prng);
    }
    sim_world_hold_crashes(rig.world, true);
    proof_step_to(&rig, "2026-03-05T10:00:00+08:00");
    proof_read(&rig);
    check_ends(&rig);
    const size_t crashes = sim_world_crashes(rig.world);
    proof_rig_release(&rig);
    return crashes;
}

static void crashes_lose_no_receipt_and_no_fallback(void)
{
    const size_t seeds = getenv("NRT_LONG") ? (size_t)20 * CRASH_SEEDS : CRASH_SEEDS;
    size_t crashes = 0;
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        crashes += one_seed(seed);
    }
    CHECK_GE(crashes, seeds);
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(one_token_serves_many_messages);
    CHECK_RUN(a_token_is_fetched_again_before_it_ends);
    CHECK_RUN(a_refused_token_is_fetched_anew_once_and_the_message_goes);
    CHECK_RUN(a_fresh_token_refused_too_closes_the_channel);
    CHECK_RUN(without_a_token_the_next_channel_takes_over_and_the_reason_says_so);
    CHECK_RUN(a_message_waits_for_a_token_that_comes_later);
    CHECK_RUN(a_person_is_looked_up_once_for_many_messages);
    CHECK_RUN(an_id_of_the_directory_is_not_looked_up);
    CHECK_RUN(nobody_with_that_number_is_remembered_for_a_day);
    CHECK_RUN(a_number_the_gateway_does_not_take_is_nobodys);
    CHECK_RUN(a_delivered_message_goes_to_no_other_channel);
    CHECK_RUN(an_undelivered_message_goes_to_the_next_channel_at_once);
    CHECK_RUN(without_a_receipt_the_next_channel_takes_over_in_time);
    CHECK_RUN(the_last_channel_waits_for_nothing);
    CHECK_RUN(a_receipt_of_an_unsure_message_proves_it_and_it_is_not_repeated);
    CHECK_RUN(a_receipt_counts_while_the_channel_is_closed);
    CHECK_RUN(dingtalk_is_asked_until_the_message_is_read);
    CHECK_RUN(a_message_nobody_reads_is_asked_for_a_bounded_number_of_times);
    CHECK_RUN(dingtalk_says_undelivered_and_the_next_channel_takes_over);
    CHECK_RUN(an_unsure_message_that_the_gateway_knows_is_not_sent_again);
    CHECK_RUN(one_it_does_not_know_is_sent_again_with_the_same_identity_and_words);
    CHECK_RUN(a_gateway_that_cannot_be_asked_is_asked_again_first);
    CHECK_RUN(a_gateway_that_can_never_be_asked_does_not_hold_a_message_for_ever);
    CHECK_RUN(what_cannot_be_read_is_told_and_does_not_stop_the_rest);
    CHECK_RUN(crashes_lose_no_receipt_and_no_fallback);
    return check_done();
}
