/* Facts in a tree, written as JSON for programs or as indented text for people: one description,
 * two forms.
 *
 * Text: "name: value" a line, two blanks a level, "- " before the first member of each item of a
 * list. Texts are escaped in both (telemetry is hostile: no line, no control character of a
 * terminal comes from a peer), and shown as U+FFFD where they are not UTF-8. Names are the
 * program's own. Misuse (an end too many, deeper than OUTLINE_DEPTH_MAX) is an assert. Thread rule:
 * confined to its owner. */
#ifndef ASSERTD_DAEMON_OUTLINE_H
#define ASSERTD_DAEMON_OUTLINE_H

#include "daemon/core/json.h"

#define OUTLINE_DEPTH_MAX 16

enum outline_form { OUTLINE_TEXT, OUTLINE_JSON };

struct outline {
    struct json json; /* writes to `out`, in both forms */
    struct buf *out;  /* borrowed */
    enum outline_form form;
    unsigned depth;
    bool is_list[OUTLINE_DEPTH_MAX];
    bool is_item; /* the next line begins an item */
};

/* Begins the tree: an object. */
void outline_begin(struct outline *outline, enum outline_form form, struct buf *out);
void outline_end(struct outline *outline);

/* A group, and a list, of that name; items of a list are groups (name NULL), or texts. */
void outline_group(struct outline *outline, const char *name);
void outline_group_end(struct outline *outline);
void outline_list(struct outline *outline, const char *name);
void outline_list_end(struct outline *outline);

/* Members; in a list of texts the name is NULL. */
void outline_text(struct outline *outline, const char *name, struct bytes text);
void outline_string(struct outline *outline, const char *name, const char *text);
void outline_number(struct outline *outline, const char *name, uint64_t number);
void outline_bool(struct outline *outline, const char *name, bool value);
/* Nanoseconds, as seconds with three decimals. */
void outline_seconds(struct outline *outline, const char *name, uint64_t ns);

#endif
