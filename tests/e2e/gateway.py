# SPDX-License-Identifier: Apache-2.0
"""A stand-in for Kannel's sendsms: takes everything, remembers by which identity it was asked."""
import collections
import http.server
import threading
import urllib.parse


class Gateway:
    """`with Gateway() as gateway:` listens on a free port of the loopback interface."""

    def __init__(self):
        self.messages = []  # (identity, to, text), in order of arrival
        self.lock = threading.Lock()
        self.hook = None
        self.closed = False
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 65536  # head and body in one packet: no waiting for the other's ACK

            def do_GET(self):
                if outer.closed:
                    self.close_connection = True
                    self.send_error(503, "closed")
                    return
                outer.take(self.path)
                body = b"0: Accepted for delivery"
                self.send_response(202)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            def handle_error(self, *_):
                """A notifier that was killed leaves broken connections: that is expected here."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)

    def take(self, path):
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(path).query))
        receipt = urllib.parse.urlsplit(query.get("dlr-url", "")).query
        identity = dict(urllib.parse.parse_qsl(receipt)).get("id")
        with self.lock:
            self.messages.append((identity, query.get("to"), query.get("text")))
            act = self.hook[1] if self.hook and len(self.messages) == self.hook[0] else None
        if act:
            act()

    def at(self, number, act):
        """Calls `act` when that many messages have come, before the last of them is answered."""
        self.hook = (number, act)

    def close_for_now(self):
        """Every request is answered with 503, and nothing is taken, until open_again()."""
        self.closed = True

    def open_again(self):
        self.closed = False

    def url(self):
        return f"http://127.0.0.1:{self.server.server_address[1]}/cgi-bin/sendsms"

    def counts(self):
        """{identity: how often it was asked for}"""
        with self.lock:
            return collections.Counter(identity for identity, _, _ in self.messages)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
