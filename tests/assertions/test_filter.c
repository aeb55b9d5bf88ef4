/* What a comparison means on a span: one row for each case of SEMANTICS 2, read from the wire. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "assertions/lookup.h"
#include "tests/assertions/language_fixture.h"
#include "tests/assertions/truth_rows.h"

static void own_fields_are_read_without_prefix(void **state)
{
    CHECK({"name = 'GET /cart'", T}, {"name = GET", F}, {"kind = server", T},
          {"kind = 'server'", T}, {"kind != client", T}, {"status = error", T},
          {"status != error", F}, {"service = shop", T}, {"kind contains erv", T},
          {"kind =~ '^ser'", T}, {"status !~ '^u'", T}, {"service contains 'ho'", T},
          {"duration = 50ms", T}, {"duration < 50ms", F}, {"duration <= 50ms", T},
          {"duration > 49.999999ms", T}, {"duration = '50ms'", T}, {"duration != '51ms'", T},
          {"start = 1s", T}, {"start < 1050ms", T}, {"end = 1050ms", T}, {"end != 1s", T},
          {"end >= 1051ms", F});
}

static void prefixes_say_where_a_key_looks(void **state)
{
    CHECK({"attr:name = attribute", T}, {"`name` = attribute", T}, {"attr:`name` = attribute", T},
          {"attr:both = span", T}, {"both = span", T}, {"resource:both = resource", T},
          {"host = h1", T}, {"attr:host = h1", A}, {"resource:host = h1", T},
          {"resource:service.name = shop", T}, {"attr:service.name exists", F},
          {"scope:name = lib", T}, {"scope:version = '1.2'", T}, {"scope:lang = c", T},
          {"scope:`name` = attribute", T}, {"scope:nothing = c", A}, {"x-y = hyphen", T},
          {"/p = path", T}, {"attr:`a b` = spaced", T}, {"`a b` = spaced", T},
          {"attr:count = 3", T}, {"attr: count = 3", T}, {"resource:status_code = 200", A});
}

static void a_key_without_value_is_missing(void **state)
{
    CHECK({"nothing = 1", A}, {"nothing != 1", A}, {"nothing < 1", A}, {"nothing contains a", A},
          {"nothing =~ 'a'", A}, {"nothing !~ 'a'", A}, {"nothing exists", F},
          {"nothing missing", T}, {"attr:novalue exists", F}, {"novalue = fallback", T},
          {"undone missing", T}, {"dup = last", T}, {"dup = first", F}, {"empty exists", T},
          {"empty = ''", T}, {"name exists", T}, {"duration missing", F}, {"service exists", T});
}

static void texts_are_compared_byte_by_byte(void **state)
{
    CHECK({"hello = 'hello world'", T}, {"hello = \"hello world\"", T},
          {"hello = 'Hello world'", F}, {"hello != hello", T}, {"hello contains 'lo wo'", T},
          {"hello contains ''", T}, {"hello contains xyz", F}, {"text200 contains 20", T},
          {"text200 contains 200.0", T}, {"t1500ms contains 1500ms", T}, {"ttrue contains true", T},
          {"quote = 'it\\'s \"\\d\"\\n'", T}, {"quote = \"it's \\\"\\d\\\"\\n\"", T},
          {"latin = 'caf\xe9'", T}, {"utf8 = 'caf\xc3\xa9'", T});
}

static void numbers_are_compared_by_value_and_exactly(void **state)
{
    CHECK({"status_code = 200", T}, {"status_code = 200.0", T}, {"status_code = 2e2", T},
          {"status_code != 200", F}, {"status_code < 200.5", T}, {"status_code >= 199.99", T},
          {"neg = -5", T}, {"neg < -4.5", T}, {"half = 1.5", T}, {"half > 1", T}, {"two = 2", T},
          {"tenth = 0.1", T}, {"tenth = 10%", T}, {"big = 9007199254740993", T},
          {"big = 9007199254740992.0", F}, {"big > 9007199254740992.0", T},
          {"d53 = 9007199254740992", T}, {"d53 = 9007199254740993", F},
          {"d53 < 9007199254740993", T}, {"least = -9223372036854775808", T},
          {"most = 9223372036854775807", T}, {"most < 9223372036854775808.0", T},
          {"huge > 9223372036854775807", T}, {"inf > 1e308", T}, {"inf = 1", F},
          {"negzero = 0", T});
}

static void a_text_equals_the_canonical_text_of_another_type(void **state)
{
    CHECK({"status_code = '200'", T}, {"status_code = '200.0'", F}, {"status_code = ' 200'", F},
          {"status_code != '0200'", T}, {"text200 = 200", T}, {"text200 = 200.0", T},
          {"text200 != 200", F}, {"padded = 7", F}, {"padded != 7", T}, {"two = '2'", T},
          {"two = '2.0'", F}, {"half = '1.5'", T}, {"huge = '1e+21'", T}, {"t1e21 = 1e21", T},
          {"tiny = '5e-8'", T}, {"negzero = '0'", T}, {"negzero = '-0'", F},
          {"inf = 'Infinity'", T}, {"inf = Infinity", T}, {"yes = 'true'", T}, {"yes = true", T},
          {"yes != false", T}, {"yes = 'yes'", F}, {"ttrue = true", T}, {"ttrue = false", F},
          {"t1500ms = 1500ms", T}, {"t1500ms = 1.5s", T}, {"t1500ms = 1501ms", F});
}

static void order_wants_a_canonical_number(void **state)
{
    CHECK({"text200 < 201", T}, {"text200 >= 200", T}, {"text200 < '201'", T},
          {"status_code < '201'", T}, {"status_code > '200.5'", F}, {"t0.1 <= 0.1", T},
          {"t0.1 >= 0.1", T}, {"hello < 5", I}, {"padded < 8", I}, {"minus0 < 1", I},
          {"t1e21 > 5", I}, {"empty < 1", I}, {"hello < '5'", I},
          {"digits > 9223372036854775807", T}, {"digits > 1e29", T}, {"digits < 1e30", T},
          {"digits > '123456789012345678901234567889'", T},
          {"digits >= '123456789012345678901234567890'", T}, {"digits < 1.5", F},
          {"negdigits < -9223372036854775808", T}, {"negdigits > -1e30", T}, {"negdigits < 0.5", T},
          {"huge < '1000000000000000000001'", T}, {"huge >= '1000000000000000000000'", T});
}

static void span_prefix_names_every_field(void **state)
{
    CHECK({"span:name = 'GET /cart'", T}, {"span: kind = server", T}, {"span:status != error", F},
          {"span:service = shop", T}, {"span:duration = 50ms", T}, {"span:start = 1s", T},
          {"span:end >= 1051ms", F}, {"span:id exists", T}, {"span:id =~ '^[0-9a-f]{16}$'", T},
          {"span:parent_id exists", F}, {"span:parent_id =~ '^[0-9a-f]{16}$'", A},
          {"span:status_message missing", T}, {"span:trace_state = x", A},
          {"span:event_count > 0", T}, {"span:event_count < 100", T}, {"span:link_count = 0", F},
          {"span:link_count exists", T}, {"span:type exists", T}, {"span:type = general", T},
          {"span:type in (http, general)", T}, {"span:type != rpc", T}, {"span:type =~ '^gen'", T});
}

static void fields_of_a_span_that_dropped_something(void **state)
{
    (void)state;
    static const struct {
        const char *condition;
        enum truth truth;
        unsigned flags;
    } wanted[] = {
        {"span:id = '00000000000000ab'", T, 0},
        {"span:parent_id = '8000000000000005'", T, 0},
        {"span:parent_id in (x, '8000000000000005')", T, 0},
        {"span:status_message contains late", T, 0},
        {"span:trace_state = 'a=1'", T, 0},
        {"span:event_count = 3", T, LOOKUP_MISSED},
        {"span:link_count = 1", T, LOOKUP_MISSED},
        {"span:event_count exists", T, 0},
        {"span:type = http", T, LOOKUP_MISSED | LOOKUP_DROPPED},
        {"span:type = rpc", F, LOOKUP_MISSED | LOOKUP_DROPPED},
    };
    struct language language;
    language_init(&language);
    struct attr attr = {BYTES_LITERAL("http.route"), {.type = VALUE_INT}};
    struct span span = {.id = 0xab,
                        .parent = UINT64_C(0x8000000000000005),
                        .status_message = BYTES_LITERAL("too late"),
                        .trace_state = BYTES_LITERAL("a=1"),
                        .attrs = &attr,
                        .attr_count = 1,
                        .event_count = 2,
                        .dropped_events = 1,
                        .dropped_attrs = 1,
                        .link_count = 1,
                        .resource = &resource_empty,
                        .scope = &scope_empty};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        unsigned flags;
        enum truth truth = language_condition(&language, wanted[i].condition, &span, &flags);
        if (truth != wanted[i].truth || flags != wanted[i].flags) {
            fail_msg("%s: %d, flags %u", wanted[i].condition, truth, flags);
        }
    }
    language_deinit(&language);
}

static void a_list_is_any_equality(void **state)
{
    CHECK({"status_code in (200, 201)", T}, {"status_code in (201, '200')", T},
          {"status_code in (201)", F}, {"status_code not in (201, 202)", T},
          {"status_code not in (201, 200)", F}, {"nothing in (1, 2)", A},
          {"nothing not in (1, 2)", A}, {"kind in (client, server)", T},
          {"status not in (ok, unset)", T}, {"name in ('GET /cart', x)", T},
          {"duration in (1ms, 50ms)", T}, {"duration not in (50ms)", F},
          {"duration in (1s, '50ms')", T}, {"start in (1s)", T}, {"half in (1, 1.5)", T},
          {"yes in (1, true)", T}, {"yes in (1, false)", I}, {"yes not in (1, true)", F},
          {"yes not in (1, false)", I}, {"yes in (x, false)", F}, {"status_code in (5ms, 200)", T},
          {"status_code in (5ms, 201)", I}, {"nan in (1, 2)", F}, {"nan not in (1, 2)", F},
          {"list in (red, 5)", I}, {"bytes not in (raw)", I}, {"map in (v)", I},
          {"text200 in (1, 200)", T}, {"hello in (hello, 'hello world')", T});
}

static void texts_have_ends(void **state)
{
    CHECK({"hello starts-with 'hell'", T}, {"hello starts-with 'ello'", F},
          {"hello starts-with ''", T}, {"hello starts-with 'hello world'", T},
          {"hello starts-with 'hello world!'", F}, {"hello ends-with 'orld'", T},
          {"hello ends-with worl", F}, {"hello ends-with ''", T}, {"empty starts-with ''", T},
          {"empty ends-with x", F}, {"text200 starts-with 20", T}, {"text200 ends-with 0", T},
          {"t1500ms starts-with 1500ms", T}, {"kind starts-with serv", T},
          {"status ends-with or", T}, {"service starts-with sh", T},
          {"status_code starts-with 20", I}, {"yes ends-with e", I}, {"list starts-with r", I},
          {"nothing ends-with x", A}, {"hello not contains xyz", T},
          {"hello not contains 'lo w'", F}, {"nothing not contains x", A},
          {"status_code not contains 20", I}, {"list not contains red", F},
          {"list not contains nothere", T});
}

static void values_of_other_kinds_cannot_be_compared(void **state)
{
    CHECK({"yes = 1", I}, {"yes < 1", I}, {"status_code = true", I}, {"half = false", I},
          {"status_code = 5ms", I}, {"yes = 5ms", I}, {"bytes = 'raw'", I}, {"bytes != 'raw'", I},
          {"bytes < 5", I}, {"bytes contains r", I}, {"bytes exists", T}, {"list = 'red'", I},
          {"list != 5", I}, {"list < 5", I}, {"list exists", T}, {"map = 'v'", I},
          {"map contains 'k'", I}, {"map exists", T}, {"map missing", F},
          {"status_code contains 20", I}, {"half contains 1", I}, {"yes contains 'r'", I},
          {"status_code =~ '200'", I}, {"yes !~ 'x'", I}, {"list =~ 'r'", I});
}

static void an_array_contains_by_the_rule_of_equality(void **state)
{
    CHECK({"list contains red", T}, {"list contains re", F}, {"list contains 5", T},
          {"list contains 5.0", T}, {"list contains '5'", T}, {"list contains 1.5", T},
          {"list contains true", T}, {"list contains false", F}, {"list contains 5ms", F},
          {"list contains ''", F});
}

static void nothing_compares_with_nan(void **state)
{
    CHECK({"nan = 1", F}, {"nan != 1", F}, {"nan < 1", F}, {"nan >= 1", F}, {"nan = 'NaN'", F},
          {"nan != 'NaN'", F}, {"nan = true", F}, {"nan = 5ms", F}, {"nan < '1'", F},
          {"nan exists", T}, {"tnan = NaN", T}, {"tnan = 'NaN'", T});
}

static void patterns_match_anywhere_in_texts(void **state)
{
    CHECK({"hello =~ 'o w'", T}, {"hello =~ '^world'", F}, {"hello !~ '^world'", T},
          {"hello =~ '^\\w+ \\w+$'", T}, {"name =~ '^GET /'", T}, {"utf8 =~ '^caf.$'", T},
          {"latin =~ 'caf'", I}, {"latin !~ 'caf'", I}, {"quote =~ '\\\\d'", F},
          {"quote =~ '\\x5cd'", T}, {"empty =~ '^$'", T}, {"hello =~ ''", T}, {"hello =~ world", T},
          {"hello =~ '(?i)WORLD'", T});
}

static void not_is_the_opposite_of_what_is_known(void **state)
{
    CHECK({"not (name = x)", T}, {"not(name = 'GET /cart')", F}, {"not (nothing = 1)", T},
          {"not (nothing != 1)", T}, {"not (nothing exists)", T}, {"not (yes = 1)", I},
          {"not (not (yes = 1))", I}, {"not (not (nothing = 1))", F},
          {"not ( not ( status_code = 200 ) )", T}, {"not (nan = 1)", T},
          {"not (hello contains xyz)", T}, {"not (not (not (status_code = 200)))", F});
}

static void events_and_links_hold_if_one_of_them_does(void **state)
{
    CHECK({"event:name = retry", T}, {"event:name = exception", T}, {"event:name = other", F},
          {"event:name != retry", T}, {"event:`name` = inner", T}, {"event:`name` = retry", F},
          {"event:exception.type = IOError", T}, {"event:exception.type != IOError", F},
          {"event:n > 1", T}, {"event:n > 2", F}, {"event:nothing = 1", A},
          {"event:nothing exists", F}, {"event:nothing missing", T}, {"event:n missing", F},
          {"event:n exists", T}, {"event:mixed < 8", T}, {"event:mixed < 7", I},
          {"event:name =~ '^re'", T}, {"not (event:name = retry)", F},
          {"not (event:nothing = 1)", T}, {"link:trace_id = aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", T},
          {"link:span_id = bbbbbbbbbbbbbbbb", T}, {"link:span_id = aaaaaaaaaaaaaaaa", F},
          {"link:reason = batch", T}, {"link:`span_id` exists", F}, {"link:nothing missing", T});
}

static void several_filters_must_all_hold(void **state)
{
    (void)state;
    struct language language;
    language_init(&language);
    struct span span = language_span_whole(&language.arena);
    unsigned flags;
    assert_true(language_filter(&language, "", &span, &flags));
    assert_true(
        language_filter(&language, "kind=server service=shop,status_code=200", &span, &flags));
    assert_false(language_filter(&language, "kind=server service=mail", &span, &flags));
    assert_true(language_filter(&language, "not (kind=client) not (yes missing)", &span, &flags));
    language_deinit(&language);
}

static void not_is_true_where_one_of_its_filters_is_false(void **state)
{
    (void)state;
    static const struct {
        const char *filter;
        bool selects;
        unsigned flags;
    } rows[] = {
        {"not (kind=server service=mail)", true, 0},
        {"not (kind=server, service=shop)", false, 0},
        {"not (kind=client service=mail)", true, 0},
        {"not (yes = 1 kind=server)", false, 0},
        {"not (yes = 1 kind=client)", true, 0},
        {"not (kind=client yes = 1)", true, 0},
        {"not (nothing = 1 kind=server)", true, LOOKUP_MISSED},
        {"not (nothing = 1 kind=client)", true, 0},
        {"not (nothing missing kind=server)", false, LOOKUP_MISSED},
        {"not (not (kind=server service=shop) name = x)", true, 0},
        {"not (not (kind=server service=mail) status=error)", false, 0},
    };
    struct language language;
    language_init(&language);
    struct span span = language_span_whole(&language.arena);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        unsigned flags;
        bool selects = language_filter(&language, rows[i].filter, &span, &flags);
        if (selects != rows[i].selects || flags != rows[i].flags) {
            fail_msg("%s: selects %d, flags %u", rows[i].filter, selects, flags);
        }
    }
    language_deinit(&language);
}

struct flag_row {
    const char *condition;
    enum truth truth; /* as a condition */
    bool selects;
    unsigned flags;
};

