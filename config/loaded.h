/* What a loaded configuration is made of: shared by loading and printing. Immutable after loading.
 */
#ifndef ASSERTD_CONFIG_LOADED_H
#define ASSERTD_CONFIG_LOADED_H

#include "config/config.h"
#include "daemon/core/arena.h"

struct config {
    struct arena arena; /* holds this struct too, and everything below it */
    const struct option_table *table;
    void *root;
};

#endif
