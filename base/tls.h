/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS for listeners, behind one door (OpenSSL's ssl.h is used in base/tls.c only): a certificate
 * chain and its key from files, read again when they change. TLS 1.2 and 1.3, forward secrecy and
 * authenticated ciphers only, no renegotiation, no compression. A connection keeps what it was
 * begun with.
 */
#ifndef NRT_BASE_TLS_H
#define NRT_BASE_TLS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct ssl_st; /* OpenSSL's SSL */
struct tls;

/*
 * PEM files: the certificate with what leads to its root behind it, and its key (without a
 * passphrase). The paths are copied. An error names the file and what to do.
 */
enum err tls_create(
    const char *cert_path, const char *key_path, struct tls **ret_tls, struct err_why *why)
    ERR_MUST_USE;
void tls_free(struct tls *tls); /* accepts NULL; sessions go on */
/* Read both files again. On an error the old certificate stays in use. */
enum err tls_reload(struct tls *tls, struct err_why *why) ERR_MUST_USE;
/* Are the files others than those that were read last, or last tried? Looks at the file system. */
bool tls_is_stale(const struct tls *tls);
/* Until when the certificate holds, in ms since 1970. */
int64_t tls_expires_ms(const struct tls *tls);

/* The server's end of a new connection, NULL when memory is out. Whoever takes it frees it. */
struct ssl_st *tls_session(struct tls *tls);
/* Tell the other side that this was all; it does not wait for an answer. */
void tls_session_end(struct ssl_st *session);

#endif
