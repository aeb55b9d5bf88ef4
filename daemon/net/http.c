#include "daemon/net/http.h"

struct bytes http_request_header(const struct http_request *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++) {
        if (bytes_is_nocase(request->headers[i].name, name)) {
            struct bytes value = request->headers[i].value;
            return value.data != NULL ? value : BYTES_LITERAL("");
        }
    }
    return BYTES_NULL;
}
