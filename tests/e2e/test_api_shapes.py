#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# nrt-test: plain timeout=300
"""The description of the API tells the truth: what a running service answers to every GET and to
the main acts has the shape the schemas tell of, and every refusal is an RFC 9457 problem in both
languages."""
import json
import urllib.parse

import people
import service
import test_roles
from json_shape import Shapes

KINDS = ("config", "rules", "calendars", "directory", "matters", "templates")


class Checker:
    def __init__(self, running):
        self.running = running
        self.document = running.get_json("/api/v1/openapi.json")
        self.shapes = Shapes(self.document)
        self.wrong = []
        self.seen = set()

    def check(self, method, pattern, path, body=None, statuses=None):
        """Ask, and compare with what is told of the operation; the answer."""
        operation = self.document["paths"][pattern][method.lower()]
        (told, response), = [(int(status), response) for status, response
                             in operation["responses"].items() if status != "default"]
        answer = people.Visitor(self.running).ask(
            method, path, body, {"Authorization": "Bearer " + self.running.token()})
        self.seen.add((method, pattern))
        if answer.status not in (statuses or {told}):
            self.wrong.append((method, path, answer.status, answer.body[:300]))
            return answer
        kind = (answer.headers["Content-Type"] or "").partition(";")[0]
        (wanted, content), = response.get("content", {"": {}}).items()
        if kind != wanted and answer.body:
            self.wrong.append((method, path, f"is {kind}, not {wanted}"))
        elif wanted == "application/json":
            found = self.shapes.complaints(answer.json(), content["schema"])
            self.wrong += [(method, path, line) for line in found[:8]]
        if body is not None and "requestBody" in operation:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            self.wrong += [(method, path, "body", line)
                           for line in self.shapes.complaints(body, schema)[:8]]
        return answer

    def items(self, path):
        return self.running.items(path)


def acts(checker):
    """What makes the lists have something in them; each answer has its shape."""
    check, running = checker.check, checker.running
    alert = running.items("/api/v1/alerts?case=C-own")[0]["id"]
    check("POST", "/api/v1/alerts/{id}/ack", f"/api/v1/alerts/{alert}/ack", {"by": "p-own"})
    check("POST", "/api/v1/cases/{id}/events", "/api/v1/cases/C-own/events",
          {"kind": "noted", "data": {"text": "x", "by": "p-own"}})
    check("POST", "/api/v1/send-test", "/api/v1/send-test", {"channel": "sms", "person": "p-own"},
          {202, 404})
    check("POST", "/api/v1/sending/stop", "/api/v1/sending/stop",
          {"scope": "unit:u2", "by": "li", "note": "x"})
    check("POST", "/api/v1/sending/resume", "/api/v1/sending/resume",
          {"scope": "unit:u2", "by": "li"})
    check("POST", "/api/v1/keys/rotate", "/api/v1/keys/rotate", {})
    check("POST", "/api/v1/keys/prune", "/api/v1/keys/prune", {})
    check("POST", "/api/v1/clock/step", "/api/v1/clock/step", {"to": test_roles.AFTER})
    check("POST", "/api/v1/events", "/api/v1/events",
          test_roles.received("C-later", "后来的", "u1", "p-own"))
    files = running.get_json("/api/v1/rules")["files"]
    renamed = [{**file, "text": file["text"].replace("答复", "书面答复").replace("due+0", "due-1h")}
               for file in files]
    made = check("POST", "/api/v1/drafts", "/api/v1/drafts",
                 {"kind": "rules", "files": renamed, "by": "li", "note": "x"})
    draft = made.json()["draft"]
    service.wait_for("the draft", lambda: running.get(f"/api/v1/drafts/{draft}").status == 200)
    preview = check("POST", "/api/v1/{kind}/preview", "/api/v1/rules/preview",
                    {"draft": draft, "days": 3})
    job = f"/api/v1/jobs/{preview.json()['job']}"
    service.wait_for("the preview", lambda: running.get_json(job)["state"] == "done")
    check("GET", "/api/v1/jobs/{id}", job)
    check("GET", "/api/v1/jobs/{id}/items", job + "/items")
    check("POST", "/api/v1/drafts/{id}/approve", f"/api/v1/drafts/{draft}/approve", {"by": "wang"})
    check("POST", "/api/v1/drafts/{id}/apply", f"/api/v1/drafts/{draft}/apply", {"by": "wang"})
    check("PUT", "/api/v1/{kind}", "/api/v1/rules", {"files": files, "by": "li", "note": "back"})
    check("POST", "/api/v1/{kind}/rollback", "/api/v1/rules/rollback", {"to": 1, "by": "li"})
    replan = check("POST", "/api/v1/rules/replan", "/api/v1/rules/replan",
                   {"by": "li", "note": "x"})
    check("GET", "/api/v1/jobs/{id}", f"/api/v1/jobs/{replan.json()['job']}")
    running.post("/api/v1/events", b"{}")


