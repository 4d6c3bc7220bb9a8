/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nrt keys show|rotate|prune: the keys that seal people's addresses, by their ids. The work is the
 * service's, which runs on meanwhile; done again after a failure it goes on where it was.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/args.h"
#include "cli/commands.h"
#include "cli/list.h"

#define COMMAND            "keys"
#define COUNT_OF(array)    (sizeof(array) / sizeof((array)[0]))
#define RESEAL_TIMEOUT_MS  ((int64_t)600 * 1000)
#define ANSWER_LINES_BYTES ((size_t)64 * 1024)

static int64_t number(const struct json_value *object, const char *key)
{
    int64_t value = 0;
    return json_i64(json_get(object, key), &value) == ERR_OK ? value : 0;
}

static void tell_key(const struct json_value *key)
{
    const int64_t values = number(key, "values_in_redis") + number(key, "values_in_ledger");
    if (json_is_true(json_get(key, "seals"))) {
        (void)printf(
            "%.*s  seals; %" PRId64 " values\n", TEXT_ARGS(json_get_string(key, "id")), values);
        return;
    }
    (void)printf(
        "%.*s  old since %.*s; %" PRId64 " values; %s%.*s\n", TEXT_ARGS(json_get_string(key, "id")),
        TEXT_ARGS(json_get_string(key, "retired_at")), values,
        json_is_true(json_get(key, "removable")) ? "nothing uses it: `nrt keys prune` removes it"
                                                 : "needed until ",
        TEXT_ARGS(
            json_is_true(json_get(key, "removable")) ? (struct text){0}
                                                     : json_get_string(key, "needed_until")));
}

static void tell_keys(const char *verb, const struct json_value *root)
{
    const struct json_value *key = json_first(json_get(root, "keys"));
    for (; key; key = json_next(key)) {
        tell_key(key);
    }
    if (strcmp(verb, "show") != 0) {
        (void)printf(
            "sealed anew: %" PRId64 " versions in Redis, %" PRId64 " bundles of the ledger; "
            "%" PRId64 " keys removed\n",
            number(root, "versions_resealed"), number(root, "ledger_resealed"),
            number(root, "pruned"));
    }
}

static int ask(const struct api *api, const char *verb, struct json_doc **ret_doc)
{
    char path[64];
    struct api_answer answer;
    (void)snprintf(path, sizeof path, "/api/v1/keys/%s", verb);
    if (strcmp(verb, "show") == 0) {
        return api_get_json(api, "/api/v1/keys", ret_doc);
    }
    const struct api_call call = {
        .method = "POST",
        .path = path,
        .body = TEXT_LITERAL("{}"),
        .timeout_ms = RESEAL_TIMEOUT_MS,
    };
    const int code = api_send_well(api, &call, &answer);
    if (code != EXIT_FINE) {
        return code;
    }
    const enum err err = json_parse(buf_view(&answer.body), &json_limits_answer, ret_doc, NULL);
    buf_release(&answer.body);
    return err ? args_fail(EXIT_FOUND, COMMAND, "%s did not answer with JSON", api->url)
               : EXIT_FINE;
}

static void tell_json(const struct json_doc *doc)
{
    struct buf text;
    struct json_out out;
    buf_init(&text, ANSWER_LINES_BYTES);
    json_out_init(&out, &text);
    json_out_value(&out, json_root(doc));
    (void)printf("%s\n", text.ptr ? text.ptr : "");
    buf_release(&text);
}

int cmd_keys(int argc, char **argv)
{
    static const char *const verbs[] = {"show", "rotate", "prune"};
    const char *verb = NULL;
    const char *data = NULL;
    bool json = false;
    const struct arg args[] = {
        {.name = "show|rotate|prune", .text = &verb, .required = true},
        {.name = "--data", .text = &data},
        {.name = "--json", .flag = &json},
    };
    struct api api;
    struct json_doc *doc = NULL;
    int code = args_read(argc, argv, args, COUNT_OF(args));
    if (code != EXIT_FINE) {
        return code;
    }
    if (strcmp(verb, verbs[0]) != 0 && strcmp(verb, verbs[1]) != 0 && strcmp(verb, verbs[2]) != 0) {
        const char *nearest = args_nearest(verb, verbs, COUNT_OF(verbs));
        return args_misuse(
            COMMAND, "unknown word '%s'; did you mean '%s'?", verb,
            nearest ? nearest : "show', 'rotate' or 'prune");
    }
    api_init(&api, COMMAND, data);
    code = ask(&api, verb, &doc);
    if (code == EXIT_FINE && json) {
        tell_json(doc);
    } else if (code == EXIT_FINE) {
        tell_keys(verb, json_root(doc));
    }
    json_free(doc);
    return code;
}
