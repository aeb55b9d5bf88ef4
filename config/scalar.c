/*
 * Each complaint quotes what was found and ends with what to write instead.
 */
#include "config/scalar.h"

#include "config/suggest.h"
#include "daemon/core/number.h"
#include "daemon/core/units.h"

#define SHOWN_BYTES_MAX 60

bool scalar_is(enum option_type type)
{
    switch (type) {
    case OPTION_BOOL:
    case OPTION_INT:
    case OPTION_NUMBER:
    case OPTION_DURATION:
    case OPTION_SIZE:
    case OPTION_CHOICE:
    case OPTION_SHARE:
        return true;
    default:
        return false;
    }
}

size_t scalar_field_bytes(enum option_type type)
{
    switch (type) {
    case OPTION_BOOL:
        return sizeof(bool);
    case OPTION_INT:
    case OPTION_DURATION:
    case OPTION_SIZE:
        return sizeof(uint64_t);
    case OPTION_NUMBER:
    case OPTION_SHARE:
        return sizeof(double);
    case OPTION_CHOICE:
        return sizeof(int);
    case OPTION_TEXT:
    case OPTION_ENDPOINT:
        return sizeof(struct config_text);
    case OPTION_TEXTS:
        return sizeof(struct config_texts);
    case OPTION_PAIRS:
        return sizeof(struct config_pairs);
    case OPTION_GROUPS:
        return sizeof(struct config_list);
    case OPTION_GROUP:
        return 0;
    }
    return 0;
}

/* Begins a complaint: `"abc" is `; long values are cut. */
static void quote(struct buf *flaw, struct bytes text)
{
    bool is_long = text.len > SHOWN_BYTES_MAX;
    buf_append_char(flaw, '"');
    buf_append(flaw, text.data, is_long ? SHOWN_BYTES_MAX : text.len);
    buf_append_text(flaw, is_long ? "...\" is " : "\" is ");
}

static int complain(struct buf *flaw, struct bytes text, const char *what)
{
    quote(flaw, text);
    buf_append_text(flaw, what);
    return 1;
}

static int parse_bool(struct bytes text, bool *ret, struct buf *flaw)
{
    if (bytes_is_nocase(text, "true") || bytes_is_nocase(text, "false")) {
        *ret = bytes_is_nocase(text, "true");
        return 0;
    }
    return complain(flaw, text, "neither true nor false: write one of them");
}

static int parse_int(struct bytes text, int64_t *ret, struct buf *flaw)
{
    switch (number_parse_i64(text, ret)) {
    case 0:
        return 0;
    case 2:
        return complain(flaw, text, "beyond 64 bits");
    default:
        return complain(flaw, text, "no whole number: write 4, for example");
    }
}

static int parse_number(struct bytes text, double *ret, struct buf *flaw)
{
    return number_parse_double(text, ret) == 0
               ? 0
               : complain(flaw, text, "no number: write 1.5, for example");
}

static int parse_duration(struct bytes text, uint64_t *ret, struct buf *flaw)
{
    int64_t ns;
    uint64_t plain;
    if (number_parse_u64(text, &plain) == 0) {
        quote(flaw, text);
        buf_printf(flaw, "no duration without a unit: write \"%llus\" (units ns us ms s m h)",
                   (unsigned long long)plain);
        return 1;
    }
    switch (units_parse_duration(text, &ns)) {
    case 0:
        break;
    case 2:
        return complain(flaw, text, "longer than 292 years");
    default:
        return complain(flaw, text,
                        "no duration: write \"10s\", for example (units ns us ms s m h)");
    }
    if (ns < 0) {
        return complain(flaw, text, "negative: write \"10s\", for example");
    }
    *ret = (uint64_t)ns;
    return 0;
}

static int parse_size(struct bytes text, uint64_t *ret, struct buf *flaw)
{
    switch (units_parse_size(text, ret)) {
    case 0:
        return 0;
    case 2:
        return complain(flaw, text, "beyond 64 bits");
    default:
        return complain(flaw, text,
                        "no size: write \"64MiB\", for example (units B kB MB GB KiB MiB GiB)");
    }
}

