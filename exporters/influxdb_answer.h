/* What an answer of InfluxDB to a write means. Pure. */
#ifndef ASSERTD_EXPORTERS_INFLUXDB_ANSWER_H
#define ASSERTD_EXPORTERS_INFLUXDB_ANSWER_H

#include <stdint.h>

#include "daemon/core/bytes.h"

enum influxdb_meaning {
    INFLUXDB_WRITTEN,   /* all of it */
    INFLUXDB_PARTIAL,   /* all but `dropped` lines */
    INFLUXDB_BAD_LINE,  /* some line is refused, which one is not said: write the halves */
    INFLUXDB_TOO_LARGE, /* write the halves */
    INFLUXDB_BUSY,      /* again later */
    INFLUXDB_DENIED,    /* credentials, database or address are wrong: again, slowly */
};

/* `status` 0: no answer came. `dropped` is set with INFLUXDB_PARTIAL. */
enum influxdb_meaning influxdb_answer(unsigned status, struct bytes body, uint64_t *ret_dropped);

#endif
