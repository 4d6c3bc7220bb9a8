/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files. Reading opens beneath the file's folder, so that a link may lead to a neighbour (as
 * mounted configuration does) but never elsewhere. Writing never touches the old bytes: a new
 * file is completed and synced beside them and then takes the name.
 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/must.h"

#define READ_BYTES      65536
#define PATH_BYTES_MAX  4096
#define TEMPORARY_TRIES 8

/* What errno says, for an operator: the path, what was tried, and the system's words. */
static enum err io_error(struct err_why *why, const char *path, const char *what)
{
    const int code = errno;
    char words[100];
    const char *const said = strerror_r(code, words, sizeof words);
    enum err err = ERR_IO;
    if (code == ENOENT) {
        err = ERR_NOT_FOUND;
    } else if (code == ENOMEM) {
        err = ERR_NO_MEMORY;
    } else if (code == ENOSPC || code == EDQUOT) {
        err = ERR_FULL;
    }
    return err_set(why, err, "%.180s: %s: %s", path, what, said);
}

/* Open the folder a path lies in; *ret_name is the last part of the path. -1 with errno. */
static int open_folder(const char *path, const char **ret_name)
{
    char folder[PATH_BYTES_MAX];
    const char *const slash = strrchr(path, '/');
    if (!slash) {
        *ret_name = path;
        return open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
    const size_t bytes = slash == path ? 1 : (size_t)(slash - path);
    if (bytes >= sizeof folder) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(folder, path, bytes);
    folder[bytes] = '\0';
    *ret_name = slash + 1;
    return open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Open for reading without leaving the folder. O_NONBLOCK: a named pipe must not hang us. */
static int open_beneath(int folder, const char *name)
{
    const int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
    struct open_how how = {.flags = (unsigned)flags, .resolve = RESOLVE_BENEATH};
    const long fd = syscall(SYS_openat2, folder, name, &how, sizeof how);
    if (fd >= 0 || (errno != ENOSYS && errno != EPERM))
        return (int)fd;
    return openat(folder, name, flags | O_NOFOLLOW); /* an old kernel or a strict sandbox */
}

static enum err read_all(int fd, const char *path, struct buf *buf, struct err_why *why)
{
    char chunk[READ_BYTES];
    for (;;) { /* ends: at the end of the file or of the buffer */
        const ssize_t got = read(fd, chunk, sizeof chunk);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return io_error(why, path, "cannot read");
        if (got == 0)
            return ERR_OK;
        buf_add(buf, chunk, (size_t)got);
        if (buf_error(buf)) {
            return err_set(
                why, buf_error(buf), "%s: larger than the %zu bytes that are read", path,
                buf->bytes_max);
        }
    }
}

static enum err read_open(int fd, const char *path, struct buf *buf, struct err_why *why)
{
    struct stat stat;
    if (fstat(fd, &stat) != 0)
        return io_error(why, path, "cannot look at it");
    if (!S_ISREG(stat.st_mode)) {
        return err_set(
            why, ERR_IO, "%s: is %s, not a file", path,
            S_ISDIR(stat.st_mode) ? "a folder" : "a device, pipe or socket");
    }
    return read_all(fd, path, buf, why);
}

enum err file_read(const char *path, struct buf *buf, struct err_why *why)
{
    const char *name = NULL;
    const int folder = open_folder(path, &name);
    if (folder < 0)
        return io_error(why, path, "cannot open its folder");
    const int fd = open_beneath(folder, name);
    const int code = errno;
    (void)close(folder);
    errno = code;
    if (fd < 0 && (code == EXDEV || code == ELOOP)) {
        return err_set(
            why, ERR_IO, "%s: a link that leads out of its folder is not followed", path);
    }
    if (fd < 0)
        return io_error(why, path, "cannot open");
    const enum err err = read_open(fd, path, buf, why);
    (void)close(fd);
    return err;
}

/* ---- writing ---- */

static bool write_all(int fd, struct text bytes)
{
    while (bytes.bytes) {
        const ssize_t written = write(fd, bytes.ptr, bytes.bytes);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        bytes.ptr += written;
        bytes.bytes -= (size_t)written;
    }
    return true;
}

/* A new file beside the name, under a name nobody uses. -1 with errno. */
static int open_temporary(int folder, const char *name, char temporary[static NAME_MAX + 1])
{
    for (int tries = 0; tries < TEMPORARY_TRIES; tries++) {
        uint32_t serial = 0;
        crypto_random(&serial, sizeof serial);
        (void)snprintf(temporary, NAME_MAX + 1, ".%.200s.%08" PRIx32 ".new", name, serial);
        const int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
        const int fd = openat(folder, temporary, flags, 0600);
        if (fd >= 0 || errno != EEXIST)
            return fd;
    }
    return -1;
}

/* Complete, synced and closed; false with errno. */
static bool fill_temporary(int fd, struct text bytes, mode_t mode)
{
    const bool held = write_all(fd, bytes) && fchmod(fd, mode) == 0 && fsync(fd) == 0;
    const int code = errno;
    const bool closed = close(fd) == 0;
    if (!held)
        errno = code;
    return held && closed;
}

enum err file_write(const char *path, struct text bytes, mode_t mode, struct err_why *why)
{
    char temporary[NAME_MAX + 1];
    const char *name = NULL;
    enum err err = ERR_OK;
    const int folder = open_folder(path, &name);
    if (folder < 0)
        return io_error(why, path, "cannot open its folder");
    const int fd = open_temporary(folder, name, temporary);
    if (fd < 0) {
        err = io_error(why, path, "cannot make a file beside it");
    } else if (!fill_temporary(fd, bytes, mode)) {
        err = io_error(why, path, "cannot write");
        (void)unlinkat(folder, temporary, 0);
    } else if (renameat(folder, temporary, folder, name) != 0) {
        err = io_error(why, path, "cannot give the new file its name");
        (void)unlinkat(folder, temporary, 0);
    } else if (fsync(folder) != 0) {
        err = io_error(why, path, "cannot sync its folder");
    }
    (void)close(folder);
    return err;
}

enum err file_sync_folder_of(const char *path, struct err_why *why)
{
    const char *name = NULL;
    const int folder = open_folder(path, &name);
    if (folder < 0)
        return io_error(why, path, "cannot open its folder");
    const enum err err =
        fsync(folder) == 0 ? ERR_OK : io_error(why, path, "cannot sync its folder");
    (void)close(folder);
    return err;
}

/* ---- folders and locks ---- */

static enum err make_folder(const char *path, mode_t mode, struct err_why *why)
{
    struct stat stat_now;
    if (mkdir(path, mode) == 0)
        return ERR_OK;
    if (errno != EEXIST)
        return io_error(why, path, "cannot make this folder");
    if (stat(path, &stat_now) != 0)
        return io_error(why, path, "cannot look at it");
    if (!S_ISDIR(stat_now.st_mode))
        return err_set(why, ERR_IO, "%s: is there but is no folder", path);
    return ERR_OK;
}

enum err file_make_folders(const char *path, mode_t mode, struct err_why *why)
{
    char part[PATH_BYTES_MAX];
    const size_t bytes = strlen(path);
    if (bytes == 0 || bytes >= sizeof part)
        return err_set(why, ERR_RANGE, "a folder's path has 1 to %d bytes", PATH_BYTES_MAX - 1);
    for (size_t at = 1; at <= bytes; at++) {
        if (at < bytes && path[at] != '/')
            continue;
        memcpy(part, path, at);
        part[at] = '\0';
        const enum err err = make_folder(part, mode, why);
        if (err)
            return err;
    }
    return ERR_OK;
}

static enum err lock_is_held(int fd, const char *path, struct err_why *why)
{
    char digits[24];
    int64_t pid = 0;
    const ssize_t got = pread(fd, digits, sizeof digits, 0);
    struct text text = {.ptr = digits, .bytes = got > 0 ? (size_t)got : 0};
    if (text.bytes && digits[text.bytes - 1] == '\n')
        text.bytes--;
    if (text_parse_i64(text, &pid) != ERR_OK)
        return err_set(why, ERR_EXISTS, "%s: locked by another process", path);
    return err_set(why, ERR_EXISTS, "%s: locked by process %" PRId64, path, pid);
}

static enum err lock_open(int fd, const char *path, struct err_why *why)
{
    char digits[24];
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        return errno == EWOULDBLOCK ? lock_is_held(fd, path, why)
                                    : io_error(why, path, "cannot lock");
    }
    const int bytes = snprintf(digits, sizeof digits, "%ld\n", (long)getpid());
    MUST(bytes > 0 && (size_t)bytes < sizeof digits);
    if (ftruncate(fd, 0) != 0 ||
        !write_all(fd, (struct text){.ptr = digits, .bytes = (size_t)bytes}))
        return io_error(why, path, "cannot write");
    return ERR_OK;
}

enum err file_lock(const char *path, int *ret_fd, struct err_why *why)
{
    const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return io_error(why, path, "cannot open");
    const enum err err = lock_open(fd, path, why);
    if (err) {
        (void)close(fd);
    } else {
        *ret_fd = fd;
    }
    return err;
}