static void print_choices(const struct option *option, struct buf *out)
{
    for (size_t i = 0; option->choices[i] != NULL; i++) {
        buf_printf(out, "%s\"%s\"",
                   i == 0                           ? ""
                   : option->choices[i + 1] == NULL ? " or "
                                                    : ", ",
                   option->choices[i]);
    }
}

static int parse_choice(const struct option *option, struct bytes text, int *ret, struct buf *flaw)
{
    size_t count = 0;
    for (; option->choices[count] != NULL; count++) {
        if (bytes_is(text, option->choices[count])) {
            *ret = (int)count;
            return 0;
        }
    }
    const char *near = suggest(text, option->choices, count);
    quote(flaw, text);
    if (near != NULL) {
        buf_printf(flaw, "not known, did you mean \"%s\"? ", near);
    } else {
        buf_append_text(flaw, "not known: ");
    }
    buf_append_text(flaw, near != NULL ? "Write " : "write ");
    print_choices(option, flaw);
    return 1;
}

static int parse_share(struct bytes text, double *ret, struct buf *flaw)
{
    struct bytes digits = text;
    bool is_percentage = text.len > 0 && text.data[text.len - 1] == '%';
    digits.len -= is_percentage;
    double number;
    if (number_parse_double(digits, &number) != 0) {
        return complain(flaw, text, "no share: write \"0.1%\" or 0.001, for example");
    }
    *ret = is_percentage ? number / 100 : number;
    return 0;
}

int scalar_parse(const struct option *option, struct bytes text, union scalar *ret,
                 struct buf *ret_flaw)
{
    switch (option->type) {
    case OPTION_BOOL:
        return parse_bool(text, &ret->boolean, ret_flaw);
    case OPTION_INT:
        return parse_int(text, &ret->integer, ret_flaw);
    case OPTION_NUMBER:
        return parse_number(text, &ret->number, ret_flaw);
    case OPTION_DURATION:
        return parse_duration(text, &ret->amount, ret_flaw);
    case OPTION_SIZE:
        return parse_size(text, &ret->amount, ret_flaw);
    case OPTION_CHOICE:
        return parse_choice(option, text, &ret->choice, ret_flaw);
    case OPTION_SHARE:
        return parse_share(text, &ret->number, ret_flaw);
    default:
        return complain(ret_flaw, text, "no plain value");
    }
}

/* For people, so in hours and minutes too, which the canonical text has not. */
static void print_duration_limit(int64_t ns, struct buf *out)
{
    const int64_t minute = 60 * INT64_C(1000000000);
    if (ns == 0 || ns % minute != 0) {
        units_print_duration(out, ns);
    } else if (ns % (60 * minute) != 0) {
        buf_printf(out, "%lldm", (long long)(ns / minute));
    } else {
        buf_printf(out, "%lldh", (long long)(ns / (60 * minute)));
    }
}

static void print_limit(const struct option *option, int64_t limit, struct buf *out)
{
    if (option->type == OPTION_DURATION) {
        print_duration_limit(limit, out);
    } else if (option->type == OPTION_SIZE) {
        units_print_size(out, (uint64_t)limit);
    } else {
        buf_append_i64(out, limit);
    }
}

void scalar_print_range(const struct option *option, struct buf *out)
{
    bool is_amount = option->type == OPTION_DURATION || option->type == OPTION_SIZE;
    bool has_min = option->min != (is_amount ? 0 : INT64_MIN);
    bool has_max = option->max != INT64_MAX;
    if (option->type == OPTION_CHOICE) {
        print_choices(option, out);
        return;
    }
    if (option->type == OPTION_SHARE) {
        buf_append_text(out, "0 to 1");
        return;
    }
    if (!scalar_is(option->type) || (option->min == 0 && option->max == 0) ||
        (!has_min && !has_max)) {
        return;
    }
    if (!has_max || !has_min) {
        buf_append_text(out, has_min ? "at least " : "at most ");
        print_limit(option, has_min ? option->min : option->max, out);
        return;
    }
    print_limit(option, option->min, out);
    buf_append_text(out, " to ");
    print_limit(option, option->max, out);
}

