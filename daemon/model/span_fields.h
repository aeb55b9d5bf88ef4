/* Field numbers of opentelemetry.proto.trace.v1 (trace.proto): Span and the messages in it. */
#ifndef ASSERTD_MODEL_SPAN_FIELDS_H
#define ASSERTD_MODEL_SPAN_FIELDS_H

enum {
    SPAN_TRACE_ID = 1,
    SPAN_SPAN_ID = 2,
    SPAN_TRACE_STATE = 3,
    SPAN_PARENT = 4,
    SPAN_NAME = 5,
    SPAN_KIND = 6,
    SPAN_START = 7,
    SPAN_END = 8,
    SPAN_ATTRS = 9,
    SPAN_DROPPED_ATTRS = 10,
    SPAN_EVENTS = 11,
    SPAN_DROPPED_EVENTS = 12,
    SPAN_LINKS = 13,
    SPAN_DROPPED_LINKS = 14,
    SPAN_STATUS = 15,
    SPAN_FLAGS = 16,
};
enum { STATUS_MESSAGE = 2, STATUS_CODE = 3 };
enum { EVENT_TIME = 1, EVENT_NAME = 2, EVENT_ATTRS = 3, EVENT_DROPPED = 4 };
enum {
    LINK_TRACE_ID = 1,
    LINK_SPAN_ID = 2,
    LINK_TRACE_STATE = 3,
    LINK_ATTRS = 4,
    LINK_DROPPED = 5,
    LINK_FLAGS = 6
};

#endif
