# SPDX-License-Identifier: Apache-2.0
"""What the stand-ins of work messaging share: access tokens that end and can be revoked, days as
China counts them, and errors of the {"errcode", "errmsg"} kind."""
import json
import re

import standin

MINUTE = 60 * 1000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
CHINA = 8 * HOUR


def china_day(now):
    return (now + CHINA) // DAY


class Refusal(Exception):
    """An answer other than ok: code and words."""

    def __init__(self, code, words, **more):
        super().__init__(words)
        self.answer = dict(more, errcode=code, errmsg=words)


class Tokens:
    """One app's access token: the same one is given out until it ends or is revoked."""

    def __init__(self, lives):
        self.lives = lives
        self.count = 0
        self.token = None
        self.until = 0

    def give(self, now):
        if self.token is None or now >= self.until:
            self.count += 1
            self.token = "token-%d" % self.count
            self.until = now + self.lives
        return {"errcode": 0, "errmsg": "ok", "access_token": self.token,
                "expires_in": (self.until - now) // 1000}

    def revoke(self):
        self.token = None

    def check(self, token, now):
        if not token or token != self.token:
            raise Refusal(40014, "invalid access_token")
        if now >= self.until:
            raise Refusal(42001, "access_token expired")


class ErrcodeStandin(standin.Standin):
    """Answers {"errcode"}; doors is a dict of (method, path) -> function(request) -> answer."""

    def __init__(self, clock, log):
        super().__init__(clock, log)
        self.doors = {}

    def handle(self, request):
        door = self.doors.get((request.method, request.path))
        if door is None:
            return standin.Answer({}, 404)
        try:
            answer = door(request)
        except Refusal as refusal:
            answer = refusal.answer
        self.note(call=request.path, errcode=answer["errcode"])
        return standin.Answer(answer)

    def refusal(self, request, what):
        answer = {"errmsg": "ordered", "errcode": what} if isinstance(what, int) else what
        self.note(call=request.path, errcode=answer["errcode"])
        return standin.Answer(answer)


def json_body(request, content_type_code, malformed_code):
    """The body as an object; Refusal."""
    if not re.fullmatch(
            r"application/json(; *charset=utf-8)?", request.header("content-type"), re.I):
        raise Refusal(content_type_code, "wrong content type")
    try:
        body = request.json()
    except ValueError:
        raise Refusal(malformed_code, "not a JSON body") from None
    if not isinstance(body, dict):
        raise Refusal(malformed_code, "not a JSON object")
    return body


def compact(value):
    """JSON as short as it gets: what sizes are counted in."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def phone_lines(lines):
    """Those log lines that say what somebody's phone shows, or why it does not."""
    return [line for line in lines if "phone" in line]
