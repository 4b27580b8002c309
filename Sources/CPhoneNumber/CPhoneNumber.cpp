#include "CPhoneNumber.h"

#include <cstring>
#include <string>

#include <phonenumbers/logger.h>
#include <phonenumbers/phonenumber.pb.h>
#include <phonenumbers/phonenumberutil.h>

using i18n::phonenumbers::NullLogger;
using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

namespace {

// The library's singleton, told once to write nothing to standard output. It is immutable afterwards but for its
// cache of expressions, which it locks itself.
PhoneNumberUtil &util() {
    static PhoneNumberUtil *const shared = [] {
        PhoneNumberUtil *instance = PhoneNumberUtil::GetInstance();
        instance->SetLogger(new NullLogger());
        return instance;
    }();
    return *shared;
}

bool is_known(const std::string &region) {
    return util().GetCountryCodeForRegion(region) != 0;
}

// Whether a plus sign, in ASCII or full width, comes before the first digit.
bool has_plus(const std::string &text) {
    size_t digit = text.find_first_of("0123456789");
    std::string head = text.substr(0, digit);
    return head.find('+') != std::string::npos || head.find("\xEF\xBC\x8B") != std::string::npos;
}

CPhoneNumberVerdict why_invalid(const PhoneNumber &number) {
    switch (util().IsPossibleNumberWithReason(number)) {
        case PhoneNumberUtil::INVALID_COUNTRY_CODE: return CPhoneNumberUnknownCountryCode;
        case PhoneNumberUtil::TOO_SHORT: return CPhoneNumberTooShort;
        case PhoneNumberUtil::IS_POSSIBLE_LOCAL_ONLY: return CPhoneNumberTooShort;
        case PhoneNumberUtil::TOO_LONG: return CPhoneNumberTooLong;
        default: return CPhoneNumberNotInUse;
    }
}

CPhoneNumberVerdict read(const std::string &text, const std::string &region, std::string *e164) {
    if (!region.empty() && !is_known(region)) return CPhoneNumberUnknownRegion;
    PhoneNumber number;
    switch (util().Parse(text, region.empty() ? "ZZ" : region, &number)) {
        case PhoneNumberUtil::NO_PARSING_ERROR: break;
        case PhoneNumberUtil::INVALID_COUNTRY_CODE_ERROR:
            return region.empty() && !has_plus(text) ? CPhoneNumberNeedsRegion : CPhoneNumberUnknownCountryCode;
        case PhoneNumberUtil::TOO_SHORT_AFTER_IDD:
        case PhoneNumberUtil::TOO_SHORT_NSN: return CPhoneNumberTooShort;
        case PhoneNumberUtil::TOO_LONG_NSN: return CPhoneNumberTooLong;
        default: return CPhoneNumberNotANumber;
    }
    if (!util().IsValidNumber(number)) return why_invalid(number);
    util().Format(number, PhoneNumberUtil::E164, e164);
    return CPhoneNumberValid;
}

}  // namespace

CPhoneNumberVerdict cphonenumber_e164(
    const char *text, size_t text_length, const char *region, size_t region_length, char *e164, size_t capacity) {
    try {
        std::string written;
        CPhoneNumberVerdict verdict =
            read(std::string(text, text_length), std::string(region, region_length), &written);
        if (verdict != CPhoneNumberValid) return verdict;
        if (written.size() >= capacity) return CPhoneNumberFailed;
        memcpy(e164, written.c_str(), written.size() + 1);
        return CPhoneNumberValid;
    } catch (...) {
        return CPhoneNumberFailed;
    }
}

void cphonenumber_region(const char *e164, size_t length, char region[3]) {
    region[0] = 0;
    try {
        PhoneNumber number;
        if (util().Parse(std::string(e164, length), "ZZ", &number) != PhoneNumberUtil::NO_PARSING_ERROR) return;
        std::string code;
        util().GetRegionCodeForNumber(number, &code);
        if (code.size() != 2 || code == "ZZ") return;
        memcpy(region, code.c_str(), 3);
    } catch (...) {
        region[0] = 0;
    }
}
