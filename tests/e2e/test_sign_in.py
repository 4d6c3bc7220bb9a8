#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# nrt-test: timeout=300
"""Signing in at the whole service: the first link, `nrt user`, a restart in between, and DingTalk's
codes by its strict stand-in. No password, key, token or code may stand in the log."""
import contextlib
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request

import service

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import dingtalk_work_standin  # noqa: E402
import standin  # noqa: E402

PASSWORD = "a horse of course"
NEXT = "a mule at school"
DIRECTORY = {
    "units": [{"id": "u1", "name": "第1单位", "head": "h1", "handlers": ["h1"]}],
    "people": [{"id": "h1", "name": "第1负责人", "unit": "u1", "dingtalk": "ding1"}],
}


class Answer:
    def __init__(self, answer, body):
        self.status = answer.status
        self.cookie = (answer.headers.get("Set-Cookie") or "").split(";")[0]
        self.body = body

    def json(self):
        return json.loads(self.body)


class Browser:
    """Keeps its cookie and the word against forged requests, and nothing else."""

    def __init__(self, running):
        self.running = running
        self.cookie = self.csrf = ""

    def ask(self, method, path, value=None):
        body = None if value is None else json.dumps(value).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.running.port}{path}", data=body, method=method,
            headers={"Content-Type": "application/json", "X-NRT-CSRF": self.csrf,
                     "Cookie": self.cookie, "User-Agent": "a browser"})
        try:
            with urllib.request.urlopen(request, timeout=60) as plain:
                answer = Answer(plain, plain.read())
        except urllib.error.HTTPError as error:
            with error:
                answer = Answer(error, error.read())
        if answer.cookie:
            self.cookie = answer.cookie
        if path.startswith("/api/v1/session") and answer.status == 200 and b'"csrf"' in answer.body:
            self.csrf = answer.json()["csrf"]
        return answer

    def who(self):
        user = self.ask("GET", "/api/v1/session").json()["user"]
        return user["name"] if user else None


def key_of(link):
    return link.strip().rpartition("/#/setup/")[2]


def configure(running, url):
    secret = os.path.join(running.folder, "secret")
    with open(secret, "w", encoding="utf-8") as file:
        file.write("secret")
    return service.write_config(os.path.join(running.folder, "config"), {
        "nrt.json": {
            "channels": {"ding": {"type": "dingtalk-work", "url": url, "app_key": "key",
                                  "app_secret": {"file": secret}, "agent_id": 1}},
            "sign_in": {"dingtalk": {"channel": "ding", "corp_id": "ding0123"}}},
        "directory.json": DIRECTORY, "matters.json": {"matters": []}})


@contextlib.contextmanager
def city():
    """The service before the stand-in of DingTalk."""
    with contextlib.ExitStack() as stack:
        ding = dingtalk_work_standin.DingTalkWork(users={"ding1": "13800000001"})
        server = standin.serve(ding)
        stack.callback(server.server_close)
        stack.callback(server.shutdown)
        running = service.Service()
        running.config = configure(running, f"http://127.0.0.1:{server.server_address[1]}")
        stack.enter_context(running)
        yield running, ding


def the_first_link_is_for_one_person_and_a_restart_keeps_who_is_signed_in():
    with city() as (running, _):
        link_file = os.path.join(running.data, "setup-link")
        with open(link_file, encoding="utf-8") as file:
            key = key_of(file.read())
        assert os.stat(link_file).st_mode & 0o777 == 0o600
        browser = Browser(running)
        assert browser.ask("GET", "/api/v1/session").json()["setup"] is True
        running.stop()
        running.start()
        done = browser.ask("POST", "/api/v1/session/setup", {
            "token": key, "name": "li", "display": "李主任", "password": PASSWORD})
        assert done.status == 200, done.body
        assert browser.who() == "li" and not os.path.exists(link_file)
        running.stop()
        running.start()
        assert browser.who() == "li" and not os.path.exists(link_file)
        late = Browser(running).ask("POST", "/api/v1/session/setup", {
            "token": key, "name": "wang", "display": "", "password": PASSWORD})
        assert late.status == 404, late.body
        for secret in (key, PASSWORD, browser.cookie.partition("=")[2], browser.csrf):
            assert secret not in running.log()


