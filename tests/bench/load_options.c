#include "tests/bench/load_options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    {"rate", required_argument, NULL, 'r'},
    {"probe", required_argument, NULL, 'o'},
    {"probe-rate", required_argument, NULL, 'q'},
    {NULL, 0, NULL, 0},
};

static const char usage[] =
    "usage: bench_load --port P --pid SERVER --body FILE\n"
    "                  [--protocol grpc|http] [--packing none|gzip|deflate|zstd]\n"
    "                  [--connections 8] [--in-flight 1] [--warm 3] [--seconds 5]\n"
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

static int take(struct load_options *options, int letter, const char *text)
{
    switch (letter) {
    case 'p':
        options->port = (uint16_t)atoi(text);
        return 0;
    case 'i':
        options->pid = atoi(text);
        return 0;
    case 'c':
        options->connections = (uint32_t)atoi(text);
        return 0;
    case 'f':
        options->in_flight = (uint32_t)atoi(text);
        return 0;
    case 'w':
        options->warm_s = atof(text);
        return 0;
    case 's':
        options->seconds = atof(text);
        return 0;
    case 'r':
        options->rate = atof(text);
        return 0;
    case 'q':
        options->probe_rate = atof(text);
        return 0;
    default:
        return take_text(options, letter, text);
    }
}

static bool is_complete(const struct load_options *options)
{
    return options->port != 0 && options->pid != 0 && options->body != NULL &&
           options->connections != 0 && options->connections < LOAD_CONNECTIONS_MAX &&
           options->in_flight != 0 && options->in_flight <= options->protocol->in_flight_max;
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
