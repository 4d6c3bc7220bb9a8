/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Redis's protocol: commands to bytes, bytes to replies. hiredis is used behind this door only
 * (store/redis_wire.c), for its parser and its formatter. Replies are untrusted: their size,
 * their depth and the length of their lists have limits, and every accessor accepts NULL and
 * the wrong type.
 */
#ifndef NRT_STORE_REDIS_WIRE_H
#define NRT_STORE_REDIS_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"

#define REDIS_REPLY_BYTES_MAX ((size_t)64 << 20)
#define REDIS_LIST_ITEMS_MAX  (1024 * 1024)

/* ---- commands ---- */

/* Arguments are not copied: they must live until the command is formatted. */
struct redis_command {
    struct arena arena; /* numbers and composed keys */
    const char **arguments;
    size_t *lengths;
    size_t count;
    size_t capacity;
    bool failed; /* memory was out */
};

void redis_command_init(struct redis_command *command, const char *name);
void redis_command_release(struct redis_command *command);
void redis_command_text(struct redis_command *command, struct text text);
void redis_command_string(struct redis_command *command, const char *string);
void redis_command_i64(struct redis_command *command, int64_t number);
/* The concatenation of both. */
void redis_command_joined(struct redis_command *command, struct text head, struct text tail);
/* The bytes to send, NULL when memory is out; redis_command_bytes_free() them. */
char *redis_command_format(const struct redis_command *command, size_t *ret_bytes);
void redis_command_bytes_free(char *bytes);

/* ---- replies ---- */

struct redisReply;
struct redis_wire;

struct redis_wire *redis_wire_create(void);    /* NULL when memory is out */
void redis_wire_free(struct redis_wire *wire); /* accepts NULL */
/* ERR_PROTO when a reply outgrows its limit, ERR_NO_MEMORY. */
enum err redis_wire_feed(struct redis_wire *wire, const char *bytes, size_t byte_count)
    ERR_MUST_USE;
/* *ret_reply is NULL while a reply is not whole. ERR_PROTO ends the connection. */
enum err redis_wire_next(
    struct redis_wire *wire, struct redisReply **ret_reply, struct err_why *why) ERR_MUST_USE;
void redis_reply_free(struct redisReply *reply); /* accepts NULL */

enum redis_kind { REDIS_NIL, REDIS_TEXT, REDIS_NUMBER, REDIS_LIST, REDIS_ERROR, REDIS_KIND_COUNT };
enum redis_kind redis_reply_kind(const struct redisReply *reply);
/* Of a text, a status or an error; empty otherwise. A view into the reply. */
struct text redis_reply_text(const struct redisReply *reply);
size_t redis_reply_count(const struct redisReply *reply); /* 0 unless a list */
const struct redisReply *redis_reply_at(const struct redisReply *reply, size_t index);
/* A number, or text that is one; ERR_PROTO otherwise. */
enum err redis_reply_i64(const struct redisReply *reply, int64_t *ret_number) ERR_MUST_USE;

/* ---- errors ---- */

/* What an error reply means, with a why that names the setting to change. */
enum err redis_error_read(struct text error, struct err_why *why);
bool redis_error_is_no_group(const struct redisReply *reply);
bool redis_error_is_no_function(const struct redisReply *reply);

#endif
