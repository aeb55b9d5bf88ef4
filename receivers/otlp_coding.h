/* The compressions that requests may come in, by their names in Content-Encoding (RFC 9110) and
 * grpc-encoding. Pure. */
#ifndef ASSERTD_RECEIVERS_OTLP_CODING_H
#define ASSERTD_RECEIVERS_OTLP_CODING_H

#include "daemon/core/bytes.h"
#include "daemon/net/inflate.h"

enum otlp_coding {
    CODING_IDENTITY, /* plain, or nothing said */
    CODING_COMPRESSED,
    CODING_UNKNOWN,
};

/* All names, for a refusal. */
#define HTTP_CODINGS "gzip, zstd, deflate, identity"
#define GRPC_CODINGS "identity,gzip,zstd,deflate"

/* What the value of Content-Encoding asks for: one coding, in any case. With CODING_COMPRESSED
 * *ret. */
enum otlp_coding http_coding_of(struct bytes name, enum inflate_coding *ret);

/* The same for grpc-encoding, whose names are in lower case. */
enum otlp_coding grpc_coding_of(struct bytes name, enum inflate_coding *ret);

/* "damaged gzip data" and the like (static). */
const char *coding_damaged(enum inflate_coding coding);

#endif
