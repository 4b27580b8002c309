// The writer: one transaction for all that came in during the one before, with the rows that the gateway writes.
#include "floor.h"
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { MOST = 1 << 16, BACKGROUND_PAGES = 1000, INLINE_PAGES = 10000 };

typedef struct { Request *items; size_t count; } List;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t came = PTHREAD_COND_INITIALIZER, due = PTHREAD_COND_INITIALIZER;
static List waiting, committing, done, answering;  // Under the lock, but for `committing` and `answering`.
static int event, log_pages, is_due, is_checkpointing;
static const char *path;
static sqlite3 *database;

static void swap(List *one, List *other) {
    List list = *one;
    *one = *other;
    *other = list;
}

void store(Request request) {
    pthread_mutex_lock(&lock);
    if (waiting.count == MOST) fail("too many requests");
    waiting.items[waiting.count++] = request;
    if (waiting.count == 1) pthread_cond_signal(&came);
    pthread_mutex_unlock(&lock);
}

size_t answered(Request **requests) {
    eventfd_t ignored;
    eventfd_read(event, &ignored);
    pthread_mutex_lock(&lock);
    answering.count = 0;
    swap(&done, &answering);
    pthread_mutex_unlock(&lock);
    *requests = answering.items;
    return answering.count;
}

int answered_event(void) { return event; }

static void run(sqlite3 *connection, const char *sql) {
    char *message;
    if (sqlite3_exec(connection, sql, NULL, NULL, &message)) {
        fprintf(stderr, "%s: %s\n", sql, message);
        exit(1);
    }
}

static sqlite3_stmt *prepared(const char *sql) {
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(database, sql, -1, &statement, NULL)) fail(sqlite3_errmsg(database));
    return statement;
}

static void step(sqlite3_stmt *statement) {
    if (sqlite3_step(statement) != SQLITE_DONE) fail(sqlite3_errmsg(database));
    sqlite3_reset(statement);
}

static void bind_text(sqlite3_stmt *statement, int place, const char *text) {
    sqlite3_bind_text(statement, place, text, -1, SQLITE_STATIC);
}

static void insert_event(sqlite3_stmt *statement, const Request *request, const unsigned char *id, long number) {
    sqlite3_bind_int64(statement, 1, number);
    sqlite3_bind_blob(statement, 2, id, 16, SQLITE_STATIC);
    bind_text(statement, 3, "shop");
    sqlite3_bind_int64(statement, 4, 1767225600000 + number / 10);
    bind_text(statement, 5, "matched");
    sqlite3_bind_int64(statement, 6, 2 * number);
    sqlite3_bind_int64(statement, 7, 2);
    bind_text(statement, 8, "orders/create");
    sqlite3_bind_text(statement, 9, request->text, request->head, SQLITE_STATIC);
    bind_text(statement, 10, "{}");
    sqlite3_bind_text(statement, 11, request->text + request->head, request->body, SQLITE_STATIC);
    step(statement);
}

static void insert_delivery(sqlite3_stmt *statement, const Request *request, const unsigned char *id, long number) {
    sqlite3_bind_int64(statement, 1, number);
    sqlite3_bind_blob(statement, 2, id, 16, SQLITE_STATIC);
    bind_text(statement, 3, "shop");
    bind_text(statement, 4, "order");
    bind_text(statement, 5, "sprinklr");
    bind_text(statement, 6, "default");
    sqlite3_bind_int64(statement, 7, number * 0x9E3779B97F4A7C15);
    bind_text(statement, 8, "retry");
    bind_text(statement, 9, "dry");
    sqlite3_bind_int64(statement, 10, 1767225600000 + number / 20);
    bind_text(statement, 11, "trigger");
    sqlite3_bind_text(statement, 12, request->text + request->head, 223, SQLITE_STATIC);
    step(statement);
}

