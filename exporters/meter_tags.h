/* The tags of a meter in the one order and spelling that all sinks share: sorted by name, "none"
 * where empty. Pure. */
#ifndef ASSERTD_EXPORTERS_METER_TAGS_H
#define ASSERTD_EXPORTERS_METER_TAGS_H

#include "daemon/model/meter.h"

enum meter_tag {
    METER_TAG_ASSERTION,
    METER_TAG_CAMPAIGN,
    METER_TAG_OUTPUT,
    METER_TAG_SCENARIO,
    METER_TAG_SCOPE,
    METER_TAG_SERVICE,
    METER_TAG_STATUS,
    METER_TAG_STEP,
    METER_TAG_SUITE,
    METER_TAG_TENANT,
    METER_TAG_ZONE,
};
#define METER_TAG_COUNT 11

/* "assertion", ... */
const char *meter_tag_name(enum meter_tag tag);

/* Whether meters of this kind have the tag: all do, but for the output's name. So the tags of one
 * measurement are always the same ones, as stores ask that keep them in columns. */
bool meter_has_tag(const struct meter *meter, enum meter_tag tag);

/* The value, borrowed from the meter; "none" where empty; scope is "period" or "campaign". */
struct bytes meter_tag_value(const struct meter *meter, enum meter_tag tag);

#endif
