#include "exporters/report_text.h"

void report_write_text(struct buf *out, const struct report *report, const struct report_text_options *options)
{
    (void)options;
    buf_append_text(out, campaign_status_name(report->status));
    buf_append_char(out, '\n');
}
