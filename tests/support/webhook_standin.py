#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A receiver of signed webhooks (Standard Webhooks), written from the rules of the receiving side.

    webhook_standin.py --secret whsec_BASE64 [--clock real|stepped|signed] [--log FILE]

It refuses (401) what is not signed with its secret over "ID.TIMESTAMP.BODY", or was signed more
than five minutes away from its clock; 400 where a header is missing or malformed, or the body is
not one JSON object; 415 where that is not said. A repeated webhook-id is answered like the first
one and noted as a repeat. Each accepted call is a line of the log: {"id", "repeat", "body"}.
"""
import base64
import hashlib
import hmac
import json
import re

import standin

TOLERANCE_MS = 5 * 60 * 1000
PREFIX = "whsec_"


def key_of(secret):
    if secret.startswith(PREFIX):
        return base64.b64decode(secret[len(PREFIX):], validate=True)
    return secret.encode()


class Receiver(standin.Standin):
    def __init__(self, key, **more):
        super().__init__(**more)
        self.key = key
        self.bodies = {}

    def refusal(self, request, what):
        return standin.Answer(str(what), status=400)

    def is_signed(self, request, identity, stamp):
        text = b".".join((identity.encode(), stamp.encode(), request.body))
        right = base64.b64encode(hmac.new(self.key, text, hashlib.sha256).digest()).decode()
        given = request.header("webhook-signature").split(" ")
        return any(hmac.compare_digest(one, "v1," + right) for one in given)

    def handle(self, request):
        identity = request.header("webhook-id")
        stamp = request.header("webhook-timestamp")
        if request.method != "POST" or not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", identity) \
                or not re.fullmatch(r"\d{10}", stamp):
            return standin.Answer("headers", status=400)
        if request.header("content-type") != "application/json":
            return standin.Answer("content type", status=415)
        if not self.is_signed(request, identity, stamp):
            return standin.Answer("signature", status=401)
        if not self.in_window(int(stamp) * 1000, TOLERANCE_MS):
            return standin.Answer("timestamp", status=401)
        try:
            body = request.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            return standin.Answer("body", status=400)
        repeat = identity in self.bodies
        if repeat and self.bodies[identity] != request.body:
            return standin.Answer("another body under the same id", status=409)
        self.bodies[identity] = request.body
        self.note(id=identity, repeat=repeat, body=body)
        return standin.Answer({"ok": True})


def main():
    parser = standin.parser(__doc__)
    parser.add_argument("--secret", required=True)
    options = parser.parse_args()
    receiver = Receiver(key_of(options.secret), clock=options.clock, log=options.log)
    standin.run(receiver, options.port)


if __name__ == "__main__":
    main()
