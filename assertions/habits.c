#include "assertions/habits.h"

#include <stddef.h>

struct habit {
    const char *word, *instead;
};

static const char *find(const struct habit *habits, size_t count, struct bytes word)
{
    for (size_t i = 0; i < count; i++) {
        if (bytes_is(word, habits[i].word)) {
            return habits[i].instead;
        }
    }
    return NULL;
}
#define FIND(habits, word) find(habits, sizeof(habits) / sizeof(habits)[0], word)

const char *habit_of_function(struct bytes word)
{
    static const struct habit habits[] = {
        {"all", "write all: KEY OP VALUE"},
        {"every", "write all: KEY OP VALUE"},
        {"any", "write any: KEY OP VALUE"},
        {"some", "write any: KEY OP VALUE"},
        {"none", "write none: KEY OP VALUE"},
        {"len", "write length(x)"},
        {"size", "write length(x)"},
        {"strlen", "write length(x)"},
        {"substr", "write substring(x, from, length)"},
        {"to_lower", "write lower(x)"},
        {"toLower", "write lower(x)"},
        {"lowercase", "write lower(x)"},
        {"to_upper", "write upper(x)"},
        {"toUpper", "write upper(x)"},
        {"uppercase", "write upper(x)"},
        {"contains", "write KEY contains 'text'"},
        {"startsWith", "write KEY starts-with 'text'"},
        {"endsWith", "write KEY ends-with 'text'"},
        {"matches", "write KEY =~ 'pattern'"},
        {"match", "write KEY =~ 'pattern'"},
        {"exists", "write KEY exists"},
        {"jsonpath", "write json_path(x, '$.a')"},
        {"json_extract", "write json_path(x, '$.a')"},
        {"string", "write text(x)"},
        {"str", "write text(x)"},
        {"float", "write number(x)"},
        {"mean", "write avg(KEY)"},
        {"median", "write p(50)(KEY)"},
        {"med", "write p(50)(KEY)"},
        {"critical_path", "write critical(SERVICE)"},
    };
    return FIND(habits, word);
}

const char *habit_of_aggregate(struct bytes word)
{
    static const struct habit habits[] = {
        {"p50", "write p(50)(...)"},
        {"p90", "write p(90)(...)"},
        {"p95", "write p(95)(...)"},
        {"p99", "write p(99)(...)"},
        {"p999", "write p(99.9)(...)"},
        {"sum", "a sum is of one trace, and measured over all: avg(sum(KEY in $x))"},
        {"throughput", "write rate($x), spans by the second"},
        {"rps", "write rate($x), spans by the second"},
        {"backlog", "write max(backlog($a, $b)) or slope(backlog($a, $b))"},
        {"lag", "write p(95)(lag($a, $b)), or max, avg"},
        {"error_rate", "write ratio(fail), or ratio(error)"},
        {"failure_rate", "write ratio(fail)"},
        {"errors", "write ratio(fail), count(fail), or count(error)"},
        {"checks", "write ratio(pass), or ratio(pass of 'NAME') of one assertion"},
        {"http_req_duration", "name the spans, $x, and write p(95)($x.duration)"},
        {"http_req_failed", "write ratio(fail)"},
        {"http_reqs", "name the spans, $x, and write rate($x)"},
        {"iterations", "name the spans, $x, and write rate($x)"},
        {"no", "first stands what is compared: p(95)($x.duration) no worse than baseline by 10%"},
        {"stddev", "there are p(N), avg, med, min and max"},
    };
    return FIND(habits, word);
}

const char *habit_of_duration(struct bytes key)
{
    if (bytes_start_with(key, bytes_of("trace."))) {
        return "; the trace's own is trace:duration";
    }
    return bytes_is(key, "tracetest.span.duration") || bytes_is(key, "attr:tracetest.span.duration")
               ? "; the span's own is duration"
               : NULL;
}

const char *habit_of_unselected(struct bytes key)
{
    if (bytes_start_with(key, bytes_of("trace."))) {
        return "; of the whole trace there are trace:duration, trace:spans, trace:errors ...";
    }
    return bytes_start_with(key, bytes_of("injection.")) ? "; write $injection.KEY" : NULL;
}
