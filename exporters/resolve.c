#include "exporters/resolve.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Shared with the thread; the last of both frees it. */
struct lookup {
    _Atomic int users;
    int ready_fd;
    char *host;
    const char *port; /* within host's memory */
    int error;
    struct addrinfo *list;
};

struct resolve {
    struct lookup *lookup;
    struct loop_fd *watch;
    resolve_fn done;
    void *self;
};

static void lookup_unref(struct lookup *lookup)
{
    if (atomic_fetch_sub(&lookup->users, 1) != 1) {
        return;
    }
    if (lookup->ready_fd >= 0) {
        close(lookup->ready_fd);
    }
    if (lookup->list != NULL) {
        freeaddrinfo(lookup->list);
    }
    free(lookup->host);
    free(lookup);
}

static void look_up(struct lookup *lookup, int flags)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV | flags};
    lookup->error = getaddrinfo(lookup->host, lookup->port, &hints, &lookup->list);
}

static void *look_up_on_thread(void *self)
{
    struct lookup *lookup = self;
    look_up(lookup, 0);
    (void)eventfd_write(lookup->ready_fd, 1); /* publishes what was found */
    lookup_unref(lookup);
    return NULL;
}

/* Parts "HOST:PORT" in place. */
static int split(struct lookup *lookup)
{
    char *colon = strrchr(lookup->host, ':');
    size_t len = colon != NULL ? (size_t)(colon - lookup->host) : 0;
    if (len == 0) {
        return -EINVAL;
    }
    *colon = '\0';
    lookup->port = colon + 1;
    if (lookup->host[0] == '[' && lookup->host[len - 1] == ']') {
        lookup->host[len - 1] = '\0';
        memmove(lookup->host, lookup->host + 1, len - 1);
    }
    return 0;
}

static struct lookup *lookup_new(const char *endpoint, int *ret_bad)
{
    struct lookup *lookup = calloc(1, sizeof *lookup);
    if (lookup == NULL) {
        *ret_bad = -ENOMEM;
        return NULL;
    }
    lookup->users = 1;
    lookup->host = strdup(endpoint);
    lookup->ready_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    *ret_bad = lookup->host == NULL ? -ENOMEM : lookup->ready_fd < 0 ? -errno : split(lookup);
    return lookup;
}

static int begin(struct lookup *lookup)
{
    look_up(lookup, AI_NUMERICHOST);
    if (lookup->error == 0) {
        return -eventfd_write(lookup->ready_fd, 1);
    }
    pthread_t thread;
    pthread_attr_t detached;
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    atomic_fetch_add(&lookup->users, 1);
    int bad = -pthread_create(&thread, &detached, look_up_on_thread, lookup);
    pthread_attr_destroy(&detached);
    if (bad) {
        lookup_unref(lookup);
    }
    return bad;
}

static void on_ready(void *self, int fd, unsigned events)
{
    struct resolve *resolve = self;
    eventfd_t count;
    (void)events;
    if (eventfd_read(fd, &count) != 0) {
        return;
    }
    struct addrinfo *list = resolve->lookup->list;
    resolve->lookup->list = NULL;
    const char *error = list != NULL ? NULL : gai_strerror(resolve->lookup->error);
    resolve->done(resolve->self, list, error);
}

int resolve_new(struct resolve **ret, struct loop *loop, const char *endpoint, resolve_fn done,
                void *self)
{
    int bad = 0;
    struct resolve *resolve = calloc(1, sizeof *resolve);
    if (resolve == NULL) {
        return -ENOMEM;
    }
    resolve->done = done;
    resolve->self = self;
    resolve->lookup = lookup_new(endpoint, &bad);
    if (!bad) {
        bad = loop_fd_new(&resolve->watch, loop, resolve->lookup->ready_fd, LOOP_READ, on_ready,
                          resolve);
    }
    if (!bad) {
        bad = begin(resolve->lookup);
    }
    if (bad) {
        resolve_free(resolve);
        return bad;
    }
    *ret = resolve;
    return 0;
}

void resolve_free(struct resolve *resolve)
{
    if (resolve == NULL) {
        return;
    }
    if (resolve->watch != NULL) {
        loop_fd_free(resolve->watch);
    }
    if (resolve->lookup != NULL) {
        lookup_unref(resolve->lookup);
    }
    free(resolve);
}
