/* SPDX-License-Identifier: Apache-2.0 */
/* Files: bounded reads, replacing writes, links that stay inside, locks. */
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "tests/support/check.h"

static char folder[200];

static const char *at(const char *name)
{
    static char paths[4][300];
    static int turn;
    turn = (turn + 1) % 4;
    (void)snprintf(paths[turn], sizeof paths[turn], "%s/%s", folder, name);
    return paths[turn];
}

static int entry_count(const char *path)
{
    int count = 0;
    DIR *const dir = opendir(path);
    while (dir && readdir(dir))
        count++;
    if (dir)
        (void)closedir(dir);
    return count - 2; /* . and .. */
}

static enum err read_text(const char *path, size_t bytes_max, char text[static 100])
{
    struct buf buf;
    buf_init(&buf, bytes_max);
    const enum err err = file_read(path, &buf, NULL);
    (void)snprintf(text, 100, "%s", buf.ptr ? buf.ptr : "");
    buf_release(&buf);
    return err;
}

static void what_is_written_is_read_and_nothing_is_left_beside(void)
{
    char text[100];
    struct stat stat_now;
    CHECK_EQ(file_write(at("a"), text_of("first"), 0640, NULL), ERR_OK);
    CHECK_EQ(file_write(at("a"), text_of("2nd"), 0600, NULL), ERR_OK);
    CHECK_EQ(read_text(at("a"), 100, text), ERR_OK);
    CHECK_STR(text, "2nd");
    CHECK_EQ(stat(at("a"), &stat_now), 0);
    CHECK_EQ(stat_now.st_mode & 0777, 0600);
    CHECK_EQ(entry_count(folder), 1);
    CHECK_EQ(file_write(at("a"), (struct text){0}, 0600, NULL), ERR_OK);
    CHECK_EQ(read_text(at("a"), 100, text), ERR_OK);
    CHECK_STR(text, "");
}

static void a_read_is_bounded(void)
{
    char text[100];
    CHECK_EQ(file_write(at("b"), text_of("12345"), 0600, NULL), ERR_OK);
    CHECK_EQ(read_text(at("b"), 5, text), ERR_OK);
    CHECK_EQ(read_text(at("b"), 4, text), ERR_FULL);
}

static void errors_name_the_path_and_the_cause(void)
{
    struct buf buf;
    struct err_why why = {0};
    char expected[400];
    buf_init(&buf, 100);
    CHECK_EQ(file_read(at("none"), &buf, &why), ERR_NOT_FOUND);
    (void)snprintf(
        expected, sizeof expected, "%s: cannot open: No such file or directory", at("none"));
    CHECK_STR(why.text, expected);
    CHECK_EQ(file_read(at("none/x"), &buf, &why), ERR_NOT_FOUND);
    CHECK_EQ(file_read(folder, &buf, &why), ERR_IO);
    (void)snprintf(expected, sizeof expected, "%s: is a folder, not a file", folder);
    CHECK_STR(why.text, expected);
    CHECK_EQ(file_write(at("none/x"), text_of("x"), 0600, &why), ERR_NOT_FOUND);
    buf_release(&buf);
}

static void a_named_pipe_does_not_hang_the_reader(void)
{
    char text[100];
    CHECK_EQ(mkfifo(at("pipe"), 0600), 0);
    CHECK_EQ(read_text(at("pipe"), 100, text), ERR_IO);
    CHECK_EQ(unlink(at("pipe")), 0);
}

static void a_link_is_followed_within_its_folder_only(void)
{
    char text[100];
    char outside[300];
    (void)snprintf(outside, sizeof outside, "%s-outside", folder);
    CHECK_EQ(file_write(at("inside"), text_of("in"), 0600, NULL), ERR_OK);
    CHECK_EQ(file_write(outside, text_of("out"), 0600, NULL), ERR_OK);
    CHECK_EQ(symlink("inside", at("good")), 0);
    CHECK_EQ(symlink(outside, at("absolute")), 0);
    CHECK_EQ(symlink("../../etc/passwd", at("upwards")), 0);
    CHECK_EQ(symlink("loop", at("loop")), 0);
    CHECK_EQ(read_text(at("good"), 100, text), ERR_OK);
    CHECK_STR(text, "in");
    CHECK_EQ(read_text(at("absolute"), 100, text), ERR_IO);
    CHECK_EQ(read_text(at("upwards"), 100, text), ERR_IO);
    CHECK_EQ(read_text(at("loop"), 100, text), ERR_IO);
    /* A write takes the link's place and leaves what it led to. */
    CHECK_EQ(file_write(at("absolute"), text_of("mine"), 0600, NULL), ERR_OK);
    CHECK_EQ(read_text(outside, 100, text), ERR_OK);
    CHECK_STR(text, "out");
    (void)unlink(outside);
}

