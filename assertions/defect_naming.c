/* span-naming: names as the semantic conventions make them, now or before; what can't be known for
 * lack of attributes is taken as good. */
#include <string.h>

#include "assertions/defect.h"

/* Passes `text` at the beginning of *rest. */
static bool take(struct bytes *rest, struct bytes text)
{
    if (!bytes_start_with(*rest, text)) {
        return false;
    }
    *rest = bytes_from(rest->data + text.len, rest->len - text.len);
    return true;
}

/* The text of an attribute; empty: none, or no text. */
static struct bytes text_of(const struct value *value)
{
    return value->type == VALUE_TEXT ? value->bytes : BYTES_LITERAL("");
}

static struct bytes attr(const struct span *span, const char *key, const char *old)
{
    struct value value = defect_attr_of(span, key, old);
    return text_of(&value);
}

static bool is_pair(struct bytes name, struct bytes first, const char *between, struct bytes second)
{
    return take(&name, first) && take(&name, bytes_of(between)) && bytes_equal(name, second);
}

/* "GET", "GET /route"; before: "HTTP GET". A path is no route: its names would be without number.
 */
static bool http_fits(const struct span *span)
{
    struct bytes method = attr(span, "http.request.method", "http.method");
    struct bytes route = span->kind == KIND_CLIENT ? attr(span, "url.template", "http.route")
                                                   : attr(span, "http.route", "http.route");
    struct bytes path = attr(span, "url.path", "http.target");
    struct bytes rest = span->name;
    if (bytes_is(method, "_OTHER")) {
        method = BYTES_LITERAL("HTTP");
    }
    if (method.len == 0 || bytes_equal(span->name, method) ||
        is_pair(span->name, BYTES_LITERAL("HTTP"), " ", method)) {
        return true;
    }
    if (!take(&rest, method) || !take(&rest, BYTES_LITERAL(" "))) {
        return false;
    }
    return route.len != 0 ? bytes_equal(rest, route) : path.len == 0 || !bytes_equal(rest, path);
}

/* The target is the collection, the namespace, both with a dot, or begins with the server: those
 * that the span has; without any of them it may be anything. */
static bool is_db_target(const struct span *span, struct bytes text)
{
    struct bytes space = attr(span, "db.namespace", "db.name");
    struct bytes table = attr(span, "db.collection.name", "db.sql.table");
    struct bytes old = attr(span, "db.mongodb.collection", "db.cassandra.table");
    struct bytes server = attr(span, "server.address", "net.peer.name");
    table = table.len != 0 ? table : old;
    bool both = space.len != 0 && table.len != 0;
    bool known = space.len != 0 || table.len != 0 || server.len != 0;
    if (text.len == 0 || !known) {
        return text.len != 0;
    }
    return bytes_equal(text, table) || bytes_equal(text, space) ||
           (both && is_pair(text, space, ".", table)) || (server.len != 0 && take(&text, server));
}

/* A summary; "SELECT", "SELECT orders"; the target or the system alone. */
static bool db_fits(const struct span *span)
{
    struct bytes summary = attr(span, "db.query.summary", "db.query.summary");
    struct bytes operation = attr(span, "db.operation.name", "db.operation");
    struct bytes query = attr(span, "db.query.text", "db.statement");
    struct bytes system = attr(span, "db.system.name", "db.system");
    struct bytes rest = span->name;
    if (summary.len != 0) {
        return bytes_equal(span->name, summary);
    }
    if (operation.len == 0) {
        return query.len == 0 || !bytes_equal(span->name, query) || bytes_equal(query, system);
    }
    if (bytes_equal(span->name, operation) ||
        (system.len != 0 && bytes_equal(span->name, system))) {
        return true;
    }
    return is_db_target(span, span->name) ||
           (take(&rest, operation) && take(&rest, BYTES_LITERAL(" ")) && is_db_target(span, rest));
}

/* "package.Service/Method". */
static bool rpc_fits(const struct span *span)
{
    struct bytes service = attr(span, "rpc.service", "rpc.service");
    struct bytes method = attr(span, "rpc.method", "rpc.method");
    return method.len == 0 || bytes_equal(span->name, method) ||
           (service.len != 0 && is_pair(span->name, service, "/", method));
}

/* "send orders"; before: "orders send". */
static bool messaging_fits(const struct span *span)
{
    struct bytes name = attr(span, "messaging.operation.name", "messaging.operation");
    struct bytes type = attr(span, "messaging.operation.type", "messaging.operation");
    struct bytes template = attr(span, "messaging.destination.template", "messaging.destination");
    struct bytes to = attr(span, "messaging.destination.name", "messaging.destination");
    const struct bytes operations[] = {name, type};
    const struct bytes targets[] = {template, to, BYTES_LITERAL("(temporary)"),
                                    BYTES_LITERAL("(anonymous)"),
                                    attr(span, "server.address", "net.peer.name")};
    bool fits = name.len == 0 && type.len == 0;
    for (size_t i = 0; i < 2 && !fits; i++) {
        fits = operations[i].len != 0 && to.len == 0 && template.len == 0 &&
               bytes_equal(span->name, operations[i]);
        for (size_t k = 0; k < 5 && !fits && operations[i].len != 0; k++) {
            fits = targets[k].len != 0 && (is_pair(span->name, operations[i], " ", targets[k]) ||
                                           is_pair(span->name, targets[k], " ", operations[i]));
        }
    }
    return fits;
}

struct bytes defect_naming(const struct span *span)
{
    bool fits = true;
    if (span->dropped_attrs != 0) { /* what was dropped could make it right */
        return BYTES_NULL;
    }
    switch (defect_type(span)) {
    case SPAN_TYPE_HTTP:
        fits = http_fits(span);
        break;
    case SPAN_TYPE_DATABASE:
        fits = db_fits(span);
        break;
    case SPAN_TYPE_RPC:
        fits = rpc_fits(span);
        break;
    case SPAN_TYPE_MESSAGING:
        fits = messaging_fits(span);
        break;
    default:
        break;
    }
    return fits ? BYTES_NULL : BYTES_LITERAL("name");
}
