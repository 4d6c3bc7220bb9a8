/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libevent's own HTTP server, on whatever port is free.
 */
#include "tests/support/call_back.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <event2/buffer.h>
#include <event2/http.h>

#include "base/must.h"
#include "tests/support/check.h"

#define BODY_BYTES_MAX ((size_t)256 * 1024)

static void on_request(struct evhttp_request *request, void *context)
{
    struct call_back *call_back = context;
    struct evbuffer *in = evhttp_request_get_input_buffer(request);
    struct evbuffer *out = evbuffer_new();
    const size_t bytes = evbuffer_get_length(in);
    MUST(out);
    buf_clear(&call_back->body);
    buf_add(&call_back->body, evbuffer_pullup(in, -1), bytes);
    call_back->count++;
    evbuffer_add(out, call_back->reply, strlen(call_back->reply));
    evhttp_send_reply(request, 200, "OK", out);
    evbuffer_free(out);
}

bool call_back_init(struct call_back *call_back, struct event_base *base)
{
    struct sockaddr_in address;
    socklen_t bytes = sizeof(address);
    *call_back = (struct call_back){.http = evhttp_new(base), .reply = ""};
    buf_init(&call_back->body, BODY_BYTES_MAX);
    MUST(call_back->http);
    struct evhttp_bound_socket *bound =
        evhttp_bind_socket_with_handle(call_back->http, "127.0.0.1", 0);
    if (!CHECK(bound) ||
        !CHECK(
            getsockname(evhttp_bound_socket_get_fd(bound), (struct sockaddr *)&address, &bytes) ==
            0)) {
        return false;
    }
    (void)snprintf(
        call_back->url, sizeof(call_back->url), "http://127.0.0.1:%d/receipts",
        ntohs(address.sin_port));
    evhttp_set_gencb(call_back->http, on_request, call_back);
    return true;
}

void call_back_release(struct call_back *call_back)
{
    evhttp_free(call_back->http);
    buf_release(&call_back->body);
}
