#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A mail server on loopback, as strict as real ones are to strangers.

    smtp_standin.py FOLDER [--user NAME --password WORDS] [--no-tls]

prints {"port", "tls_port", "doors", "ca"}: SMTP with STARTTLS, SMTP inside TLS, the doors for
tests (see standin.py), the authority that signed its certificate for 127.0.0.1. With --user only
who has given name and password, and only inside TLS, may send.

Commands out of order, bare line feeds, lines too long, eight-bit text, headers that are missing,
doubled or malformed, and texts that are not what their headers say are refused. Each mail taken
is a line of the log: {"from", "to", "id", "subject", "text", "date", "hello", "tls", "user"}.

POST /standin/next {"answers": [{"at": COMMAND, ...}]} makes the next such command go wrong;
COMMAND is one of greeting, EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA, "." (the end of a mail), QUIT:

    {"at": "RCPT", "reply": "550 5.1.1 no such person"}     this reply
    {"at": "MAIL", "hang": true}                            none, the connection stays
                                                            (at "." the mail is taken)
    {"at": ".", "lost": true}                               the mail is taken; closed, no reply
    {"at": "DATA", "close": true}                           closed without a reply
"""
import argparse
import base64
import binascii
import email
import email.header
import email.policy
import email.utils
import hmac
import json
import os
import re
import socketserver
import ssl
import sys
import threading

import standin
import tls_standin

LINE_BYTES_MAX = 998
MAIL_BYTES_MAX = 1 << 20
LINES_MAX = 20000
ADDRESS = re.compile(rb"<([A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+)>")
WANTED = ("Date", "From", "To", "Subject", "Message-ID", "MIME-Version", "Content-Type",
          "Content-Transfer-Encoding")


class Refused(Exception):
    """Its text is the reply."""


class Closed(Exception):
    """The connection ends without another word."""


class Doors(standin.Standin):
    """Log and orders; there is no gateway behind this HTTP server."""

    def handle(self, request):
        return standin.Answer(status=404)

    def wrong_at(self, command):
        with self.lock:
            for place, entry in enumerate(self.next):
                if entry["at"] == command:
                    del self.next[place]
                    return entry
        return {}


def checked_headers(head):
    """The parsed mail; a header that is folded wrongly or holds eight-bit text is refused."""
    for line in head.split(b"\r\n"):
        if len(line) > 78 or any(c < 0x20 and c != 9 or c > 0x7e for c in line):
            raise Refused("554 5.6.0 a header line is not short ASCII")
        if not line.startswith(b" ") and not re.match(rb"[A-Za-z-]+: \S", line):
            raise Refused("554 5.6.0 malformed header")
    mail = email.message_from_bytes(head + b"\r\n\r\n", policy=email.policy.default)
    for name in WANTED:
        if len(mail.get_all(name, [])) != 1:
            raise Refused("554 5.6.0 %s is not there once" % name)
    if mail.defects or email.utils.parsedate_to_datetime(str(mail["Date"])) is None:
        raise Refused("554 5.6.0 malformed mail")
    return mail


def words_of(raw):
    """Decoded encoded words, strictly: valid base64, valid UTF-8, at most 75 characters each."""
    parts = []
    for word in raw.split():
        match = re.fullmatch(r"=\?UTF-8\?B\?([A-Za-z0-9+/=]+)\?=", word)
        if not match or len(word) > 75:
            raise Refused("554 5.6.0 malformed encoded word")
        parts.append(base64.b64decode(match[1], validate=True).decode("utf-8"))
    return "".join(parts)


def text_of(mail, body):
    if mail["Content-Type"] != "text/plain; charset=\"utf-8\"" and \
            mail["Content-Type"] != "text/plain; charset=utf-8":
        raise Refused("554 5.6.0 not plain text")
    if mail["Content-Transfer-Encoding"] != "base64":
        raise Refused("554 5.6.0 not base64")
    lines = body.split(b"\r\n")
    if any(len(line) > 76 for line in lines):
        raise Refused("554 5.6.0 a line of base64 is too long")
    text = base64.b64decode(b"".join(lines), validate=True).decode("utf-8")
    if "\n" in text.replace("\r\n", ""):
        raise Refused("554 5.6.0 a bare line feed in the text")
    return text.replace("\r\n", "\n")


def read_mail(data, sender, receiver):
    """What the log says of a mail."""
    head, found, body = data.partition(b"\r\n\r\n")
    if not found:
        raise Refused("554 5.6.0 no text")
    mail = checked_headers(head)
    raw_subject = re.search(rb"(?m)^Subject: (.*(?:\r\n .*)*)", head)[1].decode("ascii")
    if email.utils.parseaddr(str(mail["To"]))[1] != receiver:
        raise Refused("554 5.6.0 To is somebody else")
    if email.utils.parseaddr(str(mail["From"]))[1] != sender:
        raise Refused("554 5.6.0 From is somebody else")
    if not re.fullmatch(r"<[a-z0-9-]+@[A-Za-z0-9.-]+>", str(mail["Message-ID"])):
        raise Refused("554 5.6.0 malformed Message-ID")
    return {
        "from": sender, "to": receiver, "id": str(mail["Message-ID"]),
        "subject": words_of(raw_subject), "text": text_of(mail, body), "date": str(mail["Date"]),
        "reply_to": str(mail["Reply-To"] or ""), "name": str(mail["From"]),
        "bytes": data.decode("ascii"),
    }


class Session(socketserver.StreamRequestHandler):
    doors = None
    context = None
    options = None
    inside_tls = False

    def setup(self):
        self.secure = self.inside_tls
        if self.inside_tls:
            self.request = self.context.wrap_socket(self.request, server_side=True)
        super().setup()

    def handle(self):
        self.hello = self.sender = self.receiver = self.user = None
        try:
            self.reply_to("greeting", "220 mail.test ESMTP")
            while self.command():
                pass
        except (Closed, OSError):
            pass

    # ---- lines ----

    def line(self):
        line = self.rfile.readline(LINE_BYTES_MAX + 3)
        if not line.endswith(b"\r\n") or b"\n" in line[:-1]:
            raise Closed
        return line[:-2]

    def say(self, reply):
        self.wfile.write(reply.encode("ascii") + b"\r\n")
        self.wfile.flush()

    def reply_to(self, command, reply, wrong=None):
        """Says it, unless the order of a test is another one; whether it said so."""
        if wrong is None:
            wrong = self.doors.wrong_at(command)
        if wrong.get("close") or wrong.get("lost"):
            raise Closed
        if wrong.get("hang"):
            self.doors.ended.wait()
            raise Closed
        self.say(wrong.get("reply", reply))
        return "reply" not in wrong

    # ---- commands ----

    def command(self):
        line = self.line()
        verb, _, rest = line.partition(b" ")
        verb = verb.decode("ascii", "replace").upper()
        try:
            return getattr(self, "do_" + verb, self.unknown)(rest)
        except Refused as refused:
            self.say(str(refused))
        except (binascii.Error, UnicodeDecodeError, ValueError):
            self.say("554 5.6.0 unreadable")
        return True

    def unknown(self, rest):
        raise Refused("500 5.5.1 unknown command")

    def do_EHLO(self, rest):
        if not re.fullmatch(rb"[A-Za-z0-9.-]+", rest):
            raise Refused("501 5.5.4 no name")
        self.hello = rest.decode("ascii")
        self.sender = self.receiver = None
        offers = ["mail.test", "SIZE %d" % MAIL_BYTES_MAX]
        if not self.secure and not self.options.no_tls:
            offers.append("STARTTLS")
        if self.secure and self.options.user:
            offers.append("AUTH PLAIN LOGIN")
        offers.append("ENHANCEDSTATUSCODES")
        text = "\r\n".join("250-" + offer for offer in offers[:-1]) + "\r\n250 " + offers[-1]
        self.reply_to("EHLO", text)
        return True

    def do_STARTTLS(self, rest):
        if self.secure or self.options.no_tls:
            raise Refused("503 5.5.1 not now")
        if not self.reply_to("STARTTLS", "220 2.0.0 go on"):
            return True
        self.request = self.context.wrap_socket(self.request, server_side=True)
        socketserver.StreamRequestHandler.setup(self)
        self.secure = True
        self.hello = None
        return True

    def do_AUTH(self, rest):
        if not self.secure:
            raise Refused("538 5.7.11 not without TLS")
        kind, _, first = rest.partition(b" ")
        if not self.options.user or kind.upper() not in (b"PLAIN", b"LOGIN"):
            raise Refused("504 5.5.4 no such way")
        name, password = (self.plain(first) if kind.upper() == b"PLAIN" else self.login(first))
        right = hmac.compare_digest(name, self.options.user.encode()) and hmac.compare_digest(
            password, self.options.password.encode())
        if self.reply_to("AUTH", "235 2.7.0 welcome" if right else "535 5.7.8 wrong") and right:
            self.user = name.decode()
        return True

    def ask(self, question):
        self.say("334 " + question)
        return self.line()

    def plain(self, first):
        parts = base64.b64decode(first or self.ask(""), validate=True).split(b"\0")
        if len(parts) != 3:
            raise Refused("501 5.5.2 malformed")
        return parts[1], parts[2]

    def login(self, first):
        name = base64.b64decode(first or self.ask("VXNlcm5hbWU6"), validate=True)
        return name, base64.b64decode(self.ask("UGFzc3dvcmQ6"), validate=True)

    def do_MAIL(self, rest):
        match = re.fullmatch(rb"FROM:" + ADDRESS.pattern + rb"( SIZE=\d+)?( AUTH=<>)?", rest)
        if not self.hello or self.sender:
            raise Refused("503 5.5.1 out of order")
        if self.options.user and not self.user:
            raise Refused("530 5.7.0 who are you")
        if not match:
            raise Refused("501 5.5.4 malformed")
        if self.reply_to("MAIL", "250 2.1.0 ok"):
            self.sender = match[1].decode("ascii")
        return True

    def do_RCPT(self, rest):
        match = re.fullmatch(rb"TO:" + ADDRESS.pattern, rest)
        if not self.sender or self.receiver:
            raise Refused("503 5.5.1 out of order")
        if not match:
            raise Refused("501 5.5.4 malformed")
        if self.reply_to("RCPT", "250 2.1.5 ok"):
            self.receiver = match[1].decode("ascii")
        return True

    def do_DATA(self, rest):
        if not self.receiver:
            raise Refused("503 5.5.1 out of order")
        if not self.reply_to("DATA", "354 go on"):
            return True
        data = self.data()
        sender, receiver = self.sender, self.receiver
        self.sender = self.receiver = None
        taken = read_mail(data, sender, receiver)
        wrong = self.doors.wrong_at(".")
        if not wrong or "lost" in wrong or "hang" in wrong:
            with self.doors.lock:
                self.doors.note(hello=self.hello, tls=self.secure, user=self.user or "", **taken)
        self.reply_to(".", "250 2.0.0 Ok: queued as 4ABC", wrong)
        return True

    def data(self):
        lines = []
        while True:
            line = self.line()
            if line == b".":
                return b"\r\n".join(lines)
            lines.append(line[1:] if line.startswith(b".") else line)
            if len(lines) > LINES_MAX:
                raise Closed

    def do_RSET(self, rest):
        self.sender = self.receiver = None
        self.say("250 2.0.0 ok")
        return True

    def do_QUIT(self, rest):
        self.reply_to("QUIT", "221 2.0.0 bye")
        return False


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


def serve(doors, context, options, inside_tls):
    session = type("BoundSession", (Session,), {
        "doors": doors, "context": context, "options": options, "inside_tls": inside_tls})
    server = Server(("127.0.0.1", 0), session)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return server.server_address[1]


def main():
    parser = argparse.ArgumentParser(description="a mail server for tests")
    parser.add_argument("folder")
    parser.add_argument("--user", default="")
    parser.add_argument("--password", default="")
    parser.add_argument("--no-tls", action="store_true")
    options = parser.parse_args()
    folder = os.path.abspath(options.folder)
    authority = tls_standin.make_authority(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*tls_standin.make(folder, "mail", "IP:127.0.0.1"))
    doors = Doors()
    served = standin.serve(doors)
    print(json.dumps({
        "port": serve(doors, context, options, False),
        "tls_port": serve(doors, context, options, True),
        "doors": served.server_address[1],
        "ca": authority,
    }), flush=True)
    sys.stdin.read()
    served.shutdown()


if __name__ == "__main__":
    main()
