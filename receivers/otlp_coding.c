#include "receivers/otlp_coding.h"

static const struct {
    const char *name;
    enum inflate_coding coding;
} codings[] = {
    {"gzip", INFLATE_GZIP},
    {"zstd", INFLATE_ZSTD},
    {"deflate", INFLATE_DEFLATE},
};

enum otlp_coding grpc_coding_of(struct bytes name, enum inflate_coding *ret)
{
    if (name.len == 0 || bytes_is(name, "identity")) {
        return CODING_IDENTITY;
    }
    for (size_t i = 0; i < sizeof codings / sizeof codings[0]; i++) {
        if (bytes_is(name, codings[i].name)) {
            *ret = codings[i].coding;
            return CODING_COMPRESSED;
        }
    }
    return CODING_UNKNOWN;
}

/* x-gzip means gzip to old senders (RFC 9110, section 8.4.1.3). */
enum otlp_coding http_coding_of(struct bytes name, enum inflate_coding *ret)
{
    if (name.len == 0 || bytes_is_nocase(name, "identity")) {
        return CODING_IDENTITY;
    }
    if (bytes_is_nocase(name, "x-gzip")) {
        name = BYTES_LITERAL("gzip");
    }
    for (size_t i = 0; i < sizeof codings / sizeof codings[0]; i++) {
        if (bytes_is_nocase(name, codings[i].name)) {
            *ret = codings[i].coding;
            return CODING_COMPRESSED;
        }
    }
    return CODING_UNKNOWN;
}

const char *coding_damaged(enum inflate_coding coding)
{
    switch (coding) {
    case INFLATE_GZIP:
        return "damaged gzip data";
    case INFLATE_ZSTD:
        return "damaged zstd data";
    default:
        return "damaged deflate data: RFC 9110 means the zlib format (RFC 1950)";
    }
}
