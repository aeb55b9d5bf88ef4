/* Any bytes as a file of Tracetest's definitions: it is refused with a reason, or its import loads
 * and compiles, whatever its texts hold. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "assertions/suite.h"
#include "config/config.h"
#include "config/text_file.h"
#include "daemon/settings.h"
#include "tracetest/import.h"

static void must(bool promise)
{
    if (!promise) {
        abort();
    }
}

/* Whatever variable is asked for has a value. */
static const char *any_value(const char *name)
{
    (void)name;
    return "x";
}

/* The value of `suites` in what was written. */
static void check_loads(struct buf *suites)
{
    struct problems problems;
    struct config *config = NULL;
    struct suite_set *set = NULL;
    buf_append_char(suites, '\0');
    must(!suites->failed);
    char *value = strstr((char *)suites->data, "\nsuites = ");
    must(value != NULL);
    value += sizeof "\nsuites = " - 1;
    char *end = strrchr(value, ';');
    must(end != NULL);
    *end = '\0';
    const struct config_override override = {"suites", value};
    problems_init(&problems);
    must(config_load(&config, &settings_table,
                     &(struct config_request){
                         .overrides = &override, .override_count = 1, .getenv = any_value},
                     &problems) == 0);
    const struct settings *settings = config_root(config);
    must(suite_set_compile(&set, &settings->suites, &settings->completion, &problems) == 0);
    problems_deinit(&problems);
    suite_set_unref(set);
    config_free(config);
}

static bool is_text(struct bytes text)
{
    struct text_file_flaw flaw;
    return text_file_check(text, &flaw) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct import import;
    struct buf suites = BUF_NULL;
    if (size > 1 << 16 || !is_text(bytes_from(data, size))) {
        return 0;
    }
    import_init(&import);
    int bad = import_add(&import, "fuzz.yaml", bytes_from(data, size));
    must(bad == 0 || (bad == 1 && import.messages.count > 0));
    if (bad == 0) {
        import_wanted(&import);
        must(import_write(&import, &suites) == 0);
        if (!bytes_contain(buf_bytes(&suites), BYTES_LITERAL("env:"))) {
            check_loads(&suites); /* else it hinges on the environment */
        }
    }
    buf_deinit(&suites);
    import_deinit(&import);
    return 0;
}
