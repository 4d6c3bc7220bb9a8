# SPDX-License-Identifier: Apache-2.0
"""What all stand-ins of gateways share: an HTTP server on a free port of loopback, a clock that
tests can hold, a log, and answers that go wrong on order. What a gateway accepts and refuses is
the business of its own stand-in, a subclass of Standin with a handle().

The program prints {"port": N} and serves until stdin ends. Its clock is real; or stepped: set by
POST /standin/clock {"now": ms}; or signed: the newest time that a signed request named (for
tests in which only the sender knows the time; a gateway's window is then not checked).

GET /standin/log gives all noted lines as an array, /standin/log?from=N those from the Nth on.
POST /standin/push is the gateway's: it makes it call back. POST /standin/next {"answers": [...]}
makes the next requests go wrong, one entry each; an entry with "path" waits for that path, one
with "times" holds for so many requests. An entry may say:

    {}                                      nothing goes wrong
    {"status": 503, "body": "...", "headers": {"Retry-After": "5"}}
                                            this answer (a body alone: with 200); not handled
    {"refuse": ...}                         a refusal in the gateway's own shape; not handled
    {"silent": true}                        closed without an answer; not handled
    {"hang": true}                          not handled, not answered, not closed
    {"big": BYTES}                          200 and so long a body; not handled
    {"lost": true}                          handled; closed without an answer
    {"cut": BYTES}                          handled; closed after so much of the body
    {"slow": MS}                            handled; answered so much later
"""
import argparse
import collections
import http.server
import json
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

BODY_BYTES_MAX = 1 << 20
PUSH_TIMEOUT_S = 10


class Request:
    """One request as a gateway sees it. Header names are in lower case."""

    def __init__(self, method, target, headers, body):
        url = urllib.parse.urlsplit(target)
        self.method = method
        self.path = url.path
        self.raw_query = url.query
        self.query = urllib.parse.parse_qs(url.query, keep_blank_values=True)
        self.headers = {name.lower(): value for name, value in headers.items()}
        self.body = body

    def header(self, name):
        return self.headers.get(name, "")

    def value(self, name):
        """The query's value of that name, "" where it has none."""
        return self.query.get(name, [""])[0]

    def json(self):
        """The body as JSON; ValueError."""
        return json.loads(self.body.decode("utf-8"))

    def form(self):
        return urllib.parse.parse_qs(self.body.decode("utf-8"), keep_blank_values=True)


class Answer:
    """status, headers and a body: bytes, text, or anything else as JSON."""

    def __init__(self, value=b"", status=200, content_type=None, headers=None):
        self.status = status
        self.headers = dict(headers or {})
        if isinstance(value, bytes):
            self.body = value
        elif isinstance(value, str):
            self.body = value.encode()
        else:
            self.body = json.dumps(value, ensure_ascii=False).encode()
            content_type = content_type or "application/json; charset=utf-8"
        if content_type:
            self.headers.setdefault("Content-Type", content_type)


class Standin:
    """Clock, log and what is to go wrong next. All is called with the lock held, but push()."""

    def __init__(self, clock="real", log=None):
        self.clock = clock
        self.stepped = 0
        self.newest = 0
        self.log = log
        self.lines = []
        self.next = []
        self.lock = threading.RLock()
        self.ended = threading.Event()

    # ---- for gateways to write ----

    def handle(self, request):
        """The gateway's Answer."""
        raise NotImplementedError

    def refusal(self, request, what):
        """The Answer for an ordered {"refuse": what}."""
        raise NotImplementedError

    def push(self, order):
        """Calls back as ordered; gives JSON. The lock is not held."""
        raise NotImplementedError

    # ---- for gateways to use ----

    def now(self):
        """Milliseconds since the epoch."""
        if self.clock == "stepped":
            return self.stepped
        if self.clock == "signed":
            return self.newest
        return int(time.time() * 1000)

    def in_window(self, signed, window):
        """Whether a signed time (ms) is near enough to now; the signed clock follows it."""
        self.newest = max(self.newest, signed)
        return self.clock == "signed" or abs(self.now() - signed) <= window

    def note(self, **line):
        line.setdefault("at", self.now())
        self.lines.append(line)
        if self.log:
            self.log.write(json.dumps(line, ensure_ascii=False) + "\n")
            self.log.flush()

    def call_back(self, url, value, content_type="application/json; charset=utf-8"):
        """POST (a value of None: GET) to us; {"status", "body"}, status 0 when nobody answers."""
        body = value if value is None or isinstance(value, bytes) else json.dumps(
            value, ensure_ascii=False).encode()
        headers = {} if body is None else {"Content-Type": content_type}
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(
                    urllib.request.Request(url, body, headers), timeout=PUSH_TIMEOUT_S) as answer:
                return {"status": answer.status, "body": answer.read().decode()}
        except urllib.error.HTTPError as error:
            with error:
                return {"status": error.code, "body": error.read().decode()}
        except OSError as error:
            return {"status": 0, "body": str(error)}

    # ---- what goes wrong ----

    def order(self, answers):
        self.next.extend(dict(answer) for answer in answers)

    def wrong(self, path):
        """The order for a request to that path, {} when nothing is to go wrong."""
        for place, entry in enumerate(self.next):
            if entry.get("path", path) != path:
                continue
            entry["times"] = entry.get("times", 1) - 1
            if entry["times"] <= 0:
                del self.next[place]
            return entry
        return {}

    def ordered_answer(self, request, wrong):
        """The Answer that the order itself gives, None when the gateway has to handle it."""
        if "refuse" in wrong:
            return self.refusal(request, wrong["refuse"])
        if "big" in wrong:
            return Answer(b" " * wrong["big"])
        if "status" in wrong or "body" in wrong:
            return Answer(
                wrong.get("body", b""), wrong.get("status", 200), headers=wrong.get("headers"))
        return None


