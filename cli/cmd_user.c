/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nrt user: the accounts of the console, by the service's own token. A password is never a word of
 * the command line, where others could read it: it is typed, or comes on standard input.
 */
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "cli/args.h"
#include "cli/commands.h"
#include "cli/list.h"
#include "cli/rules.h"

#define COMMAND        "user"
#define COUNT_OF(a)    (sizeof(a) / sizeof((a)[0]))
#define BODY_BYTES     ((size_t)16 * 1024)
#define PATH_BYTES     ((size_t)1024)
#define PASSWORD_BYTES 260

struct user_words {
    const char *verb;
    const char *name;
    const char *roles;
    const char *rights;
    const char *unit;
    const char *person;
    const char *dingtalk;
    const char *display;
    const char *expires;
    const char *data;
    bool json;
    struct api api;
};

/* ---- requests ---- */

static void put_words(struct json_out *out, const char *key, const char *words)
{
    json_out_key(out, key);
    json_out_open(out, '[');
    while (words && *words) {
        const size_t bytes = strcspn(words, ",");
        json_out_string(out, (struct text){.ptr = words, .bytes = bytes});
        words += bytes + (words[bytes] == ',');
    }
    json_out_close(out, ']');
}

static void put_given(struct json_out *out, const char *key, const char *value)
{
    if (value) {
        json_out_member(out, key, text_of(value));
    }
}

struct request {
    const char *method;
    const char *prefix; /* "/api/v1/users" */
    const char *name;   /* the next segment; NULL: none */
    const char *suffix; /* "/link"; "" */
    struct text body;
    const char *if_match;
};

static int ask(
    const struct user_words *words, const struct request *request, struct json_doc **ret_doc)
{
    struct buf path;
    struct api_answer answer;
    buf_init(&path, PATH_BYTES);
    buf_string(&path, request->prefix);
    if (request->name) {
        api_segment(&path, request->name);
    }
    buf_string(&path, request->suffix ? request->suffix : "");
    const struct api_call call = {
        .method = request->method,
        .path = path.ptr,
        .body = request->body,
        .if_match = request->if_match,
    };
    int code = buf_error(&path) ? args_misuse(COMMAND, "the name is too long")
                                : api_send_well(&words->api, &call, &answer);
    buf_release(&path);
    if (code != EXIT_FINE) {
        return code;
    }
    if (json_parse(buf_view(&answer.body), &json_limits_answer, ret_doc, NULL)) {
        code = args_fail(EXIT_FOUND, COMMAND, "%s did not answer with JSON", words->api.url);
    }
    buf_release(&answer.body);
    return code;
}

/* ---- the verbs ---- */

static int list_users(struct user_words *words)
{
    static const struct column columns[] = {
        {"NAME", "name", COLUMN_TEXT},           {"DISPLAY", "display", COLUMN_TEXT},
        {"ROLES", "roles", COLUMN_LIST},         {"UNIT", "unit", COLUMN_TEXT},
        {"LAST SEEN", "last_seen", COLUMN_TIME}, {"LOCKED UNTIL", "locked_until", COLUMN_TIME},
    };
    const struct list list = {
        .api = &words->api,
        .path = "/api/v1/users",
        .columns = columns,
        .column_count = COUNT_OF(columns),
        .json = words->json,
        .when_empty = "no accounts; the link of the first one stands in DATA/setup-link",
    };
    return list_print(&list);
}

static int make_link(struct user_words *words)
{
    struct json_doc *doc = NULL;
    const struct request request = {
        .method = "POST",
        .prefix = "/api/v1/users",
        .name = words->name,
        .suffix = "/link",
        .body = TEXT_LITERAL("{}")};
    const int code = ask(words, &request, &doc);
    if (code == EXIT_FINE && words->json) {
        rules_print_json(json_root(doc));
    } else if (code == EXIT_FINE) {
        (void)printf(
            "%.*s\ncounts once, until %.*s\n", TEXT_ARGS(json_get_string(json_root(doc), "link")),
            TEXT_ARGS(json_get_string(json_root(doc), "expires_at")));
    }
    json_free(doc);
    return code;
}

