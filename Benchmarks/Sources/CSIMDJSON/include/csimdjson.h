#pragma once
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Parses a document into simdjson's DOM with a parser that is kept. `capacity` beyond `size` must be readable: simdjson
/// reads up to 64 bytes past the end. Gives back 0, or simdjson's error code.
int csimdjson_parse(const char *bytes, size_t size, size_t capacity);

#ifdef __cplusplus
}
#endif
