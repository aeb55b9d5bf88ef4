#include "receivers/libraries.h"

#include <protobuf-c/protobuf-c.h>
#include <stdio.h>
#include <yajl/yajl_version.h>

size_t receivers_libraries(struct library ret[LIBRARIES_MAX])
{
    int yajl = yajl_version();
    ret[0].name = "protobuf-c";
    snprintf(ret[0].version, sizeof ret[0].version, "%s", protobuf_c_version());
    ret[1].name = "yajl";
    snprintf(ret[1].version, sizeof ret[1].version, "%d.%d.%d", yajl / 10000, yajl / 100 % 100,
             yajl % 100);
    return 2;
}
