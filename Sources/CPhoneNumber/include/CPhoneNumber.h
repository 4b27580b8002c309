// A C face of libphonenumber: one question, whether a text is a valid phone number, and its E.164 form.
#ifndef JOURNEY_GATEWAY_CPHONENUMBER_H
#define JOURNEY_GATEWAY_CPHONENUMBER_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

// What a text was found to be.
typedef enum {
    CPhoneNumberValid = 0,
    // The region is not a two-letter code that libphonenumber knows.
    CPhoneNumberUnknownRegion,
    // The text has no leading plus, and no region says how to read it.
    CPhoneNumberNeedsRegion,
    // The text has no digits that could be a number.
    CPhoneNumberNotANumber,
    // The country calling code does not exist.
    CPhoneNumberUnknownCountryCode,
    CPhoneNumberTooShort,
    CPhoneNumberTooLong,
    // It has a possible length, and yet no such number is given out.
    CPhoneNumberNotInUse,
    // The library failed, or `capacity` was too small.
    CPhoneNumberFailed,
} CPhoneNumberVerdict;

// The longest E.164 form with its plus and the ending zero byte.
#define CPHONENUMBER_CAPACITY 32

// Reads `text`, national numbers as those of `region` (ISO 3166-1 alpha-2 in upper case; empty for none), and writes
// its E.164 form, ended by a zero byte, when it is valid. Any thread may call it.
CPhoneNumberVerdict cphonenumber_e164(
    const char *text, size_t text_length, const char *region, size_t region_length, char *e164, size_t capacity);

// The region of a number in E.164 form: two letters, or empty when it has none or more than one letter pair fits.
// Writes three bytes with the ending zero byte.
void cphonenumber_region(const char *e164, size_t length, char region[3]);

#ifdef __cplusplus
}
#endif

#endif
