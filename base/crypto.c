/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The OpenSSL adapter: hashes, signatures, randomness, sealed values. Encodings that need no
 * library stand in base/encode.c. Plain text that was decrypted is wiped from what is freed.
 */
#include "base/crypto.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/must.h"

#define NONCE_BYTES 12
#define TAG_BYTES   16
#define ID_CHARS    (NRT_ID_BYTES - 1)
/* 26 characters of base32 hold 130 bits: they come from the first 17 bytes. */
#define ID_DIGEST_BYTES 17

static const struct text seal_algorithm = {.ptr = "intl", .bytes = 4};
static crypto_find_key_fn *key_finder;

/* Fetched once: to look an algorithm up takes OpenSSL 3 as long as to hash a short text. */
static EVP_MD *sha256_fetched;

static void sha256_fetch(void)
{
    sha256_fetched = EVP_MD_fetch(NULL, "SHA256", NULL);
    MUST(sha256_fetched); /* an OpenSSL without SHA-256 is a broken installation */
}

static const EVP_MD *sha256(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, sha256_fetch);
    return sha256_fetched;
}

/* OpenSSL fails at hashing only when memory is out: nothing sensible can follow. */
void crypto_sha256(struct text data, uint8_t ret_digest[static SHA256_BYTES])
{
    const int held = EVP_Digest(data.ptr, data.bytes, ret_digest, NULL, sha256(), NULL);
    MUST(held == 1);
}

void crypto_hmac_sha256(struct text key, struct text data, uint8_t ret_mac[static SHA256_BYTES])
{
    unsigned mac_bytes = 0;
    MUST(key.bytes <= INT32_MAX);
    const void *const held = HMAC(
        sha256(), key.bytes ? key.ptr : "", (int)key.bytes,
        (const unsigned char *)(data.bytes ? data.ptr : ""), data.bytes, ret_mac, &mac_bytes);
    MUST(held && mac_bytes == SHA256_BYTES);
}

void crypto_sha256_hex(struct buf *buf, struct text data)
{
    uint8_t digest[SHA256_BYTES];
    crypto_sha256(data, digest);
    crypto_hex(buf, digest, sizeof(digest));
}

void crypto_hmac_sha256_hex(struct buf *buf, struct text key, struct text data)
{
    uint8_t mac[SHA256_BYTES];
    crypto_hmac_sha256(key, data, mac);
    crypto_hex(buf, mac, sizeof(mac));
}

/* A system may be set up to have no old algorithms: that is no bug of ours. */
enum err crypto_hmac_sha1(struct text key, struct text data, uint8_t ret_mac[static SHA1_BYTES])
{
    uint8_t mac[SHA1_BYTES];
    MUST(key.bytes <= INT32_MAX);
    const void *const held = HMAC(
        EVP_sha1(), key.bytes ? key.ptr : "", (int)key.bytes,
        (const unsigned char *)(data.bytes ? data.ptr : ""), data.bytes, mac, NULL);
    if (!held)
        return ERR_NOT_FOUND;
    memcpy(ret_mac, mac, sizeof(mac));
    return ERR_OK;
}

enum err crypto_md5(struct text data, uint8_t ret_digest[static MD5_BYTES])
{
    uint8_t digest[MD5_BYTES];
    if (EVP_Digest(data.ptr, data.bytes, digest, NULL, EVP_md5(), NULL) != 1)
        return ERR_NOT_FOUND;
    memcpy(ret_digest, digest, sizeof(digest));
    return ERR_OK;
}

void crypto_random(void *ret_bytes, size_t byte_count)
{
    char *to = ret_bytes;
    while (byte_count) {
        const ssize_t got = getrandom(to, byte_count, 0);
        const bool interrupted = got < 0 && errno == EINTR;
        MUST(got >= 0 || interrupted);
        to += interrupted ? 0 : got;
        byte_count -= interrupted ? 0 : (size_t)got;
    }
}

bool crypto_equal(struct text a, struct text b)
{
    return a.bytes == b.bytes && (a.bytes == 0 || CRYPTO_memcmp(a.ptr, b.ptr, a.bytes) == 0);
}

