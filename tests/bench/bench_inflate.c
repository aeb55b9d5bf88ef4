/* What unpacking costs by itself: libdeflate over tests/payloads/http-512.pb.gz, zstd over the same
 * request packed here. Thread CPU time, medians of rounds. What the budgets of packed requests are
 * measured against. */
#include <libdeflate.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <zstd.h>

#define ROUNDS   101
#define BODY_MAX (1u << 20)
#define SPANS    512

static uint8_t gzip[BODY_MAX], zstd[BODY_MAX], plain[BODY_MAX];

static uint64_t cpu_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void must(bool good, const char *what)
{
    if (!good) {
        fprintf(stderr, "bench_inflate: %s\n", what);
        exit(1);
    }
}

static int compare_doubles(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

static void print(const char *name, double *ns)
{
    qsort(ns, ROUNDS, sizeof *ns, compare_doubles);
    printf("%-10s %7.1f ns/span\n", name, ns[ROUNDS / 2]);
}

int main(void)
{
    static double deflate_ns[ROUNDS], zstd_ns[ROUNDS];
    struct libdeflate_decompressor *inflater = libdeflate_alloc_decompressor();
    ZSTD_DCtx *unpacker = ZSTD_createDCtx();
    FILE *file = fopen(ASSERTD_SOURCE_DIR "/tests/payloads/http-512.pb.gz", "rb");
    must(inflater != NULL && unpacker != NULL && file != NULL, "no memory or no payload");
    size_t gzip_len = fread(gzip, 1, sizeof gzip, file);
    size_t len = 0;
    fclose(file);
    must(libdeflate_gzip_decompress(inflater, gzip, gzip_len, plain, sizeof plain, &len) == 0,
         "the payload does not unpack");
    size_t zstd_len = ZSTD_compress(zstd, sizeof zstd, plain, len, 3);
    must(!ZSTD_isError(zstd_len), "zstd does not pack");
    for (int i = 0; i < ROUNDS; i++) {
        uint64_t begin = cpu_ns();
        libdeflate_gzip_decompress(inflater, gzip, gzip_len, plain, sizeof plain, &len);
        uint64_t middle = cpu_ns();
        ZSTD_decompressDCtx(unpacker, plain, sizeof plain, zstd, zstd_len);
        deflate_ns[i] = (double)(middle - begin) / SPANS;
        zstd_ns[i] = (double)(cpu_ns() - middle) / SPANS;
    }
    print("libdeflate", deflate_ns);
    print("zstd", zstd_ns);
    libdeflate_free_decompressor(inflater);
    ZSTD_freeDCtx(unpacker);
    return 0;
}
