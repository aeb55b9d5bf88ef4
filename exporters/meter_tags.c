#include "exporters/meter_tags.h"

const char *meter_tag_name(enum meter_tag tag)
{
    static const char *const names[METER_TAG_COUNT] = {
        "assertion", "campaign", "output", "scenario", "scope", "service",
        "status",    "step",     "suite",  "tenant",   "zone"};
    return names[tag];
}

static struct bytes tag_of(const struct meter *meter, enum meter_tag tag)
{
    switch (tag) {
    case METER_TAG_ASSERTION:
        return meter->tags.assertion;
    case METER_TAG_CAMPAIGN:
        return meter->tags.campaign;
    case METER_TAG_OUTPUT:
        return meter->tags.output;
    case METER_TAG_SCENARIO:
        return meter->tags.scenario;
    case METER_TAG_SCOPE:
        return bytes_of(meter->whole_campaign ? "campaign" : "period");
    case METER_TAG_SERVICE:
        return meter->tags.service;
    case METER_TAG_STATUS:
        return meter->tags.status;
    case METER_TAG_STEP:
        return meter->tags.step;
    case METER_TAG_SUITE:
        return meter->tags.suite;
    case METER_TAG_TENANT:
        return meter->tags.tenant;
    case METER_TAG_ZONE:
        return meter->tags.zone;
    }
    return BYTES_NULL;
}

bool meter_has_tag(const struct meter *meter, enum meter_tag tag)
{
    return tag != METER_TAG_OUTPUT || meter->kind == METER_OUTPUT;
}

struct bytes meter_tag_value(const struct meter *meter, enum meter_tag tag)
{
    struct bytes value = tag_of(meter, tag);
    return value.len != 0 ? value : BYTES_LITERAL("none");
}
