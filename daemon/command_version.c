#include <stdio.h>

#include "daemon/command.h"
#include "daemon/core/version.h"
#include "daemon/exit_code.h"
#include "daemon/library_versions.h"

static int version_run(const struct command_line *line)
{
    (void)line;
    printf("assertd %s\n", assertd_version());
    library_versions_print(stdout);
    return EXIT_CODE_OK;
}

const struct command command_version = {
    .name = "version",
    .summary = "Prints the version of assertd and of its libraries.",
    .run = version_run,
};
