/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The entry points themselves are declared in store/role.h; the includes say which folders a test
 * that uses this links.
 */
#include "tests/support/rig_roles.h"

#include "monitor/monitor.h"
#include "notifiers/notifier.h"

enum err rig_roles_start(struct role_env *monitor, struct role_env *notifier, struct err_why *why)
{
    const enum err err = monitor_start(monitor, why);
    return err ? err : notifier_start(notifier, why);
}
