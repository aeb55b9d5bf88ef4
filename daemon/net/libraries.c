#include "daemon/net/libraries.h"

#include <curl/curl.h>
#include <event2/event.h>
#include <libdeflate.h>
#include <nghttp2/nghttp2.h>
#include <stdio.h>
#include <zstd.h>

size_t net_libraries(struct library ret[LIBRARIES_MAX])
{
    const struct {
        const char *name, *version;
    } all[] = {
        {"libevent", event_get_version()},
        {"nghttp2", nghttp2_version(0)->version_str},
        {"libcurl", curl_version_info(CURLVERSION_NOW)->version},
        {"libdeflate", LIBDEFLATE_VERSION_STRING},
        {"zstd", ZSTD_versionString()},
    };
    size_t count = sizeof all / sizeof *all;
    for (size_t i = 0; i < count; i++) {
        ret[i].name = all[i].name;
        snprintf(ret[i].version, sizeof ret[i].version, "%s", all[i].version);
    }
    return count;
}
