/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What holds for every reader of a configuration file, whatever the bytes: it reports an error or
 * gives a result, never both; findings are text, stand inside the file, and are the same when the
 * same bytes are read again. For the fuzz targets.
 */
#ifndef NRT_TESTS_SUPPORT_FUZZ_CONFIG_H
#define NRT_TESTS_SUPPORT_FUZZ_CONFIG_H

#include <stdint.h>

#include "config/read.h"

/* True when the file is good. Results go to reading->arena. */
typedef bool fuzz_read_fn(const struct source *source, const struct reading *reading);

void fuzz_config(const uint8_t *bytes, size_t byte_count, fuzz_read_fn *read);

#endif
