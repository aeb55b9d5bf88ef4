/*
 * A report is read as it comes, member by member: its failures are many, and none of them is
 * wanted. Members may stand in any order (a tool may have sorted them), so a threshold is looked at
 * when it ends, and a suite is told by its name when it ends.
 */
#include "assertions/baseline.h"

#include <errno.h>
#include <string.h>

#include <yajl/yajl_parse.h>

#include "assertions/rule.h"
#include "assertions/suite.h"
#include "daemon/core/buf.h"
#include "daemon/core/number.h"

#define LEVELS_MAX     10
#define KEY_BYTES      24
#define SCHEMA_VERSION 1

/* The value of one threshold, or of one row of its distribution. */
struct found {
    bool is_complete, has_value;
    double value;
    uint64_t above, samples;
    struct baseline_class *classes; /* of a threshold that is judged apart; in the scratch arena */
    uint32_t class_count;
};

/* What a threshold measured, or it did of one combination of labels. */
struct measured {
    double value;
    bool has_value;
    uint64_t samples, of_distribution;
    double percent, row_value; /* of the row under way */
    uint64_t row_above;
    bool row_has_value;
    struct found row; /* the one that was looked for */
};

/* A combination of labels, until it is known what its threshold measures. */
struct class_read {
    struct bytes values[THRESHOLD_LABELS_MAX]; /* NULL data: not there */
    uint32_t labels;                           /* how many it has */
    struct measured measured;
};

struct reader {
    const struct rule *rule;
    const struct baseline_request *request;
    struct arena scratch;
    char keys[LEVELS_MAX][KEY_BYTES]; /* of each level: the current member's; empty in a list */
    uint32_t depth;
    bool no_memory, other_schema;
    bool is_report; /* it has suites and a version */
    bool seen_suite;
    bool is_suite;   /* the current one is of our name */
    struct buf text; /* of the threshold's rule, without blanks */
    struct measured threshold;
    struct class_read
        *classes; /* of the threshold; BASELINE_CLASSES_MAX, one more is thrown away */
    uint32_t class_count;
    int label;                     /* the current member of labels: which of the request; or -1 */
    struct found in_suite, result; /* the one found in the other */
};

/* Whether the current value stands at a path: its keys, "" for an item of a list. */
static bool is_on(const struct reader *reader, const char *const *path, uint32_t depth,
                  const char *last)
{
    if (reader->depth != depth || strcmp(reader->keys[depth - 1], last) != 0) {
        return false;
    }
    for (uint32_t i = 0; i + 1 < depth; i++) {
        if (strcmp(reader->keys[i], path[i]) != 0) {
            return false;
        }
    }
    return true;
}

static bool is_at(const struct reader *reader, uint32_t depth, const char *last)
{
    static const char *const path[] = {"suites",    "", "thresholds", "", "distribution",
                                       "quantiles", ""};
    return is_on(reader, path, depth, last);
}

/* The same of a combination of labels. */
static bool is_in_class(const struct reader *reader, uint32_t depth, const char *last)
{
    static const char *const path[] = {"suites",    "", "thresholds", "", "by", "", "distribution",
                                       "quantiles", ""};
    return is_on(reader, path, depth, last);
}

/* Whether the current value is that of a label. */
static bool is_label(const struct reader *reader)
{
    static const char *const path[] = {"suites", "", "thresholds", "", "by", "", "labels"};
    return reader->depth == 8 && is_on(reader, path, 8, reader->keys[7]);
}

static void append_without_blanks(struct buf *out, struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (strchr(" \t\r\n", text.data[i]) == NULL) {
            buf_append_char(out, (char)text.data[i]);
        }
    }
}

static const uint8_t *find(struct bytes hay, struct bytes needle)
{
    return hay.len != 0 ? memmem(hay.data, hay.len, needle.data, needle.len) : NULL;
}

