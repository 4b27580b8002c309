// floor-server LOOPS                       answers 202 at once
// floor-server DATABASE SCHEMA SECRET      answers 202 once the event and its two deliveries are on disk; verifies the HMAC
#define _GNU_SOURCE
#include "floor.h"
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { EVENTS = 512, LARGEST = 16 << 10, CONNECTIONS = 4096 };

static struct sockaddr_in address = {.sin_family = AF_INET};
static EVP_MAC_CTX *authentication;  // Nil when nothing is stored.

static const char plain_answer[] = "HTTP/1.1 202 Accepted\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Length: 0\r\n\r\n";
static const char stored_answer[] =
    "HTTP/1.1 202 Accepted\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Type: application/json\r\n"
    "X-Content-Type-Options: nosniff\r\nContent-Length: 73\r\n\r\n"
    "{\"events\":[{\"id\":\"01931b3c-4a5d-7000-8000-00005eed5eed\",\"deliveries\":2}]}";

// What has come of a request so far, by descriptor.
static struct { size_t count; char text[LARGEST]; } *parts;

void fail(const char *what) {
    perror(what);
    exit(1);
}

static int digit(char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; }

static void verify(const char *head, size_t head_count, const char *body, size_t body_count) {
    static const char name[] = "X-Signature: ";
    const char *field = memmem(head, head_count, name, sizeof name - 1);
    if (!field) fail("no signature");
    unsigned char code[32];
    size_t count;
    EVP_MAC_CTX *context = EVP_MAC_CTX_dup(authentication);
    EVP_MAC_update(context, (const unsigned char *)body, body_count);
    EVP_MAC_final(context, code, &count, sizeof code);
    EVP_MAC_CTX_free(context);
    field += sizeof name - 1;
    int difference = 0;
    for (int i = 0; i < 32; i++) difference |= code[i] ^ (digit(field[2 * i]) << 4 | digit(field[2 * i + 1]));
    if (difference) fail("wrong signature");
}

static void answer(int connection, const char *text, size_t count) {
    if (send(connection, text, count, MSG_NOSIGNAL) < 0) close(connection);
}

static void receive(int connection) {
    char *text = parts[connection].text;
    ssize_t came = recv(connection, text + parts[connection].count, LARGEST - parts[connection].count, 0);
    if (came <= 0) {
        close(connection);
        return;
    }
    size_t count = parts[connection].count += came;
    const char *end = memmem(text, count, "\r\n\r\n", 4);
    if (!end) return;
    size_t head = end + 4 - text;
    const char *length = memmem(text, head, "Content-Length: ", 16);
    size_t body = length ? strtoul(length + 16, NULL, 10) : 0;
    if (count < head + body) return;
    parts[connection].count = 0;
    if (!authentication) return answer(connection, plain_answer, sizeof plain_answer - 1);
    verify(text, head, text + head, body);
    Request request = {connection, malloc(count), head, body};
    memcpy(request.text, text, count);
    store(request);
}

static int listening(void) {
    int number = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), yes = 1;
    setsockopt(number, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes);
    socklen_t size = sizeof address;
    if (bind(number, (struct sockaddr *)&address, size) || listen(number, 4096)) fail("listen");
    getsockname(number, (struct sockaddr *)&address, &size);
    return number;
}

static void watch(int epoll, int number) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = number};
    epoll_ctl(epoll, EPOLL_CTL_ADD, number, &event);
}

static void *loop(void *listener) {
    int door = (int)(long)listener, epoll = epoll_create1(0), yes = 1, stored = authentication ? answered_event() : -1;
    watch(epoll, door);
    if (stored >= 0) watch(epoll, stored);
    struct epoll_event events[EVENTS];
    for (;;) {
        int count = epoll_wait(epoll, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            int number = events[i].data.fd;
            if (number == door) {
                for (int new; (new = accept4(door, NULL, NULL, SOCK_NONBLOCK)) >= 0;) {
                    if (new >= CONNECTIONS) fail("too many connections");
                    setsockopt(new, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
                    parts[new].count = 0;
                    watch(epoll, new);
                }
            } else if (number == stored) {
                Request *requests;
                size_t done = answered(&requests);
                for (size_t j = 0; j < done; j++) {
                    answer(requests[j].connection, stored_answer, sizeof stored_answer - 1);
                    free(requests[j].text);
                }
            } else {
                receive(number);
            }
        }
    }
    return NULL;
}

static EVP_MAC_CTX *keyed(const char *secret) {
    EVP_MAC_CTX *context = EVP_MAC_CTX_new(EVP_MAC_fetch(NULL, "HMAC", NULL));
    OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, "SHA256", 0), OSSL_PARAM_construct_end()};
    if (!EVP_MAC_init(context, (const unsigned char *)secret, strlen(secret), parameters)) fail("HMAC");
    return context;
}

int main(int count, char **arguments) {
    int loops = count == 2 ? atoi(arguments[1]) : 1;
    parts = calloc(CONNECTIONS, sizeof *parts);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (count == 4) {
        authentication = keyed(arguments[3]);
        store_open(arguments[1], arguments[2]);
    }
    long doors[loops];
    for (int i = 0; i < loops; i++) doors[i] = listening();
    printf("127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout);
    pthread_t thread;
    for (int i = 1; i < loops; i++) pthread_create(&thread, NULL, loop, (void *)doors[i]);
    loop((void *)doors[0]);
}
