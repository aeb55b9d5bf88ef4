/* SipHash-1-3 against the answers of another implementation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/core/hash.h"

/* CPython 3.11 hashes bytes by SipHash-1-3; with PYTHONHASHSEED=0 its key is zero. The messages are
 * 00 01 02 ... */
static void known_answers_are_given(void **state)
{
    (void)state;
    static const struct {
        size_t len;
        uint64_t hash;
    } cases[] = {
        {1, UINT64_C(0x68a914128e01e473)},  {2, UINT64_C(0x010bac45c41e3669)},
        {7, UINT64_C(0x2f098ab0c751325a)},  {8, UINT64_C(0xead411e67ebe2eea)},
        {9, UINT64_C(0x75927f9d95124362)},  {15, UINT64_C(0xf30eb725bb91c9ea)},
        {16, UINT64_C(0x8972188433a5c5b7)}, {17, UINT64_C(0x4883c49a2c009c1d)},
        {33, UINT64_C(0x7fb71d24dfa4c9f6)},
    };
    const struct hash_key zero = {0, 0};
    uint8_t message[64];
    for (uint8_t i = 0; i < sizeof message; i++) {
        message[i] = i;
    }
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_true(hash_sip13(&zero, message, cases[i].len) == cases[i].hash);
    }
}

static void the_form_for_sixteen_bytes_is_the_same(void **state)
{
    (void)state;
    struct hash_key key = {1, 2};
    uint8_t message[16] = {0};
    for (int i = 0; i < 100; i++) {
        uint64_t hash = hash_sip13(&key, message, sizeof message);
        assert_true(hash_sip13_16(&key, message) == hash);
        memcpy(message + i % 2 * 8, &hash, sizeof hash);
        key.k0 += hash;
    }
}

static void every_bit_of_key_and_message_counts(void **state)
{
    (void)state;
    struct hash_key key = {7, 8};
    uint8_t message[16] = {0};
    uint64_t hash = hash_sip13_16(&key, message);
    for (int bit = 0; bit < 128; bit++) {
        message[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_true(hash_sip13_16(&key, message) != hash);
        message[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    key.k1 ^= 1;
    assert_true(hash_sip13_16(&key, message) != hash);
}

static void random_keys_differ(void **state)
{
    (void)state;
    struct hash_key a = {0, 0};
    struct hash_key b = {0, 0};
    assert_int_equal(hash_key_random(&a), 0);
    assert_int_equal(hash_key_random(&b), 0);
    assert_memory_not_equal(&a, &b, sizeof a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answers_are_given),
        cmocka_unit_test(the_form_for_sixteen_bytes_is_the_same),
        cmocka_unit_test(every_bit_of_key_and_message_counts),
        cmocka_unit_test(random_keys_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