class Handler(http.server.BaseHTTPRequestHandler):
    """Reads requests, finds who answers them, and answers well or badly."""
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    standin = None

    def log_message(self, format, *arguments):
        pass

    def answer(self, answer, cut=None):
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body if cut is None else answer.body[:cut])

    def do_GET(self):
        self.serve()

    def do_POST(self):
        self.serve()

    def serve(self):
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > BODY_BYTES_MAX:
            self.close_connection = True
            self.answer(Answer(status=413))
            return
        request = Request(self.command, self.path, self.headers, self.rfile.read(int(length)))
        if request.path.startswith("/standin/"):
            self.answer(self.order(request))
        else:
            self.gateway(request)

    def order(self, request):
        """The doors for tests."""
        standin = self.standin
        if request.path == "/standin/push":
            return Answer(standin.push(request.json()))
        with standin.lock:
            if request.path == "/standin/log":
                return Answer(standin.lines[int(request.value("from") or "0"):])
            if request.path == "/standin/clock":
                standin.stepped = request.json()["now"]
                return Answer({})
            if request.path == "/standin/next":
                standin.order(request.json()["answers"])
                return Answer({})
        return Answer({}, 404)

    def gateway(self, request):
        standin = self.standin
        with standin.lock:
            wrong = standin.wrong(request.path)
            unheard = wrong.get("silent") or wrong.get("hang")
            answer = None if unheard else standin.ordered_answer(request, wrong)
            if answer is None and not unheard:
                answer = standin.handle(request)
        if wrong.get("hang"):
            standin.ended.wait()
        standin.ended.wait(wrong.get("slow", 0) / 1000)
        if unheard or wrong.get("lost"):
            self.close_connection = True
            return
        self.answer(answer, wrong.get("cut"))
        if "cut" in wrong:
            self.close_connection = True


class Server(http.server.ThreadingHTTPServer):
    """One that many senders may call at once, and whose callers may hang up."""
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    def shutdown(self):
        self.RequestHandlerClass.standin.ended.set()
        super().shutdown()


def serve(standin, port=0):
    """A server in a thread of its own; its port is server_address[1]."""
    handler = type("BoundHandler", (Handler,), {"standin": standin})
    server = Server(("127.0.0.1", port), handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    return server


def parser(description):
    """Arguments that every stand-in has; pass what they say to run()."""
    made = argparse.ArgumentParser(description=description)
    made.add_argument("--log", type=argparse.FileType("a", encoding="utf-8"))
    made.add_argument("--clock", choices=("real", "stepped", "signed"), default="real")
    made.add_argument("--port", type=int, default=0)
    return made


def run(standin, port=0):
    server = serve(standin, port)
    print(json.dumps({"port": server.server_address[1]}), flush=True)
    sys.stdin.read()
    server.shutdown()


class Window:
    """How many of one kind in any such span of time."""

    def __init__(self, span, most):
        self.span = span
        self.most = most
        self.times = collections.deque()

    def full(self, now):
        while self.times and self.times[0] <= now - self.span:
            self.times.popleft()
        return len(self.times) >= self.most

    def add(self, now):
        self.times.append(now)
