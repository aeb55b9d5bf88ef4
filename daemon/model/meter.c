#include "daemon/model/meter.h"

const char *meter_kind_name(enum meter_kind kind)
{
    static const char *const names[] = {
        [METER_ASSERTION] = "assertion",
        [METER_ASSERTION_EVENT] = "assertion_event",
        [METER_CORRELATION] = "trace_correlation",
        [METER_COMPLETENESS] = "trace_completeness",
        [METER_SPAN_DURATION] = "span_duration",
        [METER_OUTPUT] = "output",
        [METER_CAMPAIGN] = "campaign",
        [METER_EVENTS] = "events",
    };
    return names[kind];
}
