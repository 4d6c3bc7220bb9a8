/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A channel's fuse: opens after some failures in a row (a bad password at once), lets one
 * message through now and then to probe, closes when one is taken. Pure: instants are handed in.
 */
#ifndef NRT_NOTIFIERS_FUSE_H
#define NRT_NOTIFIERS_FUSE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/wall.h"

#define FUSE_FAILURES      5
#define FUSE_OPEN_FIRST_MS 30000
#define FUSE_OPEN_MAX_MS   600000

struct fuse {
    int32_t failures;
    bool open;
    int64_t open_ms; /* how long until the next probe */
    struct wall_ms probe_at;
};

/*
 * May a message go? While open, one may at each probe_at (asking takes the probe); the others
 * get false.
 */
bool fuse_lets_through(struct fuse *fuse, struct wall_ms now);
void fuse_good(struct fuse *fuse);
/* A failure; at_once opens whatever the count. True when this one opened it. */
bool fuse_bad(struct fuse *fuse, struct wall_ms now, bool at_once);

#endif
