/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `nrt calendar import FILE`: a published notice of holidays, read and told, and brought into a
 * calendar file where --into names one.
 */
#ifndef NRT_CLI_CALENDAR_IMPORT_H
#define NRT_CLI_CALENDAR_IMPORT_H

/* argv[0] is "import". Returns the exit code. */
int calendar_import(int argc, char **argv);

#endif
