// What Swift's Glibc module leaves out: epoll, eventfd, accept4 (behind _GNU_SOURCE), malloc_trim, and clocks as numbers.
#ifndef JOURNEY_GATEWAY_CEPOLL_H
#define JOURNEY_GATEWAY_CEPOLL_H

#include <malloc.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static inline int journey_accept4(int listener, struct sockaddr *address, socklen_t *length, int flags) {
    return (int)syscall(SYS_accept4, listener, address, length, flags);
}

// A clock's time in nanoseconds: a number, because Swift finds `timespec` in one of several modules, and which of them it
// is depends on what else was imported before.
static inline long long journey_clock(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

#endif
