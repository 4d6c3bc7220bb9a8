# SPDX-License-Identifier: Apache-2.0
"""Runs a script of tests/browser/harness against a service: the packages it needs are fetched once,
and the address and token are handed over in the environment."""
import json
import os
import subprocess
import sys

sys.path[:0] = [
    os.path.join(os.environ["NRT_SOURCE_DIR"], "tests", part) for part in ("e2e", "support")]

import node_modules  # noqa: E402
import service  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))


def run(script, served, arguments=(), **more):
    """The facts of the script; their lines go to standard output. False when one failed."""
    modules = node_modules.modules_of(os.path.join(service.SOURCE, "tests", "browser-npm"))
    handed = {"url": f"http://127.0.0.1:{served.port}", "token": served.token(), **more}
    env = dict(os.environ, NRT_NODE_MODULES=modules, NRT_PAGES=json.dumps(handed))
    done = subprocess.run(
        ["node", os.path.join(HERE, "harness", script), *arguments], env=env, timeout=280,
        check=False)
    return done.returncode == 0
