/* Keyed hashing for tables whose keys come from strangers: SipHash-1-3 (Aumasson, Bernstein 2012).
 */
#ifndef ASSERTD_CORE_HASH_H
#define ASSERTD_CORE_HASH_H

#include <stddef.h>
#include <stdint.h>

struct hash_key {
    uint64_t k0;
    uint64_t k1;
};

/* SipHash-1-3 of `len` bytes. Pure. */
uint64_t hash_sip13(const struct hash_key *key, const void *data, size_t len);

/* The same of exactly 16 bytes, the hot case (trace IDs). */
uint64_t hash_sip13_16(const struct hash_key *key, const uint8_t data[16]);

/* A key from getrandom(2). 0, or a negative errno: without randomness the daemon does not start. */
int hash_key_random(struct hash_key *ret);

#endif
