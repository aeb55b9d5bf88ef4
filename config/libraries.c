#include "config/libraries.h"

#include <libconfig.h>
#include <stdio.h>

size_t config_libraries(struct library ret[LIBRARIES_MAX])
{
    ret[0].name = "libconfig";
    snprintf(ret[0].version, sizeof ret[0].version, "%d.%d.%d", LIBCONFIG_VER_MAJOR,
             LIBCONFIG_VER_MINOR, LIBCONFIG_VER_REVISION);
    return 1;
}
