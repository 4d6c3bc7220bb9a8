#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The one list of the Debian packages this project needs, and the way they get installed.
#   scripts/packages.sh SET...          install what is missing of these sets
#   scripts/packages.sh --list SET...   print their packages and change nothing
# It says what it will install before it does, changes nothing when nothing is missing, and never
# lets a freshly installed package start a service: the programs here start their own.
set -euo pipefail

declare -A packages
# Building and running the service: ./up
packages[build]="gcc libc6-dev cmake ninja-build pkg-config libevent-dev libhiredis-dev
    libcurl4-openssl-dev libcjson-dev libssl-dev libsqlite3-dev libical-dev
    zlib1g-dev libxlsxwriter-dev libargon2-dev nodejs npm"
packages[run]="redis-server redis-tools tzdata ca-certificates"
# What the tests start beside the service: ./check --fast, ./check
packages[test-fast]="python3 openssl"
packages[test]="python3 openssl clang-format shellcheck iproute2 kannel kannel-extras chromium
    chromium-driver fonts-noto-cjk nodejs npm python3-numpy clang libclang-rt-dev"
# ./check --long: the container image, clang-tidy; tests/fresh: the bare root
packages[long]="python3 buildah debootstrap clang-tidy"
packages[fresh]="debootstrap git"

# Packages that must be as new as the mirror has them, because older ones have known holes.
fresh_ones="libevent-dev libcurl4-openssl-dev"
# On Debian 12 the first libevent with the fixes of September 2026.
libevent_bookworm_min="2.1.12-stable-8+deb12u1"

log="${NRT_PACKAGES_LOG:-}" # apt's own words; a temporary file when not said
policy=/usr/sbin/policy-rc.d
policy_is_ours=no

fail() {
    printf 'packages: %s\n' "$1" >&2
    exit 1
}

version_of() {
    dpkg-query -W -f='${db:Status-Status} ${Version}\n' "$1" 2>/dev/null |
        sed -n 's/^installed //p' | head -n 1
}

# Some packages of other makers bring what Debian has as a package of its own: nodejs with npm.
is_provided() {
    local state provided
    while read -r state provided; do
        # "nodejs-dev, npm (= 11)" with a comma before and behind each name
        case "$state,${provided// /,}," in installed,*",$1,"*) return 0 ;; esac
    done < <(dpkg-query -W -f='${db:Status-Status} ${Provides}\n' 2>/dev/null)
    return 1
}

candidate_of() {
    LC_ALL=C apt-cache policy "$1" 2>/dev/null | sed -n 's/^  Candidate: //p' | head -n 1
}

is_older() { dpkg --compare-versions "$1" lt "$2"; }

# Names to hand to apt: missing ones, and installed ones that must be newer than they are.
needed() {
    local name have candidate
    for name in "$@"; do
        have=$(version_of "$name")
        if [ -z "$have" ]; then
            is_provided "$name" || echo "$name"
            continue
        fi
        case " $fresh_ones " in *" $name "*) ;; *) continue ;; esac
        candidate=$(candidate_of "$name")
        if [ "${candidate:-(none)}" != "(none)" ] && is_older "$have" "$candidate"; then
            echo "$name"
        elif [ "$name" = libevent-dev ] && libevent_is_too_old "$have"; then
            echo "$name"
        fi
    done
}

libevent_is_too_old() {
    # shellcheck disable=SC1091
    [ "$(. /etc/os-release && echo "${VERSION_CODENAME:-}")" = bookworm ] &&
        is_older "$1" "$libevent_bookworm_min"
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

apt_quiet() {
    as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
        apt-get -q -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@" >>"$log" 2>&1 </dev/null
}

remove_policy() {
    if [ "$policy_is_ours" = yes ]; then
        as_root rm -f "$policy"
        policy_is_ours=no
    fi
}

# 101 means "not allowed": packages asked to start a service then leave it alone.
forbid_service_starts() {
    [ -e "$policy" ] && return
    policy_is_ours=yes
    trap remove_policy EXIT
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
}

install_packages() {
    if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
        fail "packages are missing and there is no sudo; as root: apt-get install --yes $*"
    fi
    printf 'Installing Debian packages: %s\n' "$*"
    log="${log:-$(mktemp -t nrt-packages.XXXXXX)}"
    apt_quiet update ||
        fail "apt-get update failed (no network, no mirror?); still missing: $* (log: $log)"
    forbid_service_starts
    apt_quiet install --yes --no-install-recommends "$@" ||
        fail "apt-get could not install: $* (log: $log)"
    remove_policy
}

main() {
    local list_only=no set names="" missing
    if [ "${1:-}" = --list ]; then
        list_only=yes
        shift
    fi
    [ $# -gt 0 ] || fail "name at least one set: ${!packages[*]}"
    for set in "$@"; do
        [ -n "${packages[$set]:-}" ] || fail "no set is called '$set'; there are: ${!packages[*]}"
        names+=" ${packages[$set]}"
    done
    # shellcheck disable=SC2086
    names=$(printf '%s\n' $names | sort -u)
    if [ "$list_only" = yes ]; then
        printf '%s\n' "$names"
        return
    fi
    command -v apt-get >/dev/null ||
        fail "this is not Debian (no apt-get); install by hand what --list $* prints"
    # shellcheck disable=SC2086
    missing=$(needed $names | tr '\n' ' ')
    if [ -n "$missing" ]; then
        # shellcheck disable=SC2086
        install_packages $missing
    fi
    local have
    have=$(version_of libevent-dev)
    if [ -n "$have" ] && libevent_is_too_old "$have"; then
        printf 'packages: warning: libevent %s has known holes; %s needs the suite %s in apt\n' \
            "$have" "$libevent_bookworm_min" "bookworm-security" >&2
    fi
}

main "$@"
