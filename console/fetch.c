/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One easy handle for each request: there are few of them.
 */
#include "console/fetch.h"

#include <string.h>

#include <curl/curl.h>

#include "base/address.h"

struct answer {
    struct buf *body;
    size_t begin; /* what stood in the buffer before */
};

enum err fetch_start(struct err_why *why)
{
    return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK
               ? ERR_OK
               : err_set(why, ERR_NO_MEMORY, "curl cannot be set up");
}

/* ---- where to ---- */

/* The host of "scheme://host:port/...", without brackets. */
static struct text host_of(struct text url, size_t scheme_bytes)
{
    struct text rest = {url.ptr + scheme_bytes, url.bytes - scheme_bytes};
    size_t bytes = 0;
    if (rest.bytes > 0 && rest.ptr[0] == '[') {
        const char *end = memchr(rest.ptr, ']', rest.bytes);
        return end ? (struct text){rest.ptr + 1, (size_t)(end - rest.ptr) - 1} : (struct text){0};
    }
    while (bytes < rest.bytes && !strchr(":/?#@", rest.ptr[bytes])) {
        bytes++;
    }
    return bytes < rest.bytes && rest.ptr[bytes] == '@' ? (struct text){0}
                                                        : (struct text){rest.ptr, bytes};
}

static bool is_this_machine(struct text host)
{
    struct address address;
    struct address_range loopback;
    if (!address_read(host, &address)) {
        return false;
    }
    return (address_range_read(TEXT_LITERAL("127.0.0.0/8"), &loopback) &&
            address_in(&address, &loopback)) ||
           (address_range_read(TEXT_LITERAL("::1"), &loopback) && address_in(&address, &loopback));
}

bool fetch_may(struct text url, bool loopback_only)
{
    const struct text plain = TEXT_LITERAL("http://");
    const struct text secure = TEXT_LITERAL("https://");
    if (text_starts_with(url, plain)) {
        return is_this_machine(host_of(url, plain.bytes));
    }
    return text_starts_with(url, secure) &&
           (!loopback_only || is_this_machine(host_of(url, secure.bytes)));
}

/* ---- one request ---- */

static size_t on_body(char *bytes, size_t size, size_t count, void *context)
{
    struct answer *answer = context;
    const size_t byte_count = size * count;
    if (answer->body->bytes - answer->begin + byte_count > FETCH_ANSWER_BYTES_MAX) {
        return 0; /* ends the transfer */
    }
    buf_add(answer->body, bytes, byte_count);
    return byte_count;
}

static void set_bounds(CURL *easy, const struct fetch *fetch)
{
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)FETCH_MS);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)FETCH_CONNECT_MS);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_HTTP09_ALLOWED, 0L);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "nrt/" NRT_VERSION);
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    /* An empty name means none, whatever the environment says. */
    curl_easy_setopt(easy, CURLOPT_PROXY, fetch->proxy ? fetch->proxy : "");
    if (fetch->ca_file && fetch->ca_file[0]) {
        curl_easy_setopt(easy, CURLOPT_CAINFO, fetch->ca_file);
        curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    }
}

static enum err err_of(CURLcode code, struct err_why *why)
{
    const char *words = curl_easy_strerror(code);
    /* curl's codes are an open list: what is not named here is a service that is away. */
    if (code == CURLE_OK) {
        return ERR_OK;
    }
    if (code == CURLE_OPERATION_TIMEDOUT) {
        return err_set(why, ERR_TIMEOUT, "%s", words);
    }
    if (code == CURLE_WRITE_ERROR) {
        return err_set(why, ERR_FULL, "the answer is too long");
    }
    return err_set(why, code == CURLE_OUT_OF_MEMORY ? ERR_NO_MEMORY : ERR_AWAY, "%s", words);
}

static enum err perform(
    CURL *easy, const struct fetch *fetch, struct buf *body, int *ret_status, struct err_why *why)
{
    struct answer answer = {.body = body, .begin = body->bytes};
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    long status = 0;
    if (!headers) {
        return err_set(why, ERR_NO_MEMORY, "no memory for a request");
    }
    set_bounds(easy, fetch);
    curl_easy_setopt(easy, CURLOPT_URL, fetch->url);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &answer);
    if (fetch->json.ptr) {
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)fetch->json.bytes);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, fetch->json.ptr);
    }
    const CURLcode code = curl_easy_perform(easy);
    if (code == CURLE_OK) {
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        *ret_status = (int)status;
    }
    curl_slist_free_all(headers);
    return err_of(code, why);
}

enum err fetch_run(
    const struct fetch *fetch, struct buf *body, int *ret_status, struct err_why *why)
{
    if (!fetch_may(text_of(fetch->url), fetch->loopback_only)) {
        return err_set(
            why, ERR_REFUSED,
            fetch->loopback_only ? "the clock is not real: only this machine is asked"
                                 : "only https is asked, or this machine");
    }
    CURL *easy = curl_easy_init();
    if (!easy) {
        return err_set(why, ERR_NO_MEMORY, "no memory for a request");
    }
    enum err err = perform(easy, fetch, body, ret_status, why);
    curl_easy_cleanup(easy);
    if (!err) {
        err = buf_error(body);
    }
    return err;
}
