/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starting the roles beside the one under test. A file of its own, because two roles' inner headers
 * never meet in one file.
 */
#ifndef NRT_TESTS_SUPPORT_RIG_ROLES_H
#define NRT_TESTS_SUPPORT_RIG_ROLES_H

#include "store/role.h"

/* ERR_* with why of the first that cannot start. */
enum err rig_roles_start(struct role_env *monitor, struct role_env *notifier, struct err_why *why)
    ERR_MUST_USE;

#endif
