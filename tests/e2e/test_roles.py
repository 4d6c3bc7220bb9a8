#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# nrt-test: plain timeout=400
"""Every route with every role, about what is theirs and what is not: let in or refused as the
table of routes says, and nothing of a unit that somebody does not see is in any answer, whichever
way it is asked for."""
import io
import json
import re
import urllib.parse
import zipfile

import people
import service

RULES = {
    "id": "probe", "version": "1",
    "clocks": [{"id": "reply", "title": "答复", "limit": {"from": "due"}, "stages": [
        {"id": "overdue", "at": "due+0", "light": "red", "notify": ["handler", "unit_head"],
         "via": ["sms"], "send": "now"}]}],
}
START = "2026-03-04T10:00:00+08:00"
DUE = "2026-03-04T11:00:00+08:00"
AFTER = "2026-03-04T11:30:00+08:00"
DAY = "2026-03-04"

# What nobody outside of u2 and the offices over all units may ever read.
SECRETS = ["青鸟绝密", "钱塘生", "孙无名", "C-foreign", "p-foreign"]
ROLES = {
    "unit": (["unit"], "u1"),
    "below": (["unit"], "u1a"),
    "office": (["oversight"], "office"),
    "bureau": (["oversight"], "bureau"),
    "ops": (["ops"], ""),
    "approver": (["approver"], ""),
    "admin": (["admin"], ""),
    "auditor": (["auditor"], ""),
}
SEES_ONLY_SOME = ("unit", "below", "office", "admin", "program")


def unit(number, head, **more):
    return dict({"id": number, "name": f"{number}局", "head": head, "handlers": [head]}, **more)


def person(number, name, works_in):
    return {"id": number, "name": name, "unit": works_in, "mobile": "19900000001"}


DIRECTORY = {
    "units": [
        unit("u1", "p-own"), unit("u1a", "p-below", parent="u1"), unit("u2", "p-foreign"),
        unit("office", "p-office", oversight=True, oversees=["u1"]),
        unit("bureau", "p-bureau", oversight=True),
    ],
    "people": [
        person("p-own", "李自己", "u1"), person("p-below", "赵下级", "u1a"),
        person("p-foreign", "钱塘生", "u2"), person("p-foreign2", "孙无名", "u2"),
        person("p-office", "周督查", "office"), person("p-bureau", "吴督办", "bureau"),
    ],
}


def config(running):
    return {
        "nrt.json": {"http": {"public_url": f"http://127.0.0.1:{running.port}"}},
        "rules/probe.json": RULES, "directory.json": DIRECTORY,
        "matters.json": {"matters": [{"id": "m1", "title": "来文", "parent": None,
                                      "owner": "p-own", "unit": "u1"}]},
    }


def received(case, title, of_unit, handler):
    return service.event(case, 1, "received", START, {
        "title": title, "unit": of_unit, "handler": handler, "from_unit": of_unit, "due": DUE,
        "matter": "m1"})


def fill(running):
    running.send(
        received("C-own", "自己的件", "u1", "p-own"),
        received("C-below", "下级的件", "u1a", "p-below"),
        received("C-foreign", "青鸟绝密件", "u2", "p-foreign"),
        received("C-foreign2", "另一件青鸟绝密", "u2", "p-foreign2"))
    assert running.post("/api/v1/clock/step", {"to": AFTER}).status == 200
    service.wait_for("alerts of all", lambda: len(running.items("/api/v1/alerts")) >= 4)
    service.wait_for("messages of all", lambda: len(running.items("/api/v1/messages")) >= 4)


def words_of(body):
    """All text in an answer, also in a workbook."""
    if body[:2] != b"PK":
        return body.decode("utf-8", "replace")
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        return "\n".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())


# ---- let in or refused ----

def table(running):
    """(method, pattern, operation) of each route for those who have signed in."""
    for pattern, operations in running.get_json("/api/v1/openapi.json")["paths"].items():
        for method, operation in operations.items():
            if operation["security"]:
                yield method.upper(), pattern, operation