/* The aggregate before what is measured, and no further tag behind it. */
static bool measures_the_same(const struct reader *reader)
{
    struct buf subject = BUF_NULL;
    append_without_blanks(&subject, reader->rule->subject);
    struct bytes text = buf_bytes(&reader->text);
    const uint8_t *at = subject.failed ? NULL : find(text, buf_bytes(&subject));
    bool same = false;
    if (at != NULL) {
        struct bytes before = bytes_from(text.data, (size_t)(at - text.data));
        size_t end = before.len + subject.len;
        bool states = bytes_is(before, "ratio") || bytes_is(before, "count");
        same = states == rule_counts_states(reader->rule) &&
               (end == text.len || text.data[end] != '{');
    }
    buf_deinit(&subject);
    return same;
}

static void begin_row(struct measured *it)
{
    it->percent = -1;
    it->row_has_value = false;
    it->row_above = 0;
}

static void end_row(const struct reader *reader, struct measured *it)
{
    if (it->percent == reader->rule->percent && !it->row.is_complete) {
        it->row = (struct found){.is_complete = true,
                                 .has_value = it->row_has_value,
                                 .value = it->row_value,
                                 .above = it->row_above};
    }
}

static struct found of_states(const struct reader *reader, const struct measured *it)
{
    bool ratio = bytes_start_with(buf_bytes(&reader->text), BYTES_LITERAL("ratio"));
    double of = (double)it->samples;
    double number = ratio ? it->value * of : it->value;
    bool sound = it->has_value && of > 0 && number >= 0 && number <= of;
    return (struct found){.is_complete = true,
                          .has_value = sound,
                          .value = sound ? number / of : 0,
                          .above = sound ? (uint64_t)(number + 0.5) : 0,
                          .samples = it->samples};
}

static struct found found_of(const struct reader *reader, const struct measured *it)
{
    if (rule_counts_states(reader->rule)) {
        return of_states(reader, it);
    }
    struct found found = it->row;
    found.samples = it->of_distribution;
    return found;
}

static bool is_sound(const struct found *found)
{
    return found->is_complete && found->has_value && found->above <= found->samples &&
           found->samples != 0;
}

static void begin_threshold(struct reader *reader)
{
    buf_reset(&reader->text);
    reader->threshold = (struct measured){.has_value = false};
    reader->class_count = 0;
}

/* The values, each ended by a zero byte, as the gathering has them. */
static struct bytes key_of(struct reader *reader, const struct class_read *class)
{
    struct buf key = BUF_NULL;
    for (uint32_t i = 0; i < reader->request->by_count; i++) {
        buf_append_bytes(&key, class->values[i]);
        buf_append_char(&key, '\0');
    }
    struct bytes copy = arena_copy(&reader->scratch, buf_bytes(&key));
    reader->no_memory |= key.failed || copy.data == NULL;
    buf_deinit(&key);
    return copy;
}

/* The combinations of the same labels that have something to compare with. */
static void take_classes(struct reader *reader, struct found *ret)
{
    ret->classes =
        arena_calloc(&reader->scratch, (size_t)reader->class_count + 1, sizeof *ret->classes);
    reader->no_memory |= ret->classes == NULL;
    for (uint32_t i = 0; ret->classes != NULL && i < reader->class_count; i++) {
        const struct class_read *class = &reader->classes[i];
        struct found found = found_of(reader, &class->measured);
        bool same = class->labels == reader->request->by_count;
        for (uint32_t k = 0; same && k < reader->request->by_count; k++) {
            same = class->values[k].data != NULL;
        }
        if (same && is_sound(&found)) {
            ret->classes[ret->class_count++] = (struct baseline_class){
                key_of(reader, class), found.value, found.above, found.samples};
        }
    }
}

static void end_threshold(struct reader *reader)
{
    if (reader->in_suite.is_complete || !measures_the_same(reader)) {
        return;
    }
    struct found found = found_of(reader, &reader->threshold);
    if (reader->request->by_count != 0) {
        take_classes(reader, &found);
    }
    if (reader->request->by_count == 0 || found.class_count != 0) {
        reader->in_suite = found;
    }
}

