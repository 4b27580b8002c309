#include "csimdjson.h"

#include <simdjson.h>

int csimdjson_parse(const char *bytes, size_t size, size_t capacity) {
    static simdjson::dom::parser parser;
    auto result = parser.parse(reinterpret_cast<const uint8_t *>(bytes), size, capacity < size + simdjson::SIMDJSON_PADDING);
    return static_cast<int>(result.error());
}