static int add_user(struct user_words *words)
{
    struct buf body;
    struct json_out out;
    struct json_doc *doc = NULL;
    if (!words->roles) {
        return args_misuse(
            COMMAND, "say with --role what the account is for: unit, oversight, ops, approver, "
                     "admin or auditor, several with commas");
    }
    buf_init(&body, BODY_BYTES);
    json_out_init(&out, &body);
    json_out_open(&out, '{');
    json_out_member(&out, "name", text_of(words->name));
    put_words(&out, "roles", words->roles);
    put_given(&out, "display", words->display);
    put_given(&out, "unit", words->unit);
    put_given(&out, "person", words->person);
    put_given(&out, "dingtalk", words->dingtalk);
    json_out_close(&out, '}');
    const struct request request = {
        .method = "POST", .prefix = "/api/v1/users", .body = buf_view(&body)};
    const int code = ask(words, &request, &doc);
    buf_release(&body);
    json_free(doc);
    return code == EXIT_FINE ? make_link(words) : code;
}

static int set_disabled(struct user_words *words, bool disabled)
{
    struct json_doc *before = NULL;
    struct json_doc *after = NULL;
    char etag[64];
    const struct request show = {.method = "GET", .prefix = "/api/v1/users", .name = words->name};
    int code = ask(words, &show, &before);
    if (code == EXIT_FINE) {
        (void)snprintf(
            etag, sizeof etag, "%.*s", TEXT_ARGS(json_get_string(json_root(before), "etag")));
        const struct request put = {
            .method = "PUT",
            .prefix = "/api/v1/users",
            .name = words->name,
            .if_match = etag,
            .body = disabled ? TEXT_LITERAL("{\"disabled\":true}")
                             : TEXT_LITERAL("{\"disabled\":false}")};
        code = ask(words, &put, &after);
    }
    if (code == EXIT_FINE) {
        (void)printf(
            "%s is %s\n", words->name, disabled ? "disabled; its sessions have ended" : "enabled");
    }
    json_free(before);
    json_free(after);
    return code;
}

/* One line without its end. False when there is none, or it is too long. */
static bool read_line(char line[static PASSWORD_BYTES])
{
    if (!fgets(line, PASSWORD_BYTES, stdin)) {
        return false;
    }
    const size_t bytes = strcspn(line, "\r\n");
    const bool whole = line[bytes] != '\0' || feof(stdin);
    line[bytes] = '\0';
    return whole && bytes > 0;
}

static bool type_password(const char *prompt, char line[static PASSWORD_BYTES])
{
    struct termios usual;
    const bool typed = tcgetattr(STDIN_FILENO, &usual) == 0;
    struct termios quiet = usual;
    if (typed) {
        (void)fprintf(stderr, "%s: ", prompt);
        quiet.c_lflag &= ~(tcflag_t)ECHO;
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    }
    const bool good = read_line(line);
    if (typed) {
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &usual);
        (void)fputc('\n', stderr);
    }
    return good;
}

static int send_password(struct user_words *words, const char *password)
{
    struct buf body;
    struct json_out out;
    struct json_doc *doc = NULL;
    buf_init(&body, BODY_BYTES);
    json_out_init(&out, &body);
    json_out_open(&out, '{');
    json_out_member(&out, "password", text_of(password));
    json_out_close(&out, '}');
    const struct request request = {
        .method = "POST",
        .prefix = "/api/v1/users",
        .name = words->name,
        .suffix = "/password",
        .body = buf_view(&body)};
    const int code = ask(words, &request, &doc);
    explicit_bzero(body.ptr, body.bytes);
    buf_release(&body);
    json_free(doc);
    if (code == EXIT_FINE) {
        (void)printf(
            "%s has this password until the first sign-in, which asks for another one\n",
            words->name);
    }
    return code;
}

