/* What a success says beside it: why spans were rejected, and what was taken as it is but looks
 * like a mistake (opentelemetry-proto 1.11, "Partial Success"). Pure. */
#ifndef ASSERTD_RECEIVERS_OTLP_WORDS_H
#define ASSERTD_RECEIVERS_OTLP_WORDS_H

#include <stddef.h>

#include "daemon/model/span_set.h"
#include "receivers/otlp_json.h"

/* Writes the text of partial_success.error_message, cut where there is no more room; empty where
 * there is nothing to say. `notes` of the transcoder, or NULL. */
void otlp_words(char *text, size_t room, const struct span_set *set,
                const struct otlp_json_notes *notes);

#endif
