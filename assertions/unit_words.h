/* What is meant by a word that begins with a digit and is no value of the language: `10/s`, `10kB`,
 * `5sec`. For the message that refuses it. Pure. */
#ifndef ASSERTD_ASSERTIONS_UNIT_WORDS_H
#define ASSERTD_ASSERTIONS_UNIT_WORDS_H

#include "daemon/core/bytes.h"

/* What to write instead, beginning with "; "; NULL: the word does not begin with a number. */
const char *unit_words(struct bytes word);

#endif
