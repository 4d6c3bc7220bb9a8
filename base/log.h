/* SPDX-License-Identifier: Apache-2.0 */
/*
 * logfmt to stderr: `time level role event key=value ...`. The event name comes first and is
 * stable; values are quoted and escaped by the helper, so hostile text stays on its line. No
 * tokens, URLs with secrets, phone numbers or message bodies. Only tick-level functions log.
 */
#ifndef NRT_BASE_LOG_H
#define NRT_BASE_LOG_H

#include "base/text.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR, LOG_LEVEL_COUNT };

/* role is kept by pointer. The default level is info; NRT_LOG=debug|info|warn|error. */
void log_init(const char *role);
void log_set_level(enum log_level level);

/*
 * log_info("case_committed", "case=%s version=%lld", ...). The formatted tail is sanitised:
 * control bytes, bidi controls and newlines are escaped.
 */
void log_debug(const char *event, const char *format, ...) __attribute__((format(printf, 2, 3)));
void log_info(const char *event, const char *format, ...) __attribute__((format(printf, 2, 3)));
void log_warn(const char *event, const char *format, ...) __attribute__((format(printf, 2, 3)));
void log_error(const char *event, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define LOG_QUOTED_BYTES 256
/*
 * A value that comes from outside, for "%s": as it is when it is one plain word, else in quotes
 * with quotes and backslashes escaped, cut to fit. Returns quoted.
 */
const char *log_quote(struct text text, char quoted[static LOG_QUOTED_BYTES]);

/* Lines held back by the limit per event, at most this many a second each; see log.c. */
#define LOG_PER_SECOND_MAX 10
/* Write the sums of what is held back now. Called at exit. */
void log_flush(void);

#endif
