#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# nrt-test: slow plain timeout=300
"""Coming in by the page, in a real browser against the real service: the first link, refusals,
changing a password, signing out, and DingTalk before its strict stand-in."""
import contextlib
import os
import sys

sys.path[:0] = [
    os.path.join(os.environ["NRT_SOURCE_DIR"], "tests", part) for part in ("e2e", "support")]

import dingtalk_work_standin  # noqa: E402
import pages  # noqa: E402
import service  # noqa: E402
import standin  # noqa: E402


def configure(running, url):
    secret = os.path.join(running.folder, "secret")
    with open(secret, "w", encoding="utf-8") as file:
        file.write("secret")
    return service.write_config(os.path.join(running.folder, "config"), {"nrt.json": {
        "channels": {"ding": {"type": "dingtalk-work", "url": url, "app_key": "key",
                              "app_secret": {"file": secret}, "agent_id": 1}},
        "sign_in": {"dingtalk": {"channel": "ding", "corp_id": "ding0123"}}}})


with contextlib.ExitStack() as stack:
    server = standin.serve(dingtalk_work_standin.DingTalkWork(users={"ding1": "13800000001"}))
    stack.callback(server.server_close)
    stack.callback(server.shutdown)
    ding = f"http://127.0.0.1:{server.server_address[1]}"
    running = service.Service()
    running.config = configure(running, ding)
    stack.enter_context(running)
    with open(os.path.join(running.data, "setup-link"), encoding="utf-8") as file:
        link = file.read().strip()
    good = pages.run("sign_in.mjs", running, link=link, ding=ding)
sys.exit(0 if good else 1)
