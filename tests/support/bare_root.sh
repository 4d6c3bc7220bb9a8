#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Sourced by tests that need a bare Debian root: makes it once with debootstrap, keeps it as a tar,
# unpacks it, and gives it what this machine knows about reaching package mirrors.
# NRT_FRESH_CACHE names the folder of the tar (default: the user's cache directory).

bare_host_suite() {
    # shellcheck disable=SC1091
    (. /etc/os-release && echo "${VERSION_CODENAME:-bookworm}")
}

# Mirror of Debian as this machine's apt has it.
bare_mirror() {
    # shellcheck disable=SC2016
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' |
        grep -v security | head -n 1
}

# bare_root_tar SUITE: makes the tar unless a young one is there; prints its path.
bare_root_tar() {
    local suite=$1 cache tar made
    cache="${NRT_FRESH_CACHE:-${XDG_CACHE_HOME:-${HOME:-/var}/.cache}/nrt-fresh}"
    tar="$cache/$suite-$(dpkg --print-architecture).tar"
    mkdir -p "$cache"
    # An older root would only spend its time on upgrades.
    if [ -s "$tar" ] && [ -z "$(find "$tar" -mtime +30)" ]; then
        echo "$tar"
        return
    fi
    made=$(mktemp -d "$cache/making.XXXXXX")
    if ! debootstrap --variant=minbase "$suite" "$made" "$(bare_mirror)" >"$tar.log" 2>&1; then
        tail -n 5 "$tar.log" >&2
        rm -rf --one-file-system "$made"
        printf 'debootstrap failed; the whole log: %s\n' "$tar.log" >&2
        return 1
    fi
    tar -C "$made" --numeric-owner -cf "$tar.new" .
    mv "$tar.new" "$tar"
    rm -rf --one-file-system "$made"
    echo "$tar"
}

# bare_root_unpack SUITE PLACE
bare_root_unpack() {
    local suite=$1 place=$2 tar
    tar=$(bare_root_tar "$suite") || return 1
    tar -C "$place" --numeric-owner -xf "$tar"
    chmod 755 "$place"
    bare_root_take_over "$suite" "$place"
}

# Name servers, mirrors, proxies and certificates; nothing else of this machine.
bare_root_take_over() {
    local suite=$1 place=$2 host_suite
    host_suite=$(bare_host_suite)
    cp -L /etc/resolv.conf "$place/etc/resolv.conf"
    grep -E '^(127|::1)' /etc/hosts >"$place/etc/hosts"
    # shellcheck disable=SC2016
    apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' \
        'Created-By: Packages' 'Origin: Debian' |
        sed "s/ $host_suite\b/ $suite/" >"$place/etc/apt/sources.list"
    apt-config dump | grep -E '^Acquire::(https?|Check|Retries|ForceIP)' \
        >"$place/etc/apt/apt.conf.d/90host" || true
    if ls /usr/local/share/ca-certificates/*.crt >/dev/null 2>&1; then
        mkdir -p "$place/usr/local/share/ca-certificates"
        cp /usr/local/share/ca-certificates/*.crt "$place/usr/local/share/ca-certificates/"
    fi
}

# Environment of commands inside, one NAME=VALUE a line.
bare_root_environment() {
    echo PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
    echo HOME=/tmp
    echo LANG=C.UTF-8
    env | grep -iE '^(https?|no|all)_proxy=' || true
    if command -v npm >/dev/null; then
        echo "npm_config_registry=$(npm config get registry 2>/dev/null)"
        echo npm_config_cafile=/etc/ssl/certs/ca-certificates.crt
    fi
}
