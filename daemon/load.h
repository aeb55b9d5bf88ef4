/* Loading a configuration for a command: the file, --set and --suite, all problems told, the suites
 * compiled. Thread rule: main thread; what is loaded is immutable. */
#ifndef ASSERTD_DAEMON_LOAD_H
#define ASSERTD_DAEMON_LOAD_H

#include "assertions/suite.h"
#include "daemon/command.h"
#include "daemon/settings.h"

struct loaded {
    struct config *config;
    const struct settings *settings; /* of the configuration */
    struct suite_set *set;           /* one reference */
};

#define LOADED_NULL ((struct loaded){NULL, NULL, NULL})

/* The options --config, --set and --suite, for the commands that load a configuration. */
#define LOAD_OPTIONS                                                                               \
    {"config", "FILE", false, "the configuration (libconfig); without it, the defaults"},          \
        {"set", "PATH=VALUE", true, "sets one option, e.g. --set service.workers=2"},              \
    {                                                                                              \
        "suite", "FILE", true, "adds a file with one suite or a list of suites"                    \
    }

/* Loads and compiles; problems go to `problems`. 0; 1: there are some; < 0: no memory. `ret` is
 * LOADED_NULL on failure. */
int load(struct loaded *ret, const struct command_line *line, struct problems *problems);

/* The same for commands that just go on: problems are written to standard error. EXIT_CODE_OK, or
 * the code to end with. */
int load_or_complain(struct loaded *ret, const struct command_line *line);

/* Releases the set and the configuration. */
void loaded_deinit(struct loaded *loaded);

#endif
