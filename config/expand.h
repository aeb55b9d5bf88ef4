/* `${env:NAME}`, `${env:NAME:-default}` and `$$` inside a text that was parsed already: what comes
 * from the environment is never parsed as configuration. A `$` before anything but `$` and `{`
 * stays. Pure but for `lookup`. */
#ifndef ASSERTD_CONFIG_EXPAND_H
#define ASSERTD_CONFIG_EXPAND_H

#include <stdbool.h>

#include "daemon/core/buf.h"

typedef const char *(*expand_lookup)(const char *name);

/* Appends the expanded text to `ret`. 0 good, `*ret_used` tells whether a variable was read; 1 not
 * possible, why stands in `ret_flaw`. Memory fails by the buffers' `failed`. */
int expand_text(struct bytes text, expand_lookup lookup, struct buf *ret, bool *ret_used,
                struct buf *ret_flaw);

/* Appends `text` so that expanding gives it again. */
void expand_escape(struct buf *out, struct bytes text);

#endif
