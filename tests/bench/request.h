/* One request on its way: a body with trace IDs of its own, packed. Thread rule: none shared. */
#ifndef ASSERTD_TESTS_BENCH_REQUEST_H
#define ASSERTD_TESTS_BENCH_REQUEST_H

#include "tests/bench/body.h"
#include "tests/bench/ids.h"
#include "tests/bench/packer.h"

struct request {
    const struct body *body;
    struct buf plain;
    struct buf packed;
    struct packer *packer; /* NULL: not packed */
    struct bytes wire;     /* what is to be sent, until it is renewed */
    uint64_t sent_ns;
};

/* 0, or -ENOMEM. The body outlives the request. */
int request_init(struct request *ret, const struct body *body, enum packing packing);

/* Gives each trace an ID that was never sent before. 0, or -ENOMEM. */
int request_renew(struct request *request, struct ids *ids, uint64_t now_ns);

void request_deinit(struct request *request);

#endif
