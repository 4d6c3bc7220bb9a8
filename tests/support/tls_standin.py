#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""HTTPS servers on loopback with good and bad certificates, made for one run.

    tls_standin.py FOLDER

prints {"ca": FILE, "good": PORT, "expired": PORT, ...} and serves until stdin ends: `good` is
signed by the authority in `ca` for 127.0.0.1, `expired` was, `other` is for another host,
`unknown` by nobody known, `old` speaks nothing newer than TLS 1.1, `garbage` no TLS at all.
Every request is answered 200 "ok".
"""
import http.server
import json
import os
import ssl
import subprocess
import sys
import threading
import warnings

KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]


def openssl(folder, *words):
    return subprocess.run(
        ["openssl", *words], cwd=folder, capture_output=True, check=False).returncode == 0


def make_authority(folder):
    """An authority of its own in that folder; the path of its certificate."""
    os.makedirs(folder, exist_ok=True)
    if not openssl(folder, "req", "-x509", *KEY, "-keyout", "ca.key", "-out", "ca.pem", "-days",
                   "2", "-subj", "/CN=an authority for tests"):
        raise RuntimeError("openssl could not make an authority")
    return os.path.join(folder, "ca.pem")


def make(folder, name, host, authority=True, expired=False):
    """A certificate and its key; the paths."""
    with open(os.path.join(folder, name + ".ext"), "w", encoding="ascii") as file:
        file.write("subjectAltName=%s\n" % host)
    pem, key = name + ".pem", name + ".key"
    if not authority:
        made = openssl(folder, "req", "-x509", *KEY, "-keyout", key, "-out", pem, "-days", "2",
                       "-subj", "/CN=" + name, "-addext", "subjectAltName=" + host)
    else:
        made = openssl(folder, "req", *KEY, "-keyout", key, "-out", name + ".csr",
                       "-subj", "/CN=" + name)
        sign = ["x509", "-req", "-in", name + ".csr", "-CA", "ca.pem", "-CAkey", "ca.key",
                "-CAcreateserial", "-extfile", name + ".ext", "-out", pem]
        dates = [["-days", "2"]] if not expired else [
            ["-not_before", "20200101000000Z", "-not_after", "20200102000000Z"], ["-days", "-1"]]
        made = made and any(openssl(folder, *sign, *date) for date in dates)
    if not made:
        raise RuntimeError("openssl could not make the certificate " + name)
    return os.path.join(folder, pem), os.path.join(folder, key)


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, format, *arguments):
        pass

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # clients that do not like a certificate hang up


def serve(wrap):
    server = Server(("127.0.0.1", 0), Handler)
    server.socket = wrap(server.socket)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return server.server_address[1]


def secure(pair, old=False):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if old:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.load_cert_chain(*pair)
    return serve(lambda sock: context.wrap_socket(
        sock, server_side=True, do_handshake_on_connect=False))


def main():
    folder = os.path.abspath(sys.argv[1])
    authority = make_authority(folder)
    here = "IP:127.0.0.1"
    print(json.dumps({
        "ca": authority,
        "good": secure(make(folder, "good", here)),
        "expired": secure(make(folder, "expired", here, expired=True)),
        "other": secure(make(folder, "other", "DNS:elsewhere.test")),
        "unknown": secure(make(folder, "unknown", here, authority=False)),
        "old": secure(make(folder, "old", here), old=True),
        "garbage": serve(lambda sock: sock),
    }), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
