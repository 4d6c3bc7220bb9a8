/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A probe that never reports back costs one waiting time, not the channel: taking it already
 * sets the next.
 */
#include "notifiers/fuse.h"

bool fuse_lets_through(struct fuse *fuse, struct wall_ms now)
{
    if (!fuse->open) {
        return true;
    }
    if (now.ms < fuse->probe_at.ms) {
        return false;
    }
    fuse->probe_at = wall_add(now, fuse->open_ms);
    return true;
}

void fuse_good(struct fuse *fuse)
{
    *fuse = (struct fuse){0};
}

bool fuse_bad(struct fuse *fuse, struct wall_ms now, bool at_once)
{
    fuse->failures++;
    if (!at_once && fuse->failures < FUSE_FAILURES) {
        return false;
    }
    const bool opened = !fuse->open;
    fuse->open_ms = opened ? FUSE_OPEN_FIRST_MS : fuse->open_ms * 2;
    if (fuse->open_ms > FUSE_OPEN_MAX_MS) {
        fuse->open_ms = FUSE_OPEN_MAX_MS;
    }
    fuse->open = true;
    fuse->probe_at = wall_add(now, fuse->open_ms);
    return opened;
}
