/* What the parts of the reader share: where they are, how they complain.
 *
 * Internal to config. Thread rule: confined to the reader's owner. */
#ifndef ASSERTD_CONFIG_READING_H
#define ASSERTD_CONFIG_READING_H

#include "config/reader.h"

/* One option and where it was written. */
struct place {
    const struct option *option;
    struct config_origin origin;
};

/* The text of one of the reader's buffers, NUL-terminated; good until it is written again. */
const char *reading_text(struct reader *reader, struct buf *buf);

/* Goes down to a setting or an item of a list, and back: what the first two return is given to the
 * third. */
size_t reading_enter(struct reader *reader, const char *name);
size_t reading_enter_index(struct reader *reader, size_t index);
void reading_leave(struct reader *reader, size_t len);

/* Adds a problem about the setting that is being read. */
void reading_complain(struct reader *reader, struct config_origin origin, const char *what);

/* The same about its type: what was found, what there must be, what to write. */
void reading_complain_type(struct reader *reader, const struct place *place,
                           const struct config_setting_t *setting);

/* What a person calls the type of what was found: "a whole number". */
const char *reading_found(const struct config_setting_t *setting);

/* Zeroed memory that lives as long as the configuration, also for a count of 0; NULL sets
 * `out_of_memory`. */
void *reading_allocate(struct reader *reader, size_t count, size_t bytes);

/* Expands a text into reader->text, unless the option forbids it. False: a problem was added. */
bool reading_expand(struct reader *reader, const struct place *place, struct bytes text,
                    bool *ret_used);

#endif
