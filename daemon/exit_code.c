#include "daemon/exit_code.h"

struct word {
    const char *name;
    size_t offset;
};

static const struct word words[] = {
    {"failed", offsetof(struct fail_on, failed)},
    {"aborted", offsetof(struct fail_on, aborted)},
    {"no-data", offsetof(struct fail_on, no_data)},
    {"inconclusive", offsetof(struct fail_on, inconclusive)},
    {"undelivered", offsetof(struct fail_on, undelivered)},
    {"warning", offsetof(struct fail_on, warning)},
};

static bool switch_on(struct fail_on *fail_on, struct bytes word)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (bytes_is(word, words[i].name)) {
            *(bool *)((char *)fail_on + words[i].offset) = true;
            return true;
        }
    }
    return bytes_is(word, "none");
}

int fail_on_parse(struct bytes list, struct fail_on *ret)
{
    struct fail_on fail_on = {.failed = false};
    for (;;) {
        size_t len = 0;
        while (len < list.len && list.data[len] != ',') {
            len++;
        }
        if (!switch_on(&fail_on, bytes_trim(bytes_from(list.data, len)))) {
            return 1;
        }
        if (len == list.len) {
            break;
        }
        list = bytes_from(list.data + len + 1, list.len - len - 1);
    }
    *ret = fail_on;
    return 0;
}

static bool delivered(const struct report *report)
{
    for (uint32_t i = 0; i < report->sink_count; i++) {
        if (report->sinks[i].required &&
            report->sinks[i].acknowledged != report->sinks[i].produced) {
            return false;
        }
    }
    return true;
}

enum exit_code exit_code_of(const struct report *report, const struct fail_on *fail_on)
{
    enum exit_code code = EXIT_CODE_OK;
    switch (report->status) {
    case CAMPAIGN_FAILED:
        code = fail_on->failed ? EXIT_CODE_FAILED : EXIT_CODE_OK;
        break;
    case CAMPAIGN_ABORTED:
        code = fail_on->aborted ? EXIT_CODE_ABORTED : EXIT_CODE_OK;
        break;
    case CAMPAIGN_INCONCLUSIVE:
        code = fail_on->inconclusive ? EXIT_CODE_INCONCLUSIVE : EXIT_CODE_OK;
        break;
    case CAMPAIGN_NO_DATA:
        code = fail_on->no_data ? EXIT_CODE_NO_DATA : EXIT_CODE_OK;
        break;
    case CAMPAIGN_WARNING:
        code = fail_on->warning ? EXIT_CODE_FAILED : EXIT_CODE_OK;
        break;
    default:
        break;
    }
    if (code == EXIT_CODE_OK && fail_on->undelivered && !delivered(report)) {
        code = EXIT_CODE_UNDELIVERED;
    }
    return code;
}
