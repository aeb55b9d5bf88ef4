/* OTLP/JSON (proto3 JSON mapping with OTLP's changes) becomes OTLP protobuf: a streaming transcoder
 * on json_reader.
 *
 * traceId, spanId, parentSpanId in hex of either case; integers as numbers or text; enums as
 * integers only; unknown keys and null ignored; the last of duplicate keys wins; depth and token
 * sizes bounded. An ID that is no hex of the right length becomes an ID that otlp_decode rejects,
 * so that only its span is lost. Pure. */
#ifndef ASSERTD_RECEIVERS_OTLP_JSON_H
#define ASSERTD_RECEIVERS_OTLP_JSON_H

#include "daemon/core/buf.h"
#include "daemon/core/bytes.h"

struct otlp_json_notes {
    uint32_t duplicate_keys;
    bool table_reference; /* saw keyStrindex or stringValueStrindex: ignored */
    bool snake_case;      /* saw resource_spans or the like: ignored, worth a hint */
    char snake_key[32];   /* the first of them */
    char field[96]; /* when malformed: the path of the member, empty where it is the text as a whole
                     */
    char error[160]; /* when malformed: what and where */
};

enum otlp_json_outcome {
    OTLP_JSON_MALFORMED = 1,
    OTLP_JSON_TOO_LARGE = 2,
    OTLP_JSON_NO_MEMORY = 3
};

/* Transcodes one TracesData / ExportTraceServiceRequest document, appending to `out` (whose limit
 * bounds it). 0, or enum otlp_json_outcome. An empty document of blanks is malformed; an empty text
 * is the empty request. */
int otlp_json_transcode(struct bytes json, struct buf *out, struct otlp_json_notes *notes);

#endif