/* A class that finds no room is read into the last place and not counted. */
static void begin_class(struct reader *reader)
{
    if (reader->classes == NULL) {
        reader->classes =
            arena_calloc(&reader->scratch, BASELINE_CLASSES_MAX + 1, sizeof *reader->classes);
        reader->no_memory |= reader->classes == NULL;
    }
    if (reader->classes != NULL) {
        reader->classes[reader->class_count] = (struct class_read){.labels = 0};
    }
}

static void end_class(struct reader *reader)
{
    reader->class_count += reader->classes != NULL && reader->class_count < BASELINE_CLASSES_MAX;
}

/* What the current value is of; NULL: of nothing that is asked for. */
static struct measured *measured_of(struct reader *reader, uint32_t depth, const char *last)
{
    if (is_at(reader, depth, last)) {
        return &reader->threshold;
    }
    bool apart = reader->request->by_count != 0 && reader->classes != NULL;
    return apart && is_in_class(reader, depth + 2, last)
               ? &reader->classes[reader->class_count].measured
               : NULL;
}

static void end_suite(struct reader *reader)
{
    reader->seen_suite |= reader->is_suite;
    if (reader->is_suite && !reader->result.is_complete) {
        reader->result = reader->in_suite;
    }
}

static void begin(struct reader *reader)
{
    if (is_at(reader, 2, "")) {
        reader->is_suite = false;
        reader->in_suite = (struct found){.is_complete = false};
    } else if (is_at(reader, 4, "")) {
        begin_threshold(reader);
    } else if (reader->request->by_count != 0 && is_in_class(reader, 6, "")) {
        begin_class(reader);
    }
    struct measured *row = measured_of(reader, 7, "");
    if (row != NULL) {
        begin_row(row);
    }
}

static void end(struct reader *reader)
{
    struct measured *row = measured_of(reader, 7, "");
    if (row != NULL) {
        end_row(reader, row);
    } else if (reader->request->by_count != 0 && is_in_class(reader, 6, "")) {
        end_class(reader);
    } else if (is_at(reader, 4, "")) {
        end_threshold(reader);
    } else if (is_at(reader, 2, "")) {
        end_suite(reader);
    }
}

/* --- yajl's calls --- */

static int open_level(void *self)
{
    struct reader *reader = self;
    begin(reader);
    if (reader->depth < LEVELS_MAX) {
        reader->keys[reader->depth][0] = '\0';
    }
    reader->depth++;
    return 1;
}

static int close_level(void *self)
{
    struct reader *reader = self;
    reader->depth--;
    end(reader);
    return 1;
}

static int on_key(void *self, const unsigned char *key, size_t len)
{
    struct reader *reader = self;
    if (reader->depth <= LEVELS_MAX) {
        char *to = reader->keys[reader->depth - 1];
        size_t part = len < KEY_BYTES - 1 ? len : 0;
        memcpy(to, len == part ? key : (const unsigned char *)"?", part);
        to[part] = '\0';
        if (part == 0) {
            memcpy(to, "?", 2); /* no member of ours, nor an item of a list */
        }
    }
    reader->label = -1;
    for (uint32_t i = 0; i < reader->request->by_count; i++) {
        bool same = bytes_equal(bytes_from(key, len), reader->request->by[i]);
        reader->label = same ? (int)i : reader->label;
    }
    reader->is_report |= reader->depth == 1 && strcmp(reader->keys[0], "suites") == 0;
    return 1;
}

static void take_label(struct reader *reader, struct bytes value)
{
    struct class_read *class = &reader->classes[reader->class_count];
    class->labels++;
    if (reader->label >= 0) {
        struct bytes copy = arena_copy(&reader->scratch, value);
        class->values[reader->label] = copy;
        reader->no_memory |= copy.data == NULL;
    }
}

static int on_text(void *self, const unsigned char *text, size_t len)
{
    struct reader *reader = self;
    struct bytes bytes = bytes_from(text, len);
    if (is_at(reader, 3, "name")) {
        reader->is_suite = bytes_equal(bytes, reader->request->suite);
    } else if (is_at(reader, 5, "rule")) {
        buf_reset(&reader->text);
        append_without_blanks(&reader->text, bytes);
        reader->no_memory |= reader->text.failed;
    } else if (reader->classes != NULL && is_label(reader)) {
        take_label(reader, bytes);
    }
    return 1;
}

