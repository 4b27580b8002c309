// zlib, for compressed bodies. `inflateInit2` is a macro, which Swift cannot call.
#ifndef JOURNEY_GATEWAY_CZLIB_H
#define JOURNEY_GATEWAY_CZLIB_H

#include <zlib.h>

static inline int journey_inflateInit2(z_stream *stream, int windowBits) {
    return inflateInit2(stream, windowBits);
}

#endif
