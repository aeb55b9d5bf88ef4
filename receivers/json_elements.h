/* The elements of a JSON document, one by one as trees: the spans of a list, the traces of a
 * Jaeger answer. What the document is, is told by its outermost keys. Pure. */
#ifndef ASSERTD_RECEIVERS_JSON_ELEMENTS_H
#define ASSERTD_RECEIVERS_JSON_ELEMENTS_H

#include "receivers/json_tree.h"

/* What one element may take as a tree. */
#define JSON_ELEMENT_BYTES_MAX ((size_t)1 << 30)

enum json_form {
    JSON_FORM_OTLP,         /* an object with resourceSpans; also what is none of the others */
    JSON_FORM_JAEGER,       /* {"data": [TRACE, ...]}, as jaeger-query and its page answer */
    JSON_FORM_JAEGER_TRACE, /* {"traceID": ..., "spans": [...], "processes": {...}} */
    JSON_FORM_ZIPKIN,       /* [SPAN, ...] */
    JSON_FORM_ZIPKIN_SPAN,  /* {"traceId": ..., "id": ...} */
};

/* Tells by the first outermost member whose key one of the formats has. */
enum json_form json_form_of(struct bytes json);

/* Called for each element with its place (from 0). 0 goes on; else json_elements_read stops and
 * returns it. */
typedef int (*json_element_fn)(void *self, const struct json_node *element, size_t place);

enum json_elements_outcome { JSON_ELEMENTS_MALFORMED = 1, JSON_ELEMENTS_NO_MEMORY = 3 };

/* Reads the elements of a document of a form other than OTLP. 0; enum json_elements_outcome, with a
 * sentence in `error` when malformed; or what `element` returned. */
int json_elements_read(struct bytes json, enum json_form form, json_element_fn element, void *self,
                       char *error, size_t error_bytes);

#endif
