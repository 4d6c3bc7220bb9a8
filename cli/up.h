/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside of `nrt up` and `nrt serve` without a role: the data folder, the children, and the guide,
 * which is the child that talks to the person at the terminal.
 */
#ifndef NRT_CLI_UP_H
#define NRT_CLI_UP_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/clock.h"
#include "cli/supervisor.h"
#include "config/settings.h"

#define UP_DATA_DEFAULT      "./data"
#define UP_DEMO_DATA_DEFAULT "./data/demo"
#define UP_ADDRESS_BYTES     256

struct up_options {
    bool restored;         /* the data folder comes from a backup: nothing is sent until released */
    const char *data;      /* as given; NULL: the default */
    const char *config;    /* NULL: what is compiled in */
    const char *redis_url; /* NULL: the settings', else embedded */
    const char *port;      /* NULL: listen, else the settings' */
    const char *listen;    /* "host:port" */
    const char *clock;     /* "real", "scaled", "stepped"; NULL: what the folder has */
    const char *clock_from; /* RFC 3339; NULL: now */
    const char *speed;      /* scaled: service seconds a second */
    const char *instances;  /* "monitor=2,notifier=1" */
    const char *failpoint;  /* test builds: "monitor-1=NAME:ACTION[:NTH],..." */
    bool demo;
    bool smoke;
    bool quiet; /* no box */
};

struct up {
    struct up_options options;
    char data[2048]; /* absolute */
    int lock_fd;
    struct arena arena;
    struct settings settings;
    bool embedded; /* Redis is our child */
    char listen[UP_ADDRESS_BYTES];
    char url[UP_ADDRESS_BYTES + 16]; /* "http://127.0.0.1:8420" */
    char failpoint_env[SUPERVISED_MAX][128];
    struct service_clock clock;
    struct supervisor supervisor;
};

/* ---- up_data.c: each says what is wrong on stderr and returns an exit code ---- */

/* Folder (0700), lock, seal key, clock.json. */
int up_data_take(struct up *up);
/* For --demo: an empty folder, or one of an earlier demo, which is cleared. */
int up_data_take_demo(struct up *up, struct wall_ms virtual0, double speed);
/* Removes a folder and what is in it (not its parents), never following a link. */
void up_data_remove(const char *folder);

/* ---- up_plan.c ---- */

/* Settings, addresses, a free port. */
int up_plan_addresses(struct up *up);
/* Fill the supervisor with Redis (where embedded) and the roles. */
int up_plan_children(struct up *up);
/* A port of the loopback interface nobody listens on now; 0 when there is none. */
int up_free_port(void);

/* ---- guide.c ---- */

/* Waits for readiness and prints the box. Runs in its child; context is the struct up. */
int guide_run(void *context);
/* Waits until /readyz says yes; EXIT_FINE, or EXIT_AWAY after wait_ms. */
int guide_wait_ready(const struct up *up, int64_t wait_ms);

/* ---- smoke.c, demo.c: guides of their own ---- */

/* Writes the configuration of the smoke test into `folder`. */
int smoke_write_config(const char *folder);
int smoke_run(void *context);
/* Writes the demo's directory and matters into `folder`. */
int demo_write_config(const char *folder);
/* Where and how fast the demo's clock starts. */
struct wall_ms demo_start(void);
double demo_speed(void);
int demo_run(void *context);

#endif
