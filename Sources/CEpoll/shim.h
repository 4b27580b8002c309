// What Swift's Glibc module leaves out: epoll, eventfd, and accept4 (behind _GNU_SOURCE).
#ifndef JOURNEY_GATEWAY_CEPOLL_H
#define JOURNEY_GATEWAY_CEPOLL_H

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static inline int journey_accept4(int listener, struct sockaddr *address, socklen_t *length, int flags) {
    return (int)syscall(SYS_accept4, listener, address, length, flags);
}

#endif
