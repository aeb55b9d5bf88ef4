#include "daemon/library_versions.h"

#include <curl/curl.h>
#include <event2/event.h>
#include <libconfig.h>
#include <libdeflate.h>
#include <librdkafka/rdkafka.h>
#include <nghttp2/nghttp2.h>
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <protobuf-c/protobuf-c.h>
#include <yajl/yajl_version.h>

void library_versions_print(FILE *out)
{
    char pcre2[64] = "?";
    int yajl = yajl_version();
    pcre2_config(PCRE2_CONFIG_VERSION, pcre2);
    fprintf(out, "libevent %s\n", event_get_version());
    fprintf(out, "nghttp2 %s\n", nghttp2_version(0)->version_str);
    fprintf(out, "protobuf-c %s\n", protobuf_c_version());
    fprintf(out, "librdkafka %s\n", rd_kafka_version_str());
    fprintf(out, "libconfig %d.%d.%d\n", LIBCONFIG_VER_MAJOR, LIBCONFIG_VER_MINOR, LIBCONFIG_VER_REVISION);
    fprintf(out, "libcurl %s\n", curl_version_info(CURLVERSION_NOW)->version);
    fprintf(out, "PCRE2 %s\n", pcre2);
    fprintf(out, "yajl %d.%d.%d\n", yajl / 10000, yajl / 100 % 100, yajl % 100);
    fprintf(out, "libdeflate %s\n", LIBDEFLATE_VERSION_STRING);
}
