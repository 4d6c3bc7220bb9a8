# SPDX-License-Identifier: Apache-2.0
"""Accounts of a running service, and browsers that have signed in with them."""
import http.client
import json

PASSWORD = "twelve-brown-horses"


class Reply:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    def json(self):
        return json.loads(self.body)


class Visitor:
    """Somebody with a browser, who keeps the cookie of a session and brings its word, or a program
    with a token."""

    def __init__(self, running, name=None):
        self.port = running.port
        self.name = name
        self.cookie = None
        self.token = None
        self.session = None
        self.link = None

    def ask(self, method, path, body=None, headers=None):
        sent = {"Accept-Language": "zh-CN"}
        if self.cookie:
            sent["Cookie"] = self.cookie
        if self.token:
            sent["Authorization"] = "Bearer " + self.token
        elif self.session and method not in ("GET", "HEAD"):
            sent["X-NRT-CSRF"] = self.session["csrf"]
        if body is not None:
            sent["Content-Type"] = "application/json"
            body = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent.update(headers or {})
        return self.once(method, path, body, sent)

    def once(self, method, path, body, sent):
        """On the connection of before, if it still is one."""
        kept, self.link = self.link, None
        link = kept or http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            link.request(method, path, body, sent)
            answer = link.getresponse()
            reply = Reply(answer.status, answer.headers, answer.read())
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            link.close()
            if kept:
                return self.once(method, path, body, sent)
            raise
        if answer.headers["Connection"] == "close":
            link.close()
        else:
            self.link = link
        return reply

    def sign_in(self, password=PASSWORD):
        answer = self.ask("POST", "/api/v1/session", {"name": self.name, "password": password})
        assert answer.status == 200, (self.name, answer.status, answer.body)
        self.cookie = answer.headers["Set-Cookie"].split(";")[0]
        self.session = answer.json()
        return self


def program(running, name, rights, unit=""):
    """Who has a new API token."""
    made = running.post("/api/v1/tokens", {"name": name, "rights": rights, "unit": unit})
    assert made.status == 201, (made.status, made.body)
    visitor = Visitor(running, name)
    visitor.token = made.json()["token"]
    visitor.session = visitor.ask("GET", "/api/v1/session").json()
    return visitor


def account(running, name, roles, unit="", person=""):
    """A new account and who has signed in with it."""
    made = running.post("/api/v1/users", {
        "name": name, "display": name, "roles": roles, "unit": unit, "person": person})
    assert made.status == 201, (made.status, made.body)
    link = running.post(f"/api/v1/users/{name}/link", {}).json()["link"].rpartition("/")[2]
    done = running.post("/api/v1/session/setup", {
        "token": link, "name": name, "display": name, "password": PASSWORD})
    assert done.status == 200, (done.status, done.body)
    return Visitor(running, name).sign_in()
