#include "daemon/injection_input.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/exit_code.h"
#include "daemon/trace_input.h"
#include "receivers/injection_json.h"

#define ERROR_BYTES 256

static int each_line(const char *path, struct bytes text,
                     void (*take)(void *self, const struct injection *injection), void *self)
{
    struct injection_lines lines = {text, 0};
    struct arena arena = ARENA_INIT(4096, 0);
    struct injection injection;
    char error[ERROR_BYTES];
    int code = 0;
    int outcome;
    while ((outcome = injection_next(&lines, &arena, &injection, error, sizeof error)) !=
           INJECTION_END) {
        if (outcome == 0) {
            take(self, &injection);
        } else {
            fprintf(stderr, "assertd: %s:%" PRIu32 ": %s\n", path, lines.line,
                    outcome == INJECTION_NO_MEMORY ? "no memory" : error);
            code = EXIT_CODE_USAGE;
        }
        arena_reset(&arena);
    }
    arena_deinit(&arena);
    return code;
}

int injection_input_read(const char *path,
                         void (*take)(void *self, const struct injection *injection), void *self)
{
    uint8_t *data;
    size_t len;
    if (trace_input_file(path, &data, &len) != 0) {
        return EXIT_CODE_USAGE;
    }
    int code = each_line(path, bytes_from(data, len), take, self);
    free(data);
    return code;
}
