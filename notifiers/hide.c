/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looked for as the reason holds them: cleaned as it was, and percent-encoded as a URL holds them.
 */
#include "notifiers/hide.h"

#include <string.h>

#include "base/crypto.h"

#define SECRET_BYTES_LEAST 4 /* shorter ones are words of any sentence */

static void star(char *from, size_t bytes)
{
    memset(from, '*', bytes);
}

static void hide_word(char *reason, struct text word)
{
    const size_t reason_bytes = strlen(reason);
    char *at = reason;
    if (word.bytes < SECRET_BYTES_LEAST) {
        return;
    }
    while ((at = memmem(at, reason_bytes - (size_t)(at - reason), word.ptr, word.bytes)) != NULL) {
        star(at, word.bytes);
        at += word.bytes;
    }
    /* The reason may have been cut in the middle of it. */
    for (size_t bytes = word.bytes - 1; bytes >= SECRET_BYTES_LEAST; bytes--) {
        if (bytes <= reason_bytes && memcmp(reason + reason_bytes - bytes, word.ptr, bytes) == 0) {
            star(reason + reason_bytes - bytes, bytes);
            return;
        }
    }
}

/* As it is, and as outcome_set() cleans what was said; ": " stands before that. */
static void hide_spelling(struct outcome *outcome, struct text word)
{
    struct outcome cleaned;
    outcome_set(&cleaned, OUTCOME_REJECTED, CAUSE_NONE, "", word);
    hide_word(outcome->reason, word);
    hide_word(outcome->reason, text_of(cleaned.reason + 2));
}

void hide_secrets(const struct channel_settings *settings, struct outcome *outcome)
{
    for (size_t i = 0; i < settings->option_count; i++) {
        const struct channel_option *option = &settings->options[i];
        struct buf encoded;
        if (!option->secret || option->value.bytes == 0) {
            continue;
        }
        buf_init(&encoded, 3 * option->value.bytes + 1);
        crypto_url_encode(&encoded, option->value);
        hide_spelling(outcome, option->value);
        hide_spelling(outcome, buf_view(&encoded));
        buf_release(&encoded);
    }
}
