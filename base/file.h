/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files: whole reads with a maximum, atomic writes (temporary file, fsync, rename, fsync of the
 * folder), locks, folders. Nothing here follows a link out of the folder it was given.
 */
#ifndef NRT_BASE_FILE_H
#define NRT_BASE_FILE_H

#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/text.h"

/* Append the whole file; ERR_NOT_FOUND, ERR_FULL over the buffer's maximum, ERR_IO. */
enum err file_read(const char *path, struct buf *buf, struct err_why *why) ERR_MUST_USE;
/* Replace the file as a whole: a reader sees the old or the new bytes. */
enum err file_write(const char *path, struct text bytes, mode_t mode, struct err_why *why)
    ERR_MUST_USE;
/* Sync the folder that a file lies in: after others made or renamed that file. */
enum err file_sync_folder_of(const char *path, struct err_why *why) ERR_MUST_USE;
/* mkdir -p with this mode for what is made. */
enum err file_make_folders(const char *path, mode_t mode, struct err_why *why) ERR_MUST_USE;
/*
 * Take an exclusive lock that dies with the process; writes the pid into the file. ERR_EXISTS
 * when somebody holds it (why names the pid). The descriptor is the caller's, CLOEXEC; a child
 * that is forked without exec holds the lock too.
 */
enum err file_lock(const char *path, int *ret_fd, struct err_why *why) ERR_MUST_USE;

#endif
