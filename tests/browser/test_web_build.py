#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# nrt-test: slow plain timeout=240
"""What the pages are built from and to: types, texts in both languages, packages that run on the
Node.js of Debian 12, sizes, and nothing that a browser of 2019 does not know. With NRT_LONG=1 they
are built a second time, to the same bytes."""
import json
import os
import re
import shutil
import subprocess
import tempfile

import service

WEB = os.path.join(service.SOURCE, "console", "web")
OLDEST_NODE = (18, 20, 0)  # of Debian 12
FIRST_VIEW_MAX = 90 * 1024
CHARTS_MAX = 215 * 1024
NEW_FUNCTIONS = re.compile(
    r"\.(replaceAll|findLast|findLastIndex|toSorted|toReversed|hasOwn)\(|"
    r"\b(structuredClone|crypto\.randomUUID|Promise\.any|AbortSignal\.timeout)\(")


def shelf():
    return os.path.join(os.path.dirname(os.environ["NRT_BUILD_DIR"]), "web")


def built():
    done = subprocess.run(
        [os.path.join(service.SOURCE, "scripts", "pages.sh"), shelf()],
        capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def modules():
    import hashlib
    with open(os.path.join(WEB, "package-lock.json"), "rb") as file:
        name = hashlib.sha256(file.read()).hexdigest()[:16]
    return os.path.join(shelf(), f"node-{name}", "node_modules")


def sources(*ends):
    for folder, _, names in os.walk(os.path.join(WEB, "src")):
        for name in sorted(names):
            if name.endswith(ends):
                path = os.path.join(folder, name)
                with open(path, encoding="utf-8") as file:
                    yield os.path.relpath(path, WEB), file.read()


# ---- packages ----


def version(text):
    parts = [int(part) for part in re.findall(r"\d+", text)[:3]]
    return tuple(parts + [0] * (3 - len(parts)))


def part_takes(part, node):
    part = part.strip()
    if part in ("", "*"):
        return True
    if part.startswith(">="):
        return node >= version(part)
    if part.startswith("^"):
        return node >= version(part) and node[0] == version(part)[0]
    if part.startswith("<"):
        return node < version(part)
    return node[0] == version(part)[0]


def takes(wanted, node):
    wanted = re.sub(r"(>=|\^|<|~)\s+", r"\1", wanted)
    return any(all(part_takes(part, node) for part in either.split())
               for either in wanted.split("||"))


def every_package_runs_on_the_node_of_debian_12():
    assert takes("^18.0.0 || >=20", OLDEST_NODE) and not takes(">=20", OLDEST_NODE)
    for folder in (WEB, os.path.join(service.SOURCE, "tests", "browser-npm")):
        with open(os.path.join(folder, "package-lock.json"), encoding="utf-8") as file:
            lock = json.load(file)
        assert lock["lockfileVersion"] == 3
        for name, package in lock["packages"].items():
            wanted = package.get("engines", {}).get("node", "*")
            assert takes(wanted, OLDEST_NODE), (name, wanted)
            assert "resolved" not in package, f"{name} is tied to one host"
            assert name == "" or package.get("integrity"), name


# ---- what is built ----


def gz(dist, name):
    return os.path.getsize(os.path.join(dist, name + ".gz"))


def the_first_view_and_the_charts_are_small():
    dist = built()
    with open(os.path.join(dist, "index.html"), encoding="utf-8") as file:
        page = file.read()
    named = re.findall(r'(?:src|href)="\./(assets/[^"]+)"', page)
    assets = os.listdir(os.path.join(dist, "assets"))
    own = [name for name in assets if re.match(r"(zh|Overview)-[^.]*\.(js|css)$", name)]
    assert len(own) >= 2, assets
    first = sum(gz(dist, name) for name in {*named, *("assets/" + name for name in own)})
    charts = [gz(dist, "assets/" + name) for name in assets if re.match(r"chart-[^.]*\.js$", name)]
    print(f"     first view {first} bytes, charts {charts} bytes, gzip")
    assert 20000 < first < FIRST_VIEW_MAX, first
    assert len(charts) == 1 and 50000 < charts[0] < CHARTS_MAX, charts
    assert "<script>" not in page and " style=" not in page and "onload" not in page, page


def two_builds_of_the_same_sources_are_the_same():
    dist = built()
    with tempfile.TemporaryDirectory() as folder:
        # Another shelf with the same packages: all is built again.
        os.symlink(os.path.dirname(modules()), os.path.join(folder, os.path.basename(
            os.path.dirname(modules()))))
        done = subprocess.run(
            [os.path.join(service.SOURCE, "scripts", "pages.sh"), folder],
            capture_output=True, text=True, timeout=200, check=True)
        compared = subprocess.run(
            ["diff", "-r", dist, done.stdout.strip()], capture_output=True, text=True, check=False)
        assert compared.returncode == 0, compared.stdout[:2000]


def a_browser_of_2019_knows_all_of_it():
    done = subprocess.run(
        ["node", os.path.join(service.SOURCE, "tests/browser/harness/old_browsers.mjs"), built(),
         modules()], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    for path, text in sources(".ts", ".vue"):
        found = NEW_FUNCTIONS.search(text)
        assert not found, f"{path}: {found.group(0)}"


def nothing_becomes_markup_or_inline_code():
    for path, text in sources(".ts", ".vue"):
        for bad in ("v-html", "innerHTML", "eval(", "new Function", "document.write", ' style="'):
            assert bad not in text, f"{path}: {bad}"


def the_types_hold_against_what_the_service_says_of_itself():
    built()
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(WEB, folder, dirs_exist_ok=True)
        os.symlink(modules(), os.path.join(folder, "node_modules"))
        subprocess.run(
            ["node", "node_modules/openapi-typescript/bin/cli.js",
             os.path.join(service.SOURCE, "console", "openapi", "openapi.json"),
             "-o", "src/api-types.ts"], cwd=folder, capture_output=True, timeout=100, check=True)
        done = subprocess.run(
            ["node", "node_modules/vue-tsc/bin/vue-tsc.js", "--noEmit"], cwd=folder,
            capture_output=True, text=True, timeout=200, check=False)
        assert done.returncode == 0, done.stdout[:4000]


# ---- texts ----


def texts(language):
    found = {}
    for path, text in sources(f".{language}.ts"):
        area = os.path.basename(path).split(".")[0]
        for key, value in re.findall(
                r'^  "?([\w-]+)"?:\s*"((?:[^"\\]|\\.)*)"', text, re.MULTILINE):
            found[f"{area}.{key}"] = value
    return found


def both_languages_have_every_text():
    zh, en = texts("zh"), texts("en")
    assert len(zh) > 300
    assert not set(zh) ^ set(en), sorted(set(zh) ^ set(en))
    for key in zh:
        marks = [set(re.findall(r"\{(\w+)", side[key])) for side in (zh, en)]
        assert marks[0] == marks[1], (key, marks)


def no_text_is_missing_and_none_is_unused():
    known = set(texts("zh"))
    areas = {key.split(".")[0] for key in known}
    used, starts = set(), set()
    for path, text in sources(".ts", ".vue"):
        if re.search(r"\.(zh|en)\.ts$", path):
            continue
        for key in re.findall(r"""["'`]([a-z][a-z]*\.[\w-]+)["'`]""", text):
            if key.split(".")[0] in areas:
                used.add(key)
        # t(`status.${one}`), word("status", one)
        starts.update(re.findall(r"`([a-z]+\.[\w-]*)\$\{", text))
        starts.update(area + "." for area in re.findall(r"""\bword\(\s*["'](\w+)["']""", text))
        called = re.findall(r"""\bt\(\s*["']([\w.-]+)["']""", text)
        missing = [key for key in called if key not in known]
        assert not missing, (path, missing)
    unused = sorted(key for key in known - used
                    if not any(key.startswith(start) for start in starts))
    assert not unused, unused


if __name__ == "__main__":
    again = [two_builds_of_the_same_sources_are_the_same] if service.LONG else []
    service.run_tests([
        every_package_runs_on_the_node_of_debian_12,
        both_languages_have_every_text,
        no_text_is_missing_and_none_is_unused,
        nothing_becomes_markup_or_inline_code,
        the_first_view_and_the_charts_are_small,
        *again,
        a_browser_of_2019_knows_all_of_it,
        the_types_hold_against_what_the_service_says_of_itself,
    ])