def may(operation, visitor, all_units):
    rights = operation["x-rights"]
    if operation.get("x-all-units") and not all_units:
        return False
    return not rights or bool(set(rights) & set(visitor.session["rights"]))


# Ending one's own session ends the probe; the stream has no end.
LEFT_OUT = {("DELETE", "/api/v1/session"), ("GET", "/api/v1/live")}


def fill_in(pattern, names):
    values = {"kind": "rules", "version": "1", "name": "nobody-here", "month": "2026-03"}
    return re.sub(r"\{(\w+)\}", lambda word: values.get(word[1]) or names["id"], pattern)


def each_role_is_let_in_as_the_table_says(running, visitors):
    wrong = []
    count = 0
    for method, pattern, operation in table(running):
        if (method, pattern) in LEFT_OUT:
            continue
        path = fill_in(pattern, {"id": "not-there"})
        for role, visitor in visitors.items():
            body = b"{}" if method in ("POST", "PUT") else None
            answer = visitor.ask(method, path, body)
            expected = may(operation, visitor, role not in SEES_ONLY_SOME)
            count += 1
            assert answer.status != 429, (role, path)
            let_in = answer.status not in (401, 403)
            if let_in != expected:
                wrong.append((role, method, pattern, answer.status, answer.body[:200]))
    assert not wrong, "\n".join(map(str, wrong))
    assert count > 400, count


def without_a_session_nothing_is_told(running):
    nobody = people.Visitor(running)
    for method, pattern, _ in table(running):
        path = fill_in(pattern, {"id": "not-there"})
        answer = nobody.ask(method, path, b"{}" if method in ("POST", "PUT") else None)
        assert answer.status == 401, (method, pattern, answer.status)


def without_the_word_of_the_session_nothing_is_changed(running, visitors):
    for method, pattern, operation in table(running):
        if method == "GET" or not may(operation, visitors["ops"], True):
            continue
        answer = visitors["ops"].ask(
            method, fill_in(pattern, {"id": "not-there"}), b"{}" if method != "DELETE" else None,
            {"X-NRT-CSRF": "0" * 64})
        assert answer.status == 403 and b"csrf" in answer.body, (pattern, answer.body)


# ---- nothing leaks ----

def questions(running):
    """Every GET of the table with everything that could make it tell of u2."""
    of_all = {
        "id": ["C-foreign", "C-own"], "unit": ["u2"], "handler": ["p-foreign"],
        "person": ["p-foreign", "p-own"], "case": ["C-foreign"], "q": ["青鸟", "钱", "C-f"],
        "from": ["2026-01-01"], "matter": ["m1"], "date": [DAY], "object": ["C-foreign"],
        "alert": [item["id"] for item in running.items("/api/v1/alerts")
                  if item["case"] == "C-foreign"][:1],
        "light": ["red"], "status": ["overdue", "fired"], "sort": ["due", "unit", "-created"],
        "month": ["2026-03"], "misses_min": ["0"], "limit": ["1", "500"], "state": ["open"],
        "family": ["reply"], "clock": ["reply"], "lang": ["zh"],
    }
    ids = ["C-foreign", "C-own", *of_all["alert"]] + [
        item["id"] for item in running.items("/api/v1/messages")]
    ids += [item["id"] for item in running.items("/api/v1/accountability")]
    for method, pattern, operation in table(running):
        if method != "GET" or (method, pattern) in LEFT_OUT:
            continue
        # Of files an account has some twenty a minute.
        is_file = "export" in operation["x-rights"]
        for name in ids[:1 if is_file else None] if "{id}" in pattern else [""]:
            path = fill_in(pattern, {"id": name})
            yield pattern, path
            known = {parameter["name"] for parameter in operation["parameters"]
                     if parameter["in"] == "query"}
            for key in sorted(known & ({"unit"} if is_file else of_all.keys())):
                for value in of_all[key]:
                    pair = {key: value}
                    if "date" in known and "person" in known:
                        pair = {"date": DAY, "person": "p-own", **pair}
                    yield pattern, f"{path}?{urllib.parse.urlencode(pair)}"


