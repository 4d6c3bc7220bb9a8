# SPDX-License-Identifier: Apache-2.0
"""The checks of the text of this tree that neither compiler nor formatter makes.

A check is a function that takes a Tree and yields complaints, "path:line: what is wrong".
test_tidy runs them all over the repository; test_tidy_itself shows that each can fail.
Exceptions stand here and nowhere else, each with its reason.
"""
import concurrent.futures
import json
import os
import re
import shutil
import subprocess
import unicodedata

# Folders that are not the project's text: what builds and tests make.
SKIPPED_FOLDERS = {".git", "build", "data", "node_modules", "__pycache__", ".cache", "dist"}

# A folder may include itself and these, never anything else of this project.
BELOW = {
    "base": (),
    "rules": ("base",),
    "config": ("base", "rules"),
    "store": ("base", "rules", "config"),
    "monitor": ("base", "rules", "config", "store"),
    "notifiers": ("base", "rules", "config", "store"),
    "console": ("base", "rules", "config", "store"),
    "cli": ("base", "rules", "config", "store", "monitor", "notifiers", "console"),
}

# Third-party headers, and the files that may name them. Tests and benches may name any.
ADAPTERS = {
    r"cjson/": r"base/json\.c",
    r"sqlite3\.h": r"base/sql\.c",
    r"openssl/": r"base/(crypto|tls)\.c",
    r"hiredis/": r"store/redis_\w+\.[ch]",
    # The console asks DingTalk who signs in: beside its loop, without the notifiers' engine in it.
    r"curl/": r"notifiers/http_(engine|transfer)\.[ch]|console/fetch\.c",
    r"libical/": r"config/calendar_ical\.c",
    r"xlsxwriter": r"base/xlsx\.c",
    r"event2/": r"(store/(loop|role|redis)\w*|notifiers/http_engine"
                r"|console/(http\w*|readers|front)|cli/\w+)\.[ch]",
}

# The pure core: no clock, file, socket, process, JSON or database.
IMPURE = re.compile(
    r'<(time|unistd|fcntl|signal|pthread|errno|sys/.*|netinet/.*|arpa/.*)\.h>'
    r'|<time\.h>|"base/(json|sql|file|clock|crypto|log|failpoint)\.h"'
)

BANNED = (
    "strcpy strncpy strcat strncat sprintf vsprintf strtok gets atoi atol atoll atof gmtime"
    " localtime mktime ctime asctime rand srand random sleep usleep nanosleep system popen tmpnam"
    " mktemp alloca setjmp longjmp"
).split()
BANNED_CALL = re.compile(r"(?<![\w.>])(%s)\s*\(" % "|".join(BANNED))

# The one owner of "now"; tests measure real time where they are about it.
CLOCK_CALL = re.compile(r"(?<![\w.>])(time|clock_gettime|gettimeofday|clock)\s*\(")
CLOCK_OWNERS = re.compile(r"base/(clock|log)\.c|tests/.*|bench/.*")

FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 800
COLUMNS_MAX = 100
FORMATTED_AT_ONCE = 60
README_LINES_MAX = 120

# path -> reason
LONG_FILES = {}
LONG_LINES = {}
LONG_FUNCTIONS = {}

CODE = (".c", ".h", ".py", ".sh", ".cmake", ".lua", ".ts", ".vue", ".js", ".css")
# Rules of style sheets and sentences of the pages stand on one line each.
PAGES = (".css", ".js", ".ts", ".vue")
WITH_LICENCE = CODE + (".html", ".yaml", ".yml")
# Folders of tests/ whose test_* files CMake picks up.
TEST_FOLDERS = "tidy unit property component sim torture e2e browser docker".split()

# Written in two parts, so that this file does not name what it forbids. Each begins with letters:
# megabytes are searched for those much faster than for what may stand before them.
FORBIDDEN_TEXT = [
    (r"/(?<![\w.]/)(wo" r"rk|ro" r"ot|ho" r"me/\w+|Us" r"ers)/", "a path of one machine"),
    (r"deb(?<=\bdeb)\.deb" r"ian\.org", "a package host"),
    (r"security(?<=\bsecurity)\.deb" r"ian\.org", "a package host"),
    (r"registry\.npm" r"js", "a package host"),
    (r"npm" r"mirror", "a package host"),
    (r"sha" r"red/(?<![\w/]sha" r"red/)(?!\w*\.h)\w+\.md", "a word about how this is built"),
    (r"is" r"sue(?<=\bis" r"sue) #?\d+", "a word about how this is built"),
]
# Files that quote such text for a reason.
FORBIDDEN_TEXT_EXEMPT = {}


