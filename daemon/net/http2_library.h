/* What of nghttp2 differs between versions: Debian ported two limits back, so that the version's
 * number tells nothing. */
#ifndef ASSERTD_NET_HTTP2_LIBRARY_H
#define ASSERTD_NET_HTTP2_LIBRARY_H

struct nghttp2_option;

/* Sets the library's own limits on resets and CONTINUATION frames, as far as it has them. */
void http2_library_limit(struct nghttp2_option *option);

#endif
