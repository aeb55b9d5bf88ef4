#include "exporters/report_junit.h"

void report_write_junit(struct buf *out, const struct report *report)
{
    (void)report;
    buf_append_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites/>\n");
}
