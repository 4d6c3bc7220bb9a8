/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A message template: what is accepted can be rendered in every form, with values from anybody.
 */
#include <string.h>

#include "base/must.h"
#include "config/files.h"
#include "config/template.h"
#include "tests/support/fuzz_config.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count);

#define RENDERED_BYTES_MAX ((size_t)8 << 20)

/* Every value is the file itself: as long and as strange as the bytes are. */
static void render(struct text pattern, struct text value)
{
    struct template_values values;
    struct buf sms;
    struct buf markdown;
    for (int i = 0; i < TPL_NAME_COUNT; i++) {
        values.value[i] = utf8_cut(value, 2048);
    }
    values.value[TPL_SIGN] = TEXT_LITERAL("【限时督办】");
    buf_init(&sms, RENDERED_BYTES_MAX);
    buf_init(&markdown, RENDERED_BYTES_MAX);
    const bool fits = template_fit_sms(pattern, &values, SMS_SEGMENTS_MAX, &sms);
    MUST(buf_error(&sms) != ERR_OK || !fits || sms_segments(buf_view(&sms)) <= SMS_SEGMENTS_MAX);
    MUST(utf8_valid(buf_view(&sms)));
    template_render_markdown(pattern, &values, &markdown);
    MUST(utf8_valid(buf_view(&markdown)));
    buf_release(&sms);
    buf_release(&markdown);
}

static bool read_template(const struct source *source, const struct reading *reading)
{
    struct template_text template = {0};
    if (!template_read(source, reading, &template)) {
        return false;
    }
    render(template.zh_sms, source->json);
    render(template.zh_markdown, source->json);
    render(template.en_sms, source->json);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count)
{
    fuzz_config(bytes, byte_count, read_template);
    return 0;
}
