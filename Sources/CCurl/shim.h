// libcurl. Its option calls are variadic, which Swift cannot call: one inline shim for each kind of argument.
#ifndef JOURNEY_GATEWAY_CCURL_H
#define JOURNEY_GATEWAY_CCURL_H

#include <curl/curl.h>

static inline CURLcode journey_setopt_long(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode journey_setopt_string(CURL *easy, CURLoption option, const char *value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode journey_setopt_pointer(CURL *easy, CURLoption option, void *value) {
    return curl_easy_setopt(easy, option, value);
}

#endif
