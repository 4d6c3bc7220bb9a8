/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The adapter of OpenSSL's TLS. A change of the files is recognised by what stat(2) says of them,
 * so a look costs two system calls; certificate and key are taken together or not at all.
 */
#include "base/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/must.h"

#define TLS_PATH_BYTES 512

/* For TLS 1.2; those of 1.3 are all good. */
static const char ciphers[] = "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL:!SHA1:!PSK";

struct file_look {
    int64_t changed_ns;
    int64_t bytes;
    uint64_t inode;
};

struct tls {
    char cert_path[TLS_PATH_BYTES];
    char key_path[TLS_PATH_BYTES];
    struct file_look cert;
    struct file_look key;
    SSL_CTX *context;
    int64_t expires_ms;
};

static struct file_look look_at(const char *path)
{
    struct stat stat_now;
    if (stat(path, &stat_now) != 0) {
        return (struct file_look){0};
    }
    return (struct file_look){
        .changed_ns = (int64_t)stat_now.st_mtim.tv_sec * 1000000000 + stat_now.st_mtim.tv_nsec,
        .bytes = stat_now.st_size,
        .inode = stat_now.st_ino,
    };
}

static bool looks_the_same(const struct file_look *a, const struct file_look *b)
{
    return a->changed_ns == b->changed_ns && a->bytes == b->bytes && a->inode == b->inode;
}

/* OpenSSL's first complaint; the queue is empty afterwards. */
static enum err complain(struct err_why *why, const char *path, const char *what)
{
    char reason[160] = "";
    const unsigned long code = ERR_get_error();
    if (code) {
        const char *words = ERR_reason_error_string(code);
        (void)snprintf(reason, sizeof(reason), " (%s)", words ? words : "no reason given");
    }
    ERR_clear_error();
    return err_set(why, ERR_PARSE, "%.160s: %s%s", path, what, reason);
}

/* The service has nobody to ask: a key with a passphrase is refused, not waited for. */
static int no_passphrase(char *buf, int bytes, int writing, void *context)
{
    (void)buf;
    (void)bytes;
    (void)writing;
    (void)context;
    return -1;
}

static SSL_CTX *context_make(void)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (!context) {
        return NULL;
    }
    (void)SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    (void)SSL_CTX_set_options(
        context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                     SSL_OP_NO_TICKET | SSL_OP_IGNORE_UNEXPECTED_EOF);
    (void)SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_default_passwd_cb(context, no_passphrase);
    if (SSL_CTX_set_cipher_list(context, ciphers) != 1) {
        SSL_CTX_free(context);
        return NULL;
    }
    return context;
}

static int64_t expiry_ms(SSL_CTX *context)
{
    struct tm until;
    const X509 *cert = SSL_CTX_get0_certificate(context);
    if (!cert || ASN1_TIME_to_tm(X509_get0_notAfter(cert), &until) != 1) {
        return 0;
    }
    return (int64_t)timegm(&until) * 1000;
}

static enum err files_take(const struct tls *tls, SSL_CTX *context, struct err_why *why)
{
    if (SSL_CTX_use_certificate_chain_file(context, tls->cert_path) != 1) {
        return complain(why, tls->cert_path, "not a readable certificate in PEM");
    }
    if (SSL_CTX_use_PrivateKey_file(context, tls->key_path, SSL_FILETYPE_PEM) != 1) {
        return complain(
            why, tls->key_path,
            "not a readable key in PEM without a passphrase that fits the certificate");
    }
    if (SSL_CTX_check_private_key(context) != 1) {
        return complain(why, tls->key_path, "this key does not belong to the certificate");
    }
    return ERR_OK;
}

enum err tls_reload(struct tls *tls, struct err_why *why)
{
    ERR_clear_error();
    tls->cert = look_at(tls->cert_path);
    tls->key = look_at(tls->key_path);
    SSL_CTX *context = context_make();
    if (!context) {
        return err_set(why, ERR_NO_MEMORY, "no memory for TLS");
    }
    const enum err err = files_take(tls, context, why);
    if (err) {
        SSL_CTX_free(context);
        return err;
    }
    SSL_CTX_free(tls->context); /* sessions hold it for as long as they need it */
    tls->context = context;
    tls->expires_ms = expiry_ms(context);
    return ERR_OK;
}

enum err tls_create(
    const char *cert_path, const char *key_path, struct tls **ret_tls, struct err_why *why)
{
    struct tls *tls = calloc(1, sizeof(*tls));
    if (!tls) {
        return err_set(why, ERR_NO_MEMORY, "no memory for TLS");
    }
    const int cert_bytes = snprintf(tls->cert_path, TLS_PATH_BYTES, "%s", cert_path);
    const int key_bytes = snprintf(tls->key_path, TLS_PATH_BYTES, "%s", key_path);
    const bool fits = cert_bytes < TLS_PATH_BYTES && key_bytes < TLS_PATH_BYTES;
    const enum err err =
        fits ? tls_reload(tls, why) : err_set(why, ERR_RANGE, "a path of http.tls is too long");
    if (err) {
        tls_free(tls);
        return err;
    }
    *ret_tls = tls;
    return ERR_OK;
}

void tls_free(struct tls *tls)
{
    if (tls) {
        SSL_CTX_free(tls->context);
        free(tls);
    }
}

bool tls_is_stale(const struct tls *tls)
{
    const struct file_look cert = look_at(tls->cert_path);
    const struct file_look key = look_at(tls->key_path);
    return !looks_the_same(&cert, &tls->cert) || !looks_the_same(&key, &tls->key);
}

int64_t tls_expires_ms(const struct tls *tls)
{
    return tls->expires_ms;
}

struct ssl_st *tls_session(struct tls *tls)
{
    MUST(tls->context);
    return SSL_new(tls->context);
}

void tls_session_end(struct ssl_st *session)
{
    if (session && SSL_is_init_finished(session)) {
        (void)SSL_shutdown(session);
    }
    ERR_clear_error();
}