static void checkpoint(sqlite3 *connection) {
    sqlite3_wal_checkpoint_v2(connection, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

// As the gateway does it: beside the commits, with a sync of its own, and in the writer's turn when little is left. Whether
// it is the writer's turn.
static int ask_for_checkpoint(void) {
    static int begun_at;
    if (log_pages < begun_at) begun_at = 0;
    if (is_checkpointing || is_due) return 0;
    int rest = log_pages - begun_at;
    if (log_pages >= INLINE_PAGES && rest < BACKGROUND_PAGES) return 1;
    if (rest >= BACKGROUND_PAGES) {
        begun_at = log_pages;
        is_due = 1;
        pthread_cond_signal(&due);
    }
    return 0;
}

static void *checkpointer(void *unused) {
    sqlite3 *connection;
    sqlite3_file *file;
    sqlite3_open(path, &connection);
    run(connection, "PRAGMA synchronous = FULL; PRAGMA cache_size = -256; SELECT count(*) FROM sqlite_master");
    sqlite3_file_control(connection, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    pthread_mutex_lock(&lock);
    for (;;) {
        while (!is_due) pthread_cond_wait(&due, &lock);
        is_due = 0;
        is_checkpointing = 1;
        pthread_mutex_unlock(&lock);
        checkpoint(connection);
        file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
        pthread_mutex_lock(&lock);
        is_checkpointing = 0;
    }
    return NULL;
}

static void *writer(void *unused) {
    sqlite3_stmt *begin = prepared("BEGIN IMMEDIATE"), *commit = prepared("COMMIT");
    sqlite3_stmt *sequence = prepared("UPDATE sequence SET event = ?, delivery = ?");
    sqlite3_stmt *event_row = prepared(
        "INSERT INTO event (number, id, source, received, outcome, first_delivery, deliveries, topic, headers, query, body)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    sqlite3_stmt *delivery_row = prepared(
        "INSERT INTO delivery (id, event, source, rule, item, replay, destination, queue, lane, unknown_outcome, state,"
        " promoted, due, next_call, attempts, attempts_made, \"trigger\")"
        " VALUES (?, ?, ?, ?, 0, 0, ?, ?, ?, ?, ?, 0, ?, ?, 0, 0, ?)");
    for (long number = 0;;) {
        pthread_mutex_lock(&lock);
        while (!waiting.count) pthread_cond_wait(&came, &lock);
        swap(&waiting, &committing);
        pthread_mutex_unlock(&lock);
        step(begin);
        for (size_t i = 0; i < committing.count; i++) {
            unsigned char id[16];
            number++;
            for (int j = 0; j < 8; j++) id[j] = number >> (56 - 8 * j), id[j + 8] = number * 0x9E3779B97F4A7C15 >> 8 * j;
            insert_event(event_row, &committing.items[i], id, number);
            insert_delivery(delivery_row, &committing.items[i], id, 2 * number);
            insert_delivery(delivery_row, &committing.items[i], id, 2 * number + 1);
        }
        sqlite3_bind_int64(sequence, 1, number);
        sqlite3_bind_int64(sequence, 2, 2 * number + 1);
        step(sequence);
        step(commit);
        pthread_mutex_lock(&lock);
        if (done.count + committing.count > MOST) fail("too many answers");
        memcpy(done.items + done.count, committing.items, committing.count * sizeof *done.items);
        done.count += committing.count;
        committing.count = 0;
        int is_turn = ask_for_checkpoint();
        pthread_mutex_unlock(&lock);
        eventfd_write(event, 1);
        if (is_turn) checkpoint(database);
    }
    return NULL;
}

static int note_pages(void *unused, sqlite3 *connection, const char *name, int pages) {
    log_pages = pages;
    return SQLITE_OK;
}

void store_open(const char *file, const char *schema) {
    path = file;
    if (sqlite3_open(path, &database)) fail(path);
    run(database, "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -16384");
    run(database, schema);
    sqlite3_wal_hook(database, note_pages, NULL);
    List *lists[] = {&waiting, &committing, &done, &answering};
    for (int i = 0; i < 4; i++) lists[i]->items = calloc(MOST, sizeof(Request));
    event = eventfd(0, EFD_NONBLOCK);
    pthread_t thread;
    pthread_create(&thread, NULL, writer, NULL);
    pthread_create(&thread, NULL, checkpointer, NULL);
}
