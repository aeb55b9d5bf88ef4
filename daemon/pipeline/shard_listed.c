/* Which attributes the decoder lists of spans on their way here. */
#include "daemon/pipeline/shard_state.h"

/* A copy is told from another span by all that it has: where no whole spans are kept to look it up,
 * everything is read of each that comes. Resources and scopes are kept whole in any case. */
static struct listed_keys read_by(const struct campaign *campaign)
{
    struct listed_keys listed = *suite_set_listed(campaign->set);
    listed.span.made = listed.span.made && !campaign->settings.keep_read;
    return listed;
}

static bool judges(const struct shard_campaign *owner)
{
    return !owner->ended || owner->open.traces != 0;
}

void shard_choose_listed(struct shard *shard)
{
    const struct injection_attributes *claim = &shard->options.attributes;
    struct listed_keys listed = LISTED_KEYS_NONE;
    if (claim->campaign.len != 0) {
        (void)attr_hints_add(&listed.span, claim->campaign);
        (void)attr_hints_add(&listed.span, claim->scenario);
        (void)attr_hints_add(&listed.span, claim->step);
    }
    for (const struct shard_campaign *at = shard->campaigns; at != NULL; at = at->next) {
        if (judges(at)) {
            const struct listed_keys read = read_by(at->campaign);
            listed_keys_join(&listed, &read);
        }
    }
    shard->listed = listed;
}

const struct listed_keys *shard_listed(const struct shard *shard)
{
    return &shard->listed;
}
