#include "tracetest/libraries.h"

#include <stdio.h>

#include <yaml.h>

size_t tracetest_libraries(struct library ret[LIBRARIES_MAX])
{
    ret[0].name = "libyaml";
    snprintf(ret[0].version, sizeof ret[0].version, "%s", yaml_get_version_string());
    return 1;
}