static bool is_in_range(const struct option *option, const union scalar *value)
{
    bool is_unbounded = option->min == 0 && option->max == 0;
    switch (option->type) {
    case OPTION_INT:
        return is_unbounded || (value->integer >= option->min && value->integer <= option->max);
    case OPTION_NUMBER:
        return is_unbounded || (value->number >= (double)option->min &&
                                (option->max == INT64_MAX || value->number <= (double)option->max));
    case OPTION_DURATION:
    case OPTION_SIZE:
        return is_unbounded || (value->amount >= (uint64_t)(option->min > 0 ? option->min : 0) &&
                                value->amount <= (uint64_t)option->max);
    case OPTION_SHARE:
        return value->number >= 0 && value->number <= 1;
    default:
        return true;
    }
}

int scalar_check_range(const struct option *option, const union scalar *value, struct buf *ret_flaw)
{
    if (is_in_range(option, value)) {
        return 0;
    }
    scalar_print(option, value, ret_flaw);
    buf_append_text(ret_flaw, " is out of range: write ");
    scalar_print_range(option, ret_flaw);
    return 1;
}

/* The part behind the last colon; its data is NULL where there is no colon. */
static struct bytes port_of(struct bytes text)
{
    for (size_t at = text.len; at > 0; at--) {
        if (text.data[at - 1] == ':') {
            return bytes_from(text.data + at, text.len - at);
        }
    }
    return BYTES_NULL;
}

static bool is_host_text(struct bytes host)
{
    for (size_t i = 0; i < host.len; i++) {
        uint8_t c = host.data[i];
        if (c <= ' ' || c == 0x7F || c == '/' || c == '@' || c == '"') {
            return false;
        }
    }
    return host.len > 0;
}

int scalar_check_endpoint(struct bytes text, struct buf *ret_flaw)
{
    if (text.len == 0) {
        return 0;
    }
    if (bytes_contain(text, BYTES_LITERAL("://"))) {
        return complain(ret_flaw, text, "a URL: write HOST:PORT, for example \"127.0.0.1:4317\"");
    }
    struct bytes port = port_of(text);
    if (port.data == NULL) {
        return complain(ret_flaw, text,
                        "no endpoint: write HOST:PORT, for example \"127.0.0.1:4317\"");
    }
    struct bytes host = bytes_from(text.data, text.len - port.len - 1);
    uint64_t number;
    if (number_parse_u64(port, &number) != 0 || number > 65535) {
        return complain(ret_flaw, text,
                        "no endpoint: the port behind the last : is a number of 0 to 65535");
    }
    if (host.len == 0) {
        quote(ret_flaw, text);
        buf_printf(ret_flaw,
                   "no endpoint without a host: write \"127.0.0.1:%u\", or \"0.0.0.0:%u\" for all "
                   "addresses",
                   (unsigned)number, (unsigned)number);
        return 1;
    }
    bool is_bracketed = host.len > 2 && host.data[0] == '[' && host.data[host.len - 1] == ']';
    if (!is_bracketed && memchr(host.data, ':', host.len) != NULL) {
        return complain(
            ret_flaw, text,
            "no endpoint: an IPv6 address stands in brackets, for example \"[::1]:4317\"");
    }
    return is_host_text(host) ? 0
                              : complain(ret_flaw, text,
                                         "no endpoint: write HOST:PORT without blanks and slashes");
}

void scalar_print(const struct option *option, const union scalar *value, struct buf *out)
{
    char text[NUMBER_TEXT_MAX];
    switch (option->type) {
    case OPTION_BOOL:
        buf_append_text(out, value->boolean ? "true" : "false");
        break;
    case OPTION_INT:
        buf_append_i64(out, value->integer);
        break;
    case OPTION_NUMBER:
    case OPTION_SHARE:
        number_print_double(text, value->number);
        buf_append_text(out, text);
        break;
    case OPTION_DURATION:
        units_print_duration(out, value->amount);
        break;
    case OPTION_SIZE:
        units_print_size(out, value->amount);
        break;
    case OPTION_CHOICE:
        buf_append_text(out, option->choices[value->choice]);
        break;
    default:
        break;
    }
}

union scalar scalar_get(const struct option *option, const void *field)
{
    union scalar value = {.integer = 0};
    memcpy(&value, field, scalar_field_bytes(option->type));
    return value;
}

void scalar_set(const struct option *option, void *field, union scalar value)
{
    memcpy(field, &value, scalar_field_bytes(option->type));
}
