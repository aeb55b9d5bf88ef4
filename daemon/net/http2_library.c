#include "daemon/net/http2_library.h"

#include <nghttp2/nghttp2.h>

#define RESETS_BURST      200
#define RESETS_PER_S      20
#define CONTINUATIONS_MAX 8

#ifdef ASSERTD_NGHTTP2_RESET_LIMIT
static void limit_resets(nghttp2_option *option)
{
    nghttp2_option_set_stream_reset_rate_limit(option, RESETS_BURST, RESETS_PER_S);
}
#else
static void limit_resets(nghttp2_option *option)
{
    (void)option;
}
#endif

#ifdef ASSERTD_NGHTTP2_CONTINUATION_LIMIT
static void limit_continuations(nghttp2_option *option)
{
    nghttp2_option_set_max_continuations(option, CONTINUATIONS_MAX);
}
#else
static void limit_continuations(nghttp2_option *option)
{
    (void)option;
}
#endif

void http2_library_limit(nghttp2_option *option)
{
    limit_resets(option);
    limit_continuations(option);
}
