/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is left of a phone number where it is shown.
 */
#include "config/mask.h"
#include "tests/support/check.h"

typedef void mask_fn(struct text text, struct buf *buf);

static void check_mask(mask_fn *mask, const char *text, const char *masked)
{
    struct buf buf;
    buf_init(&buf, 1000);
    mask(text_of(text), &buf);
    check_note("%s", text);
    CHECK_EQ(buf_error(&buf), ERR_OK);
    CHECK_STR(buf.ptr ? buf.ptr : "", masked);
    buf_release(&buf);
}

static void a_number_keeps_its_beginning_and_end(void)
{
    check_mask(mask_number, "13812345678", "138****5678");
    check_mask(mask_number, "+8613812345678", "+86138****5678");
    check_mask(mask_number, "86812345", "****2345");
    check_mask(mask_number, "057986812345", "0579****2345");
    check_mask(mask_number, "12345", "*****");
    check_mask(mask_number, "", "");
}

static void numbers_in_running_text_are_found(void)
{
    check_mask(mask_numbers_in, "来电13812345678反映", "来电138****5678反映");
    check_mask(mask_numbers_in, "13812345678", "138****5678");
    check_mask(mask_numbers_in, "+8613812345678,19900000001", "+86138****5678,199****0001");
    check_mask(mask_numbers_in, "8613812345678", "86138****5678");
    check_mask(mask_numbers_in, "138-1234-5678 / 138 1234 5679", "138-****-5678 / 138 **** 5679");
    check_mask(mask_numbers_in, "138  12345678", "138  12345678");
    check_mask(mask_numbers_in, "1381234567\xe5\x8f\xb7", "1381234567\xe5\x8f\xb7");
}

static void other_digits_stay(void)
{
    check_mask(mask_numbers_in, "DY-2026-0001", "DY-2026-0001");
    check_mask(mask_numbers_in, "138123456789", "138123456789");
    check_mask(mask_numbers_in, "20260302000113812345678", "20260302000113812345678");
    check_mask(mask_numbers_in, "12345678901", "12345678901");
    check_mask(mask_numbers_in, "2026-03-16 17:30", "2026-03-16 17:30");
    check_mask(mask_numbers_in, "10 号楼 3 单元", "10 号楼 3 单元");
    check_mask(mask_numbers_in, "", "");
}

static void links_of_others_lose_their_token(void)
{
    check_mask(
        mask_links_in, "见https://x.cn/nrt/a/uo9XCG8TvXF2Hk0sAcJwgABEMhTHQlS2Nc-EZTpW18Za。谢谢",
        "见https://x.cn/nrt/a/…。谢谢");
    check_mask(
        mask_links_in, "/a/uo9XCG8TvXF2Hk0sAcJwgABEMhTHQlS2Nc-EZTpW18Z",
        "/a/uo9XCG8TvXF2Hk0sAcJwgABEMhTHQlS2Nc-EZTpW18Z");
    check_mask(mask_links_in, "https://x.cn/cases/DY-1 /a/", "https://x.cn/cases/DY-1 /a/");
}

int main(void)
{
    CHECK_RUN(a_number_keeps_its_beginning_and_end);
    CHECK_RUN(numbers_in_running_text_are_found);
    CHECK_RUN(other_digits_stay);
    CHECK_RUN(links_of_others_lose_their_token);
    return check_done();
}
