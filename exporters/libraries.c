#include "exporters/libraries.h"

#include <librdkafka/rdkafka.h>
#include <stdio.h>

size_t exporters_libraries(struct library ret[LIBRARIES_MAX])
{
    ret[0].name = "librdkafka";
    snprintf(ret[0].version, sizeof ret[0].version, "%s", rd_kafka_version_str());
    return 1;
}
