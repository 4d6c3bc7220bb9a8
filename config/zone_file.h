/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A time zone from the system's TZif files (RFC 8536), its closing POSIX rule written out as
 * single changes up to the year 2100. Files are input from outside: every length is checked.
 */
#ifndef NRT_CONFIG_ZONE_FILE_H
#define NRT_CONFIG_ZONE_FILE_H

#include "base/arena.h"
#include "rules/calendar.h"

#define ZONE_FOLDER "/usr/share/zoneinfo"

/*
 * Load "Asia/Shanghai" from the folder (ZONE_FOLDER, or another in tests). ERR_NOT_FOUND when the
 * file or the whole folder is missing, ERR_PARSE for a bad name, ERR_CORRUPT for a bad file.
 */
enum err zone_load(
    const char *folder,
    struct text name,
    struct arena *arena,
    struct zone *ret_zone,
    struct err_why *why) ERR_MUST_USE;

/* The same from the bytes of a TZif file. */
enum err zone_parse(
    struct text bytes, struct arena *arena, struct zone *ret_zone, struct err_why *why)
    ERR_MUST_USE;

/*
 * Asia/Shanghai without a file: +08:00 throughout, right from 1991-09-15 on. For machines without
 * zone data; the caller says so.
 */
void zone_shanghai(struct zone *ret_zone);

#endif
