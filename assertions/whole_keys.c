#include "assertions/whole_keys.h"

bool whole_key_is_wrong(const struct operand *value)
{
    return value->type == OPERAND_BYTES || value->type == OPERAND_ARRAY ||
           value->type == OPERAND_MAP || value->type == OPERAND_TIME;
}

bool whole_key_text(struct whole_scene *scene, const struct operand *value, struct bytes *ret)
{
    char scratch[OPERAND_TEXT_MAX];
    *ret = operand_text(value, scratch);
    if (value->type == OPERAND_TEXT || ret->len == 0) {
        return true;
    }
    *ret = arena_copy_packed(scene->look->scratch, *ret);
    return ret->data != NULL || whole_no_memory(scene);
}

/* Without a key all belong together. */
static bool make_alike(struct whole_scene *scene, uint32_t set, struct whole_keys *ret)
{
    for (uint32_t i = 0; i < scene->sets[set].count; i++) {
        ret->known[i] = true;
    }
    return true;
}

bool whole_keys_of(struct whole_scene *scene, uint32_t set, const struct whole_value *key,
                   struct whole_keys *ret)
{
    uint32_t count = scene->sets[set].count;
    *ret = (struct whole_keys){.key = key,
                               .texts = whole_take(scene, count, sizeof *ret->texts),
                               .known = whole_take(scene, count, sizeof *ret->known)};
    if (ret->texts == NULL || ret->known == NULL) {
        return false;
    }
    if (key == NULL) {
        return make_alike(scene, set, ret);
    }
    ret->values = view_values(&scene->sets[set], key, scene->look);
    if (ret->values == NULL) {
        return whole_no_memory(scene);
    }
    for (uint32_t i = 0; i < count; i++) {
        const struct view_value *value = &ret->values[i];
        ret->known[i] = value->state == VALUE_KNOWN && !whole_key_is_wrong(&value->value);
        if (ret->known[i] && !whole_key_text(scene, &value->value, &ret->texts[i])) {
            return false;
        }
    }
    return true;
}

bool whole_keys_make(struct whole_scene *scene, uint32_t set, struct whole_keys *ret)
{
    const struct whole *whole = scene->whole;
    return whole_keys_of(scene, set, whole->has_by ? &whole->by : NULL, ret);
}

bool whole_keys_rule(struct whole_scene *scene, uint32_t set, const struct whole_keys *keys)
{
    return keys->values != NULL &&
           whole_rule_states(scene, set, keys->values, whole_key_is_wrong, keys->key);
}

bool whole_keys_rule_both(struct whole_scene *scene, uint32_t set, const struct whole_keys *keys,
                          uint32_t other_set, const struct whole_keys *others)
{
    bool one = whole_keys_rule(scene, set, keys);
    bool other = whole_keys_rule(scene, other_set, others);
    return one || other;
}

bool whole_keys_miss(const struct whole_scene *scene, uint32_t set, const struct whole_keys *keys)
{
    for (uint32_t i = 0; keys->values != NULL && i < scene->sets[set].count; i++) {
        if (keys->values[i].state == VALUE_ABSENT) {
            return true;
        }
    }
    return false;
}
