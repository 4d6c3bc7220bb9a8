/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One line each: "AT SEQ HASH KEYID MAC". The MAC is HMAC-SHA-256 over what stands before it, with
 * a key of its own, so that whoever can sign anchors cannot open addresses.
 */
#include "console/audit_anchor.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/file.h"
#include "base/log.h"

#define ANCHORS_BYTES_MAX ((size_t)64 * 1024 * 1024)
#define LINE_BYTES        256
#define WORDS_OF_A_LINE   5

static const char key_label[] = "audit";

/* ---- signing ---- */

static void anchor_mac(
    const struct seal_key *key, struct text words, char ret_mac[static AUDIT_HASH_BYTES])
{
    uint8_t derived[SHA256_BYTES];
    struct buf hex;
    const struct text seal = {.ptr = (const char *)key->bytes, .bytes = sizeof(key->bytes)};
    crypto_hmac_sha256(seal, text_of(key_label), derived);
    buf_init(&hex, AUDIT_HASH_BYTES);
    crypto_hmac_sha256_hex(
        &hex, (struct text){.ptr = (const char *)derived, .bytes = sizeof(derived)}, words);
    (void)snprintf(ret_mac, AUDIT_HASH_BYTES, "%.*s", TEXT_ARGS(buf_view(&hex)));
    buf_release(&hex);
    explicit_bzero(derived, sizeof(derived));
}

static enum err append(const char *path, struct text line, struct err_why *why)
{
    const int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return err_set(why, ERR_IO, "%s: %s", path, strerrordesc_np(errno));
    }
    const ssize_t written = write(fd, line.ptr, line.bytes);
    const bool fine = written == (ssize_t)line.bytes && fsync(fd) == 0;
    const int error = errno;
    (void)close(fd);
    return fine ? ERR_OK
                : err_set(
                      why, ERR_IO, "%s: the anchor is not there whole: %s", path,
                      written < 0 ? strerrordesc_np(error) : "the disk may be full");
}

enum err audit_anchor_add(
    const char *path,
    const struct seal_keys *keys,
    const struct audit_head *head,
    struct wall_ms at,
    struct err_why *why)
{
    char words[LINE_BYTES];
    char line[LINE_BYTES];
    char mac[AUDIT_HASH_BYTES];
    if (keys->count == 0) {
        return err_set(why, ERR_NOT_FOUND, "there is no key to sign anchors with");
    }
    (void)snprintf(
        words, sizeof(words), "%" PRId64 " %" PRId64 " %s %s", at.ms, head->seq, head->hash,
        keys->keys[0].id);
    anchor_mac(&keys->keys[0], text_of(words), mac);
    const int bytes = snprintf(line, sizeof(line), "%s %s\n", words, mac);
    const enum err err = append(path, (struct text){.ptr = line, .bytes = (size_t)bytes}, why);
    if (!err) {
        log_info(
            "audit_anchor", "at_ms=%" PRId64 " seq=%" PRId64 " hash=%s key=%s mac=%s", at.ms,
            head->seq, head->hash, keys->keys[0].id, mac);
    }
    return err;
}

/* ---- checking ---- */

struct anchor {
    int64_t at;
    int64_t seq;
    struct text hash;
    struct text key;
    struct text mac;
    struct text signed_words; /* the line up to the blank before the MAC */
};

static bool anchor_read(struct text line, struct anchor *ret_anchor)
{
    struct text words[WORDS_OF_A_LINE] = {0};
    struct text rest = line;
    size_t count = 0;
    while (count < WORDS_OF_A_LINE) {
        const char *blank = rest.bytes > 0 ? memchr(rest.ptr, ' ', rest.bytes) : NULL;
        const size_t bytes = blank ? (size_t)(blank - rest.ptr) : rest.bytes;
        words[count++] = (struct text){.ptr = rest.ptr, .bytes = bytes};
        if (!blank) {
            break;
        }
        rest = (struct text){.ptr = blank + 1, .bytes = rest.bytes - bytes - 1};
    }
    *ret_anchor = (struct anchor){.hash = words[2], .key = words[3], .mac = words[4]};
    if (count < WORDS_OF_A_LINE || text_parse_i64(words[0], &ret_anchor->at) ||
        text_parse_i64(words[1], &ret_anchor->seq) || ret_anchor->mac.bytes == 0 ||
        words[4].ptr + words[4].bytes != line.ptr + line.bytes) {
        return false;
    }
    ret_anchor->signed_words = line;
    ret_anchor->signed_words.bytes = line.bytes - ret_anchor->mac.bytes - 1;
    return true;
}

static const struct seal_key *key_of(const struct seal_keys *keys, struct text id)
{
    for (size_t index = 0; index < keys->count; index++) {
        if (text_is(id, keys->keys[index].id)) {
            return &keys->keys[index];
        }
    }
    return NULL;
}

