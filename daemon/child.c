#include "daemon/child.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

extern char **environ;

int child_start(struct child *child, char *const argv[])
{
    posix_spawnattr_t attributes;
    sigset_t defaults;
    sigset_t none;
    sigemptyset(&none);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    sigaddset(&defaults, SIGINT);
    sigaddset(&defaults, SIGTERM);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setsigmask(&attributes, &none);
    int bad = posix_spawnp(&child->pid, argv[0], NULL, &attributes, argv, environ);
    posix_spawnattr_destroy(&attributes);
    child->running = bad == 0;
    return -bad;
}

bool child_reap(struct child *child)
{
    int status;
    if (!child->running || waitpid(child->pid, &status, WNOHANG) != child->pid) {
        return false;
    }
    child->running = false;
    child->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return true;
}

void child_signal(const struct child *child, int number)
{
    if (child->running) {
        kill(child->pid, number);
    }
}

void child_setenv_url(const char *name, const char *address)
{
    char url[160];
    if (address == NULL) {
        unsetenv(name);
        return;
    }
    const char *port = strrchr(address, ':');
    if (strncmp(address, "0.0.0.0:", 8) == 0) {
        snprintf(url, sizeof url, "http://127.0.0.1%s", port);
    } else if (strncmp(address, "[::]:", 5) == 0) {
        snprintf(url, sizeof url, "http://[::1]%s", port);
    } else {
        snprintf(url, sizeof url, "http://%s", address);
    }
    setenv(name, url, 1);
}
