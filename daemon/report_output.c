#include "daemon/report_output.h"
#include "daemon/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exporters/report_json.h"
#include "exporters/report_junit.h"
#include "exporters/report_text.h"

int report_format_parse(struct bytes word, enum report_format *ret)
{
    static const char *const words[] = {"text", "json", "junit"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (bytes_is(word, words[i])) {
            *ret = (enum report_format)i;
            return 0;
        }
    }
    return 1;
}

void report_format_write(const struct report *report, enum report_format format, bool colour,
                         struct buf *out)
{
    if (format == REPORT_TEXT) {
        report_write_text(out, report, &(struct report_text_options){.colour = colour});
    } else if (format == REPORT_JUNIT) {
        report_write_junit(out, report);
    } else {
        struct json json = JSON_INIT(out);
        json.pretty = true;
        report_write_json(&json, report);
        buf_append_char(out, '\n');
    }
}

const char *report_format_type(enum report_format format)
{
    static const char *const types[] = {"text/plain; charset=utf-8", "application/json",
                                        "application/xml"};
    return types[format];
}

static int split(const char *value, enum report_format *ret_format, const char **ret_path)
{
    const char *equals = strchr(value, '=');
    if (equals == NULL || equals[1] == '\0') {
        return 1;
    }
    *ret_path = equals + 1;
    return report_format_parse(bytes_from(value, (size_t)(equals - value)), ret_format);
}

int report_outputs_check(const struct command_values *values)
{
    enum report_format format;
    const char *path;
    for (size_t i = 0; i < values->count; i++) {
        if (split(values->values[i], &format, &path) != 0) {
            fprintf(stderr, "assertd: --report %s: write text=PATH, json=PATH or junit=PATH\n",
                    values->values[i]);
            return 1;
        }
    }
    return 0;
}

static int write_file(const char *path, struct bytes text)
{
    FILE *file = strcmp(path, "-") == 0 ? stdout : fopen(path, "w");
    bool good = file != NULL && output_write(file, text);
    if (file != NULL && file != stdout) {
        good &= fclose(file) == 0;
    } else if (file == stdout) {
        good &= fflush(stdout) == 0;
    }
    if (!good) {
        fprintf(stderr, "assertd: %s: %s\n", path, strerror(errno));
    }
    return !good;
}

int report_outputs_write(const struct command_values *values, const struct report *report)
{
    int bad = 0;
    for (size_t i = 0; i < values->count; i++) {
        enum report_format format;
        const char *path;
        struct buf text = BUF_NULL;
        if (split(values->values[i], &format, &path) == 0) {
            report_format_write(report, format, false, &text);
            bad |= text.failed || write_file(path, buf_bytes(&text)) != 0;
        }
        buf_deinit(&text);
    }
    return bad;
}

void report_print(const struct report *report)
{
    struct buf text = BUF_NULL;
    bool colour = isatty(STDERR_FILENO) && getenv("NO_COLOR") == NULL;
    report_format_write(report, REPORT_TEXT, colour, &text);
    output_write(stderr, buf_bytes(&text));
    buf_deinit(&text);
}
