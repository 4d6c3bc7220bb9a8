/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can be seen on this machine: permissions and room of the data folder, whether the kernel's
 * clock is synchronised, packages that are older than their last known holes, the settings.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/tls.h"
#include "cli/doctor.h"
#include "config/policy.h"

extern char **environ;

#define MIB          (1024.0 * 1024.0)
#define FREE_FAIL_MB 200.0
#define FREE_WARN_MB 2000.0

#define CERTIFICATE_WARN_DAYS 30
#define CERTIFICATE_DAY_MS    (INT64_C(24) * 3600 * 1000)

/* ---- the data folder ---- */

static void look_at_mode(struct doctor *doctor, const char *name, mode_t wanted)
{
    char path[PATH_MAX];
    struct stat status;
    (void)snprintf(path, sizeof(path), "%s%s%s", doctor->data, name[0] ? "/" : "", name);
    if (stat(path, &status) != 0) {
        return; /* not made yet, or the service runs elsewhere */
    }
    const bool good = (status.st_mode & 07777 & ~wanted) == 0;
    char advice[PATH_MAX + 64];
    (void)snprintf(advice, sizeof(advice), "chmod %03o %.4000s", (unsigned)wanted, path);
    doctor_say(
        doctor, good ? HEALTH_OK : HEALTH_FAIL, (struct finding_words){"permissions", advice},
        "%s is %s (mode %03o)", path, good ? "ours alone" : "open to others",
        (unsigned)(status.st_mode & 07777));
}

static void look_at_disk(struct doctor *doctor)
{
    struct statvfs room;
    if (statvfs(doctor->data, &room) != 0) {
        doctor_say(
            doctor, HEALTH_WARN,
            (struct finding_words){"data", "name it with --data, or run doctor where it is"},
            "%s: %s", doctor->data, strerrordesc_np(errno));
        return;
    }
    const double free_mb = (double)room.f_bavail * (double)room.f_frsize / MIB;
    const enum health health = free_mb < FREE_FAIL_MB   ? HEALTH_FAIL
                               : free_mb < FREE_WARN_MB ? HEALTH_WARN
                                                        : HEALTH_OK;
    doctor_say(
        doctor, health,
        (struct finding_words){"disk", "make room: without it Redis refuses events"},
        "%.0f MiB free for %s", free_mb, doctor->data);
}

/* ---- the kernel's clock ---- */

static void look_at_kernel_clock(struct doctor *doctor)
{
    struct timex state = {0};
    const int answer = adjtimex(&state);
    const bool good = answer >= 0 && answer != TIME_ERROR && !(state.status & STA_UNSYNC);
    doctor_say(
        doctor, good ? HEALTH_OK : HEALTH_WARN,
        (struct finding_words){"clock", "run an NTP client (systemd-timesyncd, chrony)"},
        good ? "the kernel's clock is synchronised"
             : "the kernel does not know its clock to be synchronised");
}

/* ---- packages ---- */

/* Runs a program; its output, cut to what fits. False when it does not end with code 0. */
static bool run_program(const char *const *argv, char *ret_output, size_t output_bytes)
{
    int ends[2];
    pid_t pid = -1;
    int status = -1;
    posix_spawn_file_actions_t actions;
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return false;
    }
    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    (void)posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    const int error =
        posix_spawnp(&pid, argv[0], &actions, NULL, (char *const *)(uintptr_t)argv, environ);
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)close(ends[1]);
    size_t bytes = 0;
    while (error == 0 && bytes + 1 < output_bytes) {
        const ssize_t got = read(ends[0], ret_output + bytes, output_bytes - 1 - bytes);
        if (got <= 0) {
            break;
        }
        bytes += (size_t)got;
    }
    ret_output[bytes] = '\0';
    (void)close(ends[0]);
    return error == 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
           WEXITSTATUS(status) == 0;
}

static bool is_bookworm(void)
{
    struct buf text;
    buf_init(&text, (size_t)64 * 1024);
    const bool found = file_read("/usr/lib/os-release", &text, NULL) == ERR_OK && text.ptr &&
                       strstr(text.ptr, "VERSION_CODENAME=bookworm");
    buf_release(&text);
    return found;
}

/* The first versions of Debian 12 without the holes known in November 2026. */
static const struct {
    const char *package;
    const char *version;
    const char *holes;
} floors[] = {
    {"libevent-2.1-7", "2.1.12-stable-8+deb12u1", "request smuggling, use after free"},
    {"libcurl4", "7.88.1-10+deb12u15", "seven holes of 2025 and 2026"},
    {"libcjson1", "1.7.15-1+deb12u4", "reading beyond the end"},
    {"redis-server", "5:7.0.15-1~deb12u10", "use after free without signing in (TLS)"},
};

static void look_at_packages(struct doctor *doctor)
{
    static const char advice[] = "apt-get update && apt-get upgrade, with bookworm-security in apt";
    if (!is_bookworm()) {
        doctor_say(
            doctor, HEALTH_OK, (struct finding_words){"packages", ""},
            "not Debian 12: its list of known holes does not apply");
        return;
    }
    for (size_t i = 0; i < sizeof(floors) / sizeof(floors[0]); i++) {
        char version[256];
        char nothing[16];
        const char *const ask[] = {"dpkg-query", "-W", "-f=${Version}", floors[i].package, NULL};
        if (!run_program(ask, version, sizeof(version)) || !version[0]) {
            continue;
        }
        const char *const compare[] = {"dpkg", "--compare-versions", version,
                                       "ge",   floors[i].version,    NULL};
        const bool good = run_program(compare, nothing, sizeof(nothing));
        doctor_say(
            doctor, good ? HEALTH_OK : HEALTH_FAIL, (struct finding_words){"packages", advice},
            "%s %s%s%s", floors[i].package, version,
            good ? "" : " is too old: ", good ? "" : floors[i].holes);
    }
}

