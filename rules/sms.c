/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The names of SMS channels.
 */
#include "rules/sms.h"

static bool is_sms(struct text name, const struct sms_channels *channels)
{
    return text_is_among(name, channels->names, channels->name_count) ||
           text_starts_with(name, TEXT_LITERAL("sms"));
}

bool stage_names_sms(const struct stage *stage, const struct sms_channels *channels)
{
    const bool own = stage->via_count > 0;
    const struct text *via = own ? stage->via : channels->default_via;
    const size_t count = own ? stage->via_count : channels->default_via_count;
    for (size_t i = 0; i < count; i++) {
        if (is_sms(via[i], channels))
            return true;
    }
    return false;
}
