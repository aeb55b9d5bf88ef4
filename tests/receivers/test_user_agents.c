#include "receivers/user_agents.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static void assert_name(const struct user_agents *agents, uint32_t index, const char *name)
{
    assert_true(index < user_agents_known(agents));
    if (!bytes_is(user_agent_name(agents, index), name)) {
        fail_msg("%.*s", (int)user_agent_name(agents, index).len,
                 (const char *)user_agent_name(agents, index).data);
    }
}

static void requests_are_counted_by_the_first_product(void **state)
{
    struct user_agents agents = {.count = 0};
    (void)state;
    user_agents_count(&agents, BYTES_LITERAL("OTel-OTLP-Exporter-Python/1.27.0 grpc-c/39"));
    user_agents_count(&agents, BYTES_LITERAL("curl/8.1"));
    user_agents_count(&agents, BYTES_LITERAL(" OTel-OTLP-Exporter-Python/1.27.0\tx"));
    assert_int_equal(2, user_agents_known(&agents));
    assert_name(&agents, 0, "OTel-OTLP-Exporter-Python/1.27.0");
    assert_name(&agents, 1, "curl/8.1");
    assert_int_equal(
        2, user_agents_requests(&agents, BYTES_LITERAL("OTel-OTLP-Exporter-Python/1.27.0")));
    assert_int_equal(1, user_agents_requests(&agents, BYTES_LITERAL("curl/8.1")));
    assert_int_equal(0, user_agents_requests(&agents, BYTES_LITERAL("curl/8")));
}

/* Collectors have a blank in their name, and say where they run. */
static void a_product_goes_up_to_its_version(void **state)
{
    static const struct {
        const char *sent, *name;
    } rows[] = {
        {"OpenTelemetry Collector/0.155.0 (linux/amd64)", "OpenTelemetry_Collector/0.155.0"},
        {"OpenTelemetry Collector Contrib/0.155.0 (linux/amd64)",
         "OpenTelemetry_Collector_Contrib/0.155.0"},
        {"Some Agent (linux/amd64) x/1", "Some_Agent"},
        {"(only a comment/1)", "_only_a_comment/1_"},
        {"plain words", "plain_words"},
        {"a\tb/1\tc/2", "a_b/1"},
    };
    (void)state;
    for (uint32_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct user_agents agents = {.count = 0};
        user_agents_count(&agents, bytes_of(rows[i].sent));
        assert_name(&agents, 0, rows[i].name);
    }
}

static void who_tells_nothing_is_unnamed(void **state)
{
    struct user_agents agents = {.count = 0};
    (void)state;
    user_agents_count(&agents, BYTES_NULL);
    user_agents_count(&agents, BYTES_LITERAL(""));
    user_agents_count(&agents, BYTES_LITERAL("  \t "));
    assert_int_equal(3, counter_get(&agents.unnamed));
    assert_int_equal(0, user_agents_known(&agents));
}

static void a_name_is_fit_for_a_label(void **state)
{
    struct user_agents agents = {.count = 0};
    char longer[200];
    (void)state;
    user_agents_count(&agents, BYTES_LITERAL("a\"b\\c\n\x1b{d}\xff\xc3\xa9="));
    assert_name(&agents, 0, "a_b_c___d_____");
    memset(longer, 'x', sizeof longer);
    user_agents_count(&agents, bytes_from(longer, sizeof longer));
    user_agents_count(&agents, bytes_from(longer, sizeof longer - 1));
    assert_int_equal(2, user_agents_known(&agents));
    assert_int_equal(USER_AGENT_BYTES, user_agent_name(&agents, 1).len);
}

static void beyond_the_greatest_number_all_are_one(void **state)
{
    struct user_agents agents = {.count = 0};
    char name[16];
    (void)state;
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 0; i < USER_AGENTS_MAX + 10; i++) {
            int len = snprintf(name, sizeof name, "agent/%u", i);
            user_agents_count(&agents, bytes_from(name, (size_t)len));
        }
    }
    assert_int_equal(USER_AGENTS_MAX, user_agents_known(&agents));
    assert_int_equal(2, user_agents_requests(&agents, BYTES_LITERAL("agent/31")));
    assert_int_equal(0, user_agents_requests(&agents, BYTES_LITERAL("agent/32")));
    assert_int_equal(20, counter_get(&agents.others));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_are_counted_by_the_first_product),
        cmocka_unit_test(a_product_goes_up_to_its_version),
        cmocka_unit_test(who_tells_nothing_is_unnamed),
        cmocka_unit_test(a_name_is_fit_for_a_label),
        cmocka_unit_test(beyond_the_greatest_number_all_are_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
