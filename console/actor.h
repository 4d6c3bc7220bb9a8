/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who asks, what they may do and whose cases they may see. An actor is made once for a request,
 * from its session, token or proxy header, and never changed. Rights come from roles by one table
 * (docs/roles.md); a scope is a set of units. Deny is the default: an empty actor may nothing.
 */
#ifndef NRT_CONSOLE_ACTOR_H
#define NRT_CONSOLE_ACTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"

struct directory;

/* What an account is for (角色); a "role" in rules/ is who an alert goes to. May be several. */
enum duty {
    DUTY_UNIT,      /* a unit's own people: own unit and those below it */
    DUTY_OVERSIGHT, /* 督查: urges, supervises, holds to account */
    DUTY_OPS,       /* runs the service, drafts rules */
    DUTY_APPROVER,  /* approves what somebody else has drafted */
    DUTY_ADMIN,     /* accounts, tokens, sessions, keys; sees no cases */
    DUTY_AUDITOR,   /* reads everything and the audit trail, changes nothing */
    DUTY_COUNT
};

/* What one route, or one act, asks for. */
enum right {
    RIGHT_NONE, /* whoever has signed in */
    RIGHT_READ,
    RIGHT_EXPORT,
    RIGHT_REGISTER,
    RIGHT_WORK,
    RIGHT_OVERSEE,
    RIGHT_STATEMENT,
    RIGHT_OPERATE,
    RIGHT_APPROVE,
    RIGHT_CONFIG_READ,
    RIGHT_MESSAGES_READ,
    RIGHT_PEOPLE,
    RIGHT_AUDIT_READ,
    RIGHT_HEALTH,
    RIGHT_COUNT
};

enum actor_kind {
    ACTOR_NOBODY,
    ACTOR_SERVICE, /* DATA/token: every right, every unit; its `by` is believed */
    ACTOR_DEMO,    /* this machine, in the demo: the same */
    ACTOR_SESSION,
    ACTOR_TOKEN,
    ACTOR_PROXY,
    ACTOR_KIND_COUNT
};

/* A set of units, unless all: the same ids as an array and as JSON for statements. */
struct scope {
    bool all;
    struct text units;      /* JSON array of unit ids, own and below */
    const struct text *ids; /* ascending by bytes, no repeats */
    size_t id_count;
};

#define ACTOR_NAME_BYTES 64

struct actor {
    enum actor_kind kind;
    char name[ACTOR_NAME_BYTES]; /* of the account or token: what acts and audit carry */
    uint32_t roles;              /* bits of enum duty */
    uint32_t rights;             /* bits of enum right */
    struct text unit;            /* of the account, may be empty */
    struct text person;          /* id in the directory, may be empty */
    struct scope scope;          /* whose cases it sees: the widest of all its roles */
    struct scope own;            /* its unit and all below: where it does a unit's work */
    struct scope area;           /* what its unit oversees, and all below: where it oversees */
    int64_t account;             /* of an account or token: its row; 0: none */
    const char *peer;
    struct text csrf; /* what its unsafe requests bring along; empty: nothing */
};

const char *duty_name(enum duty duty); /* "unit", "oversight" ... */
bool duty_parse(struct text word, enum duty *ret_duty);
/* The word of the API, of tokens and of docs/roles.md: "read", "config.read"; RIGHT_NONE: "". */
const char *right_name(enum right right);
bool right_parse(struct text word, enum right *ret_right);

/* The rights of one duty, and of all in a set of duties: bits of enum right. */
uint32_t duty_rights(enum duty duty);
uint32_t roles_rights(uint32_t roles);

/*
 * Set the rights of an account from its roles. The service and the demo get every right; those of
 * a token are set by who made it and are left as they are, but a token of one unit keeps only
 * those about cases.
 */
void actor_set_rights(struct actor *actor);
/*
 * Set the three scopes from kind, roles and unit, by the directory of the moment; the lists live
 * in the arena. ERR_NO_MEMORY, and then the actor sees nothing.
 */
enum err actor_set_scope(
    struct actor *actor, const struct directory *directory, struct arena *arena) ERR_MUST_USE;
/* Where this right holds: the work of a unit only in the own unit, overseeing in the area. */
const struct scope *actor_scope(const struct actor *actor, enum right right);
bool scope_has(const struct scope *scope, struct text unit);
/* Does it speak for others? Then the `by` in a body counts, else the actor's own name. */
static inline bool actor_speaks_for_others(const struct actor *actor)
{
    return actor->kind == ACTOR_SERVICE || actor->kind == ACTOR_DEMO;
}

static inline bool actor_can(const struct actor *actor, enum right right)
{
    return right == RIGHT_NONE ? actor->kind != ACTOR_NOBODY : (actor->rights >> right & 1U) != 0;
}

#endif
