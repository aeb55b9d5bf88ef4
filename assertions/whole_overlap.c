/* Whether spans of two sets run at the same time. Two spans overlap where each starts before the
 * other ends; no span overlaps itself. Of each clock of the second set it is known, for the first
 * spans by start, which two end last: so each span of the first set finds one that it overlaps for
 * certain, or may overlap, by halving. */
#include "assertions/whole_clocks.h"

#define NONE UINT32_MAX

static const struct trace_span *span_at(const struct whole_scene *scene, uint32_t set,
                                        uint32_t place)
{
    return &scene->trace->spans[scene->sets[set].spans[place]];
}

static bool runs_backwards(const struct whole_scene *scene, uint32_t set, uint32_t place)
{
    return view_is_backwards(scene->trace, scene->sets[set].spans[place]);
}

/* The two places of the second set that end last; NONE: there is none. */
struct latest {
    uint32_t one, two;
};

/* The spans of the second set with one clock, by start. */
struct row {
    uint32_t *places;
    uint32_t count;
    struct latest *latest;  /* of the first n of them, from 0 to count */
    struct latest *lasting; /* the same of those that take time */
};

struct rows {
    struct clock_set clocks;
    struct row rows[SKEW_CLOCKS_MAX];
};

static struct latest take_latest(const struct whole_scene *scene, struct latest latest,
                                 uint32_t place)
{
    uint64_t end = span_at(scene, 1, place)->end_ns;
    if (latest.one == NONE || end > span_at(scene, 1, latest.one)->end_ns) {
        return (struct latest){place, latest.one};
    }
    if (latest.two == NONE || end > span_at(scene, 1, latest.two)->end_ns) {
        latest.two = place;
    }
    return latest;
}

static bool alloc_row(struct whole_scene *scene, struct row *row, uint32_t count)
{
    row->places = whole_take(scene, count, sizeof *row->places);
    row->latest = whole_take(scene, count, sizeof *row->latest);
    row->lasting = whole_take(scene, count, sizeof *row->lasting);
    if (row->places == NULL || row->latest == NULL || row->lasting == NULL) {
        return false;
    }
    row->latest[0] = row->lasting[0] = (struct latest){NONE, NONE};
    return true;
}

static void add_to_row(const struct whole_scene *scene, struct row *row, uint32_t place)
{
    const struct trace_span *span = span_at(scene, 1, place);
    uint32_t n = row->count++;
    row->places[n] = place;
    row->latest[n + 1] = take_latest(scene, row->latest[n], place);
    row->lasting[n + 1] = span->end_ns > span->start_ns ? take_latest(scene, row->lasting[n], place)
                                                        : row->lasting[n];
}

static bool make_rows(struct whole_scene *scene, struct rows *ret)
{
    uint32_t counts[SKEW_CLOCKS_MAX] = {0};
    uint32_t all = scene->sets[1].count;
    if (!whole_clocks_make(scene, 2, &ret->clocks)) {
        return false;
    }
    for (uint32_t i = 0; i < all; i++) {
        counts[ret->clocks.of[1][i]]++;
    }
    for (uint32_t c = 0; c < ret->clocks.count; c++) {
        ret->rows[c] = (struct row){.count = 0};
        if (!alloc_row(scene, &ret->rows[c], counts[c])) {
            return false;
        }
    }
    for (uint32_t i = 0; i < all; i++) {
        if (!runs_backwards(scene, 1, i)) {
            add_to_row(scene, &ret->rows[ret->clocks.of[1][i]], i);
        }
    }
    return true;
}

