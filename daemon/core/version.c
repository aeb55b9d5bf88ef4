/* The version comes from CMake's project(), the one place where it is written. */
#include "daemon/core/version.h"

const char *assertd_version(void)
{
    return ASSERTD_VERSION;
}
