/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a role asks of its own process: hardening, and figures about itself for the heartbeat.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/lap.h"
#include "store/role_kinds.h"

void role_process_harden(void)
{
    const struct rlimit none = {.rlim_cur = 0, .rlim_max = 0};
    (void)setrlimit(RLIMIT_CORE, &none);
#ifndef __SANITIZE_ADDRESS__
    /* The leak check attaches to its own process and needs to be allowed to. */
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
    (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    (void)umask(077);
    (void)signal(SIGPIPE, SIG_IGN);
}

/* The second number of /proc/self/statm, in pages. */
static int64_t resident_bytes(void)
{
    char text[128] = "";
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file) {
        return 0;
    }
    const bool got = fgets(text, sizeof(text), file) != NULL;
    (void)fclose(file);
    const char *second = got ? strchr(text, ' ') : NULL;
    return second ? strtoll(second, NULL, 10) * sysconf(_SC_PAGESIZE) : 0;
}

static int64_t milliseconds(struct timeval span)
{
    return (int64_t)span.tv_sec * 1000 + span.tv_usec / 1000;
}

size_t role_process_counters(struct role_counter *ret_counters, size_t max)
{
    struct rusage usage;
    const struct lap_figures laps = lap_figures();
    if (max < 5 || getrusage(RUSAGE_SELF, &usage) != 0) {
        return 0;
    }
    ret_counters[0] = (struct role_counter){"resident_memory_bytes", resident_bytes()};
    ret_counters[1] = (struct role_counter){
        "cpu_ms_total", milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime)};
    ret_counters[2] = (struct role_counter){"wakeups_total", usage.ru_nvcsw};
    ret_counters[3] = (struct role_counter){"loop_callback_max_us", laps.max_us};
    ret_counters[4] = (struct role_counter){"loop_callback_p999_us", laps.p999_us};
    return 5;
}
