/* SPDX-License-Identifier: Apache-2.0 */
/* The bump allocator: zeroed, aligned, bounded, and errors and randomness beside it. */
#include <stdalign.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "tests/support/check.h"

static bool is_zero(const char *bytes, size_t byte_count)
{
    for (size_t i = 0; i < byte_count; i++) {
        if (bytes[i])
            return false;
    }
    return true;
}

static void objects_are_zeroed_aligned_and_apart(void)
{
    struct arena arena;
    arena_init(&arena, 0);
    char *last_end = NULL;
    for (size_t bytes = 0; bytes < 5000; bytes += 37) {
        char *const object = arena_alloc(&arena, bytes);
        if (!CHECK(object))
            break;
        CHECK_EQ((uintptr_t)object % alignof(max_align_t), 0);
        CHECK(is_zero(object, bytes));
        CHECK(object != last_end);
        memset(object, 0xee, bytes);
        last_end = object;
    }
    arena_release(&arena);
}

static void a_reset_arena_is_zeroed_again(void)
{
    struct arena arena;
    arena_init(&arena, 0);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 100; i++) {
            char *const object = arena_alloc(&arena, 100);
            if (!CHECK(object) || !CHECK(is_zero(object, 100)))
                return;
            memset(object, 0xee, 100);
        }
        arena_reset(&arena);
        CHECK_EQ(arena.bytes_used, 0);
    }
    arena_release(&arena);
    arena_release(&arena); /* twice does no harm */
}

static void the_maximum_holds(void)
{
    struct arena arena;
    arena_init(&arena, 1024);
    CHECK(arena_alloc(&arena, 1000));
    CHECK(!arena_alloc(&arena, 100));
    CHECK(arena_alloc(&arena, 16));
    CHECK(!arena_alloc(&arena, 1));
    CHECK(!arena_alloc(&arena, SIZE_MAX));
    arena_reset(&arena);
    CHECK(arena_alloc(&arena, 1024));
    arena_release(&arena);
}

static void an_array_whose_size_overflows_is_refused(void)
{
    struct arena arena;
    arena_init(&arena, 0);
    CHECK(!arena_array(&arena, SIZE_MAX / 8, 16));
    CHECK(arena_array(&arena, 0, 16));
    CHECK(arena_array(&arena, 1000, 16));
    arena_release(&arena);
}

static void copied_text_ends_with_a_nul(void)
{
    struct arena arena;
    arena_init(&arena, 0);
    const struct text text = arena_text(&arena, (struct text){.ptr = "abcdef", .bytes = 3});
    CHECK_EQ(text.bytes, 3);
    CHECK_STR(text.ptr, "abc");
    CHECK_STR(arena_string(&arena, (struct text){0}), "");
    CHECK_STR(arena_string(&arena, text), "abc");
    arena_release(&arena);
    arena_init(&arena, 16);
    CHECK(!arena_string(&arena, TEXT_LITERAL("sixteen bytes and more")));
    arena_release(&arena);
}

int main(void)
{
    CHECK_RUN(objects_are_zeroed_aligned_and_apart);
    CHECK_RUN(a_reset_arena_is_zeroed_again);
    CHECK_RUN(the_maximum_holds);
    CHECK_RUN(an_array_whose_size_overflows_is_refused);
    CHECK_RUN(copied_text_ends_with_a_nul);
    return check_done();
}
