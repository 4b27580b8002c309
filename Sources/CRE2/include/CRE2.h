// A C face of RE2: regular expressions whose time is linear in the text.
#ifndef JOURNEY_GATEWAY_CRE2_H
#define JOURNEY_GATEWAY_CRE2_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

// A compiled expression; immutable, so any threads may match with it at once.
typedef struct CRE2Pattern CRE2Pattern;

// A part of the text; `start` is -1 for a group that took no part in the match.
typedef struct {
    ptrdiff_t start;
    ptrdiff_t length;
} CRE2Range;

// Compiles `expression` (RE2's syntax, UTF-8). On failure returns NULL and writes the reason, cut to `capacity` bytes
// and ended by a zero byte. `memory` bounds the bytes of the compiled form and its cache.
CRE2Pattern *cre2_compile(const char *expression, size_t length, size_t memory, char *reason, size_t capacity);

void cre2_free(CRE2Pattern *pattern);

// How many groups the expression has, without the whole match.
int cre2_group_count(const CRE2Pattern *pattern);

// The number of the group of this name; -1 when there is none.
int cre2_group_named(const CRE2Pattern *pattern, const char *name, size_t length);

// Looks for the first match in `text` at or after byte `start`; writes the whole match and then the groups to
// `ranges`, `count` of them. `start` is where the search begins: `^` and `\b` still see what stands before it.
bool cre2_match(
    const CRE2Pattern *pattern, const char *text, size_t length, size_t start, CRE2Range *ranges, int count);

#ifdef __cplusplus
}
#endif

#endif
