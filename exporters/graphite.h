/* The Graphite exporter: meters as plaintext lines over TCP, at most once.
 *
 * The protocol has no acknowledgement: a line counts as acknowledged when the kernel took its last
 * byte, and can still be lost in a connection that breaks. After a break it goes on with the first
 * line that the kernel had not taken whole, behind an empty line. Names are looked up at each
 * connect. Thread rule: the export thread. */
#ifndef ASSERTD_EXPORTERS_GRAPHITE_H
#define ASSERTD_EXPORTERS_GRAPHITE_H

#include "exporters/exporter.h"

extern const struct exporter_type exporter_graphite;

#endif