static int set_password(struct user_words *words)
{
    char password[PASSWORD_BYTES];
    char again[PASSWORD_BYTES];
    int code = EXIT_FINE;
    if (!type_password("New password", password)) {
        code = args_misuse(COMMAND, "type the password, or give it as one line on standard input");
    } else if (
        isatty(STDIN_FILENO) &&
        (!type_password("Once more", again) || strcmp(password, again) != 0)) {
        code = args_misuse(COMMAND, "these were two different passwords; nothing was changed");
    } else {
        code = send_password(words, password);
    }
    explicit_bzero(password, sizeof password);
    explicit_bzero(again, sizeof again);
    return code;
}

static int make_token(struct user_words *words)
{
    struct buf body;
    struct json_out out;
    struct json_doc *doc = NULL;
    if (!words->rights) {
        return args_misuse(
            COMMAND, "say with --right what the token may, such as read,export: docs/sign-in.md");
    }
    buf_init(&body, BODY_BYTES);
    json_out_init(&out, &body);
    json_out_open(&out, '{');
    json_out_member(&out, "name", text_of(words->name));
    put_words(&out, "rights", words->rights);
    put_given(&out, "unit", words->unit);
    put_given(&out, "expires_at", words->expires);
    json_out_close(&out, '}');
    const struct request request = {
        .method = "POST", .prefix = "/api/v1/tokens", .body = buf_view(&body)};
    const int code = ask(words, &request, &doc);
    buf_release(&body);
    if (code == EXIT_FINE && words->json) {
        rules_print_json(json_root(doc));
    } else if (code == EXIT_FINE) {
        (void)printf(
            "%.*s\nis shown this once; counts until %.*s\n",
            TEXT_ARGS(json_get_string(json_root(doc), "token")),
            TEXT_ARGS(json_get_string(json_root(doc), "expires_at")));
    }
    json_free(doc);
    return code;
}

static int disable_user(struct user_words *words)
{
    return set_disabled(words, true);
}

static int enable_user(struct user_words *words)
{
    return set_disabled(words, false);
}

/* ---- the command ---- */

typedef int user_verb_fn(struct user_words *words);

static const struct {
    const char *word;
    user_verb_fn *run;
} verbs[] = {
    {"list", list_users},     {"add", add_user},         {"link", make_link},
    {"passwd", set_password}, {"disable", disable_user}, {"enable", enable_user},
    {"token", make_token},
};

static user_verb_fn *verb_of(const char *word)
{
    for (size_t index = 0; index < COUNT_OF(verbs); index++) {
        if (strcmp(word, verbs[index].word) == 0) {
            return verbs[index].run;
        }
    }
    return NULL;
}

static int misuse_verb(const char *word)
{
    const char *known[COUNT_OF(verbs)];
    for (size_t index = 0; index < COUNT_OF(verbs); index++) {
        known[index] = verbs[index].word;
    }
    const char *nearest = args_nearest(word, known, COUNT_OF(known));
    return args_misuse(
        COMMAND, "unknown word '%s'; did you mean '%s'?", word, nearest ? nearest : "list");
}

int cmd_user(int argc, char **argv)
{
    struct user_words words = {0};
    const struct arg args[] = {
        {.name = "list|add|link|passwd|disable|enable|token",
         .text = &words.verb,
         .required = true},
        {.name = "NAME", .text = &words.name},
        {.name = "--role", .text = &words.roles},
        {.name = "--right", .text = &words.rights},
        {.name = "--unit", .text = &words.unit},
        {.name = "--person", .text = &words.person},
        {.name = "--dingtalk", .text = &words.dingtalk},
        {.name = "--display", .text = &words.display},
        {.name = "--expires", .text = &words.expires},
        {.name = "--data", .text = &words.data},
        {.name = "--json", .flag = &words.json},
    };
    const int code = args_read(argc, argv, args, COUNT_OF(args));
    if (code != EXIT_FINE) {
        return code;
    }
    user_verb_fn *run = verb_of(words.verb);
    if (!run) {
        return misuse_verb(words.verb);
    }
    if (!words.name && run != list_users) {
        return args_misuse(COMMAND, "%s needs the NAME of the account", words.verb);
    }
    api_init(&words.api, COMMAND, words.data);
    return run(&words);
}