static int on_number(void *self, const char *text, size_t len)
{
    struct reader *reader = self;
    struct bytes bytes = bytes_from(text, len);
    uint64_t whole = 0;
    double number = 0;
    bool is_whole = number_parse_u64(bytes, &whole) == 0;
    bool is_number = number_parse_double(bytes, &number) == 0;
    struct measured *it;
    if (reader->depth == 1 && strcmp(reader->keys[0], "schema_version") == 0) {
        reader->other_schema = whole != SCHEMA_VERSION;
    } else if ((it = measured_of(reader, 5, "value")) != NULL) {
        it->value = number;
        it->has_value = is_number;
    } else if ((it = measured_of(reader, 5, "samples")) != NULL) {
        it->samples = whole;
    } else if ((it = measured_of(reader, 6, "samples")) != NULL) {
        it->of_distribution = whole;
    } else if ((it = measured_of(reader, 8, "p")) != NULL) {
        it->percent = number;
    } else if ((it = measured_of(reader, 8, "value")) != NULL) {
        it->row_value = number;
        it->row_has_value = is_number;
    } else if (is_whole && (it = measured_of(reader, 8, "above")) != NULL) {
        it->row_above = whole;
    }
    return 1;
}

static bool parse(struct reader *reader, struct bytes report)
{
    static const yajl_callbacks calls = {.yajl_number = on_number,
                                         .yajl_string = on_text,
                                         .yajl_start_map = open_level,
                                         .yajl_map_key = on_key,
                                         .yajl_end_map = close_level,
                                         .yajl_start_array = open_level,
                                         .yajl_end_array = close_level};
    yajl_handle handle = yajl_alloc(&calls, NULL, reader);
    if (handle == NULL) {
        reader->no_memory = true;
        return false;
    }
    bool good = yajl_parse(handle, report.data, report.len) == yajl_status_ok &&
                yajl_complete_parse(handle) == yajl_status_ok;
    yajl_free(handle);
    return good;
}

static const char *why_not(const struct reader *reader, const struct found *found)
{
    if (reader->other_schema) {
        return "the baseline is a report of another version";
    }
    if (!reader->seen_suite) {
        return "the baseline has no suite of this name";
    }
    if (!found->is_complete && reader->request->by_count != 0) {
        return "the baseline has no threshold that measures the same by the same labels and has a "
               "finite value";
    }
    if (!found->is_complete) {
        return "the baseline has no threshold that measures the same and has a finite value";
    }
    return is_sound(found) ? NULL : "the baseline has no finite value to compare with";
}

/* Copies of the classes, for those that live on. 0, or -ENOMEM. */
static int keep_classes(const struct found *found, struct arena *arena, struct baseline *ret)
{
    struct baseline_class *classes =
        arena_calloc(arena, (size_t)found->class_count + 1, sizeof *classes);
    for (uint32_t i = 0; classes != NULL && i < found->class_count; i++) {
        classes[i] = found->classes[i];
        classes[i].key = arena_copy(arena, found->classes[i].key);
        if (classes[i].key.data == NULL) {
            return -ENOMEM;
        }
    }
    ret->classes = classes;
    ret->class_count = found->class_count;
    return classes != NULL ? 0 : -ENOMEM;
}

int baseline_read(struct bytes report, const struct baseline_request *request, struct baseline *ret)
{
    struct reader reader = {
        .rule = request->rule, .request = request, .scratch = ARENA_INIT(4096, 0), .label = -1};
    bool good = report.len != 0 && parse(&reader, report);
    int bad = reader.no_memory ? -ENOMEM : !good || !reader.is_report ? BASELINE_NO_REPORT : 0;
    if (bad == 0) {
        const struct found *found = &reader.result;
        *ret = (struct baseline){.why = why_not(&reader, found),
                                 .value = found->value,
                                 .above = found->above,
                                 .samples = found->samples};
        bad = found->class_count != 0 ? keep_classes(found, request->arena, ret) : 0;
    }
    buf_deinit(&reader.text);
    arena_deinit(&reader.scratch);
    return bad;
}
