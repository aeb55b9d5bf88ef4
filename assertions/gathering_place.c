#include "assertions/gathering_place.h"

#include <string.h>

#include "assertions/lookup.h"

uint64_t gather_trace_time(const struct gather_place *place, const struct trace *trace)
{
    uint64_t earliest = UINT64_MAX;
    if (place->injection != NULL && place->injection->has_time) {
        return place->injection->time_ns;
    }
    for (uint32_t i = 0; i < trace->count; i++) {
        earliest = trace->spans[i].start_ns < earliest ? trace->spans[i].start_ns : earliest;
    }
    return earliest;
}

uint64_t gather_injection_time(const struct gather_place *place)
{
    return place->injection->has_time ? place->injection->time_ns : place->origin_ns;
}

uint64_t gather_offset(const struct gather_place *place, uint64_t time_ns)
{
    return time_ns > place->origin_ns ? time_ns - place->origin_ns : 0;
}

static struct bytes stage_of(const struct suite *suite, uint64_t offset_ns)
{
    for (uint32_t i = 0; i < suite->stage_count; i++) {
        if (offset_ns < suite->stages[i].end_ns) {
            return suite->stages[i].name;
        }
    }
    return BYTES_NULL;
}

/* The text of a label; empty where there is no record, or it lacks the label. */
static struct bytes label_text(const struct gather_place *place, struct bytes label,
                               uint64_t offset_ns, char scratch[OPERAND_TEXT_MAX])
{
    if (bytes_is(label, "stage")) {
        return stage_of(place->suite, offset_ns);
    }
    if (place->injection == NULL) {
        return BYTES_NULL;
    }
    struct operand value = lookup_injection(label, place->injection);
    return operand_text(&value, scratch);
}

bool gather_is_taken(const struct gather_place *place, uint64_t offset_ns)
{
    const struct rule *rule = place->threshold->rule;
    char scratch[OPERAND_TEXT_MAX];
    if (offset_ns < place->threshold->warmup_ns) {
        return false;
    }
    for (uint32_t i = 0; i < rule->tag_count; i++) {
        if (!bytes_equal(label_text(place, rule->tags[i].key, offset_ns, scratch),
                         rule->tags[i].value)) {
            return false;
        }
    }
    return true;
}

bool gather_tags_fit(const struct suite *suite, const struct rule *rule,
                     const struct injection *injection)
{
    const struct gather_place place = {.suite = suite, .injection = injection};
    char scratch[OPERAND_TEXT_MAX];
    for (uint32_t i = 0; i < rule->tag_count; i++) {
        const struct rule_tag *tag = &rule->tags[i];
        if (!bytes_is(tag->key, "stage") &&
            !bytes_equal(label_text(&place, tag->key, 0, scratch), tag->value)) {
            return false;
        }
    }
    return true;
}

struct bytes gather_class_key(const struct gather_place *place, uint64_t offset_ns,
                              uint8_t text[GATHER_KEY_MAX])
{
    char scratch[OPERAND_TEXT_MAX];
    size_t len = 0;
    for (uint32_t i = 0; i < place->threshold->by_count; i++) {
        struct bytes value = label_text(place, place->threshold->by[i], offset_ns, scratch);
        size_t part = value.len < GATHERING_LABEL_MAX ? value.len : GATHERING_LABEL_MAX;
        for (size_t k = 0; k < part; k++) {
            text[len++] = value.data[k] != 0 ? value.data[k] : ' ';
        }
        text[len++] = 0;
    }
    return bytes_from(text, len);
}