static void breaks(struct anchor_check *check, int64_t seq, const char *why)
{
    if (!check->broken || seq < check->broken_seq) {
        check->broken = true;
        check->broken_seq = seq;
        (void)snprintf(check->why, sizeof(check->why), "%s", why);
    }
}

static void check_signature(
    struct anchor_check *check, const struct anchor *anchor, const struct seal_keys *keys)
{
    char mac[AUDIT_HASH_BYTES];
    const struct seal_key *key = key_of(keys, anchor->key);
    if (!key) {
        (void)snprintf(
            check->warning, sizeof(check->warning),
            "some anchors are signed with key %.*s, which is gone: they are compared, not proved",
            TEXT_ARGS(anchor->key));
        return;
    }
    anchor_mac(key, anchor->signed_words, mac);
    if (!crypto_equal(anchor->mac, text_of(mac))) {
        breaks(check, anchor->seq, "an anchor of this entry is not what was signed");
    }
}

static enum err check_anchor(
    struct anchor_check *check,
    struct text line,
    const struct anchors *anchors,
    struct ledger *ledger)
{
    struct anchor anchor;
    struct audit_head head;
    check->anchors++;
    if (!anchor_read(line, &anchor)) {
        breaks(check, 0, "a line of the file of anchors cannot be read");
        return ERR_OK;
    }
    check_signature(check, &anchor, anchors->keys);
    const enum err err = ledger_audit_head(ledger, 0, anchor.seq, &head);
    if (err) {
        return err;
    }
    if (head.seq == 0 && anchors->newer_may_lack) {
        check->newer++;
    } else if (head.seq == 0) {
        breaks(check, anchor.seq, "an anchor tells of this entry, but it is missing");
    } else if (!text_is(anchor.hash, head.hash)) {
        breaks(check, anchor.seq, "an anchor tells of another entry of this number");
    }
    return ERR_OK;
}

enum err audit_anchors_check_text(
    struct text text,
    const struct anchors *anchors,
    struct ledger *ledger,
    struct anchor_check *ret_check)
{
    enum err err = ERR_OK;
    *ret_check = (struct anchor_check){0};
    while (!err && text.bytes > 0) {
        const char *end = memchr(text.ptr, '\n', text.bytes);
        const size_t bytes = end ? (size_t)(end - text.ptr) : text.bytes;
        err = check_anchor(
            ret_check, (struct text){.ptr = text.ptr, .bytes = bytes}, anchors, ledger);
        const size_t step = bytes + (end ? 1 : 0);
        text = (struct text){.ptr = text.ptr + step, .bytes = text.bytes - step};
    }
    if (ret_check->newer > 0) {
        (void)snprintf(
            ret_check->warning, sizeof(ret_check->warning),
            "%lld anchors are of entries that came after this copy", (long long)ret_check->newer);
    }
    return err;
}

enum err audit_anchors_check(
    const struct anchors *anchors,
    struct ledger *ledger,
    struct anchor_check *ret_check,
    struct err_why *why)
{
    struct buf text;
    *ret_check = (struct anchor_check){0};
    buf_init(&text, ANCHORS_BYTES_MAX);
    enum err err = file_read(anchors->path, &text, why);
    if (!err) {
        err = audit_anchors_check_text(buf_view(&text), anchors, ledger, ret_check);
    }
    buf_release(&text);
    if (err == ERR_NOT_FOUND) {
        (void)snprintf(
            ret_check->warning, sizeof(ret_check->warning),
            "there are no anchors: whether the end was cut off cannot be told");
        err = ERR_OK;
    }
    return err;
}

/* ---- both ---- */

static bool chain_breaks_first(const struct audit_verdict *verdict)
{
    return verdict->chain.broken &&
           (!verdict->anchors.broken || verdict->chain.broken_seq <= verdict->anchors.broken_seq);
}

int64_t audit_broken_seq(const struct audit_verdict *verdict)
{
    return chain_breaks_first(verdict) ? verdict->chain.broken_seq : verdict->anchors.broken_seq;
}

const char *audit_broken_why(const struct audit_verdict *verdict)
{
    return chain_breaks_first(verdict) ? verdict->chain.why : verdict->anchors.why;
}

enum err audit_verify(
    struct ledger *ledger,
    const struct anchors *anchors,
    struct audit_verdict *ret_verdict,
    struct err_why *why)
{
    *ret_verdict = (struct audit_verdict){0};
    enum err err = ledger_audit_check(ledger, &ret_verdict->chain);
    if (err) {
        return err_set(why, err, "the audit trail in the ledger cannot be read");
    }
    if (anchors) {
        err = audit_anchors_check(anchors, ledger, &ret_verdict->anchors, why);
    }
    return err;
}
