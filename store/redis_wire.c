/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The adapter of hiredis: its reply parser, fitted with a limit on list lengths and on the bytes
 * of one reply, and its command formatter. Its connections and its asynchronous part are not
 * used: they know neither deadlines nor TLS in the version that Debian 12 has.
 */
#include "store/redis_wire.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <hiredis/hiredis.h>

#include "base/must.h"

/* ---- commands ---- */

static void argument_add(struct redis_command *command, const char *bytes, size_t byte_count)
{
    if (command->count == command->capacity) {
        const size_t capacity = command->capacity ? command->capacity * 2 : 32;
        const char **const arguments =
            realloc(command->arguments, capacity * sizeof *command->arguments);
        if (arguments)
            command->arguments = arguments;
        size_t *const lengths = realloc(command->lengths, capacity * sizeof *lengths);
        if (lengths)
            command->lengths = lengths;
        command->failed = command->failed || !arguments || !lengths;
        if (command->failed)
            return;
        command->capacity = capacity;
    }
    command->arguments[command->count] = bytes ? bytes : "";
    command->lengths[command->count++] = byte_count;
}

void redis_command_init(struct redis_command *command, const char *name)
{
    *command = (struct redis_command){0};
    arena_init(&command->arena, 0);
    redis_command_string(command, name);
}

void redis_command_release(struct redis_command *command)
{
    arena_release(&command->arena);
    free(command->arguments);
    free(command->lengths);
}

void redis_command_text(struct redis_command *command, struct text text)
{
    argument_add(command, text.ptr, text.bytes);
}

void redis_command_string(struct redis_command *command, const char *string)
{
    redis_command_text(command, text_of(string));
}

void redis_command_i64(struct redis_command *command, int64_t number)
{
    char digits[32];
    const int bytes = snprintf(digits, sizeof digits, "%" PRId64, number);
    const struct text text = {.ptr = digits, .bytes = (size_t)bytes};
    const struct text kept = arena_text(&command->arena, text);
    command->failed = command->failed || !kept.ptr;
    redis_command_text(command, kept);
}

void redis_command_joined(struct redis_command *command, struct text head, struct text tail)
{
    struct buf buf;
    buf_init(&buf, head.bytes + tail.bytes);
    buf_text(&buf, head);
    buf_text(&buf, tail);
    const struct text kept = arena_text(&command->arena, buf_view(&buf));
    command->failed = command->failed || !kept.ptr || buf_error(&buf);
    redis_command_text(command, kept);
    buf_release(&buf);
}

char *redis_command_format(const struct redis_command *command, size_t *ret_bytes)
{
    char *bytes = NULL;
    if (command->failed)
        return NULL;
    const long long byte_count = redisFormatCommandArgv(
        &bytes, (int)command->count, (const char **)command->arguments, command->lengths);
    if (byte_count < 0)
        return NULL;
    *ret_bytes = (size_t)byte_count;
    return bytes;
}

void redis_command_bytes_free(char *bytes)
{
    redisFreeCommand(bytes);
}

/* ---- replies ---- */

#if HIREDIS_MAJOR >= 1
typedef size_t list_length; /* the parser's own type changed with its version */
#else
typedef int list_length;
#endif

struct redis_wire {
    redisReader *reader;
    redisReplyObjectFunctions functions;
    void *(*create_list)(const redisReadTask *task, list_length count);
    size_t unread_bytes; /* fed since the last whole reply */
};

/* A hostile length would make the parser ask for the memory of all items at once. */
static void *create_short_list(const redisReadTask *task, list_length count)
{
    const struct redis_wire *const wire = task->privdata;
    if (count > (list_length)REDIS_LIST_ITEMS_MAX)
        return NULL;
    return wire->create_list(task, count);
}

struct redis_wire *redis_wire_create(void)
{
    struct redis_wire *const wire = calloc(1, sizeof *wire);
    if (!wire)
        return NULL;
    wire->reader = redisReaderCreate();
    if (!wire->reader) {
        free(wire);
        return NULL;
    }
    wire->functions = *wire->reader->fn;
    wire->create_list = wire->functions.createArray;
    wire->functions.createArray = create_short_list;
    wire->reader->fn = &wire->functions;
    wire->reader->privdata = wire;
    return wire;
}

void redis_wire_free(struct redis_wire *wire)
{
    if (!wire)
        return;
    redisReaderFree(wire->reader);
    free(wire);
}

enum err redis_wire_feed(struct redis_wire *wire, const char *bytes, size_t byte_count)
{
    wire->unread_bytes += byte_count;
    if (wire->unread_bytes > REDIS_REPLY_BYTES_MAX)
        return ERR_PROTO;
    return redisReaderFeed(wire->reader, bytes, byte_count) == REDIS_OK ? ERR_OK : ERR_NO_MEMORY;
}

enum err redis_wire_next(
    struct redis_wire *wire, struct redisReply **ret_reply, struct err_why *why)
{
    void *reply = NULL;
    if (redisReaderGetReply(wire->reader, &reply) != REDIS_OK)
        return err_set(why, ERR_PROTO, "not Redis's protocol: %s", wire->reader->errstr);
    if (reply)
        wire->unread_bytes = wire->reader->len - wire->reader->pos;
    *ret_reply = reply;
    return ERR_OK;
}

void redis_reply_free(struct redisReply *reply)
{
    if (reply)
        freeReplyObject(reply);
}

enum redis_kind redis_reply_kind(const struct redisReply *reply)
{
    if (!reply)
        return REDIS_NIL;
    if (reply->type == REDIS_REPLY_STRING || reply->type == REDIS_REPLY_STATUS)
        return REDIS_TEXT;
    if (reply->type == REDIS_REPLY_INTEGER)
        return REDIS_NUMBER;
    if (reply->type == REDIS_REPLY_ARRAY)
        return REDIS_LIST;
    return reply->type == REDIS_REPLY_ERROR ? REDIS_ERROR : REDIS_NIL;
}

struct text redis_reply_text(const struct redisReply *reply)
{
    const enum redis_kind kind = redis_reply_kind(reply);
    if (kind != REDIS_TEXT && kind != REDIS_ERROR)
        return TEXT_LITERAL("");
    return (struct text){.ptr = reply->str, .bytes = (size_t)reply->len};
}

size_t redis_reply_count(const struct redisReply *reply)
{
    return redis_reply_kind(reply) == REDIS_LIST ? reply->elements : 0;
}

const struct redisReply *redis_reply_at(const struct redisReply *reply, size_t index)
{
    return index < redis_reply_count(reply) ? reply->element[index] : NULL;
}

enum err redis_reply_i64(const struct redisReply *reply, int64_t *ret_number)
{
    const enum redis_kind kind = redis_reply_kind(reply);
    if (kind == REDIS_NUMBER) {
        *ret_number = reply->integer;
        return ERR_OK;
    }
    if (kind == REDIS_TEXT && text_parse_i64(redis_reply_text(reply), ret_number) == ERR_OK)
        return ERR_OK;
    return ERR_PROTO;
}
