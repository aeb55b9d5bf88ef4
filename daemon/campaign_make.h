/* Making campaigns from the settings. Pure but for memory. */
#ifndef ASSERTD_DAEMON_CAMPAIGN_MAKE_H
#define ASSERTD_DAEMON_CAMPAIGN_MAKE_H

#include "daemon/load.h"
#include "daemon/pipeline/campaign.h"

/* The settings of a campaign; `offline` for check. */
struct campaign_settings campaign_settings_of(const struct settings *settings, bool offline);

/* A campaign with the configuration's labels and `labels` (texts; they win), as campaign_new. NULL:
 * no memory. */
struct campaign *campaign_make(const struct loaded *loaded, struct bytes key,
                               const struct attr *labels, uint32_t label_count, bool offline,
                               uint64_t start_unix_ns, uint64_t number);

#endif
