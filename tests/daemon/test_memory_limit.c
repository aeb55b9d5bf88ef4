/* limits.memory from control groups of both versions and from the machine: tables of file contents,
 * and a tree of files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "daemon/memory_limit.h"

#define MIB (UINT64_C(1) << 20)

static void the_group_is_found_in_both_versions(void **state)
{
    static const struct {
        const char *text, *path;
        bool v1;
    } rows[] = {
        {"0::/\n", "/", false},
        {"0::/kubepods.slice/pod1\n", "/kubepods.slice/pod1", false},
        {"0::/a:b\n", "/a:b", false},
        {"5:memory:/docker/abc\n0::/\n", "/docker/abc", true},
        {"0::/\n9:cpu,cpuacct:/x\n4:pids,memory:/docker/abc", "/docker/abc", true},
        {"3:memory_x:/no\n0::/yes\n", "/yes", false},
        {"1:name=systemd:/init.scope\n", NULL, false},
        {"0::relative\n", NULL, false},
        {"garbage\n\n:\n::\n", NULL, false},
        {"", NULL, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bytes path = BYTES_NULL;
        bool v1 = false;
        int outcome = memory_cgroup_path(bytes_of(rows[i].text), &path, &v1);
        assert_int_equal(rows[i].path == NULL, outcome);
        if (outcome == 0) {
            assert_true(bytes_is(path, rows[i].path));
            assert_int_equal(rows[i].v1, v1);
        }
    }
}

static void limits_are_numbers_or_none(void **state)
{
    static const struct {
        const char *text;
        uint64_t bytes;
    } rows[] = {
        {"134217728\n", 128 * MIB},
        {"134217728", 128 * MIB},
        {"max\n", 0},
        {"9223372036854771712\n", 0},
        {"18446744073709551615", 0},
        {"", 0},
        {"-1\n", 0},
        {"12x\n", 0},
        {"0\n", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(rows[i].bytes, memory_cgroup_parse(bytes_of(rows[i].text)));
    }
}

static void the_machine_says_what_it_has(void **state)
{
    (void)state;
    assert_int_equal(16 * 1024 * MIB, memory_meminfo_parse(BYTES_LITERAL(
                                          "MemTotal:       16777216 kB\nMemFree: 1 kB\n")));
    assert_int_equal(1024, memory_meminfo_parse(BYTES_LITERAL("Other: 2 kB\nMemTotal: 1 kB")));
    assert_int_equal(0, memory_meminfo_parse(BYTES_LITERAL("MemTotal: x kB\n")));
    assert_int_equal(0, memory_meminfo_parse(BYTES_LITERAL("MemTotal:\n")));
    assert_int_equal(0, memory_meminfo_parse(BYTES_LITERAL("MemFree: 1 kB\n")));
    assert_int_equal(0, memory_meminfo_parse(BYTES_LITERAL("MemTotal: 99999999999999999999 kB\n")));
}

static void a_limit_is_chosen(void **state)
{
    static const struct {
        uint64_t configured, cgroup, machine, bytes;
        enum memory_origin origin;
        bool beyond;
    } rows[] = {
        {0, 128 * MIB, 8192 * MIB, 96 * MIB, MEMORY_OF_CGROUP, false},
        {0, 128 * MIB, 0, 96 * MIB, MEMORY_OF_CGROUP, false},
        {0, 0, 8192 * MIB, 2048 * MIB, MEMORY_OF_MACHINE, false},
        {0, 16384 * MIB, 8192 * MIB, 2048 * MIB, MEMORY_OF_MACHINE, false},
        {0, 0, 0, MEMORY_LIMIT_UNKNOWN, MEMORY_OF_DEFAULT, false},
        {0, 1 * MIB, 8192 * MIB, MEMORY_LIMIT_LEAST, MEMORY_OF_CGROUP, true},
        {96 * MIB, 128 * MIB, 8192 * MIB, 96 * MIB, MEMORY_CONFIGURED, false},
        {512 * MIB, 128 * MIB, 8192 * MIB, 512 * MIB, MEMORY_CONFIGURED, true},
        {512 * MIB, 0, 256 * MIB, 512 * MIB, MEMORY_CONFIGURED, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct memory_limit limit =
            memory_limit_choose(rows[i].configured, rows[i].cgroup, rows[i].machine);
        assert_int_equal(rows[i].bytes, limit.bytes);
        assert_int_equal(rows[i].origin, limit.origin);
        assert_int_equal(rows[i].beyond, limit.beyond_cgroup);
        assert_non_null(memory_origin_name(limit.origin));
    }
}

static void put(const char *root, const char *folder, const char *file, const char *text)
{
    char path[512];
    char made[512] = "";
    snprintf(path, sizeof path, "%s%s/", root, folder);
    for (size_t i = 0; path[i] != '\0'; i++) {
        made[i] = path[i];
        if (i != 0 && path[i] == '/') {
            mkdir(made, 0700);
        }
    }
    snprintf(path, sizeof path, "%s%s/%s", root, folder, file);
    FILE *to = fopen(path, "w");
    assert_non_null(to);
    fputs(text, to);
    fclose(to);
}

static void the_least_limit_on_the_way_up_counts(void **state)
{
    char root[] = "/tmp/assertd-memory-XXXXXX";
    char command[64];
    (void)state;
    assert_non_null(mkdtemp(root));
    put(root, "/proc", "meminfo", "MemTotal: 8388608 kB\n");
    assert_int_equal(2048 * MIB, memory_limit_find(root, 0).bytes);
    put(root, "/proc/self", "cgroup", "0::/pod/inner\n");
    put(root, "/sys/fs/cgroup/pod/inner", "memory.max", "max\n");
    assert_int_equal(2048 * MIB, memory_limit_find(root, 0).bytes);
    put(root, "/sys/fs/cgroup/pod", "memory.max", "134217728\n");
    assert_int_equal(96 * MIB, memory_limit_find(root, 0).bytes);
    put(root, "/sys/fs/cgroup/pod/inner", "memory.max", "67108864\n");
    assert_int_equal(48 * MIB, memory_limit_find(root, 0).bytes);
    put(root, "/proc/self", "cgroup", "4:memory:/not/there\n0::/pod/inner\n");
    put(root, "/sys/fs/cgroup/memory", "memory.limit_in_bytes", "33554432\n");
    assert_int_equal(24 * MIB, memory_limit_find(root, 0).bytes);
    snprintf(command, sizeof command, "rm -r %s", root);
    assert_int_equal(0, system(command));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_group_is_found_in_both_versions),
        cmocka_unit_test(limits_are_numbers_or_none),
        cmocka_unit_test(the_machine_says_what_it_has),
        cmocka_unit_test(a_limit_is_chosen),
        cmocka_unit_test(the_least_limit_on_the_way_up_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
