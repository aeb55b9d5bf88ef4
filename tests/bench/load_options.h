/* The command line of the load generator. */
#ifndef ASSERTD_TESTS_BENCH_LOAD_OPTIONS_H
#define ASSERTD_TESTS_BENCH_LOAD_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/bench/client.h"

#define LOAD_CONNECTIONS_MAX 256

struct load_options {
    uint32_t port; /* of 16 bits */
    uint32_t pid;  /* whose CPU time is read */
    const char *body;
    const struct protocol *protocol;
    enum packing packing;
    uint32_t connections;
    uint32_t in_flight; /* of each */
    double warm_s, seconds;
    double settle_s; /* the warm-up goes on until the server has settled, at most so long */
    double rate;       /* spans a second; 0: as fast as the server answers */
    const char *probe; /* NULL: none */
    double probe_rate; /* probes a second, once the warm-up is over */
};

/* 0, or 1 after having printed what is wrong. Texts are the command line's own. */
int load_options_parse(struct load_options *ret, int argc, char **argv);

#endif