/* ---- settings ---- */

/* Without --config only the compiled-in settings are seen, which need not be the service's. */
static void look_at_channels(struct doctor *doctor, const struct settings *settings)
{
    const char *advice = doctor->config
                             ? "configure it in nrt.json, then try it with nrt send-test"
                             : "say --config DIR, the folder that the service was started with";
    const char *where = doctor->config ? "" : " in the compiled-in settings";
    for (size_t i = 0; i < settings->channel_count; i++) {
        const struct channel_settings *channel = &settings->channels[i];
        const bool sandbox = text_is(channel->type, "sandbox");
        doctor_say(
            doctor, sandbox ? HEALTH_WARN : HEALTH_OK, (struct finding_words){"channels", advice},
            "%.*s is %s%.*s%s%s", TEXT_ARGS(channel->name), sandbox ? "a " : "",
            TEXT_ARGS(channel->type), where, sandbox ? ": nobody is told" : "");
    }
}

/* Addresses in an exported folder are sealed; with the service's key they can be compared. */
static struct bundle *load_folder(
    struct doctor *doctor, const struct settings *settings, struct report *report)
{
    char path[PATH_MAX];
    uint8_t key[SEAL_KEY_BYTES];
    const int bytes = snprintf(path, sizeof(path), "%s/seal.key", doctor->data);
    if (bytes > 0 && (size_t)bytes < sizeof(path) &&
        seal_key_load(path, false, key, NULL) == ERR_OK) {
        return bundle_load_folder_sealed(doctor->config, settings, key, report);
    }
    return bundle_load_folder(doctor->config, settings, report);
}

/* ---- certificates ---- */

static void look_at_certificate(struct doctor *doctor, const struct tls_settings *settings)
{
    char cert[PATH_MAX];
    char key[PATH_MAX];
    struct tls *tls = NULL;
    struct err_why why = {.text = ""};
    if (settings->cert.bytes == 0) {
        return;
    }
    (void)snprintf(cert, sizeof(cert), "%.*s", TEXT_ARGS(settings->cert));
    (void)snprintf(key, sizeof(key), "%.*s", TEXT_ARGS(settings->key));
    if (tls_create(cert, key, &tls, &why) != ERR_OK) {
        doctor_say(
            doctor, HEALTH_FAIL,
            (struct finding_words){"certificate", "the console does not start without it"}, "%s",
            why.text);
        return;
    }
    const int64_t days = (tls_expires_ms(tls) - clock_system().ms) / CERTIFICATE_DAY_MS;
    const enum health health = days < 0                       ? HEALTH_FAIL
                               : days < CERTIFICATE_WARN_DAYS ? HEALTH_WARN
                                                              : HEALTH_OK;
    doctor_say(
        doctor, health,
        (struct finding_words){"certificate", "put new files in its place; they are taken at once"},
        "%s ends in %lld days", cert, (long long)days);
    tls_free(tls);
}

/* Does the address reach other machines? */
static bool is_for_all(struct text listen)
{
    return listen.bytes > 0 && !text_starts_with(listen, TEXT_LITERAL("127.")) &&
           !text_starts_with(listen, TEXT_LITERAL("localhost:")) &&
           !text_starts_with(listen, TEXT_LITERAL("[::1]:"));
}

static void look_at_listener(struct doctor *doctor, const struct settings *settings)
{
    if (is_for_all(settings->http_listen) && settings->http_tls.cert.bytes == 0) {
        doctor_say(
            doctor, HEALTH_WARN,
            (struct finding_words){
                "listener", "set http.tls, or let it listen on 127.0.0.1 behind a proxy with TLS"},
            "%.*s speaks plain HTTP: passwords and tokens cross the network in the clear",
            TEXT_ARGS(settings->http_listen));
    }
}

static void look_at_config(struct doctor *doctor)
{
    struct report report;
    struct arena arena;
    struct settings settings;
    report_init(&report);
    arena_init(&arena, 0);
    struct bundle *bundle = NULL;
    if (settings_load(doctor->config, &arena, &settings, &report)) {
        look_at_channels(doctor, &settings);
        look_at_listener(doctor, &settings);
        look_at_certificate(doctor, &settings.http_tls);
        look_at_certificate(doctor, &settings.http_door_tls);
        bundle = load_folder(doctor, &settings, &report);
    }
    doctor_say(
        doctor, bundle ? HEALTH_OK : HEALTH_FAIL,
        (struct finding_words){"config", "nrt check --config DIR lists every mistake"},
        "%s: %zu mistakes", doctor->config ? doctor->config : "the compiled-in configuration",
        report.error_count);
    doctor_changes(doctor, bundle ? bundle->digest : "");
    bundle_free(bundle);
    arena_release(&arena);
    report_release(&report);
}

void doctor_machine(struct doctor *doctor)
{
    look_at_mode(doctor, "", 0700);
    look_at_mode(doctor, "token", 0600);
    look_at_mode(doctor, "seal.key", 0600);
    look_at_disk(doctor);
    look_at_kernel_clock(doctor);
    look_at_packages(doctor);
    look_at_config(doctor);
}