def later_acts(checker):
    """Of routes that a smaller service would not have."""
    check, paths = checker.check, checker.document["paths"]
    new = {"title": "新的件", "matter": "m1", "unit": "u1", "handler": "p-own", "from_unit": "u1"}
    if "post" in paths["/api/v1/cases"]:
        check("POST", "/api/v1/cases", "/api/v1/cases", new)
        check("POST", "/api/v1/cases/import", "/api/v1/cases/import",
              {"rows": [new, {**new, "unit": "nowhere"}], "dry_run": True})
    if "/api/v1/urge" in paths:
        check("POST", "/api/v1/urge", "/api/v1/urge",
              {"items": [{"case": "C-own", "clock": "reply"}], "text": "请尽快办理"})
    notice = {"kind": "urge", "unit": "u1", "cases": ["C-own"], "text": "请", "by": "p-office",
              "reply_by": "2026-03-06T17:00:00+08:00"}
    if "/api/v1/notices" in paths:
        check("POST", "/api/v1/notices/preview", "/api/v1/notices/preview", notice)
        check("POST", "/api/v1/notices", "/api/v1/notices", notice)
    user = {"name": "shape", "display": "形", "roles": ["unit"], "unit": "u1"}
    check("POST", "/api/v1/users", "/api/v1/users", user)
    check("POST", "/api/v1/users/{name}/link", "/api/v1/users/shape/link", {})
    check("POST", "/api/v1/tokens", "/api/v1/tokens",
          {"name": "shape", "rights": ["read"], "unit": "u1"})


def values_of(checker, pattern):
    """What can stand for the words in braces of a path, from the lists of the service."""
    lists = {
        "/api/v1/cases/{id}": "/api/v1/cases", "/api/v1/cases/{id}/explain": "/api/v1/cases",
        "/api/v1/messages/{id}": "/api/v1/messages", "/api/v1/drafts/{id}": "/api/v1/drafts",
        "/api/v1/notices/{id}": "/api/v1/notices",
        "/api/v1/accountability/{id}": "/api/v1/accountability",
    }
    if pattern in lists:
        return [item["id"] for item in checker.items(lists[pattern])][:3]
    if "{kind}" in pattern:
        return KINDS
    return {"{month}": ["2026-03"], "{name}": ["shape"]}.get(
        pattern[pattern.find("{"):pattern.find("}") + 1], [])


QUERIES = {
    "/api/v1/alerts/why": "?person=p-own&date=2026-03-04",
    "/api/v1/config/diff": "?from=1&to=2",
    "/api/v1/search": "?q=" + urllib.parse.quote("自己"),
}
# A stream, and what needs a job of its own kind.
LEFT_OUT = {"/api/v1/live", "/api/v1/jobs/{id}/items", "/api/v1/jobs/{id}/file"}


def every_get(checker):
    for pattern, operations in checker.document["paths"].items():
        if "get" not in operations or not pattern.startswith("/api/") or pattern in LEFT_OUT:
            continue
        if "{" not in pattern:
            checker.check("GET", pattern, pattern + QUERIES.get(pattern, ""))
            continue
        for value in values_of(checker, pattern):
            start = pattern.index("{")
            path = pattern[:start] + value + pattern[pattern.index("}") + 1:]
            checker.check("GET", pattern, path.replace("{version}", "1"))