def patiently(visitor, path):
    """An answer, not that this was asked too often."""
    def ask():
        answer = visitor.ask("GET", path)
        return answer if answer.status != 429 else None

    return service.wait_for(f"an answer to GET {path}", ask)


def nothing_of_a_foreign_unit_is_told(running, visitors):
    leaks = []
    asked = list(questions(running))
    configuration = {pattern for _, pattern, operation in table(running)
                     if operation["x-rights"] == ["config.read"]}
    for role in SEES_ONLY_SOME:
        visitor = visitors[role]
        for pattern, path in asked:
            # Configuration is one whole: who reads it reads the directory in it.
            if role == "office" and pattern in configuration:
                continue
            answer = patiently(visitor, path)
            text = words_of(answer.body)
            for secret in SECRETS:
                # What was asked for by name may come back as a name, never as what it stands for.
                if secret in text and secret not in urllib.parse.unquote(path):
                    leaks.append((role, path, answer.status, secret, around(text, secret)))
    assert not leaks, "\n".join(map(str, leaks[:40])) + f"\n{len(leaks)} leaks"
    assert len(asked) > 100, len(asked)


def the_probe_finds_what_is_there_to_be_found(running, visitors):
    """The same questions, asked by an office over all units, do bring it to light."""
    told = {secret: set() for secret in SECRETS}
    for pattern, path in questions(running):
        text = words_of(patiently(visitors["bureau"], path).body)
        for secret in SECRETS:
            if secret in text and secret not in urllib.parse.unquote(path):
                told[secret].add(pattern)
    for secret, patterns in told.items():
        assert len(patterns) >= 5, (secret, patterns)


def around(text, word):
    at = text.index(word)
    return text[max(0, at - 80):at + 80]


def a_foreign_case_is_as_one_that_is_not_there(running, visitors):
    """Byte for byte, whatever is done to it."""
    routes = [(method, pattern) for method, pattern, _ in table(running)
              if pattern.startswith("/api/v1/cases/{id}")]
    assert len(routes) >= 3
    bodies = [{"kind": "noted", "data": {"text": "x"}},
              {"kind": "urged", "data": {"text": "x", "clock": "reply"}},
              {"kind": "accepted", "data": {}}]
    for role in ("unit", "below", "office"):
        for method, pattern in routes:
            for body in bodies if method == "POST" else [None]:
                answers = [visitors[role].ask(method, pattern.replace("{id}", name), body)
                           for name in ("C-foreign", "C-missing")]
                same = [(answer.status, answer.body.replace(b"C-foreign", b"C-missing"))
                        for answer in answers]
                assert same[0] == same[1], (role, method, pattern, body, same)
                assert same[0][0] != 200, (role, method, pattern)


def own_cases_are_seen(visitors):
    for role, expected in (("unit", {"C-own", "C-below"}), ("below", {"C-below"}),
                           ("program", {"C-own", "C-below"}),
                           ("office", {"C-own", "C-below"}),
                           ("bureau", {"C-own", "C-below", "C-foreign", "C-foreign2"}),
                           ("auditor", {"C-own", "C-below", "C-foreign", "C-foreign2"})):
        answer = visitors[role].ask("GET", "/api/v1/cases")
        assert {item["id"] for item in answer.json()["items"]} == expected, (role, answer.body)
        for case in expected:
            assert visitors[role].ask("GET", f"/api/v1/cases/{case}").status == 200, (role, case)
        # Counts are of the same cases.
        overview = visitors[role].ask("GET", "/api/v1/overview").json()
        assert overview["overdue"] == len(expected), (role, overview["overdue"])
        overdue = visitors[role].ask("GET", "/api/v1/overdue").json()
        assert {item["case"] for item in overdue["items"]} == expected, (role, overdue)
        assert overdue.get("total", len(expected)) == len(expected), (role, overdue)


