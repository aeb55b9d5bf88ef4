/* A span with those of its parts that are kept (keep.h), in few bytes.
 *
 *     fingerprint (8 bytes), name, flags (varint), where they are kept numbers of events and links
 *     (varints), status message, trace state; attributes, a zero, events and links as fields of
 * Span (trace.proto) with what is kept of each
 *
 * An attribute is the place of its key in the keep + 1 (varint), its type (a byte) and its value:
 * nothing (missing), a byte (bool), a zigzag varint (int), eight bytes (double), else a length
 * (varint) and the bytes of struct value. Attributes of one key are all kept, in their order.
 * Written by this program only, so reading does not check. Pure. Thread rule: any thread. */
#ifndef ASSERTD_MODEL_KEPT_SPAN_H
#define ASSERTD_MODEL_KEPT_SPAN_H

#include "daemon/model/keep.h"
#include "daemon/model/span.h"

/* Where the name begins, behind the fingerprint; it is left out where it stands elsewhere. */
#define KEPT_SPAN_NAME_OFFSET 8u

/* What is kept of most spans; for more memory is taken. */
#define KEPT_SPAN_FEW_BYTES 1024u

/* One that is being made. */
struct kept_span {
    struct bytes bytes;
    uint8_t *many; /* or NULL */
    uint8_t few[KEPT_SPAN_FEW_BYTES];
};

/* Makes it, all but the fingerprint, which seal writes; `name` is the span's, or empty. False: no
 * memory; nothing needs deinit. */
bool kept_span_init(struct kept_span *ret, const struct span *span, struct bytes name,
                    const struct keep *keep);
void kept_span_seal(struct kept_span *kept, uint64_t fingerprint);
void kept_span_deinit(struct kept_span *kept);

/* The fingerprint. */
uint64_t kept_span_fingerprint(const uint8_t *kept);

/* (A kept span may also end behind its name: nothing else was kept.) Reads flags, attributes,
 * events and links of `kept`, whose name is `name_len` long, into `ret`: its attributes, its
 * numbers, and its raw, in which only events and links can be walked. The other members stay as
 * they are. 0; SPAN_NO_MEMORY. */
int kept_span_read(struct bytes kept, uint32_t name_len, const struct keep *keep,
                   struct arena *arena, struct span *ret);

#endif
