/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fail-points: the process that is asked to dies at the pass it is asked for. The test runs
 * itself again as a child, because the environment is read at the start.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/failpoint.h"
#include "tests/support/check.h"

#define PASSES 5

static const char *self;

/* What becomes of a child that passes the named point PASSES times. */
static int child_status(const char *wanted, const char *passed)
{
    int status = 0;
    const pid_t child = fork();
    if (child == 0) {
        (void)setenv("NRT_FAILPOINT", wanted, 1);
        if (!freopen("/dev/null", "w", stderr))
            _exit(9);
        (void)execl(self, self, "--pass", passed, (char *)NULL);
        _exit(9);
    }
    CHECK_EQ(waitpid(child, &status, WUNTRACED), child);
    if (WIFSTOPPED(status)) {
        int end = 0;
        CHECK_EQ(kill(child, SIGKILL), 0);
        CHECK_EQ(waitpid(child, &end, 0), child);
    }
    return status;
}

static bool killed(int status)
{
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

static bool exited(int status, int code)
{
    return WIFEXITED(status) && WEXITSTATUS(status) == code;
}

static void no_name_stands_twice(void)
{
    CHECK(failpoint_names[0]);
    for (size_t a = 0; failpoint_names[a]; a++) {
        for (size_t b = 0; b < a; b++)
            CHECK(strcmp(failpoint_names[a], failpoint_names[b]) != 0);
    }
}

#if defined(NRT_FAILPOINTS) && NRT_FAILPOINTS

static void every_listed_point_kills(void)
{
    for (size_t i = 0; failpoint_names[i]; i++) {
        char wanted[100];
        (void)snprintf(wanted, sizeof wanted, "%s:kill", failpoint_names[i]);
        check_note("%s", wanted);
        CHECK(killed(child_status(wanted, failpoint_names[i])));
    }
}

static void a_point_acts_at_the_pass_it_is_asked_for(void)
{
    CHECK(killed(child_status("wake_after_claim:kill:5", "wake_after_claim")));
    CHECK(exited(child_status("wake_after_claim:kill:6", "wake_after_claim"), 0));
    CHECK(exited(child_status("wake_after_claim:kill", "wake_after_commit"), 0));
    CHECK(exited(child_status("", "wake_after_commit"), 0));
    const int status = child_status("wake_after_claim:stop:2", "wake_after_claim");
    CHECK(WIFSTOPPED(status));
}

static void a_wrong_request_ends_the_process_at_its_start(void)
{
    static const char *const wrong[] = {
        "wake_after_clam:kill",
        "wake_after_claim",
        "wake_after_claim:explode",
        "wake_after_claim:kill:0",
        "wake_after_claim:kill:x",
        "wake_after_claim:kill:1:2",
        ":kill",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        check_note("%s", wrong[i]);
        CHECK(exited(child_status(wrong[i], "wake_after_claim"), 2));
    }
}

static void an_unlisted_name_in_the_code_is_a_bug(void)
{
    const int status = child_status("wake_after_claim:kill", "no_such_point");
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

#else

static void without_fail_points_a_hit_is_nothing(void)
{
    CHECK(exited(child_status("wake_after_claim:kill", "wake_after_claim"), 0));
}

#endif

int main(int argc, char **argv)
{
    self = argv[0];
    if (argc == 3 && strcmp(argv[1], "--pass") == 0) {
        for (int i = 0; i < PASSES; i++)
            failpoint_hit(argv[2]);
        return 0;
    }
    CHECK_RUN(no_name_stands_twice);
#if defined(NRT_FAILPOINTS) && NRT_FAILPOINTS
    CHECK_RUN(every_listed_point_kills);
    CHECK_RUN(a_point_acts_at_the_pass_it_is_asked_for);
    CHECK_RUN(a_wrong_request_ends_the_process_at_its_start);
    CHECK_RUN(an_unlisted_name_in_the_code_is_a_bug);
#else
    CHECK_RUN(without_fail_points_a_hit_is_nothing);
#endif
    return check_done();
}
