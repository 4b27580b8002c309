#include "CRE2.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include <re2/re2.h>

struct CRE2Pattern {
    RE2 expression;

    CRE2Pattern(const re2::StringPiece &text, const RE2::Options &options) : expression(text, options) {}
};

namespace {

void copy(const std::string &text, char *to, size_t capacity) {
    if (capacity == 0) return;
    size_t length = std::min(text.size(), capacity - 1);
    memcpy(to, text.data(), length);
    to[length] = 0;
}

}  // namespace

CRE2Pattern *cre2_compile(const char *expression, size_t length, size_t memory, char *reason, size_t capacity) {
    try {
        RE2::Options options;
        options.set_log_errors(false);
        options.set_max_mem(static_cast<int64_t>(memory));
        auto pattern = std::make_unique<CRE2Pattern>(re2::StringPiece(expression, length), options);
        if (pattern->expression.ok()) return pattern.release();
        copy(pattern->expression.error(), reason, capacity);
    } catch (...) {
        copy("out of memory", reason, capacity);
    }
    return nullptr;
}

void cre2_free(CRE2Pattern *pattern) { delete pattern; }

int cre2_group_count(const CRE2Pattern *pattern) { return pattern->expression.NumberOfCapturingGroups(); }

int cre2_group_named(const CRE2Pattern *pattern, const char *name, size_t length) {
    const auto &groups = pattern->expression.NamedCapturingGroups();
    auto found = groups.find(std::string(name, length));
    return found == groups.end() ? -1 : found->second;
}

bool cre2_match(
    const CRE2Pattern *pattern, const char *text, size_t length, size_t start, CRE2Range *ranges, int count) {
    try {
        std::vector<re2::StringPiece> groups(static_cast<size_t>(count));
        re2::StringPiece whole(text, length);
        if (!pattern->expression.Match(whole, start, length, RE2::UNANCHORED, groups.data(), count)) return false;
        for (int index = 0; index < count; index++) {
            const re2::StringPiece &group = groups[static_cast<size_t>(index)];
            bool took_part = group.data() != nullptr;
            ranges[index].start = took_part ? group.data() - text : -1;
            ranges[index].length = took_part ? static_cast<ptrdiff_t>(group.size()) : 0;
        }
        return true;
    } catch (...) {
        return false;
    }
}
