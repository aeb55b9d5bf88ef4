/* grpc.health.v1.Health: Check answers once, Watch goes on telling until the receiver drains.
 *
 * Known are the server as a whole (no name) and the trace service. Thread rule: as otlp_call.h. */
#ifndef ASSERTD_RECEIVERS_GRPC_HEALTH_H
#define ASSERTD_RECEIVERS_GRPC_HEALTH_H

#include "receivers/otlp_call.h"

enum grpc_health_method { HEALTH_NONE, HEALTH_CHECK, HEALTH_WATCH };

/* The method that a path names. */
enum grpc_health_method grpc_health_method_of(struct bytes path);

/* Answers a call whose method was HEALTH_CHECK or HEALTH_WATCH; the call may be gone afterwards. */
void grpc_health_answer(struct otlp_call *call, struct bytes message);

/* The HealthCheckResponse of a call, appended; in its frame, in the context's body. */
void grpc_health_put(struct buf *out, const struct otlp_call *call);
struct bytes grpc_health_frame(const struct otlp_call *call);

/* Tells all who watch that nothing is served any more, and ends their calls with UNAVAILABLE. */
void grpc_health_drain(struct otlp_context *context);

#endif
