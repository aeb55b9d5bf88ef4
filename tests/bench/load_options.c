#include "tests/bench/load_options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "daemon/core/number.h"

static const struct option names[] = {
    {"port", required_argument, NULL, 'p'},
    {"pid", required_argument, NULL, 'i'},
    {"body", required_argument, NULL, 'b'},
    {"protocol", required_argument, NULL, 't'},
    {"packing", required_argument, NULL, 'z'},
    {"connections", required_argument, NULL, 'c'},
    {"in-flight", required_argument, NULL, 'f'},
    {"warm", required_argument, NULL, 'w'},
    {"seconds", required_argument, NULL, 's'},
    {"settle", required_argument, NULL, 'e'},
    {"rate", required_argument, NULL, 'r'},
    {"probe", required_argument, NULL, 'o'},
    {"probe-rate", required_argument, NULL, 'q'},
    {NULL, 0, NULL, 0},
};

static const char usage[] =
    "usage: bench_load --port P --pid SERVER --body FILE\n"
    "                  [--protocol grpc|http] [--packing none|gzip|deflate|zstd]\n"
    "                  [--connections 8] [--in-flight 1] [--warm 3] [--settle 0] [--seconds 5]\n"
    "                  [--rate SPANS_PER_S] [--probe FILE] [--probe-rate 20]\n";

static int protocol_of(const char *name, const struct protocol **ret)
{
    *ret = strcmp(name, "http") == 0 ? &client_http : &client_grpc;
    return strcmp(name, (*ret)->name) != 0;
}

static int take_text(struct load_options *options, int letter, const char *text)
{
    switch (letter) {
    case 'b':
        options->body = text;
        return 0;
    case 'o':
        options->probe = text;
        return 0;
    case 't':
        return protocol_of(text, &options->protocol);
    case 'z':
        return packing_of(text, &options->packing);
    default:
        return 1;
    }
}

static int take_whole(uint32_t *ret, const char *text, uint32_t most)
{
    uint64_t value;
    if (number_parse_u64(bytes_of(text), &value) != 0 || value > most) {
        return 1;
    }
    *ret = (uint32_t)value;
    return 0;
}

static int take_decimal(double *ret, const char *text)
{
    return number_parse_double(bytes_of(text), ret) != 0 || *ret < 0;
}

static int take(struct load_options *options, int letter, const char *text)
{
    switch (letter) {
    case 'p':
        return take_whole(&options->port, text, UINT16_MAX);
    case 'i':
        return take_whole(&options->pid, text, INT32_MAX);
    case 'c':
        return take_whole(&options->connections, text, LOAD_CONNECTIONS_MAX - 1);
    case 'f':
        return take_whole(&options->in_flight, text, UINT32_MAX);
    case 'w':
        return take_decimal(&options->warm_s, text);
    case 's':
        return take_decimal(&options->seconds, text);
    case 'e':
        return take_decimal(&options->settle_s, text);
    case 'r':
        return take_decimal(&options->rate, text);
    case 'q':
        return take_decimal(&options->probe_rate, text);
    default:
        return take_text(options, letter, text);
    }
}

static bool is_complete(const struct load_options *options)
{
    return options->port != 0 && options->pid != 0 && options->body != NULL &&
           options->connections != 0 && options->in_flight != 0 &&
           options->in_flight <= options->protocol->in_flight_max;
}

int load_options_parse(struct load_options *ret, int argc, char **argv)
{
    int letter;
    int bad = 0;
    *ret = (struct load_options){.protocol = &client_grpc,
                                 .connections = 8,
                                 .in_flight = 1,
                                 .warm_s = 3,
                                 .seconds = 5,
                                 .probe_rate = 20};
    while (!bad && (letter = getopt_long(argc, argv, "", names, NULL)) != -1) {
        bad = take(ret, letter, optarg);
    }
    if (bad || !is_complete(ret)) {
        fputs(usage, stderr);
        return 1;
    }
    return 0;
}
