#include "daemon/balance.h"

#include "daemon/pipeline/tally.h"

void balance_log(struct log *log, const struct report *report)
{
    const struct ledger_injections *in = &report->injections;
    const struct ledger_spans *spans = &report->spans;
    log_line(log, LOG_INFO, "balance", LOG_BYTES("campaign", report->key),
             LOG_STRING("status", campaign_status_name(report->status)),
             LOG_STRING("balanced", ledger_balances(report) ? "yes" : "no"),
             LOG_NUMBER("injections", in->total), LOG_NUMBER("pass", in->pass),
             LOG_NUMBER("fail", in->fail), LOG_NUMBER("error", in->error),
             LOG_NUMBER("inconclusive", in->inconclusive), LOG_NUMBER("missing", in->missing),
             LOG_NUMBER("unsampled", in->unsampled), LOG_NUMBER("not_sent", in->not_sent),
             LOG_NUMBER("unjudged", in->unjudged), LOG_NUMBER("spans", spans->received),
             LOG_NUMBER("judged_spans", spans->judged),
             LOG_NUMBER("unjudged_spans", spans->unjudged), LOG_NUMBER("outside", spans->outside),
             LOG_NUMBER("duplicate", spans->duplicate), LOG_NUMBER("late", spans->late),
             LOG_NUMBER("cut", spans->cut), LOG_NUMBER("rejected", spans->rejected));
    for (uint32_t i = 0; i < report->sink_count; i++) {
        const struct ledger_sink *sink = &report->sinks[i];
        log_line(log, LOG_INFO, "balance-sink", LOG_BYTES("sink", sink->name),
                 LOG_NUMBER("produced", sink->produced),
                 LOG_NUMBER("acknowledged", sink->acknowledged),
                 LOG_NUMBER("rejected", sink->rejected), LOG_NUMBER("dropped", sink->dropped),
                 LOG_NUMBER("in_flight", sink->in_flight));
    }
}
