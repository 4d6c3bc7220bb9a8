#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Builds the pages of console/web into a folder named after their sources, once, and prints it.
#   scripts/pages.sh SHELF      SHELF/dist/HASH; SHELF also keeps what npm fetched, by lock file
# Several builds may ask at once: one works, the others wait and take what it has made. Nothing is
# written into the source tree and no script of a package runs.
set -euo pipefail

root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
source="$root/console/web"
mkdir -p "$1"
shelf=$(readlink -f "$1")
kept=12 # dists of earlier sources

fail() {
    printf 'pages: %s\n' "$1" >&2
    exit 1
}

hash_of() {
    # Names and contents, in an order that no locale changes.
    (cd "$source" && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum) |
        cat - "${BASH_SOURCE[0]}" | sha256sum | cut -c 1-16
}

fetch_packages() {
    local place=$1 aside
    [ -d "$place" ] && return
    command -v npm >/dev/null || fail "npm is missing; scripts/packages.sh build installs it"
    aside=$(mktemp -d "$shelf/npm.XXXXXX")
    cp "$source/package.json" "$source/package-lock.json" "$aside"
    if ! (cd "$aside" && npm ci --ignore-scripts --no-audit --no-fund) >"$shelf/npm.log" 2>&1; then
        tail -n 15 "$shelf/npm.log" >&2
        rm -rf "$aside"
        fail "npm ci failed (no network?); -DNRT_CONSOLE_PREBUILT=DIR takes pages built elsewhere"
    fi
    mv "$aside" "$place"
}

# Beside each file that is worth it stands its .gz: no time and no name inside, so always the same.
add_gz() {
    local kinds=(-name '*.js' -o -name '*.css' -o -name '*.html' -o -name '*.svg')
    find "$1" -type f \( "${kinds[@]}" \) -print0 | xargs -0 gzip -9 -n -k
}

build() {
    local dist=$1 modules aside
    modules="$shelf/node-$(sha256sum "$source/package-lock.json" | cut -c 1-16)"
    fetch_packages "$modules"
    aside=$(mktemp -d "$shelf/work.XXXXXX")
    cp -R "$source/." "$aside"
    ln -s "$modules/node_modules" "$aside/node_modules"
    if ! (cd "$aside" && node node_modules/vite/bin/vite.js build) >"$shelf/build.log" 2>&1; then
        tail -n 25 "$shelf/build.log" >&2
        rm -rf "$aside"
        fail "the pages do not build"
    fi
    add_gz "$aside/dist"
    mkdir -p "$shelf/dist"
    mv "$aside/dist" "$dist"
    rm -rf "$aside"
}

forget_old() {
    local old
    find "$shelf/dist" -mindepth 1 -maxdepth 1 -printf '%T@ %p\n' | sort -rn | cut -d ' ' -f 2- |
        tail -n "+$((kept + 1))" | while read -r old; do
        rm -rf "$old"
    done
}

exec 9>"$shelf/lock"
flock 9
dist="$shelf/dist/$(hash_of)"
if [ ! -d "$dist" ]; then
    build "$dist"
    forget_old
fi
printf '%s\n' "$dist"
