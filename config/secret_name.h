/* Whether a name tells of a secret: of "name=value" properties, only such values are masked, so
 * that the others can be read, and the printed text loads to the same. Pure. */
#ifndef ASSERTD_CONFIG_SECRET_NAME_H
#define ASSERTD_CONFIG_SECRET_NAME_H

#include <stdbool.h>

#include "daemon/core/bytes.h"

/* Any case: it has one of the words pass, pwd, secret, key, token, jaas, credential, auth, private
 * in it. Where a file lies ("ssl.key.location") is no secret. */
bool secret_name(struct bytes name);

#endif