static void folders_are_made_all_the_way(void)
{
    struct stat stat_now;
    struct err_why why = {0};
    CHECK_EQ(file_make_folders(at("x/y//z/"), 0700, &why), ERR_OK);
    CHECK_EQ(file_make_folders(at("x/y/z"), 0700, &why), ERR_OK);
    CHECK_EQ(stat(at("x/y/z"), &stat_now), 0);
    CHECK_EQ(stat_now.st_mode & 0777, 0700);
    CHECK_EQ(file_write(at("x/file"), text_of(""), 0600, NULL), ERR_OK);
    CHECK_EQ(file_make_folders(at("x/file"), 0700, &why), ERR_IO);
    CHECK_EQ(file_make_folders(at("x/file/y"), 0700, &why), ERR_IO);
    CHECK_EQ(file_make_folders("", 0700, &why), ERR_RANGE);
}

static void a_lock_is_held_once_and_names_its_holder(void)
{
    struct err_why why = {0};
    char expected[400];
    int first = -1;
    int second = -1;
    CHECK_EQ(file_lock(at("lock"), &first, &why), ERR_OK);
    CHECK_EQ(file_lock(at("lock"), &second, &why), ERR_EXISTS);
    CHECK_EQ(second, -1);
    (void)snprintf(
        expected, sizeof expected, "%s: locked by process %ld", at("lock"), (long)getpid());
    CHECK_STR(why.text, expected);
    CHECK_EQ(fcntl(first, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    (void)close(first);
    CHECK_EQ(file_lock(at("lock"), &second, &why), ERR_OK);
    (void)close(second);
}

static void a_lock_dies_with_its_process(void)
{
    int ready[2];
    int fd = -1;
    int status = 0;
    char byte = 0;
    if (!CHECK_EQ(pipe(ready), 0))
        return;
    const pid_t child = fork();
    if (child == 0) {
        const enum err err = file_lock(at("lock"), &fd, NULL);
        byte = err == ERR_OK ? 'y' : 'n';
        (void)!write(ready[1], &byte, 1);
        (void)pause();
        _exit(0);
    }
    CHECK_EQ(read(ready[0], &byte, 1), 1);
    CHECK_EQ(byte, 'y');
    CHECK_EQ(file_lock(at("lock"), &fd, NULL), ERR_EXISTS);
    CHECK_EQ(kill(child, SIGKILL), 0);
    CHECK_EQ(waitpid(child, &status, 0), child);
    CHECK_EQ(file_lock(at("lock"), &fd, NULL), ERR_OK);
    (void)close(fd);
    (void)close(ready[0]);
    (void)close(ready[1]);
}

static int remove_one(const char *name, const struct stat *stat, int type, struct FTW *walk)
{
    (void)stat;
    (void)type;
    (void)walk;
    return remove(name);
}

int main(void)
{
    const char *const parent = getenv("TMPDIR");
    (void)snprintf(folder, sizeof folder, "%s/file-XXXXXX", parent ? parent : "/tmp");
    if (!mkdtemp(folder))
        return 1;
    CHECK_RUN(what_is_written_is_read_and_nothing_is_left_beside);
    CHECK_RUN(a_read_is_bounded);
    CHECK_RUN(errors_name_the_path_and_the_cause);
    CHECK_RUN(a_named_pipe_does_not_hang_the_reader);
    CHECK_RUN(a_link_is_followed_within_its_folder_only);
    CHECK_RUN(folders_are_made_all_the_way);
    CHECK_RUN(a_lock_is_held_once_and_names_its_holder);
    CHECK_RUN(a_lock_dies_with_its_process);
    CHECK_EQ(nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
    return check_done();
}
