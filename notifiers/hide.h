/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gateways repeat what they were sent: an error page may hold our password. What they said is kept
 * as the reason of an outcome, so the channel's secrets are taken out of it first.
 */
#ifndef NRT_NOTIFIERS_HIDE_H
#define NRT_NOTIFIERS_HIDE_H

#include "notifiers/channel.h"

/* Stars for each secret of the settings in the reason, and for the beginning of one at its end. */
void hide_secrets(const struct channel_settings *settings, struct outcome *outcome);

#endif
