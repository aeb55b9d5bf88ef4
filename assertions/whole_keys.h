/* The key by which spans of a set belong together, as canonical texts. Internal to the judges of
 * whole conditions. */
#ifndef ASSERTD_ASSERTIONS_WHOLE_KEYS_H
#define ASSERTD_ASSERTIONS_WHOLE_KEYS_H

#include "assertions/whole_scene.h"

struct whole_keys {
    struct view_value *values; /* by place; NULL: nothing is asked, all are alike */
    struct bytes *texts;       /* canonical; empty where not known */
    bool *known;
    const struct whole_value *key; /* NULL: none */
};

/* The texts of the condition's `by` over a set of the scene. False: no memory, which is told. */
bool whole_keys_make(struct whole_scene *scene, uint32_t set, struct whole_keys *ret);

/* The same of any key. */
bool whole_keys_of(struct whole_scene *scene, uint32_t set, const struct whole_value *key,
                   struct whole_keys *ret);

/* Whether some is not known; the ruling then says so (whole_rule_states). */
bool whole_keys_rule(struct whole_scene *scene, uint32_t set, const struct whole_keys *keys);

/* The same of two sets; the worse of both counts. */
bool whole_keys_rule_both(struct whole_scene *scene, uint32_t set, const struct whole_keys *keys,
                          uint32_t other_set, const struct whole_keys *others);

/* Whether it is missing on some span of the set: a failure that stays. */
bool whole_keys_miss(const struct whole_scene *scene, uint32_t set, const struct whole_keys *keys);

/* The canonical text of a value, in scratch where it is none itself; .data NULL with a length of 0
 * where it has none. False: no memory, which is told. */
bool whole_key_text(struct whole_scene *scene, const struct operand *value, struct bytes *ret);

/* What has no canonical text. */
bool whole_key_is_wrong(const struct operand *value);

#endif
