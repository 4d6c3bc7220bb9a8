/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `nrt doctor`: asks the service, looks at the machine, prints the findings.
 */
#include <stdarg.h>
#include <stdio.h>

#include "cli/args.h"
#include "cli/commands.h"
#include "cli/doctor.h"
#include "cli/table.h"
#include "cli/up.h"

static const char *const health_names[] = {"ok", "warn", "fail"};
static const char *const health_colours[] = {"\033[32m", "\033[33m", "\033[31m"};

static void say_json(
    struct doctor *doctor, enum health health, struct finding_words words, const char *text)
{
    json_out_open(&doctor->out, '{');
    json_out_member(&doctor->out, "check", text_of(words.check));
    json_out_member(&doctor->out, "state", text_of(health_names[health]));
    json_out_member(&doctor->out, "text", text_of(text));
    json_out_member(&doctor->out, "advice", text_of(words.advice));
    json_out_close(&doctor->out, '}');
}

void doctor_say(
    struct doctor *doctor, enum health health, struct finding_words words, const char *format, ...)
{
    char text[1024];
    va_list list;
    va_start(list, format);
    (void)vsnprintf(text, sizeof(text), format, list);
    va_end(list);
    doctor->fail_count += health == HEALTH_FAIL;
    doctor->warn_count += health == HEALTH_WARN;
    if (doctor->json) {
        say_json(doctor, health, words, text);
        return;
    }
    struct buf clean;
    buf_init(&clean, (size_t)16 * 1024);
    table_clean(text_of(text), &clean);
    printf(
        "%s%-4s%s %-13s %s\n", doctor->colours ? health_colours[health] : "", health_names[health],
        doctor->colours ? "\033[0m" : "", words.check, clean.ptr ? clean.ptr : "");
    if (health != HEALTH_OK && words.advice[0]) {
        printf("                   %s\n", words.advice);
    }
    buf_release(&clean);
}

static int conclude(struct doctor *doctor, int service_code)
{
    if (doctor->json) {
        json_out_close(&doctor->out, ']');
        json_out_close(&doctor->out, '}');
        printf("%.*s\n", TEXT_ARGS(buf_view(&doctor->text)));
    } else {
        printf("%zu failed, %zu to look at\n", doctor->fail_count, doctor->warn_count);
    }
    if (service_code != EXIT_FINE) {
        return service_code;
    }
    return doctor->fail_count > 0 ? EXIT_FOUND : EXIT_FINE;
}

int cmd_doctor(int argc, char **argv)
{
    struct doctor doctor = {.data = UP_DATA_DEFAULT};
    const struct arg args[] = {
        {.name = "--data", .text = &doctor.data},
        {.name = "--config", .text = &doctor.config},
        {.name = "--json", .flag = &doctor.json},
    };
    int code = args_read(argc, argv, args, sizeof(args) / sizeof(args[0]));
    if (code != EXIT_FINE) {
        return code;
    }
    doctor.colours = table_colours();
    api_init(&doctor.api, "doctor", doctor.data);
    buf_init(&doctor.text, (size_t)1024 * 1024);
    json_out_init(&doctor.out, &doctor.text);
    json_out_open(&doctor.out, '{');
    json_out_key(&doctor.out, "findings");
    json_out_open(&doctor.out, '[');
    code = doctor_service(&doctor);
    doctor.away = code != EXIT_FINE;
    doctor_machine(&doctor);
    code = conclude(&doctor, code);
    buf_release(&doctor.text);
    return code;
}