class Tree:
    """A folder's text files, read once."""

    def __init__(self, root):
        self.root = root
        self.paths = sorted(self._walk())
        self._texts = {}

    def _walk(self):
        for folder, folders, files in os.walk(self.root):
            folders[:] = [name for name in folders if name not in SKIPPED_FOLDERS]
            for name in files:
                if name not in SKIPPED_FOLDERS:  # .git is a file in a second work tree
                    yield os.path.relpath(os.path.join(folder, name), self.root)

    def text(self, path):
        if path not in self._texts:
            with open(os.path.join(self.root, path), "rb") as file:
                raw = file.read()
            self._texts[path] = None if b"\0" in raw else raw.decode("utf-8", "replace")
        return self._texts[path]

    def lines(self, path):
        return (self.text(path) or "").split("\n")

    def c_files(self):
        return [p for p in self.paths if p.endswith((".c", ".h"))]

    def code_files(self):
        return [p for p in self.paths if p.endswith(CODE) or is_script(self, p)]

    def is_executable(self, path):
        return os.access(os.path.join(self.root, path), os.X_OK)


def is_script(tree, path):
    text = tree.text(path)
    return bool(text) and text.startswith("#!") and not path.endswith(".lua")


def is_cmake(path):
    return path.endswith(".cmake") or os.path.basename(path) == "CMakeLists.txt"


def folder_of(path):
    return path.split("/")[0] if "/" in path else ""


def without_comments_and_strings(text):
    """Same number of lines; contents of comments and literals gone."""

    def blank(match):
        return re.sub(r"[^\n]", " ", match.group(0))

    pattern = r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
    return re.sub(pattern, blank, text, flags=re.S)


def columns_of(line):
    if line.isascii():
        return len(line)
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


def includes_of(tree, path):
    for number, line in enumerate(tree.lines(path), 1):
        match = re.match(r'\s*#\s*include\s+([<"][^>"]+[>"])', line)
        if match:
            yield number, match.group(1)


def check_include_direction(tree):
    known = set(tree.paths)
    for path in tree.c_files():
        own = folder_of(path)
        for number, target in includes_of(tree, path):
            if not target.startswith('"'):
                continue
            name = target.strip('"')
            if name not in known:
                yield f"{path}:{number}: {target} is not a path from the repository's root"
                continue
            other = folder_of(name)
            if own in BELOW and other != own and other not in BELOW[own]:
                yield f"{path}:{number}: {own} may not include {target}"


def check_adapters(tree):
    for path in tree.c_files():
        if folder_of(path) not in BELOW:
            continue
        for number, target in includes_of(tree, path):
            for header, adapter in ADAPTERS.items():
                named = re.match(r"[<\"]" + header, target)
                if named and not re.fullmatch(adapter, path):
                    yield f"{path}:{number}: {target} belongs into {adapter} alone"


def check_pure_core(tree):
    for path in tree.c_files():
        if folder_of(path) != "rules":
            continue
        for number, target in includes_of(tree, path):
            if IMPURE.fullmatch(target):
                yield f"{path}:{number}: rules is pure; {target} is not"


def check_function_length(tree):
    for path in tree.c_files():
        start = 0
        for number, line in enumerate(tree.lines(path), 1):
            if line == "{":
                start = number
            elif line == "}" and start:
                body = number - start - 1
                if body > FUNCTION_LINES_MAX and path not in LONG_FUNCTIONS:
                    yield f"{path}:{start}: function of {body} lines, {FUNCTION_LINES_MAX} at most"
                start = 0


def check_file_length(tree):
    for path in tree.code_files():
        count = len(tree.lines(path)) - 1
        if count > FILE_LINES_MAX and path not in LONG_FILES:
            yield f"{path}:1: {count} lines, {FILE_LINES_MAX} at most"


def check_line_length(tree):
    for path in tree.code_files():
        if path in LONG_LINES or path.endswith(PAGES) or is_minified(path):
            continue
        for number, line in enumerate(tree.lines(path), 1):
            if columns_of(line) > COLUMNS_MAX:
                yield f"{path}:{number}: {columns_of(line)} columns, {COLUMNS_MAX} at most"


def is_minified(path):
    return ".min." in path


def check_whitespace(tree):
    for path in tree.code_files():
        text = tree.text(path)
        if not text or is_minified(path):
            continue
        if not text.endswith("\n") or text.endswith("\n\n"):
            yield f"{path}:{len(tree.lines(path))}: ends with one newline"
        for number, line in enumerate(text.split("\n"), 1):
            if line != line.rstrip() or "\t" in line:
                yield f"{path}:{number}: trailing blank, tab or carriage return"


def check_banned_functions(tree):
    for path in tree.c_files():
        code = without_comments_and_strings(tree.text(path) or "")
        for number, line in enumerate(code.split("\n"), 1):
            for match in BANNED_CALL.finditer(line):
                yield f"{path}:{number}: {match.group(1)}() is banned"
            if CLOCK_OWNERS.fullmatch(path):
                continue
            for match in CLOCK_CALL.finditer(line):
                yield f"{path}:{number}: {match.group(1)}(): only base/clock.c reads a clock"


def check_licence_line(tree):
    for path in tree.paths:
        named = path.endswith(WITH_LICENCE) or is_cmake(path) or is_script(tree, path)
        if not named or is_minified(path):
            continue
        lines = tree.lines(path)
        in_c = path.endswith((".c", ".h"))
        if in_c and lines[0] != "/* SPDX-License-Identifier: Apache-2.0 */":
            yield f"{path}:1: the first line names the licence (SPDX)"
        elif not in_c and "SPDX-License-Identifier: Apache-2.0" not in "\n".join(lines[:3]):
            yield f"{path}:1: the first lines name the licence (SPDX)"


