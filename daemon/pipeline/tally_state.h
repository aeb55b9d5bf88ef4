/* The inside of a tally, shared by the files that fill, merge and report it. Nobody else includes
 * this. */
#ifndef ASSERTD_PIPELINE_TALLY_STATE_H
#define ASSERTD_PIPELINE_TALLY_STATE_H

#include "assertions/gathering.h"
#include "daemon/pipeline/kept_trees.h"
#include "daemon/pipeline/tally.h"

/* Groups of one assertion beyond which further ones are counted as "(other)", one for each
 * condition and result. */
#define TALLY_GROUPS_MAX 1024u
/* Label combinations of one suite beyond which further ones are counted without labels. */
#define TALLY_LABELS_MAX 10000u

/* A kept failure: one block, strings included. */
struct kept_failure {
    struct report_failure entry;
    size_t bytes;   /* of the block */
    uint32_t place; /* in its trace's list: conditions first, then span order */
};

struct kept_failures {
    struct kept_failure **items;
    uint32_t count, room;
    uint32_t max; /* the smallest trace IDs stay */
    bool full;    /* it was cut to `max`: nothing behind the last of these stays */
    uint64_t total;
    size_t held_bytes; /* of all blocks */
};

struct tally_group {
    uint64_t hash;
    struct report_group entry; /* strings in the tally's arena */
};

struct tally_groups {
    struct tally_group *items;
    uint32_t count, room;
    uint32_t others; /* of these, "(other)" ones */
    uint32_t *slots; /* open addressing: index + 1 */
    uint32_t slot_count;
    bool limited; /* some have gone to "(other)": all with a hash above `limit` */
    uint64_t limit;
};

struct tally_assertion {
    struct result_counts counts;
    struct tally_groups groups;
    struct kept_failures failures;
};

struct tally_label {
    struct bytes scenario, step, zone;
    struct result_counts counts;
};

struct tally_suite {
    struct result_counts traces;
    uint64_t *by_row; /* traces that came to each row, not yet counted in `assertions` */
    struct tally_assertion *assertions;
    struct gathering *gatherings; /* one for each threshold */
    struct tally_label *labels;
    uint32_t label_count, label_room;
    struct kept_trees trees;
};

struct tally {
    struct campaign *campaign;
    struct arena arena; /* fixed arrays and the texts of groups and labels */
    struct tally_suite *suites;
    struct result_rows rows; /* of a shard's tally: no copy has any */
    struct ledger_injections injections;
    struct ledger_spans spans;
    struct correlation_counts correlated;
    uint64_t judged_traces;
    uint64_t
        expecting_none_seen; /* injections that expected no trace, but spans came all the same */
    uint64_t requests_refused;
};

/* Counts for each assertion what was counted by rows. */
void tally_settle(struct tally *tally);

/* Adds one failure, keeping the smallest trace IDs; copies it. 0, or -ENOMEM. */
int kept_failures_add(struct kept_failures *kept, const struct trace_id *trace,
                      const struct failure *failure, uint32_t place);
int kept_failures_merge(struct kept_failures *into, const struct kept_failures *from);
/* Sorts and cuts to `max`. */
void kept_failures_settle(struct kept_failures *kept);
void kept_failures_deinit(struct kept_failures *kept);

/* Keeps the small tree of a trace that has failures, where its ID is among the smallest. 0, or
 * -ENOMEM. */
int tally_add_tree(struct tally_suite *to, const struct trace_account *account,
                   const struct judgement *judgement);

/* Counts a failure in its group, `count` times; texts are copied into `arena`. 0, or -ENOMEM. */
int tally_groups_add(struct tally_groups *groups, const struct report_group *entry,
                     struct arena *arena);
/* Leaves TALLY_GROUPS_MAX of them and the "(other)" ones. 0, or -ENOMEM. */
int tally_groups_settle(struct tally_groups *groups, struct arena *arena);
int tally_groups_merge(struct tally_groups *into, const struct tally_groups *from,
                       struct arena *arena);
void tally_groups_deinit(struct tally_groups *groups);

#endif
