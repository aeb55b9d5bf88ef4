/* Which attributes the decoder lists of spans on their way here. */
#include "daemon/pipeline/shard_state.h"

/* A copy is told from another span by all that it has: where no whole spans are kept to look it up,
 * everything is read of each that comes. */
static struct attr_hints read_by(const struct campaign *campaign)
{
    const struct keep *keep = campaign->settings.keep_read ? NULL : suite_set_keep(campaign->set);
    struct attr_hints hints = {.made = false};
    if (keep != NULL) {
        hints = keep->attrs.hints;
        hints.made = true;
    }
    return hints;
}

static bool judges(const struct shard_campaign *owner)
{
    return !owner->ended || owner->open.traces != 0;
}

void shard_choose_listed(struct shard *shard)
{
    const struct injection_attributes *claim = &shard->options.attributes;
    struct attr_hints listed = {.made = true};
    if (claim->campaign.len != 0) {
        (void)attr_hints_add(&listed, claim->campaign);
        (void)attr_hints_add(&listed, claim->scenario);
        (void)attr_hints_add(&listed, claim->step);
    }
    for (const struct shard_campaign *at = shard->campaigns; at != NULL; at = at->next) {
        if (judges(at)) {
            const struct attr_hints read = read_by(at->campaign);
            attr_hints_join(&listed, &read);
        }
    }
    shard->listed = listed;
}

const struct attr_hints *shard_listed(const struct shard *shard)
{
    return &shard->listed;
}
