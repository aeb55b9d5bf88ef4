#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libdeflate.h>

#include "daemon/core/hex.h"
#include "tests/bench/histogram.h"
#include "tests/bench/request.h"

#define PAYLOAD(name) ASSERTD_SOURCE_DIR "/tests/payloads/" name

static const uint8_t *id_at(const struct request *request, uint32_t span)
{
    return request->plain.data + request->body->places[span].offset;
}

static void a_body_knows_its_spans_and_traces(void **state)
{
    static const struct {
        const char *path;
        enum body_form form;
        uint32_t spans, traces;
    } cases[] = {
        {PAYLOAD("http-1.pb"), BODY_PROTOBUF, 1, 1},
        {PAYLOAD("http-64.pb"), BODY_PROTOBUF, 64, 8},
        {PAYLOAD("http-64.json"), BODY_JSON, 64, 8},
        {PAYLOAD("grpc-512.bin"), BODY_PROTOBUF, 512, 64},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct body body;
        assert_int_equal(body_read(&body, cases[i].path), 0);
        assert_int_equal(body.form, cases[i].form);
        assert_int_equal(body.span_count, cases[i].spans);
        assert_int_equal(body.trace_count, cases[i].traces);
        body_deinit(&body);
    }
}

static void what_is_no_request_is_refused(void **state)
{
    struct body body;
    (void)state;
    assert_int_not_equal(body_from(&body, BYTES_NULL), 0);
    assert_int_not_equal(body_from(&body, BYTES_LITERAL("{\"resourceSpans\":[]}")), 0);
    assert_int_not_equal(body_from(&body, BYTES_LITERAL("{\"traceId\":\"12\"}")), 0);
    assert_int_not_equal(body_from(&body, BYTES_LITERAL("{\"traceId\":\"12")), 0);
    assert_int_not_equal(body_read(&body, PAYLOAD("none")), 0);
}

static void each_renewal_gives_each_trace_an_id_of_its_own(void **state)
{
    struct ids ids = ids_from(7, false);
    struct request request;
    struct body body;
    uint8_t before[TRACE_ID_BYTES];
    (void)state;
    assert_int_equal(body_read(&body, PAYLOAD("http-64.pb")), 0);
    assert_int_equal(request_init(&request, &body, PACKING_NONE), 0);
    assert_int_equal(request_renew(&request, &ids, 1), 0);
    for (uint32_t i = 0; i < body.span_count; i++) {
        for (uint32_t j = 0; j < body.span_count; j++) {
            bool same = memcmp(id_at(&request, i), id_at(&request, j), TRACE_ID_BYTES) == 0;
            assert_int_equal(same, body.places[i].trace == body.places[j].trace);
        }
    }
    memcpy(before, id_at(&request, 0), sizeof before);
    assert_int_equal(request_renew(&request, &ids, 2), 0);
    assert_memory_not_equal(before, id_at(&request, 0), sizeof before);
    assert_int_equal(ids.next, ((uint64_t)7 << 40) + 16);
    request_deinit(&request);
    body_deinit(&body);
}

static void an_id_in_json_is_hex(void **state)
{
    struct ids ids = ids_from(0, true);
    struct request request;
    struct body body;
    uint8_t id[TRACE_ID_BYTES];
    (void)state;
    assert_int_equal(body_read(&body, PAYLOAD("http-64.json")), 0);
    assert_int_equal(request_init(&request, &body, PACKING_NONE), 0);
    assert_int_equal(request_renew(&request, &ids, 1234567), 0);
    assert_int_equal(hex_parse(bytes_from(id_at(&request, 9), 2 * TRACE_ID_BYTES), id, sizeof id),
                     0);
    assert_int_equal(probe_sent_ns(id), 1234567);
    assert_int_equal(probe_number(id), body.places[9].trace);
    request_deinit(&request);
    body_deinit(&body);
}

static void only_probes_tell_when_they_were_sent(void **state)
{
    struct ids ids = ids_from(3, false);
    uint8_t id[TRACE_ID_BYTES];
    (void)state;
    for (uint32_t i = 0; i < 1000; i++) {
        ids_write(&ids, i, 5, id);
        assert_int_equal(probe_sent_ns(id), 0);
    }
}

static void a_packed_request_holds_the_fresh_ids(void **state)
{
    struct libdeflate_decompressor *unpacker = libdeflate_alloc_decompressor();
    struct ids ids = ids_from(9, false);
    struct request request;
    struct body body;
    size_t len;
    (void)state;
    assert_int_equal(body_read(&body, PAYLOAD("http-64.pb")), 0);
    assert_int_equal(request_init(&request, &body, PACKING_GZIP), 0);
    for (int i = 0; i < 2; i++) {
        uint8_t *plain = malloc(body.bytes.len);
        assert_int_equal(request_renew(&request, &ids, 1), 0);
        assert_true(request.wire.len < body.bytes.len);
        assert_int_equal(libdeflate_gzip_decompress(unpacker, request.wire.data, request.wire.len,
                                                    plain, body.bytes.len, &len),
                         0);
        assert_int_equal(len, body.bytes.len);
        assert_memory_equal(plain, request.plain.data, len);
        free(plain);
    }
    libdeflate_free_decompressor(unpacker);
    request_deinit(&request);
    body_deinit(&body);
}

static void a_packing_has_a_name(void **state)
{
    enum packing packing;
    (void)state;
    assert_int_equal(packing_of("zstd", &packing), 0);
    assert_int_equal(packing, PACKING_ZSTD);
    assert_string_equal(packing_name(packing), "zstd");
    assert_int_not_equal(packing_of("brotli", &packing), 0);
}

static void percentiles_are_a_64th_too_high_at_most(void **state)
{
    static struct histogram histogram;
    (void)state;
    assert_int_equal(histogram_at(&histogram, 0.5), 0);
    for (uint64_t i = 1; i <= 100000; i++) {
        histogram_add(&histogram, i * 1000);
    }
    static const double shares[] = {0.001, 0.5, 0.99, 0.999};
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
        double exact = shares[i] * 100000 * 1000;
        double found = (double)histogram_at(&histogram, shares[i]);
        assert_true(found >= exact && found <= exact * (1 + 1.0 / HISTOGRAM_STEPS));
    }
    assert_int_equal(histogram_at(&histogram, 1), 100000000);
    histogram_add(&histogram, UINT64_MAX);
    assert_int_equal(histogram_at(&histogram, 1), UINT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_knows_its_spans_and_traces),
        cmocka_unit_test(what_is_no_request_is_refused),
        cmocka_unit_test(each_renewal_gives_each_trace_an_id_of_its_own),
        cmocka_unit_test(an_id_in_json_is_hex),
        cmocka_unit_test(only_probes_tell_when_they_were_sent),
        cmocka_unit_test(a_packed_request_holds_the_fresh_ids),
        cmocka_unit_test(a_packing_has_a_name),
        cmocka_unit_test(percentiles_are_a_64th_too_high_at_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
