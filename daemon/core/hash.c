#include "daemon/core/hash.h"

#include <endian.h>
#include <errno.h>
#include <string.h>
#include <sys/random.h>

struct sip {
    uint64_t v0, v1, v2, v3;
};

static inline uint64_t rotate(uint64_t x, unsigned by)
{
    return x << by | x >> (64 - by);
}

static inline void sip_round(struct sip *s)
{
    s->v0 += s->v1;
    s->v1 = rotate(s->v1, 13) ^ s->v0;
    s->v0 = rotate(s->v0, 32);
    s->v2 += s->v3;
    s->v3 = rotate(s->v3, 16) ^ s->v2;
    s->v0 += s->v3;
    s->v3 = rotate(s->v3, 21) ^ s->v0;
    s->v2 += s->v1;
    s->v1 = rotate(s->v1, 17) ^ s->v2;
    s->v2 = rotate(s->v2, 32);
}

static inline void sip_word(struct sip *s, uint64_t word)
{
    s->v3 ^= word;
    sip_round(s);
    s->v0 ^= word;
}

static inline struct sip sip_begin(const struct hash_key *key)
{
    return (struct sip){
        UINT64_C(0x736f6d6570736575) ^ key->k0, UINT64_C(0x646f72616e646f6d) ^ key->k1,
        UINT64_C(0x6c7967656e657261) ^ key->k0, UINT64_C(0x7465646279746573) ^ key->k1};
}

static inline uint64_t sip_end(struct sip *s)
{
    s->v2 ^= 0xff;
    sip_round(s);
    sip_round(s);
    sip_round(s);
    return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

static inline uint64_t load_le64(const uint8_t *data)
{
    uint64_t word;
    memcpy(&word, data, sizeof word);
    return le64toh(word);
}

uint64_t hash_sip13(const struct hash_key *key, const void *data, size_t len)
{
    const uint8_t *at = data;
    struct sip s = sip_begin(key);
    uint64_t last = (uint64_t)len << 56;
    for (; len >= 8; len -= 8, at += 8) {
        sip_word(&s, load_le64(at));
    }
    for (size_t i = 0; i < len % 8; i++) {
        last |= (uint64_t)at[i] << (8 * i);
    }
    sip_word(&s, last);
    return sip_end(&s);
}

uint64_t hash_sip13_16(const struct hash_key *key, const uint8_t data[16])
{
    struct sip s = sip_begin(key);
    sip_word(&s, load_le64(data));
    sip_word(&s, load_le64(data + 8));
    sip_word(&s, UINT64_C(16) << 56);
    return sip_end(&s);
}

int hash_key_random(struct hash_key *ret)
{
    struct hash_key key;
    if (getrandom(&key, sizeof key, 0) != (ssize_t)sizeof key) {
        return -errno;
    }
    *ret = key;
    return 0;
}
