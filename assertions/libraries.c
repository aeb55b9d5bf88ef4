#include "assertions/libraries.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

size_t assertions_libraries(struct library ret[LIBRARIES_MAX])
{
    ret[0].name = "PCRE2";
    _Static_assert(sizeof ret[0].version >= 24, "PCRE2 asks for 24 characters");
    pcre2_config(PCRE2_CONFIG_VERSION, ret[0].version);
    return 1;
}
