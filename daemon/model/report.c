#include "daemon/model/report.h"

const char *campaign_status_name(enum campaign_status status)
{
    static const char *const names[] = {
        [CAMPAIGN_IN_PROGRESS] = "IN_PROGRESS", [CAMPAIGN_SUCCESSFUL] = "SUCCESSFUL",
        [CAMPAIGN_WARNING] = "WARNING",         [CAMPAIGN_FAILED] = "FAILED",
        [CAMPAIGN_ABORTED] = "ABORTED",         [CAMPAIGN_INCONCLUSIVE] = "INCONCLUSIVE",
        [CAMPAIGN_NO_DATA] = "NO_DATA",
    };
    return names[status];
}

const char *correlation_mode_name(enum correlation_mode mode)
{
    static const char *const names[] = {
        [CORRELATION_REQUIRED] = "required",
        [CORRELATION_OFF] = "off",
        [CORRELATION_AUTO_INJECTED] = "auto: injected",
        [CORRELATION_AUTO_ALL] = "auto: all",
    };
    return names[mode];
}