void crypto_id(const struct text *parts, size_t part_count, char ret_id[static NRT_ID_BYTES])
{
    uint8_t digest[SHA256_BYTES];
    EVP_MD_CTX *const context = EVP_MD_CTX_new();
    bool held = context && EVP_DigestInit_ex(context, sha256(), NULL) == 1;
    for (size_t i = 0; held && i < part_count; i++) {
        held = (i == 0 || EVP_DigestUpdate(context, "\n", 1) == 1) &&
               EVP_DigestUpdate(context, parts[i].ptr, parts[i].bytes) == 1;
    }
    held = held && EVP_DigestFinal_ex(context, digest, NULL) == 1;
    EVP_MD_CTX_free(context);
    MUST(held);
    struct buf text;
    buf_init(&text, 64);
    crypto_base32(&text, digest, ID_DIGEST_BYTES);
    MUST(!buf_error(&text) && text.bytes >= ID_CHARS);
    memcpy(ret_id, text.ptr, ID_CHARS);
    ret_id[ID_CHARS] = '\0';
    buf_release(&text);
}

/* ---- sealed values ---- */

/* What one sealing or opening works on. Output has room for as many bytes as input. */
struct gcm {
    const uint8_t *key;
    const uint8_t *nonce;
    struct text context;
    struct text input;
    uint8_t *output;
    uint8_t *tag; /* written when sealing, compared when opening */
};

static bool gcm_run(const struct gcm *gcm, EVP_CIPHER_CTX *cipher, bool seal)
{
    int bytes = 0;
    const unsigned char *const context = (const unsigned char *)gcm->context.ptr;
    const unsigned char *const input = (const unsigned char *)gcm->input.ptr;
    if (EVP_CipherInit_ex(cipher, EVP_aes_256_gcm(), NULL, gcm->key, gcm->nonce, seal) != 1)
        return false;
    if (!seal && EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_SET_TAG, TAG_BYTES, gcm->tag) != 1)
        return false;
    if (gcm->context.bytes &&
        EVP_CipherUpdate(cipher, NULL, &bytes, context, (int)gcm->context.bytes) != 1)
        return false;
    if (gcm->input.bytes &&
        EVP_CipherUpdate(cipher, gcm->output, &bytes, input, (int)gcm->input.bytes) != 1)
        return false;
    if (EVP_CipherFinal_ex(cipher, gcm->output + gcm->input.bytes, &bytes) != 1)
        return false;
    return !seal || EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_GET_TAG, TAG_BYTES, gcm->tag) == 1;
}

static enum err gcm_do(const struct gcm *gcm, bool seal)
{
    if (gcm->input.bytes > INT32_MAX || gcm->context.bytes > INT32_MAX)
        return ERR_RANGE;
    EVP_CIPHER_CTX *const cipher = EVP_CIPHER_CTX_new();
    if (!cipher)
        return ERR_NO_MEMORY;
    const bool held = gcm_run(gcm, cipher, seal);
    EVP_CIPHER_CTX_free(cipher);
    if (held)
        return ERR_OK;
    return seal ? ERR_NO_MEMORY : ERR_CORRUPT; /* sealing fails for want of memory only */
}

void crypto_set_key_finder(crypto_find_key_fn *find)
{
    key_finder = find;
}

static enum err id_of_key(
    const uint8_t key[static SEAL_KEY_BYTES], char ret_id[static SEAL_KEY_ID_BYTES])
{
    static const char digits[] = "0123456789abcdef";
    static const unsigned char label[] = "key id";
    uint8_t mac[SHA256_BYTES];
    unsigned mac_bytes = 0;
    if (!HMAC(sha256(), key, SEAL_KEY_BYTES, label, sizeof(label) - 1, mac, &mac_bytes))
        return ERR_NO_MEMORY;
    for (size_t i = 0; i + 1 < SEAL_KEY_ID_BYTES; i++) {
        const unsigned byte = mac[i / 2];
        ret_id[i] = digits[i % 2 ? byte & 15U : byte >> 4];
    }
    ret_id[SEAL_KEY_ID_BYTES - 1] = '\0';
    return ERR_OK;
}

void crypto_key_id(const uint8_t key[static SEAL_KEY_BYTES], char ret_id[static SEAL_KEY_ID_BYTES])
{
    const enum err err = id_of_key(key, ret_id);
    MUST(!err); /* as for any other hash */
}

