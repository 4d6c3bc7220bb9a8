/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sandbox: accepts every message and sends nothing. The journalled text is what the pages
 * show as a phone. Goes the same way as every other channel but for the network.
 */
#include "notifiers/channel.h"

static enum err sandbox_encode(
    const struct channel_call *call, struct http_request *request, struct err_why *why)
{
    (void)call;
    (void)request;
    (void)why;
    return ERR_OK;
}

static void sandbox_classify(const struct http_answer *answer, struct outcome *ret_outcome)
{
    (void)answer;
    outcome_set(ret_outcome, OUTCOME_ACCEPTED, CAUSE_NONE, "", (struct text){0});
}

const struct channel_type channel_sandbox = {
    .name = "sandbox",
    .method = "POST",
    .text_signed = true,
    .form = FORM_SMS,
    .encode = sandbox_encode,
    .classify = sandbox_classify,
};
