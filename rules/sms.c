/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The names of SMS channels.
 */
#include "rules/sms.h"

static bool is_sms(struct text name, const struct sms_channels *channels)
{
    for (size_t i = 0; i < channels->name_count; i++) {
        if (text_equal(channels->names[i], name))
            return true;
    }
    return text_starts_with(name, TEXT_LITERAL("sms"));
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
