/* Text in XML 1.0: escaping for element content and attribute values, whatever the bytes. Pure
 * functions.
 *
 * Invalid UTF-8 and characters that XML 1.0 (section 2.2) forbids become U+FFFD; U+007F to U+009F
 * are written as references, so that no terminal obeys them. The result is well-formed inside an
 * element or a double-quoted attribute. */
#ifndef ASSERTD_EXPORTERS_REPORT_XML_H
#define ASSERTD_EXPORTERS_REPORT_XML_H

#include "daemon/core/buf.h"
#include "daemon/core/bytes.h"

/* Appends `text` as element content. Line ends stay as they are (CR as a reference). */
void xml_append_text(struct buf *out, struct bytes text);

/* Appends ` name="text"`; blanks other than the space are references, so they survive normalisation
 * (section 3.3.3). */
void xml_append_attribute(struct buf *out, const char *name, struct bytes text);

#endif
