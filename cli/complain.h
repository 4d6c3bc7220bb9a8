/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Findings of the configuration readers on stderr, one line each.
 */
#ifndef NRT_CLI_COMPLAIN_H
#define NRT_CLI_COMPLAIN_H

#include "config/report.h"

void complain_report(const struct report *report);

#endif