def a_command_makes_accounts_and_lets_them_in():
    with city() as (running, _):
        made = running.nrt("user", "add", "Zhang", "--role", "unit,admin", "--unit", "u1",
                           "--display", "张敏").stdout
        browser = Browser(running)
        done = browser.ask("POST", "/api/v1/session/setup", {
            "token": key_of(made.splitlines()[0]), "name": "zhang", "password": PASSWORD})
        assert done.status == 200 and done.json()["user"]["unit_name"] == "第1单位", done.body
        assert "张敏" in running.nrt("user", "list").stdout
        given = dict(
            running.env, NRT_URL=f"http://127.0.0.1:{running.port}", NRT_TOKEN=running.token())
        subprocess.run([service.NRT, "user", "passwd", "zhang"], input=NEXT + "\n", text=True,
                       env=given, check=True, capture_output=True, timeout=60)
        assert browser.who() is None, "a new password ends sessions"
        done = browser.ask("POST", "/api/v1/session", {"name": "zhang", "password": NEXT})
        assert done.status == 200 and done.json()["must_change"] is True, done.body
        refused = running.nrt("user", "disable", "zhang", check=False)
        assert refused.returncode == 1 and "admin" in refused.stderr, refused
        running.nrt("user", "add", "li", "--role", "admin")
        running.nrt("user", "disable", "zhang")
        assert browser.who() is None
        assert browser.ask(
            "POST", "/api/v1/session", {"name": "zhang", "password": NEXT}).status == 401
        token = running.nrt("user", "token", "feed", "--right", "read").stdout.splitlines()[0]
        for secret in (PASSWORD, NEXT, token, key_of(made.splitlines()[0])):
            assert secret not in running.log()


def dingtalk_signs_in_whom_it_knows():
    with city() as (running, ding):
        running.nrt("user", "add", "head", "--role", "unit", "--unit", "u1", "--person", "h1")
        running.nrt("user", "add", "other", "--role", "ops", "--dingtalk", "ding2")
        methods = Browser(running).ask("GET", "/api/v1/session").json()["methods"]
        assert methods["dingtalk"] == {"corp_id": "ding0123"}, methods

        def come(code, user=None):
            if user:
                ding.push({"code": code, "user": user})
            browser = Browser(running)
            answer = browser.ask("POST", "/api/v1/session/dingtalk", {"code": code})
            return answer.status, browser

        status, browser = come("code-1", "ding1")
        assert status == 200 and browser.who() == "head"
        assert come("code-1")[0] == 401, "a code counts once"
        status, browser = come("code-2", "ding2")
        assert status == 200 and browser.who() == "other"
        assert come("code-3", "stranger")[0] == 403
        assert come("made-up")[0] == 401
        asked = [line for line in ding.lines if line.get("call") == "/gettoken"]
        assert len(asked) == 1, "the app's token is kept"
        ding.push({"revoke": True})
        assert come("code-4", "ding1")[0] == 200, "a token that was ended early is asked for anew"
        ding.order([{"status": 500, "path": dingtalk_work_standin.WHOSE}])
        assert come("code-5", "ding1")[0] == 503
        ding.order([{"silent": True, "path": dingtalk_work_standin.WHOSE}])
        assert come("code-6", "ding1")[0] == 503
        ding.order([{"big": 1 << 20, "path": dingtalk_work_standin.WHOSE}])
        assert come("code-7", "ding1")[0] == 503
        running.nrt("user", "disable", "head")
        assert come("code-8", "ding1")[0] == 403
        for secret in ("code-1", "code-8", "token-1", "token-2"):
            assert secret not in running.log(), secret


if __name__ == "__main__":
    service.run_tests([
        the_first_link_is_for_one_person_and_a_restart_keeps_who_is_signed_in,
        a_command_makes_accounts_and_lets_them_in,
        dingtalk_signs_in_whom_it_knows,
    ])
