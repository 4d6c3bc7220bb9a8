# SPDX-License-Identifier: Apache-2.0
"""Tokens of one-tap links, made from the key in a data folder as docs/one-tap.md says: a second
implementation beside config/link_token.c."""
import base64
import datetime
import hashlib
import hmac
import os

BASE32 = "abcdefghijklmnopqrstuvwxyz234567"
BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def seal_key(data):
    """The key that seals now: the first line of the file."""
    with open(os.path.join(data, "seal.key"), encoding="ascii") as file:
        return bytes.fromhex(file.readline().split()[0])


def token(key, message, expires, purpose="a"):
    """`expires` is a local time with offset, as RFC 3339."""
    minute = int(-(-datetime.datetime.fromisoformat(expires).timestamp() // 60))
    bits = 0
    for char in message:
        bits = bits << 5 | BASE32.index(char)
    bits = bits << 6 | BASE64.index(purpose)
    signed = minute.to_bytes(4, "big") + bits.to_bytes(17, "big")
    link_key = hmac.new(key, b"link", hashlib.sha256).digest()
    mac = hmac.new(link_key, signed, hashlib.sha256).digest()[:12]
    return base64.urlsafe_b64encode(mac + signed).decode()
