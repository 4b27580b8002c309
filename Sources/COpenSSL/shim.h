// OpenSSL 3, for TLS, signatures and digests.
#ifndef JOURNEY_GATEWAY_COPENSSL_H
#define JOURNEY_GATEWAY_COPENSSL_H

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/ocsp.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

// HMAC (RFC 2104) with this key, ready for a message. Its parameters point to one another, which Swift cannot say.
static inline EVP_MAC_CTX *openssl_hmac(const char *digest, const unsigned char *key, size_t count) {
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, OSSL_MAC_NAME_HMAC, NULL);
    EVP_MAC_CTX *context = EVP_MAC_CTX_new(hmac);
    EVP_MAC_free(hmac);
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)digest, 0),
        OSSL_PARAM_construct_end(),
    };
    if (EVP_MAC_init(context, key, count, parameters)) return context;
    EVP_MAC_CTX_free(context);
    return NULL;
}

#endif
