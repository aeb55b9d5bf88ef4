/* Prints sample reports for the Python tests.
 *
 *     print_reports names
 *     print_reports sample NAME json|junit|text|colour
 *     print_reports random SEED COUNT json|junit|text     each document followed by a NUL */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exporters/report_json.h"
#include "exporters/report_junit.h"
#include "exporters/report_text.h"
#include "tests/exporters/sample_reports.h"

static int print_report(const struct report *report, const char *format)
{
    struct buf out = BUF_NULL;
    if (strcmp(format, "json") == 0) {
        struct json json = JSON_INIT(&out);
        json.pretty = true;
        report_write_json(&json, report);
        buf_append_char(&out, '\n');
    } else if (strcmp(format, "junit") == 0) {
        report_write_junit(&out, report);
    } else {
        report_write_text(&out, report,
                          &(struct report_text_options){.colour = strcmp(format, "colour") == 0});
    }
    int bad = out.failed || fwrite(out.data, 1, out.len, stdout) != out.len;
    buf_deinit(&out);
    return bad;
}

static int print_random(uint64_t seed, unsigned long count, const char *format)
{
    int bad = 0;
    struct random random = random_seed(seed);
    for (unsigned long i = 0; i < count; i++) {
        struct report report;
        sample_report_random(&report, &random);
        bad |= print_report(&report, format);
        bad |= putchar('\0') == EOF;
        arena_deinit(&report.arena);
    }
    return bad;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "names") == 0) {
        for (size_t i = 0; sample_report_name(i) != NULL; i++) {
            puts(sample_report_name(i));
        }
        return 0;
    }
    if (argc == 4 && strcmp(argv[1], "sample") == 0) {
        const struct report *report = sample_report(argv[2]);
        return report == NULL ? 2 : print_report(report, argv[3]);
    }
    if (argc == 5 && strcmp(argv[1], "random") == 0) {
        return print_random(strtoull(argv[2], NULL, 10), strtoul(argv[3], NULL, 10), argv[4]);
    }
    return 2;
}
