/* The parts of a Jaeger trace as OTLP: spans, tags, warnings. Inner to jaeger_json. */
#ifndef ASSERTD_RECEIVERS_JAEGER_SPAN_H
#define ASSERTD_RECEIVERS_JAEGER_SPAN_H

#include "receivers/jaeger_json.h"
#include "receivers/otlp_writer.h"

struct jaeger {
    struct buf *out;
    struct arena *arena;
    struct otlp_writer writer;
    const struct json_node *warnings; /* of the trace, NULL: none */
    char *error;
    size_t error_bytes;
};

/* Says what is wrong with a member; jaeger_wrong_in puts the list's item that it is in in front.
 * Both return the outcome, the latter the one given. */
int jaeger_wrong(struct jaeger *jaeger, const char *member, const char *what);
int jaeger_wrong_in(struct jaeger *jaeger, const char *list, uint32_t place, int outcome);

/* Appends a list of tags (NULL: none) as attributes at `field`; `name` is the list's, for errors.
 * 0, or enum jaeger_outcome. */
int jaeger_tags_put(struct jaeger *jaeger, struct buf *out, uint32_t field, const char *name,
                    const struct json_node *list);

/* Appends warnings (NULL: none) as the attribute jaeger.warnings, an array of texts. */
int jaeger_warnings_put(struct jaeger *jaeger, struct buf *out, uint32_t field,
                        const struct json_node *warnings);

/* Appends a span under the scope that its tags name. */
int jaeger_span_put(struct jaeger *jaeger, const struct json_node *span);

#endif
