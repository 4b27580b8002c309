// libcurl. Its option calls are variadic, which Swift cannot call: one inline shim for each kind of argument.
#ifndef JOURNEY_GATEWAY_CCURL_H
#define JOURNEY_GATEWAY_CCURL_H

// As CEpoll has it: two modules that Swift sees together must read the system's headers alike.
#include <curl/curl.h>

static inline CURLcode journey_setopt_long(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode journey_setopt_offset(CURL *easy, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(easy, option, value);
}

// A string that libcurl copies; NULL takes the option back to its default.
static inline CURLcode journey_setopt_string(CURL *easy, CURLoption option, const char *value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode journey_setopt_list(CURL *easy, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode journey_setopt_pointer(CURL *easy, CURLoption option, void *value) {
    return curl_easy_setopt(easy, option, value);
}

// For CURLOPT_READFUNCTION, CURLOPT_WRITEFUNCTION and CURLOPT_HEADERFUNCTION, which share a type.
typedef size_t (*journey_transfer_callback)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode journey_setopt_transfer(CURL *easy, CURLoption option, journey_transfer_callback function) {
    return curl_easy_setopt(easy, option, function);
}

static inline CURLcode journey_setopt_prerequest(CURL *easy, curl_prereq_callback function) {
    return curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, function);
}

static inline CURLcode journey_getinfo_long(CURL *easy, CURLINFO info, long *value) {
    return curl_easy_getinfo(easy, info, value);
}

static inline CURLcode journey_getinfo_offset(CURL *easy, CURLINFO info, curl_off_t *value) {
    return curl_easy_getinfo(easy, info, value);
}

static inline CURLMcode journey_multi_setopt_long(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

static inline CURLMcode journey_multi_setopt_pointer(CURLM *multi, CURLMoption option, void *value) {
    return curl_multi_setopt(multi, option, value);
}

static inline CURLMcode journey_multi_setopt_socket(CURLM *multi, curl_socket_callback function) {
    return curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, function);
}

static inline CURLMcode journey_multi_setopt_timer(CURLM *multi, curl_multi_timer_callback function) {
    return curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, function);
}

// The easy handle and the result of a CURLMSG_DONE, whose result Swift would have to read from a union.
static inline CURLcode journey_message_result(const CURLMsg *message) { return message->data.result; }

static const curl_socket_t journey_socket_timeout = CURL_SOCKET_TIMEOUT;

#endif
