/* SPDX-License-Identifier: Apache-2.0 */
/* Passwords: what a hash says of itself, what fits it, and when it is to be made anew. */
#include <stdio.h>
#include <string.h>

#include "base/crypto_password.h"
#include "tests/support/check.h"

static const struct password_cost cheap = {.memory_kib = 64, .passes = 1};

static void a_password_fits_its_own_hash_only(void)
{
    char hash[PASSWORD_HASH_BYTES_MAX];
    if (!CHECK_EQ(password_hash(text_of("correct horse"), &cheap, hash), ERR_OK)) {
        return;
    }
    CHECK_EQ(password_verify(text_of("correct horse"), text_of(hash)), ERR_OK);
    CHECK_EQ(password_verify(text_of("correct horsf"), text_of(hash)), ERR_REFUSED);
    CHECK_EQ(password_verify(text_of(""), text_of(hash)), ERR_REFUSED);
    CHECK(!strstr(hash, "correct"));
}

static void a_hash_made_elsewhere_fits(void)
{
    /* A vector of the reference implementation. */
    const char *hash = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$"
                       "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
    CHECK_EQ(password_verify(text_of("password"), text_of(hash)), ERR_OK);
    CHECK_EQ(password_verify(text_of("differentpassword"), text_of(hash)), ERR_REFUSED);
}

static void the_same_password_has_another_hash_each_time(void)
{
    char first[PASSWORD_HASH_BYTES_MAX];
    char second[PASSWORD_HASH_BYTES_MAX];
    CHECK_EQ(password_hash(text_of("correct horse"), &cheap, first), ERR_OK);
    CHECK_EQ(password_hash(text_of("correct horse"), &cheap, second), ERR_OK);
    CHECK(strcmp(first, second) != 0);
}

static void what_is_made_now_says_what_it_costs(void)
{
    char hash[PASSWORD_HASH_BYTES_MAX];
    char begin[64];
    (void)snprintf(
        begin, sizeof begin, "$argon2id$v=19$m=%d,t=%d,p=1$", PASSWORD_MEMORY_KIB, PASSWORD_PASSES);
    CHECK_EQ(password_hash(text_of("correct horse"), &password_cost_now, hash), ERR_OK);
    CHECK_EQ(strncmp(hash, begin, strlen(begin)), 0);
    CHECK(!password_is_stale(text_of(hash), &password_cost_now));
}

static void a_hash_that_cost_less_is_stale(void)
{
    char hash[PASSWORD_HASH_BYTES_MAX];
    CHECK_EQ(password_hash(text_of("correct horse"), &cheap, hash), ERR_OK);
    CHECK(password_is_stale(text_of(hash), &password_cost_now));
    CHECK(!password_is_stale(text_of(hash), &cheap));
    CHECK(password_is_stale(text_of(""), &cheap));
}

static void other_texts_are_no_hashes(void)
{
    static const char *const texts[] = {
        "",
        "x",
        "plain",
        "$argon2i$v=19$m=64,t=1,p=1$c29tc2FsdA$c29tc2FsdA",
        "$argon2id$v=19$m=64,t=1,p=4$c29tc2FsdA$c29tc2FsdA",
        "$argon2id$v=19$m=64,t=1,p=1$",
        "$argon2id$v=19$m=99999999999,t=1,p=1$c29tc2FsdA$c29tc2FsdA"};
    for (size_t index = 0; index < sizeof texts / sizeof texts[0]; index++) {
        check_note("%s", texts[index]);
        CHECK_EQ(password_verify(text_of("x"), text_of(texts[index])), ERR_CORRUPT);
    }
}

static void a_password_has_bounds(void)
{
    char hash[PASSWORD_HASH_BYTES_MAX];
    char many[PASSWORD_BYTES_MAX + 1];
    memset(many, 'x', sizeof many);
    CHECK_EQ(password_hash(text_of(""), &cheap, hash), ERR_RANGE);
    CHECK_EQ(password_hash((struct text){many, sizeof many}, &cheap, hash), ERR_RANGE);
    CHECK_EQ(password_hash((struct text){many, sizeof many - 1}, &cheap, hash), ERR_OK);
    CHECK_EQ(password_verify((struct text){many, sizeof many}, text_of(hash)), ERR_REFUSED);
}

static void nobody_has_no_password(void)
{
    CHECK_EQ(password_verify_nothing(text_of("correct horse")), ERR_REFUSED);
    CHECK_EQ(password_verify_nothing(text_of("")), ERR_REFUSED);
}

int main(void)
{
    CHECK_RUN(a_password_fits_its_own_hash_only);
    CHECK_RUN(a_hash_made_elsewhere_fits);
    CHECK_RUN(the_same_password_has_another_hash_each_time);
    CHECK_RUN(what_is_made_now_says_what_it_costs);
    CHECK_RUN(a_hash_that_cost_less_is_stale);
    CHECK_RUN(other_texts_are_no_hashes);
    CHECK_RUN(a_password_has_bounds);
    CHECK_RUN(nobody_has_no_password);
    return check_done();
}
