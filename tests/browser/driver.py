# SPDX-License-Identifier: Apache-2.0
"""A browser for a test: Chromium behind chromedriver, spoken to in plain WebDriver.

No package beside the distribution's is needed. What the page writes to its console, and what the
content security policy refuses, is kept and can be asked for.
"""
import base64
import contextlib
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-dev-shm-usage", "--lang=zh-CN", "--accept-lang=zh-CN"]


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


class Browser:
    """`with Browser(1366, 768) as browser:`"""

    def __init__(self, width, height):
        self.size = (width, height)
        self.folder = tempfile.mkdtemp(prefix="browser-")
        self.port = free_port()
        self.session = None
        self.process = None

    def __enter__(self):
        log = open(os.path.join(self.folder, "driver.log"), "wb")
        # A home of its own: nothing of it stays behind.
        env = dict(os.environ, HOME=self.folder, TMPDIR=self.folder)
        with log:
            self.process = subprocess.Popen(
                ["chromedriver", f"--port={self.port}"], stdout=log, stderr=log, env=env)
        try:
            self._open()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind, value, trace):
        self.close()

    def _open(self):
        flags = FLAGS + [f"--window-size={self.size[0]},{self.size[1]}",
                         f"--user-data-dir={self.folder}/profile"]
        wanted = {"goog:chromeOptions": {"args": flags}, "goog:loggingPrefs": {"browser": "ALL"}}
        end = time.monotonic() + 30
        while True:
            with contextlib.suppress(OSError):
                answer = self.call("POST", "", {"capabilities": {"alwaysMatch": wanted}})
                self.session = answer["sessionId"]
                return
            if time.monotonic() > end:
                raise AssertionError("chromedriver does not answer")
            time.sleep(0.1)

    def close(self):
        if self.session:
            with contextlib.suppress(OSError, AssertionError):
                self.call("DELETE", "")
        self.process.terminate()
        self.process.wait(timeout=30)
        shutil.rmtree(self.folder, ignore_errors=True)

    def call(self, method, path, value=None):
        session = f"/{self.session}" if self.session else ""
        body = json.dumps(value if value is not None else {}).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/session{session}{path}",
            data=body if method == "POST" else None, method=method)
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            with error:
                raise AssertionError(error.read().decode()[:600]) from error

    # ---- the page ----

    def go(self, url):
        self.call("POST", "/url", {"url": url})

    def be_phone(self, width, height):
        """Smaller than a window can be made."""
        self.call("POST", "/goog/cdp/execute", {
            "cmd": "Emulation.setDeviceMetricsOverride",
            "params": {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": True}})

    def run(self, script, *arguments):
        """The value that the script's promise, or the script itself, returns."""
        wrapped = ("const done = arguments[arguments.length - 1];"
                   "(async function () {" + script + "}).apply(null, arguments)"
                   ".then(done, (error) => done('error: ' + error));")
        return self.call("POST", "/execute/async", {"script": wrapped, "args": list(arguments)})

    def find(self, selector):
        found = self.call("POST", "/element", {"using": "css selector", "value": selector})
        return found[ELEMENT]

    def click(self, selector):
        self.call("POST", f"/element/{self.find(selector)}/click")

    def type(self, selector, text):
        self.call("POST", f"/element/{self.find(selector)}/value", {"text": text})

    def text(self, selector):
        return self.run("return document.querySelector(arguments[0]).innerText;", selector)

    def count(self, selector):
        return self.run("return document.querySelectorAll(arguments[0]).length;", selector)

    def complaints(self):
        """What the page's console has got since it was last asked."""
        return [entry["message"] for entry in self.call("POST", "/se/log", {"type": "browser"})]

    def screenshot(self, path):
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.call("GET", "/screenshot")))
