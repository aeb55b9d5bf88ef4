#include <stdio.h>

#include "assertions/libraries.h"
#include "config/libraries.h"
#include "daemon/command.h"
#include "daemon/core/version.h"
#include "daemon/exit_code.h"
#include "daemon/net/libraries.h"
#include "exporters/libraries.h"
#include "receivers/libraries.h"
#include "tracetest/libraries.h"

static void print_libraries(size_t (*tell)(struct library ret[LIBRARIES_MAX]))
{
    struct library libraries[LIBRARIES_MAX];
    size_t count = tell(libraries);
    for (size_t i = 0; i < count; i++) {
        printf("%s %s\n", libraries[i].name, libraries[i].version);
    }
}

static int version_run(const struct command_line *line)
{
    (void)line;
    printf("assertd %s\n", assertd_version());
    print_libraries(net_libraries);
    print_libraries(config_libraries);
    print_libraries(assertions_libraries);
    print_libraries(receivers_libraries);
    print_libraries(exporters_libraries);
    print_libraries(tracetest_libraries);
    return EXIT_CODE_OK;
}

const struct command command_version = {
    .name = "version",
    .summary = "Prints the version of assertd and of its libraries.",
    .run = version_run,
};