def an_export_is_for_who_asked_for_it(visitors):
    made = visitors["bureau"].ask("POST", "/api/v1/exports", {
        "what": "cases", "format": "csv", "filter": {}})
    assert made.status == 202, (made.status, made.body)
    path = f"/api/v1/jobs/{made.json()['job']}"
    service.wait_for("the export", lambda: patiently(
        visitors["bureau"], path).json()["state"] == "done", pause=0.5)
    assert SECRETS[0] in words_of(visitors["bureau"].ask("GET", path + "/file").body)
    for role in ("unit", "office", "auditor", "program"):
        for address in (path, path + "/file"):
            answer = visitors[role].ask("GET", address)
            missing = visitors[role].ask("GET", address.replace(path, path[:-1] + "~"))
            assert answer.status == missing.status == 404, (role, address, answer.status)
            assert SECRETS[0] not in words_of(answer.body), (role, address)
        assert visitors[role].ask("DELETE", path).status in (403, 404), role
    assert visitors["bureau"].ask("GET", path).status == 200


def the_stream_counts_only_what_one_sees(visitors):
    import http.client
    for role, expected in (("below", 1), ("unit", 2), ("bureau", 4)):
        link = http.client.HTTPConnection("127.0.0.1", visitors[role].port, timeout=30)
        link.request("GET", "/api/v1/live", headers={
            "Cookie": visitors[role].cookie, "Last-Event-ID": "0"})
        answer = link.getresponse()
        assert answer.status == 200, answer.status
        text = b""
        while b"\n\n" not in text.partition(b"data:")[2]:
            text += answer.readline()
        link.close()
        for secret in SECRETS:
            assert secret.encode() not in text, text
        found = re.search(rb'"overdue":(\d+)', text)
        assert not found or int(found[1]) == expected, (role, text)


# ---- acts ----

def work_is_done_only_on_own_cases_and_in_ones_own_name(running, visitors):
    note = {"kind": "noted", "data": {"text": "已电话联系", "by": "somebody else"}}
    answer = visitors["unit"].ask("POST", "/api/v1/cases/C-own/events", note)
    assert answer.status == 202, (answer.status, answer.body)
    position = urllib.parse.quote(answer.json()["position"])
    shown = running.get_json(f"/api/v1/cases/C-own?after={position}")
    made = [event for event in shown["events"] if event["type"] == "case.noted"]
    assert made[-1]["event"]["data"]["by"] == "unit", made
    # A unit does not oversee, an office does not do a unit's work, an auditor does nothing.
    for role, kind in (("unit", "urged"), ("unit", "waived"), ("unit", "withdrawn"),
                       ("office", "accepted"), ("office", "completed"), ("auditor", "noted"),
                       ("ops", "noted"), ("approver", "urged")):
        body = {"kind": kind, "data": {"text": "x", "clock": "reply", "reason": "y",
                                       "result": "z", "approved_by": "q"}}
        answer = visitors[role].ask("POST", "/api/v1/cases/C-own/events", body)
        assert answer.status == 403, (role, kind, answer.status, answer.body)


