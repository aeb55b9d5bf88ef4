#include "tests/assertions/good_suite.h"

#include "daemon/core/clock.h"

static const struct completion_settings completion = {
    .quiet_ns = 10 * NS_PER_S, .deadline_ns = 60 * NS_PER_S, .grace_ns = 5 * NS_PER_S};

int suite_compile(struct suite_set **ret, struct suite_settings *suites, size_t count,
                  struct problems *problems)
{
    struct config_list list = {.items = suites, .count = count};
    problems_init(problems);
    return suite_set_compile(ret, &list, &completion, problems);
}

struct suite_settings good_suite(void)
{
    static const struct config_pair labels[] = {
        {"scenario", {"checkout", {0}}, CONFIG_PAIR_TEXT},
        {"iteration", {"7", {0}}, CONFIG_PAIR_INT},
    };
    static const struct config_pair spans[] = {
        {"request", {"span[kind=server]:first", {0}}, CONFIG_PAIR_TEXT},
        {"mail", {"span[name=send]", {0}}, CONFIG_PAIR_TEXT},
    };
    static const struct config_text stored[] = {{"count = 1", {0}}, {"duration < 50ms", {0}}};
    static const struct config_text timely[] = {{"$mail.start - $request.end <= 5s", {0}}};
    static struct assertion_settings assertions[] = {
        {.name = {"stored", {0}},
         .select = {"span[kind=server name=~'^x']", {0}},
         .conditions = ITEMS(stored),
         .tolerance = 0.05},
        {.name = {"timely", {0}},
         .conditions = ITEMS(timely),
         .when = {"span[name=send]", {0}},
         .severity = SEVERITY_WARNING},
    };
    static struct threshold_settings thresholds[] = {
        {.name = {"p99", {0}}, .rule = {"p(99)($mail.duration) < 5s", {0}}},
        {.name = {"p100", {0}}, .rule = {"p(100)($mail.duration) < 5s", {0}}, .sticky = true},
        {.name = {"p99.95", {0}}, .rule = {"p(99.95)($mail.duration) < 5s", {0}}},
        {.name = {"p33", {0}}, .rule = {"p(33)($mail.duration) < 5s", {0}}},
        {.name = {"avg", {0}}, .rule = {"avg($mail.duration) < 5s", {0}}},
        {.name = {"own", {0}},
         .rule = {"p(99)($mail.duration) < 5s", {0}},
         .min_samples = 5,
         .abort_on_fail = true},
    };
    return (struct suite_settings){
        .name = {"orders", {0}},
        .traces = {"span[name=send]", {0}},
        .labels = ITEMS(labels),
        .spans = ITEMS(spans),
        .evidence = EVIDENCE_LENIENT,
        .optional = true,
        .completion = {.set = true, .deadline_ns = 90 * NS_PER_S},
        .assertions = ITEMS(assertions),
        .thresholds = ITEMS(thresholds),
    };
}
