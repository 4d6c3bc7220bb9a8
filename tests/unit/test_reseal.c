/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Another key for the sealed values of a bundle's text: nothing else of the text changes.
 */
#include <string.h>

#include "config/contact_seal.h"
#include "config/reseal.h"
#include "tests/support/check.h"

static const uint8_t old_key[SEAL_KEY_BYTES] = {1};
static const uint8_t new_key[SEAL_KEY_BYTES] = {2};

static bool find_old(struct text id, uint8_t ret_key[static SEAL_KEY_BYTES])
{
    (void)id;
    memcpy(ret_key, old_key, SEAL_KEY_BYTES);
    return true;
}

/* A bundle of people with numbers, and one without. */
static void bundle_make(struct buf *json, const uint8_t *key)
{
    buf_string(
        json, "{\"format\":1,\"directory\":{\"name\":\"d\",\"json\":{\"units\":[],\"people\":[");
    for (int i = 0; i < 3; i++) {
        char id[] = "p0";
        id[1] = (char)('0' + i);
        const struct contact contact = {
            .person = text_of(id), .mobile = TEXT_LITERAL("19900000001")};
        buf_format(json, "{\"id\":\"%s\",\"note\":\"\\u4e00 /\",\"sealed\":\"", id);
        CHECK_EQ(contact_seal(&contact, key, json), ERR_OK);
        buf_string(json, "\"},");
    }
    buf_string(json, "{\"id\":\"q\"}]}},\"rules\":[1.50]}");
}

static void every_value_is_sealed_anew_and_no_other_byte_changes(void)
{
    struct buf json;
    struct buf anew;
    struct buf again;
    size_t count = 0;
    struct err_why why = {0};
    char id[SEAL_KEY_ID_BYTES];
    struct seal_uses uses = {0};
    buf_init(&json, 10000);
    buf_init(&anew, 10000);
    buf_init(&again, 10000);
    bundle_make(&json, old_key);
    crypto_set_key_finder(find_old);
    CHECK_EQ(bundle_reseal(buf_view(&json), new_key, &anew, &count, &why), ERR_OK);
    CHECK_EQ(count, 3);
    CHECK_EQ(anew.bytes, json.bytes);
    size_t differing = 0;
    for (size_t i = 0; i < json.bytes; i++) {
        differing += json.ptr[i] != anew.ptr[i];
    }
    CHECK_GE(differing, 100);
    CHECK(memcmp(anew.ptr, json.ptr, 60) == 0 && strstr(anew.ptr, "\\u4e00 /"));
    CHECK(strstr(anew.ptr, ",{\"id\":\"q\"}]}},\"rules\":[1.50]}"));
    CHECK_EQ(seal_uses_add(buf_view(&anew), &uses), ERR_OK);
    crypto_key_id(new_key, id);
    CHECK_EQ(uses.count, 1);
    CHECK_EQ(seal_uses_of(&uses, id), 3);
    CHECK_EQ(bundle_reseal(buf_view(&anew), new_key, &again, &count, &why), ERR_OK);
    CHECK_EQ(count, 0);
    CHECK_EQ(again.bytes, 0);
    buf_release(&again);
    buf_release(&anew);
    buf_release(&json);
}

static void a_value_that_does_not_open_names_the_person(void)
{
    struct buf json;
    struct buf anew;
    size_t count = 7;
    struct err_why why = {0};
    buf_init(&json, 10000);
    buf_init(&anew, 10000);
    bundle_make(&json, old_key);
    crypto_set_key_finder(NULL);
    CHECK_EQ(bundle_reseal(buf_view(&json), new_key, &anew, &count, &why), ERR_NOT_FOUND);
    CHECK(strstr(why.text, "\"p0\""));
    CHECK_EQ(count, 7);
    CHECK_EQ(bundle_reseal(TEXT_LITERAL("{"), new_key, &anew, &count, &why), ERR_PARSE);
    buf_release(&anew);
    buf_release(&json);
}

int main(void)
{
    CHECK_RUN(every_value_is_sealed_anew_and_no_other_byte_changes);
    CHECK_RUN(a_value_that_does_not_open_names_the_person);
    return check_done();
}
