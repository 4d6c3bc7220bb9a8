/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a fuzz target without a fuzzing engine: every file of the corpus as it is, then random
 * damage to them. One seed gives one run.
 *   fuzz_x FOLDER [ROUNDS [SEED]]
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/must.h"
#include "base/prng.h"

#define INPUTS_MAX      1000
#define INPUT_BYTES_MAX 65536

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count);

static struct buf inputs[INPUTS_MAX];
static size_t input_count;

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* In the order of their names, so that a seed means the same everywhere. */
static void load(const char *folder)
{
    static char *paths[INPUTS_MAX];
    DIR *const dir = opendir(folder);
    MUST(dir);
    for (const struct dirent *entry; input_count < INPUTS_MAX && (entry = readdir(dir));) {
        struct buf path;
        if (entry->d_name[0] == '.')
            continue;
        buf_init(&path, 4096);
        buf_format(&path, "%s/%s", folder, entry->d_name);
        paths[input_count++] = buf_take(&path, NULL);
    }
    (void)closedir(dir);
    qsort(paths, input_count, sizeof paths[0], by_name);
    for (size_t i = 0; i < input_count; i++) {
        buf_init(&inputs[i], INPUT_BYTES_MAX);
        const enum err err = file_read(paths[i], &inputs[i], NULL);
        MUST(!err);
        free(paths[i]);
    }
}

static const struct buf *any_input(struct prng *prng)
{
    return &inputs[prng_below(prng, input_count)];
}

/* A piece of some input. */
static struct text any_piece(struct prng *prng)
{
    const struct buf *const from = any_input(prng);
    const size_t start = prng_below(prng, from->bytes + 1);
    const size_t bytes = prng_below(prng, from->bytes - start + 1);
    return (struct text){.ptr = bytes ? from->ptr + start : "", .bytes = bytes};
}

/* Replace a piece of the bytes by a piece of another input, a byte, or nothing. */
static void damage(struct prng *prng, struct buf *bytes, struct buf *room)
{
    static const char special[] = "{}[]\",:\\/0123456789-+.eEtfnu \n\t%=TZ";
    const size_t start = prng_below(prng, bytes->bytes + 1);
    const size_t left = bytes->bytes - start;
    const size_t gone = prng_one_in(prng, 2) ? prng_below(prng, (left < 4 ? left : 4) + 1)
                                             : prng_below(prng, left + 1);
    buf_clear(room);
    buf_add(room, bytes->ptr, start);
    switch (prng_below(prng, 4)) {
    case 0:
        buf_text(room, any_piece(prng));
        break;
    case 1:
        buf_char(room, (char)prng_next(prng));
        break;
    case 2:
        buf_char(room, special[prng_below(prng, sizeof special - 1)]);
        break;
    default:
        break;
    }
    buf_add(room, bytes->ptr + start + gone, left - gone);
    if (buf_error(room))
        return; /* grown too large: keep what was */
    buf_clear(bytes);
    buf_text(bytes, buf_view(room));
}

static void run_damaged(struct prng *prng, long rounds)
{
    struct buf bytes;
    struct buf room;
    buf_init(&bytes, INPUT_BYTES_MAX);
    buf_init(&room, INPUT_BYTES_MAX);
    for (long i = 0; i < rounds; i++) {
        buf_clear(&bytes);
        buf_text(&bytes, buf_view(any_input(prng)));
        buf_char(&bytes, ' '); /* so that there is memory */
        for (uint64_t left = 1 + prng_below(prng, 6); left > 0; left--)
            damage(prng, &bytes, &room);
        (void)LLVMFuzzerTestOneInput((const uint8_t *)bytes.ptr, bytes.bytes);
    }
    buf_release(&bytes);
    buf_release(&room);
}

int main(int argc, char **argv)
{
    const long rounds = argc > 2 ? strtol(argv[2], NULL, 10) : 0;
    const long seed = argc > 3 ? strtol(argv[3], NULL, 10) : 1;
    struct prng prng;
    if (argc < 2 || argc > 4 || rounds < 0) {
        (void)fprintf(stderr, "usage: %s FOLDER [ROUNDS [SEED]]\n", argv[0]);
        return 2;
    }
    load(argv[1]);
    MUST(input_count > 0);
    for (size_t i = 0; i < input_count; i++)
        (void)LLVMFuzzerTestOneInput((const uint8_t *)inputs[i].ptr, inputs[i].bytes);
    prng_seed(&prng, (uint64_t)seed);
    run_damaged(&prng, rounds);
    printf("%zu inputs, %ld damaged ones, seed %ld: all held\n", input_count, rounds, seed);
    for (size_t i = 0; i < input_count; i++)
        buf_release(&inputs[i]);
    return 0;
}
