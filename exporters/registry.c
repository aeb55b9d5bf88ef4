#include "exporters/exporter.h"
#include "exporters/graphite.h"
#include "exporters/influxdb.h"
#include "exporters/kafka.h"

const struct exporter_type *const exporter_registry[] = {
    &exporter_kafka,
    &exporter_influxdb,
    &exporter_graphite,
    NULL,
};
