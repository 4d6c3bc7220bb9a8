#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The real Kannel with its fake carrier, for tests: bearerbox, smsbox and fakesmsc.

The carrier's port listens on every interface, so all of it belongs into a private network
namespace; run_in_private_network() puts the calling program there. As a program:

    kannel.py FOLDER      start; print {"port":...,"log":...} when all is connected; append what
                          the carrier got to FOLDER/carrier.ndjson; end when stdin ends

Kannel's account is user "water", password "test-pass". Messages are lines
{"from","to","coding","text","parts"}; a long one is told when its last part is there.
"""
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request

FAKESMSC = "/usr/lib/kannel/test/fakesmsc"
ADMIN_PORT = 13000
SEND_PORT = 13013
START_SECONDS = 30
GOT = re.compile(rb"Got message \d+: <(\S+) (\S+) (\S+) (.*)>\s*$")

CONFIGURATION = """\
group = core
admin-port = {admin_port}
admin-interface = "127.0.0.1"
admin-password = test-admin
admin-deny-ip = "*.*.*.*"
admin-allow-ip = "127.0.0.1"
smsbox-port = 13001
smsbox-interface = "127.0.0.1"
box-deny-ip = "*.*.*.*"
box-allow-ip = "127.0.0.1"
dlr-storage = internal
store-type = file
store-location = "{folder}/kannel.store"
log-file = "{folder}/bearerbox.log"
log-level = 0

group = smsc
smsc = fake
smsc-id = FAKE1
port = 13005
connect-allow-ip = 127.0.0.1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {send_port}
sendsms-interface = "127.0.0.1"
sendsms-chars = "0123456789 +-"
global-sender = 1069000
log-file = "{folder}/smsbox.log"
log-level = 0

group = sendsms-user
username = water
password = test-pass
max-messages = 10
concatenation = true
user-deny-ip = "*.*.*.*"
user-allow-ip = "127.0.0.1"

group = sms-service
keyword = default
max-messages = 0
{replies}
"""


def run_in_private_network():
    """Start this program again where only a loopback interface of its own exists."""
    if os.environ.get("NRT_PRIVATE_NETWORK") == "yes":
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        return
    os.environ["NRT_PRIVATE_NETWORK"] = "yes"
    flags = "-n" if os.geteuid() == 0 else "-rn"
    os.execvp("unshare", ["unshare", flags, sys.executable, *sys.argv])


def decode(line):
    """What the carrier got, from a line of fakesmsc; None for other lines."""
    found = GOT.search(line)
    if not found:
        return None
    sender, receiver, coding, rest = found.groups()
    udh = b""
    if coding == b"udh":  # a part of a long message: header, kind, text
        udh, coding, rest = rest.split(b" ", 2)
    raw = urllib.parse.unquote_to_bytes(rest.replace(b"+", b" "))
    wide = coding in (b"ucs-2", b"data")
    return {
        "from": sender.decode(),
        "to": receiver.decode(),
        "coding": "ucs-2" if wide else coding.decode(),
        "udh": urllib.parse.unquote_to_bytes(udh.replace(b"+", b" ")).hex(),
        "text": raw.decode("utf-16-be" if wide else "utf-8", "replace"),
    }


def join(parts):
    """Messages as a phone shows them: the parts of one (UDH 05 00 03 ref of n) put together."""
    whole = []
    waiting = {}
    for part in parts:
        udh = bytes.fromhex(part["udh"])
        if len(udh) != 6:
            whole.append(dict(part, parts=1))
            continue
        key = (part["from"], part["to"], udh[3])
        waiting.setdefault(key, {})[udh[5]] = part["text"]
        if len(waiting[key]) == udh[4]:
            texts = waiting.pop(key)
            text = "".join(texts[number] for number in sorted(texts))
            whole.append(dict(part, udh="", text=text, parts=udh[4]))
    return whole


class Kannel:
    """Three processes in one folder. stop() ends them; a failed start leaves none behind."""

    def __init__(self, folder, replies=None):
        """`replies`: where what phones answer is pushed, up to the query."""
        self.folder = folder
        self.parts = []
        self.told = 0
        self.processes = []
        self.lock = threading.Lock()
        os.makedirs(folder, exist_ok=True)
        path = os.path.join(folder, "kannel.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(CONFIGURATION.format(
                folder=folder, admin_port=ADMIN_PORT, send_port=SEND_PORT,
                replies=f'get-url = "{replies}?from=%p&to=%P&text=%a"' if replies
                else 'text = "no"'))
        try:
            self._start("bearerbox", ["/usr/sbin/bearerbox", "-v", "4", path])
            self._until(lambda: self.status() is not None, "bearerbox answers")
            self._start("smsbox", ["/usr/sbin/smsbox", "-v", "4", path])
            self._until(lambda: "smsbox" in self.status(), "smsbox is connected")
            self._start_carrier()
            self._until(lambda: re.search(r"FAKE1\S* .*online", self.status()), "carrier")
        except BaseException:
            self.stop()
            raise

    def _start(self, name, command):
        with open(os.path.join(self.folder, name + ".out"), "wb") as out:
            self.processes.append(subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out))

    def _start_carrier(self):
        # fakesmsc ends when its stdin does, so it gets a pipe that stays open.
        carrier = subprocess.Popen(
            [FAKESMSC, "-H", "127.0.0.1", "-r", "13005", "-i", "0.2", "-v", "0"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.carrier = carrier
        self.processes.append(carrier)
        self.reader = threading.Thread(target=self._read, args=(carrier.stdout,))
        self.reader.start()

    def _read(self, stream):
        with open(os.path.join(self.folder, "carrier.ndjson"), "a", encoding="utf-8") as log:
            for line in stream:
                message = decode(line)
                if message is None:
                    continue
                with self.lock:
                    self.parts.append(message)
                    whole = join(self.parts)
                for told in whole[self.told:]:
                    log.write(json.dumps(told, ensure_ascii=False) + "\n")
                    log.flush()
                self.told = len(whole)
        stream.close()

    def _until(self, holds, what):
        deadline = time.monotonic() + START_SECONDS
        while not holds():
            if time.monotonic() > deadline:
                raise RuntimeError("Kannel did not start: " + what)
            for process in self.processes:
                if process.poll() is not None:
                    raise RuntimeError("Kannel stopped while starting: %s" % process.args)
            time.sleep(0.05)

    def status(self):
        """bearerbox's own words; None while it does not answer."""
        url = "http://127.0.0.1:%d/status.txt?password=test-admin" % ADMIN_PORT
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return answer.read().decode()
        except OSError:
            return None

    def received(self):
        """The messages the carrier got so far, long ones put together."""
        with self.lock:
            return join(self.parts)

    def answer(self, sender, text):
        """A phone sends a text message to our number."""
        self.carrier.stdin.write(f"{sender} 1069000 text {text}\n".encode())
        self.carrier.stdin.flush()

    def stop(self):
        for process in reversed(self.processes):
            if process.stdin:
                process.stdin.close()
            if process.poll() is None:
                process.terminate()
        for process in reversed(self.processes):
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
        if hasattr(self, "reader"):
            self.reader.join()


def main():
    folder = sys.argv[1]
    kannel = Kannel(folder)
    try:
        print(json.dumps({
            "port": SEND_PORT,
            "log": os.path.join(folder, "carrier.ndjson"),
        }), flush=True)
        sys.stdin.read()
    finally:
        kannel.stop()


if __name__ == "__main__":
    main()
