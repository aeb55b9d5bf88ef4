#include "daemon/net/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/core/number.h"

struct fixture {
    struct clock_manual clock;
    struct loop *loop;
    struct listener *listener;
    int accepted;
    char error[200];
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    f->clock = clock_manual_at(NS_PER_S, 0);
    *state = f;
    return loop_new_with_clock(&f->loop, &f->clock.base);
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    listener_free(f->listener);
    loop_free(f->loop);
    free(f);
    return 0;
}

static void count_and_close(void *self, int take_fd)
{
    ((struct fixture *)self)->accepted++;
    assert_true((fcntl(take_fd, F_GETFL) & O_NONBLOCK) != 0);
    assert_true((fcntl(take_fd, F_GETFD) & FD_CLOEXEC) != 0);
    close(take_fd);
}

static int start(struct fixture *f, const char *endpoint)
{
    f->error[0] = '\0';
    return listener_new(&f->listener, f->loop, endpoint, count_and_close, f, f->error,
                        sizeof f->error);
}

/* The port of "HOST:PORT"; 0: none. */
static uint16_t port_of(const struct fixture *f)
{
    const char *colon = strrchr(listener_address(f->listener), ':');
    uint64_t port = 0;
    assert_int_equal(0, number_parse_u64(bytes_of(colon + 1), &port));
    assert_true(port <= UINT16_MAX);
    return (uint16_t)port;
}

static int connect_to(const struct fixture *f)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port_of(f))};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static void it_tells_the_port_it_got_and_accepts(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(start(f, "127.0.0.1:0"), 0);
    assert_true(strncmp(listener_address(f->listener), "127.0.0.1:", 10) == 0);
    assert_true(port_of(f) > 0);
    int fds[100];
    for (int i = 0; i < 100; i++) {
        fds[i] = connect_to(f);
    }
    for (int i = 0; i < 100 && f->accepted < 100; i++) {
        loop_turn(f->loop);
    }
    assert_int_equal(f->accepted, 100);
    for (int i = 0; i < 100; i++) {
        close(fds[i]);
    }
}

static void addresses_may_be_names_or_of_version_6(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(start(f, "localhost:0"), 0);
    listener_free(f->listener);
    f->listener = NULL;
    int bad = start(f, "[::1]:0");
    if (bad) {
        print_message("no IPv6 here: %s\n", f->error);
        return;
    }
    assert_true(strncmp(listener_address(f->listener), "[::1]:", 6) == 0);
}

static void what_cannot_be_bound_is_told(void **state)
{
    struct fixture *f = *state;
    struct listener *first;
    char taken[LISTENER_ADDRESS_MAX];
    assert_int_equal(start(f, "127.0.0.1:0"), 0);
    snprintf(taken, sizeof taken, "%s", listener_address(f->listener));
    first = f->listener;
    f->listener = NULL;
    assert_int_equal(start(f, taken), -EADDRINUSE);
    assert_non_null(strstr(f->error, taken));
    assert_non_null(strcasestr(f->error, "address already in use"));
    listener_free(first);
    assert_int_equal(start(f, taken), 0);
}

static void malformed_endpoints_are_refused(void **state)
{
    struct fixture *f = *state;
    static const char *const bad[] = {
        "", "127.0.0.1", "127.0.0.1:", "127.0.0.1:http-alt-x", "127.0.0.1:99999", "256.1.1.1:1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_true(start(f, bad[i]) < 0);
        assert_null(f->listener);
        assert_true(strlen(f->error) > strlen(bad[i]));
    }
}

static void without_descriptors_it_pauses_and_resumes(void **state)
{
    struct fixture *f = *state;
    struct rlimit old;
    assert_int_equal(start(f, "127.0.0.1:0"), 0);
    int fd = connect_to(f);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
    int lowest = dup(fd);
    close(lowest);
    struct rlimit none = {(rlim_t)lowest, old.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    for (int i = 0; i < 5; i++) {
        loop_turn(f->loop);
    }
    assert_int_equal(f->accepted, 0);
    setrlimit(RLIMIT_NOFILE, &old);
    for (int i = 0; i < 5; i++) {
        loop_turn(f->loop);
    }
    assert_int_equal(f->accepted, 0);
    clock_manual_advance(&f->clock, NS_PER_S);
    for (int i = 0; i < 5; i++) {
        loop_turn(f->loop);
    }
    assert_int_equal(f->accepted, 1);
    close(fd);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_tells_the_port_it_got_and_accepts),
        TEST(addresses_may_be_names_or_of_version_6),
        TEST(what_cannot_be_bound_is_told),
        TEST(malformed_endpoints_are_refused),
        TEST(without_descriptors_it_pauses_and_resumes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
