/* Reading the options that hold plain values: scalars, texts, lists of texts, names and values.
 *
 * Internal to config. What cannot be taken leaves the field as it was and becomes a problem. */
#ifndef ASSERTD_CONFIG_PLAIN_H
#define ASSERTD_CONFIG_PLAIN_H

#include "config/reading.h"

/* Whether a setting is a list of either kind, ( ) or [ ]. */
bool plain_is_list(const struct config_setting_t *setting);

/* Reads a scalar as the option's type wants it; or from a default's text. */
void plain_read_scalar(struct reader *reader, const struct place *place,
                       const struct config_setting_t *setting, void *field);
void plain_read_default(struct reader *reader, const struct place *place, struct bytes text,
                        void *field);

/* Reads a text, a list of texts, a group of names and values. */
void plain_read_text(struct reader *reader, const struct place *place,
                     const struct config_setting_t *setting, struct config_text *ret);
void plain_read_texts(struct reader *reader, const struct place *place,
                      const struct config_setting_t *setting, struct config_texts *ret);
void plain_read_pairs(struct reader *reader, const struct place *place,
                      const struct config_setting_t *setting, struct config_pairs *ret);

/* Checks a text against its option and keeps a copy. */
void plain_keep_text(struct reader *reader, const struct place *place, struct bytes text,
                     struct config_text *ret);

#endif