def refusals_are_problems_in_both_languages(checker):
    running = checker.running
    schema = {"$ref": "#/components/schemas/Problem"}
    token = {"Authorization": "Bearer " + running.token()}
    form = {**token, "Content-Type": "application/x-www-form-urlencoded"}
    asked = [
        (400, "GET", "/api/v1/cases?colour=red", None, token),
        (400, "POST", "/api/v1/drafts", b"{", token),
        (401, "GET", "/api/v1/cases", None, {}),
        (401, "POST", "/api/v1/session", {"name": "nobody", "password": "x" * 12}, {}),
        (403, "POST", "/api/v1/clock/step", {}, {**token, "Origin": "http://elsewhere.example"}),
        (404, "GET", "/api/v1/cases/none", None, token),
        (404, "GET", "/api/v1/nothing", None, token),
        (405, "DELETE", "/api/v1/cases", None, token),
        (409, "POST", "/api/v1/sending/stop", {"scope": "all", "by": "a"}, token),
        (413, "POST", "/api/v1/clock/step", b"x" * 70000, token),
        (415, "POST", "/api/v1/clock/step", b"a=b", form),
        (421, "GET", "/api/v1/cases", None, {**token, "Host": "evil.example.com"}),
        (422, "PUT", "/api/v1/rules",
         {"files": [{"name": "rules/x.json", "text": "{"}], "by": "a"}, token),
    ]
    running.post("/api/v1/sending/stop", {"scope": "all", "by": "a"})
    for status, method, path, body, headers in asked:
        titles = {}
        for language in ("zh-CN,zh;q=0.9", "en-GB"):
            answer = people.Visitor(running).ask(
                method, path, body, {**headers, "Accept-Language": language})
            where = (method, path, answer.status, answer.body[:200])
            assert answer.status == status, where
            assert answer.headers["Content-Type"] == "application/problem+json", where
            problem = answer.json()
            checker.wrong += [(*where, line) for line in checker.shapes.complaints(problem, schema)]
            assert problem["status"] == status and problem["type"].startswith("urn:nrt:problem:")
            titles[language[:2]] = problem["title"]
            assert problem["title"] == problem["titles"][language[:2]], where
            if "details" in problem:
                assert problem["detail"] == problem["details"][language[:2]], where
        assert any(ord(char) > 0x2e80 for char in titles["zh"]), titles
        assert titles["en"].isascii(), titles
    running.post("/api/v1/sending/resume", {"scope": "all", "by": "a"})


def the_checker_finds_what_does_not_fit(shapes):
    schema = {"type": "object", "required": ["a"], "properties": {
        "a": {"type": "integer"}, "b": {"type": ["string", "null"], "format": "date-time"}}}
    assert not shapes.complaints({"a": 1, "b": None}, schema)
    for value in ({"a": "1"}, {}, {"a": 1, "c": 2}, {"a": True}, {"a": 1, "b": "today"}, []):
        assert shapes.complaints(value, schema), value


def main():
    running = service.Service("--clock", "stepped", "--clock-from", test_roles.START)
    running.config = service.write_config(running.folder + "/config", test_roles.config(running))
    with running:
        test_roles.fill(running)
        checker = Checker(running)
        the_checker_finds_what_does_not_fit(checker.shapes)
        acts(checker)
        later_acts(checker)
        every_get(checker)
        refusals_are_problems_in_both_languages(checker)
        assert not checker.wrong, "\n".join(json.dumps(item, ensure_ascii=False, default=str)
                                            for item in checker.wrong)
        gets = {("GET", pattern) for pattern, operations in checker.document["paths"].items()
                if "get" in operations and pattern.startswith("/api/") and pattern not in LEFT_OUT}
        missing = gets - checker.seen - {("GET", "/api/v1/accountability/{id}")}
        assert not missing, f"never asked: {sorted(missing)}"


if __name__ == "__main__":
    main()