def nobody_approves_what_they_drafted(running):
    both = people.account(running, "both", ["ops", "approver"])
    second = people.account(running, "second", ["approver"])
    rules = running.get_json("/api/v1/rules")["files"]
    files = [{"name": file["name"], "text": file["text"].replace("答复", "书面答复")}
             for file in rules]
    made = both.ask("POST", "/api/v1/drafts", {
        "kind": "rules", "files": files, "by": "second", "note": "title"})
    assert made.status == 201, (made.status, made.body)
    draft = made.json()["draft"]

    def known():
        return both.ask("GET", f"/api/v1/drafts/{draft}").status == 200

    service.wait_for("the draft is in the ledger", known)
    path = f"/api/v1/drafts/{draft}/approve"
    refused = both.ask("POST", path, {"by": "somebody else"})
    assert refused.status == 409, (refused.status, refused.body)
    agreed = second.ask("POST", path, {"by": "both"})
    assert agreed.status == 200, (agreed.status, agreed.body)
    service.wait_for("the approval is in the ledger", lambda: running.get_json(
        f"/api/v1/drafts/{draft}")["state"] == "approved")
    shown = running.get_json(f"/api/v1/drafts/{draft}")
    assert (shown["by"], shown["approved_by"]) == ("both", "second"), shown


def refusals_and_acts_stand_in_the_audit_trail(visitors):
    entries = visitors["auditor"].ask("GET", "/api/v1/audit?limit=500").json()["items"]
    for name in ("unit", "office"):
        of_one = [entry for entry in entries if entry["actor"] == name]
        assert any(entry["result"] == "refused" for entry in of_one), name
    note = [entry for entry in entries if entry["actor"] == "unit" and
            entry["action"] == "case.event" and entry["result"] == "ok"]
    assert note and note[0]["object"] == "C-own" and note[0]["roles"] == ["unit"], note
    assert visitors["auditor"].ask("GET", "/api/v1/audit/verify").json()["ok"]


def changes_carry_the_hash_of_before_and_after(running, visitors):
    files = running.get_json("/api/v1/rules")["files"]
    before = running.get_json("/api/v1/config")["digest"]
    changed = [{"name": file["name"], "text": file["text"].replace("答复", "当面答复")}
               for file in files]
    answer = running.request("PUT", "/api/v1/rules", json.dumps(
        {"files": changed, "by": "li", "note": "x"}).encode())
    assert answer.status == 200, (answer.status, answer.body)

    def entry():
        found = visitors["auditor"].ask("GET", "/api/v1/audit?action=config.put").json()["items"]
        return next((item for item in found if item["status"] == 200), None)

    made = service.wait_for("the entry of the change", entry)
    after = running.get_json("/api/v1/config")["digest"]
    assert before != after and (made["before"], made["after"]) == (before, after), made


def main():
    running = service.Service("--clock", "stepped", "--clock-from", START)
    running.config = service.write_config(running.folder + "/config", config(running))
    with running:
        visitors = {role: people.account(running, role, roles, of_unit)
                    for role, (roles, of_unit) in ROLES.items()}
        visitors["program"] = people.program(running, "program", [
            "read", "export", "messages.read", "work", "operate", "people"], "u1")
        # It was given rights over the whole service, which a token of one unit cannot have.
        assert not {"operate", "people"} & set(visitors["program"].session["rights"])
        fill(running)
        own_cases_are_seen(visitors)
        probers = {role: people.account(running, role + ".p", roles, of_unit)
                   for role, (roles, of_unit) in ROLES.items()}
        probers["program"] = people.program(
            running, "program.p", ["read", "export", "messages.read"], "u1")
        nothing_of_a_foreign_unit_is_told(running, probers)
        the_probe_finds_what_is_there_to_be_found(running, probers)
        a_foreign_case_is_as_one_that_is_not_there(running, visitors)
        an_export_is_for_who_asked_for_it(visitors)
        the_stream_counts_only_what_one_sees(visitors)
        work_is_done_only_on_own_cases_and_in_ones_own_name(running, visitors)
        nobody_approves_what_they_drafted(running)
        without_a_session_nothing_is_told(running)
        without_the_word_of_the_session_nothing_is_changed(running, visitors)
        each_role_is_let_in_as_the_table_says(running, visitors)
        refusals_and_acts_stand_in_the_audit_trail(visitors)
        changes_carry_the_hash_of_before_and_after(running, visitors)


if __name__ == "__main__":
    main()