def check_file_comment(tree):
    for path in tree.c_files():
        head = "\n".join(tree.lines(path)[1:3])
        if "/*" not in head:
            yield f"{path}:2: a comment says what this file owns and must never do"


def check_header_guard(tree):
    for path in tree.c_files():
        if not path.endswith(".h"):
            continue
        guard = "NRT_" + re.sub(r"\W", "_", path).upper()
        if f"#ifndef {guard}\n#define {guard}\n" not in (tree.text(path) or ""):
            yield f"{path}:1: the include guard is {guard}"


def check_orphan_tests(tree):
    for path in tree.paths:
        parts = path.split("/")
        if parts[0] != "tests" or len(parts) < 3:
            continue
        folder, name = parts[1], parts[-1]
        runs = is_script(tree, path) and tree.is_executable(path)
        if len(parts) == 3 and folder in TEST_FOLDERS:
            if name.startswith("test_") and not name.endswith((".c", ".h")) and not runs:
                yield f"{path}:1: a test script is executable and starts with #!"
            elif name.endswith(".c") and not name.startswith("test_"):
                yield f"{path}:1: not run: tests are named test_*, their helpers live in support"
            elif runs and not name.startswith("test_"):
                yield f"{path}:1: not run: tests are named test_*"
        elif name.startswith("test_") and (name.endswith(".c") or runs):
            yield f"{path}:1: not run: no test is picked up from this folder"


def check_executable_bits(tree):
    for path in tree.paths:
        script = is_script(tree, path)
        if script and not tree.is_executable(path):
            yield f"{path}:1: a script that is not executable"
        elif tree.is_executable(path) and not script:
            yield f"{path}:1: executable, but not a script"


def check_forbidden_text(tree):
    for path in tree.paths:
        text = tree.text(path)
        if text is None or path in FORBIDDEN_TEXT_EXEMPT:
            continue
        for pattern, what in FORBIDDEN_TEXT:
            for match in re.finditer(pattern, text):
                number = text.count("\n", 0, match.start()) + 1
                yield f"{path}:{number}: {what}: {match.group(0)}"


def check_readme_length(tree):
    for path in tree.paths:
        if "/" in path or not path.startswith("README"):
            continue
        count = len(tree.lines(path)) - 1
        if count > README_LINES_MAX:
            yield f"{path}:1: {count} lines, {README_LINES_MAX} at most"


def check_links(tree):
    for path in tree.paths:
        if not path.endswith(".md"):
            continue
        folder = os.path.join(tree.root, os.path.dirname(path))
        for number, line in enumerate(tree.lines(path), 1):
            for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", line):
                local = not re.match(r"[a-z]+:", target)
                if local and not os.path.exists(os.path.join(folder, target)):
                    yield f"{path}:{number}: {target} does not exist"


def check_json(tree):
    for path in tree.paths:
        # Tests need broken files too.
        if not path.endswith(".json") or folder_of(path) == "tests":
            continue
        try:
            json.loads(tree.text(path) or "")
        except ValueError as error:
            yield f"{path}:{getattr(error, 'lineno', 1)}: {error}"


def house_clang_format():
    """The version whose output is the house style, if it is here; others differ in details."""
    program = shutil.which("clang-format-14") or shutil.which("clang-format")
    if not program:
        return None
    version = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
    return program if " 14." in version else None


def side_by_side(tree, command, paths, at_once):
    """The command over the paths, so many in each call, on all processors; the ends in order."""

    def call(start):
        return subprocess.run(
            [*command, *paths[start:start + at_once]], cwd=tree.root, capture_output=True,
            text=True, check=False)

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(call, range(0, len(paths), at_once)))


def check_format(tree):
    program = house_clang_format()
    if not program:
        return
    style = "--style=file:" + os.path.join(os.path.dirname(__file__), "../../.clang-format")
    command = [program, style, "--dry-run", "--ferror-limit=1"]
    told = side_by_side(tree, command, tree.c_files(), FORMATTED_AT_ONCE)
    found = re.findall(
        r"^(\S+?):(\d+):\d+: (?:warning|error)", "".join(done.stderr for done in told), re.M)
    for path in sorted({path for path, _ in found}):
        line = next(number for other, number in found if other == path)
        yield f"{path}:{line}: clang-format would change this"


def check_shell(tree):
    program = shutil.which("shellcheck")
    if not program:
        return
    shells = [path for path in tree.paths
              if is_script(tree, path) and re.match(r"#!.*\b(ba)?sh\b", tree.text(path))]
    for done in side_by_side(tree, [program, "-x", "-f", "gcc"], shells, 1):
        yield from done.stdout.splitlines()


CHECKS = [value for name, value in sorted(globals().items()) if name.startswith("check_")]


def complaints(root, checks=None):
    tree = Tree(root)
    return [line for check in checks or CHECKS for line in check(tree)]
