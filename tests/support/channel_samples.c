/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding samples in the list; each stands in a file of its own.
 */
#include "tests/support/channel_samples.h"

#include <string.h>

static const struct channel_sample *const samples[] = {
#define SAMPLE_LISTED(name) &sample_##name,
    CHANNEL_SAMPLES(SAMPLE_LISTED)
#undef SAMPLE_LISTED
};

const struct channel_sample *channel_sample_at(size_t index)
{
    return index < sizeof(samples) / sizeof(samples[0]) ? samples[index] : NULL;
}

const struct channel_sample *channel_sample_find(const char *type)
{
    for (size_t index = 0; channel_sample_at(index); index++) {
        if (strcmp(channel_sample_at(index)->type, type) == 0) {
            return channel_sample_at(index);
        }
    }
    return NULL;
}
