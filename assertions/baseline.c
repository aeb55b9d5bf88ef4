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
#include "daemon/core/buf.h"
#include "daemon/core/number.h"

#define LEVELS_MAX     8
#define KEY_BYTES      24
#define SCHEMA_VERSION 1

/* The value of one threshold, or of one row of its distribution. */
struct found {
    bool is_complete, has_value;
    double value;
    uint64_t above, samples;
};

struct reader {
    const struct rule *rule;
    struct bytes suite;
    char keys[LEVELS_MAX][KEY_BYTES]; /* of each level: the current member's; empty in a list */
    uint32_t depth;
    bool no_memory, other_schema;
    bool is_report; /* it has suites and a version */
    bool seen_suite;
    bool is_suite;   /* the current one is of our name */
    struct buf text; /* of the threshold's rule, without blanks */
    double value;    /* of the threshold */
    bool has_value;
    uint64_t samples, of_distribution;
    double percent, row_value; /* of the row */
    uint64_t row_above;
    bool row_has_value;
    struct found row, in_suite, result; /* each found in the next */
};

/* Whether the current value stands at the path: its keys, "" for an item of a list. */
static bool is_at(const struct reader *reader, uint32_t depth, const char *last)
{
    static const char *const path[] = {"suites",    "", "thresholds", "", "distribution",
                                       "quantiles", ""};
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

static void end_row(struct reader *reader)
{
    if (reader->percent == reader->rule->percent && !reader->row.is_complete) {
        reader->row = (struct found){.is_complete = true,
                                     .has_value = reader->row_has_value,
                                     .value = reader->row_value,
                                     .above = reader->row_above};
    }
}

static struct found of_states(const struct reader *reader)
{
    bool ratio = bytes_start_with(buf_bytes(&reader->text), BYTES_LITERAL("ratio"));
    double of = (double)reader->samples;
    double number = ratio ? reader->value * of : reader->value;
    bool sound = reader->has_value && of > 0 && number >= 0 && number <= of;
    return (struct found){.is_complete = true,
                          .has_value = sound,
                          .value = sound ? number / of : 0,
                          .above = sound ? (uint64_t)(number + 0.5) : 0,
                          .samples = reader->samples};
}

static void begin_threshold(struct reader *reader)
{
    buf_reset(&reader->text);
    reader->has_value = false;
    reader->samples = reader->of_distribution = 0;
    reader->row = (struct found){.is_complete = false};
}

static void end_threshold(struct reader *reader)
{
    if (reader->in_suite.is_complete || !measures_the_same(reader)) {
        return;
    }
    reader->in_suite = reader->row;
    reader->in_suite.samples = reader->of_distribution;
    if (rule_counts_states(reader->rule)) {
        reader->in_suite = of_states(reader);
    }
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
    } else if (is_at(reader, 7, "")) {
        reader->percent = -1;
        reader->row_has_value = false;
        reader->row_above = 0;
    }
}

static void end(struct reader *reader)
{
    if (is_at(reader, 7, "")) {
        end_row(reader);
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
    reader->is_report |= reader->depth == 1 && strcmp(reader->keys[0], "suites") == 0;
    return 1;
}

static int on_text(void *self, const unsigned char *text, size_t len)
{
    struct reader *reader = self;
    struct bytes bytes = bytes_from(text, len);
    if (is_at(reader, 3, "name")) {
        reader->is_suite = bytes_equal(bytes, reader->suite);
    } else if (is_at(reader, 5, "rule")) {
        buf_reset(&reader->text);
        append_without_blanks(&reader->text, bytes);
        reader->no_memory |= reader->text.failed;
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
    if (reader->depth == 1 && strcmp(reader->keys[0], "schema_version") == 0) {
        reader->other_schema = whole != SCHEMA_VERSION;
    } else if (is_at(reader, 5, "value")) {
        reader->value = number;
        reader->has_value = is_number;
    } else if (is_at(reader, 5, "samples")) {
        reader->samples = whole;
    } else if (is_at(reader, 6, "samples")) {
        reader->of_distribution = whole;
    } else if (is_at(reader, 8, "p")) {
        reader->percent = number;
    } else if (is_at(reader, 8, "value")) {
        reader->row_value = number;
        reader->row_has_value = is_number;
    } else if (is_at(reader, 8, "above") && is_whole) {
        reader->row_above = whole;
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
    if (!found->is_complete) {
        return "the baseline has no threshold that measures the same and has a finite value";
    }
    return found->has_value && found->above <= found->samples && found->samples != 0
               ? NULL
               : "the baseline has no finite value to compare with";
}

int baseline_read(struct bytes report, struct bytes suite, const struct rule *rule,
                  struct baseline *ret)
{
    struct reader reader = {.rule = rule, .suite = suite};
    bool good = report.len != 0 && parse(&reader, report);
    buf_deinit(&reader.text);
    if (reader.no_memory) {
        return -ENOMEM;
    }
    if (!good || !reader.is_report) {
        return BASELINE_NO_REPORT;
    }
    const struct found *found = &reader.result;
    *ret = (struct baseline){.why = why_not(&reader, found),
                             .value = found->value,
                             .above = found->above,
                             .samples = found->samples};
    return 0;
}
