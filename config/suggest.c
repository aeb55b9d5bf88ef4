/*
 * Levenshtein's distance over one row of its table.
 */
#include "config/suggest.h"

#define WORD_BYTES_MAX 64

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static unsigned char lower(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : c;
}

size_t suggest_distance(struct bytes a, struct bytes b, size_t beyond)
{
    if (a.len > WORD_BYTES_MAX || b.len > WORD_BYTES_MAX) {
        return beyond;
    }
    size_t row[WORD_BYTES_MAX + 1];
    for (size_t j = 0; j <= b.len; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= a.len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t replaced = diagonal + (lower(a.data[i - 1]) != lower(b.data[j - 1]));
            diagonal = row[j];
            row[j] = least(replaced, least(row[j], row[j - 1]) + 1);
        }
    }
    return least(row[b.len], beyond);
}

const char *suggest(struct bytes word, const char *const *known, size_t count)
{
    size_t best = 1 + (word.len + 1) / 3;
    const char *nearest = NULL;
    for (size_t i = 0; i < count; i++) {
        size_t distance = suggest_distance(word, bytes_of(known[i]), best);
        if (distance < best) {
            best = distance;
            nearest = known[i];
        }
    }
    return nearest;
}
