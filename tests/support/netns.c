/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Namespaces by unshare(2). The mount namespace is private, so the bind mount over resolv.conf
 * is nobody else's.
 */
#include "tests/support/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

static bool failed(const char *what)
{
    fprintf(stderr, "netns: %s: %s\n", what, strerror(errno));
    return false;
}

static bool write_file(const char *path, const char *text)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        return false;
    }
    const bool written = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    close(fd);
    return written;
}

static bool leave(void)
{
    const int kinds = CLONE_NEWNET | CLONE_NEWNS;
    if (geteuid() == 0) {
        return unshare(kinds) == 0 || failed("unshare");
    }
    char map[64];
    snprintf(map, sizeof(map), "0 %u 1", (unsigned)geteuid());
    if (unshare(CLONE_NEWUSER | kinds)) {
        return failed("unshare a user namespace");
    }
    return write_file("/proc/self/setgroups", "deny") && write_file("/proc/self/uid_map", map);
}

static bool loopback_up(void)
{
    struct ifreq request = {0};
    snprintf(request.ifr_name, sizeof(request.ifr_name), "lo");
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &request)) {
        return failed("lo");
    }
    request.ifr_flags |= IFF_UP;
    const bool up = ioctl(fd, SIOCSIFFLAGS, &request) == 0;
    close(fd);
    return up || failed("lo up");
}

static bool set_resolver(const char *resolv_conf)
{
    const char *folder = getenv("TMPDIR");
    char path[256];
    snprintf(path, sizeof(path), "%s/resolv-%d.conf", folder ? folder : "/tmp", (int)getpid());
    if (!write_file(path, resolv_conf)) {
        return failed(path);
    }
    const bool put = netns_put_file(path, "/etc/resolv.conf");
    unlink(path);
    return put;
}

bool netns_put_file(const char *from, const char *path)
{
    return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
                   mount(from, path, NULL, MS_BIND, NULL) == 0
               ? true
               : failed(path);
}

bool netns_enter(const char *resolv_conf)
{
    return leave() && loopback_up() && (!resolv_conf || set_resolver(resolv_conf));
}
