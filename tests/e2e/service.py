# SPDX-License-Identifier: Apache-2.0
"""A running service for one test: `nrt up` on a temporary folder and a free port.

Everything is asked over HTTP or the command line, as an operator would. Nothing is waited for by
sleeping a fixed time: wait_for() looks again and again until a deadline. Only processes that a
Service started are ever signalled.
"""
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

NRT = os.environ["NRT_BIN"]
SOURCE = os.environ["NRT_SOURCE_DIR"]
DATA = os.path.join(SOURCE, "tests", "data")
LONG = os.environ.get("NRT_LONG") == "1"
SANITIZED = os.environ.get("NRT_SANITIZED") == "1"
# The sanitizers make everything slower; deadlines are generous, because passing does not wait.
DEADLINE = 120 if SANITIZED else 60


def wait_for(what, look, deadline=DEADLINE, pause=0.02):
    """The first true answer of look(); a test failure that names `what` after the deadline."""
    end = time.monotonic() + deadline
    while True:
        answer = look()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline} s: {what}")
        time.sleep(pause)


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


class Answer:
    def __init__(self, status, body):
        self.status = status
        self.body = body

    def json(self):
        return json.loads(self.body)


class Service:
    """`with Service(...) as service:` starts it, waits until it is ready, and stops it cleanly."""

    def __init__(self, *options, config=None, env=None, name="service"):
        self.folder = tempfile.mkdtemp(prefix="e2e-")
        self.data = os.path.join(self.folder, "data")
        self.port = free_port()
        self.options = list(options)
        self.config = config
        self.env = dict(os.environ, **(env or {}))
        self.log_path = os.path.join(self.folder, name + ".log")
        self.process = None
        self.complaints = []  # of the sanitizers and of MUST, found at the end

    # ---- life ----

    def start(self, *more, wait=True):
        command = [NRT, "up", "--quiet", "--data", self.data, "--port", str(self.port)]
        if self.config:
            command += ["--config", self.config]
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                command + self.options + list(more), stdout=log, stderr=log,
                stdin=subprocess.DEVNULL, env=self.env)
        if wait:
            try:
                self.wait_ready()
            except AssertionError:
                # Between the choice of a free port and its use anybody may take it.
                if "is taken by another program" not in self.log():
                    raise
                os.remove(self.log_path)
                self.port = free_port()
                return self.start(*more)
        return self

    def wait_ready(self):
        def ready():
            if self.process.poll() is not None:
                raise AssertionError(f"nrt up ended with {self.process.returncode}")
            with contextlib.suppress(OSError):
                return self.console_is_new() and self.get("/readyz").status == 200
            return False

        wait_for("the service is ready", ready)

    def console_is_new(self):
        """A console that outlives a killed supervisor answers for a moment: it does not count."""
        pid = self.pid_of("console-1")
        with open(f"/proc/{pid}/stat", "rb") as file:
            return int(file.read().rpartition(b")")[2].split()[1]) == self.process.pid

    def stop(self):
        """SIGTERM and a clean end."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=DEADLINE)
        self.process = None
        assert code == 0, f"nrt up ended with {code} after SIGTERM"

    def kill_supervisor(self):
        """SIGKILL of the supervisor; its children are told to end by the kernel."""
        self.process.kill()
        self.process.wait()
        self.process = None

    def close(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=DEADLINE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        wait_for("all processes of the service have ended", lambda: not self.leftovers())
        self.complaints = [
            line for line in self.log().splitlines()
            if "Sanitizer" in line or "runtime error" in line or "must_failed" in line
            or 'how="signal 6' in line]
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.show_log()
            self.close()
            raise

    def __exit__(self, kind, value, trace):
        if kind:
            self.show_log()
        self.close()
        if not kind and self.complaints:
            raise AssertionError("the log has:\n" + "\n".join(self.complaints[:20]))

    def show_log(self):
        with contextlib.suppress(OSError), open(self.log_path, "rb") as log:
            text = log.read().decode("utf-8", "replace")
            print("---- log of the service ----\n" + text[-20000:], file=sys.stderr)

    def log(self):
        if not os.path.exists(self.log_path):
            return ""
        with open(self.log_path, "rb") as log:
            return log.read().decode("utf-8", "replace")

    # ---- processes ----

    def leftovers(self):
        """Pids that work on our data folder: the roles name it, Redis works in it."""
        found = []
        for entry in os.listdir("/proc"):
            if not entry.isdigit() or int(entry) == os.getpid():
                continue
            with contextlib.suppress(OSError):
                with open(f"/proc/{entry}/stat", "rb") as file:
                    if file.read().rpartition(b")")[2].split()[0] in (b"Z", b"X"):
                        continue
                with open(f"/proc/{entry}/cmdline", "rb") as file:
                    if self.folder.encode() in file.read():
                        found.append(int(entry))
        return found

    def pid_of(self, instance):
        """The pid of a role's process, or of "redis"; None while it is not there."""
        for pid in self.leftovers():
            with contextlib.suppress(OSError):
                with open(f"/proc/{pid}/cmdline", "rb") as file:
                    words = file.read().split(b"\0")
                if instance == "redis" and b"redis-server" in words[0]:
                    return pid
                if b"--instance" in words:
                    at = words.index(b"--instance")
                    if words[at + 1] == instance.encode():
                        return pid
        return None

    def kill(self, *instances):
        """SIGKILL all of them, as near to each other in time as it goes."""
        pids = [self.pid_of(instance) for instance in instances]
        for pid in pids:
            if pid:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        return pids

    # ---- HTTP ----

    def token(self):
        with contextlib.suppress(OSError), open(os.path.join(self.data, "token")) as file:
            return file.read().strip()
        return ""

    def request(self, method, path, body=None, kind="application/json", timeout=600):
        url = f"http://127.0.0.1:{self.port}{path}"
        request = urllib.request.Request(url, data=body, method=method)
        if body is not None:
            request.add_header("Content-Type", kind)
        request.add_header("Authorization", "Bearer " + self.token())
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return Answer(answer.status, answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.read())

    def get(self, path):
        return self.request("GET", path)

    def get_json(self, path):
        answer = self.get(path)
        assert answer.status == 200, f"GET {path}: {answer.status} {answer.body[:300]}"
        return answer.json()

    def post(self, path, value):
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        return self.request("POST", path, body)

    def items(self, path):
        """All items of a list, page after page."""
        found, cursor = [], None
        while True:
            more = f"&cursor={urllib.request.quote(cursor)}" if cursor else ""
            page = self.get_json(f"{path}{'&' if '?' in path else '?'}limit=500{more}")
            found += page["items"]
            cursor = page["next"]
            if not cursor:
                return found

    def send(self, *events):
        """POST /api/v1/events; the answer as JSON."""
        lines = "".join(json.dumps(event, ensure_ascii=False) + "\n" for event in events)
        answer = self.request("POST", "/api/v1/events", lines.encode(), "application/x-ndjson")
        assert answer.status == 202, f"{answer.status} {answer.body[:500]}"
        return answer.json()

    def metrics(self):
        """{name{labels}: number} of /metrics."""
        values = {}
        for line in self.get("/metrics").body.decode().splitlines():
            if line and not line.startswith("#"):
                name, _, number = line.rpartition(" ")
                values[name] = float(number)
        return values

    def redis(self, *words):
        """One command on the embedded Redis; its raw answer."""
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(os.path.join(self.data, "redis", "redis.sock"))
            parts = [word if isinstance(word, bytes) else word.encode() for word in words]
            sock.sendall(b"*%d\r\n" % len(parts) + b"".join(
                b"$%d\r\n%s\r\n" % (len(part), part) for part in parts))
            return sock.recv(65536)

    # ---- command line ----

    def nrt(self, *words, check=True, timeout=900):
        env = dict(
            self.env, NRT_URL=f"http://127.0.0.1:{self.port}", NRT_TOKEN=self.token(), NO_COLOR="1")
        done = subprocess.run(
            [NRT, *words], capture_output=True, text=True, env=env, timeout=timeout, check=False)
        if check and done.returncode != 0:
            raise AssertionError(f"nrt {' '.join(words)}: {done.returncode}\n{done.stderr}")
        return done


# ---- events ----


def event(case, number, kind, when, data=None, source="/test"):
    return {
        "specversion": "1.0", "id": f"{case}-{number}", "source": source, "type": f"case.{kind}",
        "subject": case, "time": when, "data": data or {},
    }


def write_config(folder, files):
    """{relative path: value or text} as a configuration folder; returns the folder."""
    for path, value in files.items():
        full = os.path.join(folder, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as file:
            file.write(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
    return folder


def run_tests(tests):
    """Runs functions named like facts, in order; says which failed; exits."""
    failed = 0
    for test in tests:
        began = time.monotonic()
        try:
            test()
            print(f"ok   {test.__name__} ({time.monotonic() - began:.1f} s)", flush=True)
        except Exception as error:  # each fact is reported, whatever went wrong with one
            failed += 1
            print(f"FAIL {test.__name__}: {type(error).__name__}: {error}", flush=True)
            if not isinstance(error, AssertionError):
                import traceback
                traceback.print_exc()
    print(f"{len(tests) - failed} of {len(tests)} passed", flush=True)
    sys.exit(1 if failed else 0)
