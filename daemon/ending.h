/* Bringing a running daemon to its end: campaigns completed, open traces waited for, sinks emptied,
 * a final report of each campaign.
 *
 * Used by serve (SIGTERM) and run (COMMAND has ended). Everything happens on the control loop;
 * `done` is called once. */
#ifndef ASSERTD_DAEMON_ENDING_H
#define ASSERTD_DAEMON_ENDING_H

#include "daemon/app.h"

struct ending;

struct ending_options {
    struct app *app;
    uint64_t
        settle_ns; /* least time without new spans before campaigns are completed; 0: at once */
    uint64_t traces_timeout_ns; /* then open traces are finished as they are */
    uint64_t sinks_timeout_ns;  /* then the sinks are given up */
    bool stop_intake;           /* refuse new spans from the beginning */
    /* Open traces and injections, about twice a second. May be NULL. */
    void (*progress)(void *self, uint64_t open_traces, uint64_t open_injections);
    /* The final report of each campaign, in order; the arena stays the ending's. */
    void (*report)(void *self, const struct report *report);
    void (*done)(void *self);
    void *self;
};

/* Begins. 0, or a negative errno. */
int ending_new(struct ending **ret, const struct ending_options *options);

/* The user is in a hurry: every wait ends now. */
void ending_hurry(struct ending *ending);

/* NULL is fine. */
void ending_free(struct ending *ending);

#endif
