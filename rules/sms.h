/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which alerts go out as SMS: what a change of rules costs is counted in them. The rules know
 * channels by name only, so that the caller says which are SMS.
 */
#ifndef NRT_RULES_SMS_H
#define NRT_RULES_SMS_H

#include "rules/ruleset.h"

struct sms_channels {
    const struct text *default_via; /* the settings', for a stage without via */
    size_t default_via_count;
    const struct text *names; /* of SMS channels; a name that begins with "sms" is one by itself */
    size_t name_count;
};

/* Does the stage's via, or the default one, name an SMS channel (be it as a later choice)? */
bool stage_names_sms(const struct stage *stage, const struct sms_channels *channels);

#endif