#define MISSED  LOOKUP_MISSED
#define DROPPED (LOOKUP_MISSED | LOOKUP_DROPPED)

static void check_flags(const struct span *span, struct language *language,
                        const struct flag_row *rows, size_t count)
{
    size_t wrong = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned condition_flags;
        unsigned filter_flags;
        enum truth truth = language_condition(language, rows[i].condition, span, &condition_flags);
        bool selects = language_filter(language, rows[i].condition, span, &filter_flags);
        if (truth != rows[i].truth || selects != rows[i].selects ||
            condition_flags != rows[i].flags || filter_flags != rows[i].flags) {
            print_error("%s: truth %d, selects %d, flags %u, filter's flags %u\n",
                        rows[i].condition, truth, selects, condition_flags, filter_flags);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

static void what_was_dropped_is_told(void **state)
{
    (void)state;
    static const struct flag_row rows[] = {
        {"here = yes", T, true, 0},
        {"attr:gone = 1", A, false, DROPPED},
        {"gone = 1", A, false, DROPPED},
        {"gone missing", T, true, DROPPED},
        {"gone exists", F, false, DROPPED},
        {"not (gone = 1)", T, true, DROPPED},
        {"host = h1", T, true, DROPPED},
        {"resource:gone = 1", A, false, 0},
        {"scope:gone = 1", A, false, 0},
        {"name = x", F, false, 0},
        {"event:name = retry", T, true, 0},
        {"event:name = other", F, false, DROPPED},
        {"event:gone exists", F, false, DROPPED},
        {"event:gone missing", T, true, DROPPED},
        {"event:n missing", F, false, 0},
        {"event:n exists", T, true, 0},
        {"event:mixed < 7", I, false, DROPPED},
        {"event:mixed < 8", T, true, 0},
        {"not (event:mixed < 7)", I, false, DROPPED},
        {"link:reason = batch", T, true, 0},
        {"link:gone = 1", A, false, DROPPED},
    };
    struct language language;
    language_init(&language);
    struct span span = language_span_broken(&language.arena);
    check_flags(&span, &language, rows, sizeof rows / sizeof rows[0]);
    language_deinit(&language);
}

static void what_is_missing_is_told_where_nothing_was_dropped(void **state)
{
    (void)state;
    static const struct flag_row rows[] = {
        {"gone = 1", A, false, MISSED},          {"gone missing", T, true, MISSED},
        {"host = h1", T, true, MISSED},          {"status_code = 200", T, true, 0},
        {"resource:gone = 1", A, false, 0},      {"event:name = other", F, false, MISSED},
        {"event:gone missing", T, true, MISSED}, {"event:n exists", T, true, 0},
        {"link:gone exists", F, false, MISSED},  {"event:mixed < 7", I, false, MISSED},
    };
    struct language language;
    language_init(&language);
    struct span span = language_span_whole(&language.arena);
    check_flags(&span, &language, rows, sizeof rows / sizeof rows[0]);
    language_deinit(&language);
}

static void a_clock_that_runs_backwards_selects_nothing(void **state)
{
    (void)state;
    struct language language;
    language_init(&language);
    struct span span = language_span_broken(&language.arena);
    static const char *const filters[] = {"duration < 1s",       "duration >= 1s",
                                          "start > 0s",          "end > 0s",
                                          "not (duration < 1s)", "not (not (start > 0s))"};
    for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++) {
        unsigned flags;
        assert_false(language_filter(&language, filters[i], &span, &flags));
        assert_int_equal(flags, LOOKUP_CLOCK);
        language_condition(&language, filters[i], &span, &flags);
        assert_int_equal(flags, LOOKUP_CLOCK);
    }
    unsigned flags;
    assert_true(language_filter(&language, "duration exists", &span, &flags));
    assert_int_equal(flags, 0);
    assert_int_equal(language_condition(&language, "duration = -50ms", &span, &flags), T);
    language_deinit(&language);
}

static void a_filter_that_is_false_for_certain_settles_the_others(void **state)
{
    (void)state;
    struct language language;
    language_init(&language);
    struct span span = language_span_broken(&language.arena);
    unsigned flags;
    assert_false(language_filter(&language, "gone = 1 name = x", &span, &flags));
    assert_int_equal(flags, 0);
    assert_false(language_filter(&language, "name = x gone = 1", &span, &flags));
    assert_int_equal(flags, 0);
    assert_false(language_filter(&language, "gone = 1 kind = server", &span, &flags));
    assert_int_equal(flags, DROPPED);
    assert_true(language_filter(&language, "gone missing kind = server", &span, &flags));
    assert_int_equal(flags, DROPPED);
    language_deinit(&language);
}

static void the_record_of_the_injection_is_read_by_its_keys(void **state)
{
    (void)state;
    struct injection full = language_injection_full();
    struct injection bare = language_injection_bare();
    static const struct {
        const char *key;
        const char *text;
    } rows[] = {{"duration", "1500us"},   {"outcome", "ok"}, {"status", "200"}, {"iteration", "7"},
                {"scenario", "checkout"}, {"step", "pay"},   {"zone", "eu"},    {"tenant", "t"},
                {"minion", "m"},          {"user", "u1"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char scratch[OPERAND_TEXT_MAX];
        struct operand value = lookup_injection(bytes_of(rows[i].key), &full);
        struct bytes text = operand_text(&value, scratch);
        assert_true(bytes_is(text, rows[i].text));
        assert_int_equal(lookup_injection(bytes_of(rows[i].key), &bare).type, OPERAND_MISSING);
    }
    struct operand time = lookup_injection(BYTES_LITERAL("time"), &full);
    assert_int_equal(time.type, OPERAND_TIME);
    assert_true(time.ns == 5);
    assert_int_equal(lookup_injection(BYTES_LITERAL("time"), &bare).type, OPERAND_MISSING);
    struct term quoted = {
        .type = TERM_INJECTION, .injection_key = BYTES_LITERAL("time"), .injection_quoted = true};
    assert_true(bytes_is(lookup_injection_term(&quoted, &full).bytes, "noon"));
}

static void durations_do_not_overflow(void **state)
{
    (void)state;
    struct language language;
    language_init(&language);
    struct span span = language_span_whole(&language.arena);
    span.start_ns = 0;
    span.end_ns = UINT64_MAX;
    unsigned flags;
    assert_int_equal(
        language_condition(&language, "duration > 9223372036854775807ns", &span, &flags), T);
    assert_int_equal(language_condition(&language, "end > 9223372036854775807ns", &span, &flags),
                     T);
    span.start_ns = UINT64_MAX;
    span.end_ns = 0;
    assert_int_equal(
        language_condition(&language, "duration < -9223372036854775808ns", &span, &flags), T);
    language_deinit(&language);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_fields_are_read_without_prefix),
        cmocka_unit_test(prefixes_say_where_a_key_looks),
        cmocka_unit_test(a_key_without_value_is_missing),
        cmocka_unit_test(texts_are_compared_byte_by_byte),
        cmocka_unit_test(numbers_are_compared_by_value_and_exactly),
        cmocka_unit_test(a_text_equals_the_canonical_text_of_another_type),
        cmocka_unit_test(order_wants_a_canonical_number),
        cmocka_unit_test(values_of_other_kinds_cannot_be_compared),
        cmocka_unit_test(an_array_contains_by_the_rule_of_equality),
        cmocka_unit_test(nothing_compares_with_nan),
        cmocka_unit_test(patterns_match_anywhere_in_texts),
        cmocka_unit_test(not_is_the_opposite_of_what_is_known),
        cmocka_unit_test(events_and_links_hold_if_one_of_them_does),
        cmocka_unit_test(several_filters_must_all_hold),
        cmocka_unit_test(not_is_true_where_one_of_its_filters_is_false),
        cmocka_unit_test(a_list_is_any_equality),
        cmocka_unit_test(span_prefix_names_every_field),
        cmocka_unit_test(fields_of_a_span_that_dropped_something),
        cmocka_unit_test(texts_have_ends),
        cmocka_unit_test(what_was_dropped_is_told),
        cmocka_unit_test(what_is_missing_is_told_where_nothing_was_dropped),
        cmocka_unit_test(a_clock_that_runs_backwards_selects_nothing),
        cmocka_unit_test(a_filter_that_is_false_for_certain_settles_the_others),
        cmocka_unit_test(the_record_of_the_injection_is_read_by_its_keys),
        cmocka_unit_test(durations_do_not_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