/* How many of a row start before a time. */
static uint32_t started_before(const struct whole_scene *scene, const struct row *row, __int128 ns)
{
    uint32_t low = 0;
    uint32_t high = row->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if ((__int128)span_at(scene, 1, row->places[middle])->start_ns < ns) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* One of a row that overlaps the span of the first set: for certain, or perhaps. Two that take no
 * time never do. */
static uint32_t find_in_row(const struct whole_scene *scene, const struct row *row,
                            struct skew_bounds shift, uint32_t a, bool certain)
{
    const struct trace_span *span = span_at(scene, 0, a);
    __int128 ahead = certain ? shift.most : shift.least;
    __int128 behind = certain ? shift.least : shift.most;
    uint32_t started = started_before(scene, row, (__int128)span->end_ns - ahead);
    bool instant = span->start_ns == span->end_ns;
    struct latest latest = instant ? row->lasting[started] : row->latest[started];
    bool self = latest.one != NONE && scene->sets[1].spans[latest.one] == scene->sets[0].spans[a];
    uint32_t b = self ? latest.two : latest.one;
    bool overlaps =
        b != NONE && (__int128)span_at(scene, 1, b)->end_ns + behind > (__int128)span->start_ns;
    return overlaps ? b : NONE;
}

/* The first place of the second set that any clock's row offers. */
static uint32_t find_partner(const struct whole_scene *scene, const struct rows *rows, uint32_t a,
                             bool certain)
{
    uint32_t found = NONE;
    for (uint32_t c = 0; c < rows->clocks.count && !runs_backwards(scene, 0, a); c++) {
        struct skew_bounds shift = whole_clocks_shift(&rows->clocks, c, rows->clocks.of[0][a]);
        uint32_t b = find_in_row(scene, &rows->rows[c], shift, a, certain);
        found = b < found ? b : found;
    }
    return found;
}

static void fail_apart(struct whole_scene *scene, uint32_t a, uint32_t b)
{
    whole_fail(scene, whole_stays(scene), scene->sets[0].spans[a], "%s and %s run at the same time",
               whole_set_name(scene, 0), whole_set_name(scene, 1));
    whole_see_span(scene, 0, a);
    whole_see(scene, " and ");
    whole_see_span(scene, 1, b);
    whole_fail_certain(scene);
}

static void fail_alone(struct whole_scene *scene, uint32_t a)
{
    whole_fail(scene, false, scene->sets[0].spans[a], "a %s runs beside no %s",
               whole_set_name(scene, 0), whole_set_name(scene, 1));
    whole_see_span(scene, 0, a);
}

/* From the start of a to the start of b: what it really may be leaves open whether they overlap. */
static void rule_open(struct whole_scene *scene, const struct rows *rows, uint32_t a, uint32_t b)
{
    const struct trace_span *one = span_at(scene, 0, a);
    const struct trace_span *two = span_at(scene, 1, b);
    struct skew_bounds bounds =
        whole_clocks_shift(&rows->clocks, rows->clocks.of[1][b], rows->clocks.of[0][a]);
    __int128 measured = (__int128)two->start_ns - (__int128)one->start_ns;
    bounds.least += measured;
    bounds.most += measured;
    whole_rule_skew(scene, measured, &bounds, scene->sets[0].spans[a]);
}

static void judge_apart(struct whole_scene *scene, const struct rows *rows)
{
    uint32_t open = NONE;
    uint32_t partner = NONE;
    for (uint32_t a = 0; a < scene->sets[0].count; a++) {
        uint32_t certain = find_partner(scene, rows, a, true);
        if (certain != NONE) {
            fail_apart(scene, a, certain);
            return;
        }
        uint32_t possible = open == NONE ? find_partner(scene, rows, a, false) : NONE;
        open = possible != NONE ? a : open;
        partner = possible != NONE ? possible : partner;
    }
    if (whole_rule_clock(scene, 2)) {
        return;
    }
    if (open != NONE) {
        rule_open(scene, rows, open, partner);
    } else {
        whole_pass(scene);
    }
}

static void judge_overlaps(struct whole_scene *scene, const struct rows *rows)
{
    uint32_t open = NONE;
    uint32_t partner = NONE;
    for (uint32_t a = 0; a < scene->sets[0].count; a++) {
        if (find_partner(scene, rows, a, true) != NONE) {
            continue;
        }
        uint32_t possible = find_partner(scene, rows, a, false);
        if (possible == NONE) {
            fail_alone(scene, a);
            return;
        }
        partner = open == NONE ? possible : partner;
        open = open == NONE ? a : open;
    }
    if (open != NONE) {
        rule_open(scene, rows, open, partner);
    } else {
        whole_pass(scene);
    }
}

void whole_judge_overlap(struct whole_scene *scene)
{
    struct rows rows;
    if (scene->whole->type == WHOLE_OVERLAPS && whole_rule_clock(scene, 2)) {
        return;
    }
    if (!make_rows(scene, &rows)) {
        return;
    }
    if (scene->whole->type == WHOLE_APART) {
        judge_apart(scene, &rows);
    } else {
        judge_overlaps(scene, &rows);
    }
}