enum err crypto_seal(
    const uint8_t key[static SEAL_KEY_BYTES],
    struct text context,
    struct text plain,
    struct buf *sealed)
{
    const size_t bytes = NONCE_BYTES + plain.bytes + TAG_BYTES;
    uint8_t *const box = malloc(bytes);
    if (!box)
        return ERR_NO_MEMORY;
    crypto_random(box, NONCE_BYTES);
    enum err err = gcm_do(
        &(struct gcm){
            .key = key,
            .nonce = box,
            .context = context,
            .input = plain,
            .output = box + NONCE_BYTES,
            .tag = box + NONCE_BYTES + plain.bytes,
        },
        /* seal= */ true);
    char id[SEAL_KEY_ID_BYTES];
    if (!err)
        err = id_of_key(key, id);
    if (!err) {
        buf_text(sealed, seal_algorithm);
        buf_char(sealed, ':');
        buf_string(sealed, id);
        buf_char(sealed, ':');
        crypto_base64(sealed, box, bytes);
    }
    free(box);
    return err ? err : buf_error(sealed);
}

static enum err box_open(
    const uint8_t *key, struct text context, const struct buf *box, struct buf *plain)
{
    if (box->bytes < NONCE_BYTES + TAG_BYTES)
        return ERR_CORRUPT;
    const size_t bytes = box->bytes - NONCE_BYTES - TAG_BYTES;
    uint8_t *const raw = (uint8_t *)box->ptr;
    uint8_t *const output = malloc(bytes + 1);
    if (!output)
        return ERR_NO_MEMORY;
    const enum err err = gcm_do(
        &(struct gcm){
            .key = key,
            .nonce = raw,
            .context = context,
            .input = {.ptr = box->ptr + NONCE_BYTES, .bytes = bytes},
            .output = output,
            .tag = raw + NONCE_BYTES + bytes,
        },
        /* seal= */ false);
    if (!err)
        buf_add(plain, output, bytes);
    OPENSSL_cleanse(output, bytes);
    free(output);
    return err ? err : buf_error(plain);
}

bool crypto_sealed_parts(struct text sealed, struct text *ret_algorithm, struct text *ret_key_id)
{
    const char *const first = sealed.bytes > 0 ? memchr(sealed.ptr, ':', sealed.bytes) : NULL;
    if (!first || first == sealed.ptr)
        return false;
    const size_t rest_bytes = sealed.bytes - (size_t)(first - sealed.ptr) - 1;
    const char *const second = rest_bytes > 0 ? memchr(first + 1, ':', rest_bytes) : NULL;
    *ret_algorithm = (struct text){sealed.ptr, (size_t)(first - sealed.ptr)};
    *ret_key_id = (struct text){first + 1, second ? (size_t)(second - first) - 1 : 0};
    return true;
}

/* The key that a value asks for: the caller's where it is that one. */
static enum err key_for(
    const uint8_t *key, struct text key_id, uint8_t ret_key[static SEAL_KEY_BYTES])
{
    char id[SEAL_KEY_ID_BYTES];
    if (id_of_key(key, id))
        return ERR_NO_MEMORY;
    if (text_is(key_id, id)) {
        memcpy(ret_key, key, SEAL_KEY_BYTES);
        return ERR_OK;
    }
    return key_finder && key_finder(key_id, ret_key) ? ERR_OK : ERR_NOT_FOUND;
}

enum err crypto_open(
    const uint8_t key[static SEAL_KEY_BYTES],
    struct text context,
    struct text sealed,
    struct buf *plain)
{
    struct buf box;
    struct text algorithm;
    struct text key_id;
    uint8_t found[SEAL_KEY_BYTES];
    if (!crypto_sealed_parts(sealed, &algorithm, &key_id))
        return ERR_PARSE;
    if (!text_equal(algorithm, seal_algorithm))
        return ERR_PROTO;
    const size_t skipped = algorithm.bytes + 1 + (key_id.bytes > 0 ? key_id.bytes + 1 : 0);
    const struct text encoded = {.ptr = sealed.ptr + skipped, .bytes = sealed.bytes - skipped};
    enum err err = key_id.bytes > 0 ? key_for(key, key_id, found) : ERR_OK;
    if (err)
        return err;
    buf_init(&box, encoded.bytes);
    err = crypto_base64_decode(encoded, &box);
    if (!err)
        err = box_open(key_id.bytes > 0 ? found : key, context, &box, plain);
    /* Without an id: the first key there was, or one that stood alone. */
    if (err == ERR_CORRUPT && key_id.bytes == 0 && key_finder && key_finder(key_id, found))
        err = box_open(found, context, &box, plain);
    OPENSSL_cleanse(found, sizeof found);
    buf_release(&box);
    return err;
}
