// The least that it takes: a server that looks for no more of a request than where it ends. What a real server costs beyond
// this one is its own work; what this one costs is the kernel's, the hash function's and SQLite's.
#pragma once
#include <stddef.h>

// A request whose answer waits for the disk. `text` is head and body, and belongs to whoever holds the request.
typedef struct {
    int connection;
    char *text;
    size_t head, body;
} Request;

void fail(const char *what);

// Opens a new database with the gateway's tables, and begins to write.
void store_open(const char *path, const char *schema);
// Hands a request over; it comes back by `answered` once it is on disk.
void store(Request request);
// Takes the requests that are on disk since the last call: their number, and in `requests` where they lie until the next.
size_t answered(Request **requests);
// Readable when `answered` has some.
int answered_event(void);
