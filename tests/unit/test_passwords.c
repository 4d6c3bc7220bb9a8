/* SPDX-License-Identifier: Apache-2.0 */
/* What a new password must be like. */
#include <string.h>

#include "console/passwords.h"
#include "tests/support/check.h"

static const char *flaw(const char *password, const char *name)
{
    const struct password_flaw *found = password_flaw(text_of(password), text_of(name));
    check_note("%s for %s", password, name);
    return found ? found->word : "";
}

static void a_sentence_is_a_password(void)
{
    CHECK_STR(flaw("a horse of course", "zhang"), "");
    CHECK_STR(flaw("Kx7#mQ2vTp", "zhang"), "");
    CHECK_STR(flaw("春江潮水连海平海上明月共", "zhang"), "");
}

static void characters_count_not_bytes(void)
{
    CHECK_STR(flaw("Kx7#mQ2vT", "zhang"), "short");
    CHECK_STR(flaw("", "zhang"), "short");
    CHECK_STR(flaw("春江潮水连海", "zhang"), "short");
}

static void the_name_is_no_part_of_it(void)
{
    CHECK_STR(flaw("Zhang-likes-tea", "zhang"), "name");
    CHECK_STR(flaw("likes-tea-li", "li"), "");
}

static void what_anybody_would_try_first_is_refused(void)
{
    static const char *const first[] = {
        "password12", "PASSWORD2026", "Passw0rd!!",    "qwertyuiop",   "1234567890",   "0000000000",
        "aaaaaaaaaa", "13800138000",  "Woaini1314520", "1qaz2wsx3edc", "!!admin2026!!"};
    for (size_t index = 0; index < sizeof first / sizeof first[0]; index++) {
        CHECK_STR(flaw(first[index], "zhang"), "common");
    }
}

static void a_very_long_one_is_refused_before_it_is_hashed(void)
{
    char many[PASSWORD_BYTES_MAX + 2];
    memset(many, 'x', sizeof many);
    many[5] = 'y';
    many[PASSWORD_BYTES_MAX + 1] = '\0';
    CHECK_STR(flaw(many, "zhang"), "long");
    many[PASSWORD_BYTES_MAX] = '\0';
    CHECK_STR(flaw(many, "zhang"), "");
    CHECK_EQ(password_of(text_of(many)).bytes, PASSWORD_BYTES_MAX);
}

int main(void)
{
    CHECK_RUN(a_sentence_is_a_password);
    CHECK_RUN(characters_count_not_bytes);
    CHECK_RUN(the_name_is_no_part_of_it);
    CHECK_RUN(what_anybody_would_try_first_is_refused);
    CHECK_RUN(a_very_long_one_is_refused_before_it_is_hashed);
    return check_done();
}
