/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Redis's error replies mean for us, in words an operator can act on. One table; what is
 * not in it is quoted as it came.
 */
#include "store/redis_wire.h"

static const struct meaning {
    const char *prefix;
    enum err err;
    const char *advice;
} meanings[] = {
    {"OOM", ERR_REFUSED,
     "Redis is out of memory and takes no writes: raise maxmemory in its configuration"},
    {"MISCONF", ERR_REFUSED,
     "Redis cannot save to its disk and takes no writes: free space or mend the disk of its dir "
     "(see stop-writes-on-bgsave-error and its log)"},
    {"READONLY", ERR_REFUSED,
     "this Redis is a replica and takes no writes: let redis.url name the primary"},
    {"NOREPLICAS", ERR_REFUSED,
     "Redis has too few good replicas and takes no writes: see its min-replicas-to-write and "
     "min-replicas-max-lag"},
    {"MASTERDOWN", ERR_REFUSED, "this Redis is a replica that has lost its primary"},
    {"LOADING", ERR_REFUSED, "Redis is loading its data and will answer when that is done"},
    {"BUSY", ERR_REFUSED,
     "a script of another client blocks Redis (busy-reply-threshold): SCRIPT KILL or FUNCTION "
     "KILL ends it"},
    {"NOAUTH", ERR_REFUSED, "Redis wants a password: set redis.password (and redis.user)"},
    {"WRONGPASS", ERR_REFUSED, "Redis does not take redis.user with redis.password"},
    {"NOPERM", ERR_REFUSED, "the ACL of redis.user in Redis forbids a command this program needs"},
    {"NOGROUP", ERR_AWAY, "a stream's consumer group had gone and is made again"},
    {"ERR Function not found", ERR_AWAY, "Redis had lost the functions; they are loaded again"},
    {"WRONGTYPE", ERR_PROTO, "a key of ours holds something foreign: move it away"},
    {"NRTDATA", ERR_CORRUPT, "a key of ours holds foreign bytes: move it away"},
};

enum err redis_error_read(struct text error, struct err_why *why)
{
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++) {
        const struct meaning *const meaning = &meanings[i];
        if (!text_starts_with(error, text_of(meaning->prefix)))
            continue;
        return err_set(
            why, meaning->err, "%s [%.*s]", meaning->advice,
            (int)(error.bytes < 120 ? error.bytes : 120), error.ptr);
    }
    return err_set(
        why, ERR_PROTO, "Redis answered: %.*s", (int)(error.bytes < 200 ? error.bytes : 200),
        error.ptr);
}

static bool is_error(const struct redisReply *reply, const char *prefix)
{
    return redis_reply_kind(reply) == REDIS_ERROR &&
           text_starts_with(redis_reply_text(reply), text_of(prefix));
}

bool redis_error_is_no_group(const struct redisReply *reply)
{
    return is_error(reply, "NOGROUP");
}

bool redis_error_is_no_function(const struct redisReply *reply)
{
    return is_error(reply, "ERR Function not found");
}
