#include "common/siphash.h"
#include "common/bytes.h"

/* The first digits of pi after the point, so that nobody chose them. */
const struct cb_sip_key CB_SIP_STABLE = {0x243F6A8885A308D3, 0x13198A2E03707344};

struct state {
    uint64_t v0, v1, v2, v3;
};

static uint64_t rotate(uint64_t x, int bits)
{
    return (x << bits) | (x >> (64 - bits));
}

static void sip_round(struct state *s)
{
    s->v0 += s->v1;
    s->v2 += s->v3;
    s->v1 = rotate(s->v1, 13) ^ s->v0;
    s->v3 = rotate(s->v3, 16) ^ s->v2;
    s->v0 = rotate(s->v0, 32);
    s->v2 += s->v1;
    s->v0 += s->v3;
    s->v1 = rotate(s->v1, 17) ^ s->v2;
    s->v3 = rotate(s->v3, 21) ^ s->v0;
    s->v2 = rotate(s->v2, 32);
}

/* The bytes that do not fill a word, with the length in the highest byte. */
static uint64_t last_word(struct cb_span data)
{
    uint64_t word = (uint64_t)data.n << 56;
    size_t whole = data.n & ~(size_t)7;
    for (size_t i = whole; i < data.n; i++)
        word |= (uint64_t)data.p[i] << (8 * (i - whole));
    return word;
}

static void absorb(struct state *s, uint64_t word)
{
    s->v3 ^= word;
    sip_round(s);
    s->v0 ^= word;
}

uint64_t cb_siphash(const struct cb_sip_key *key, struct cb_span data)
{
    struct state s = {
        key->k0 ^ 0x736F6D6570736575,
        key->k1 ^ 0x646F72616E646F6D,
        key->k0 ^ 0x6C7967656E657261,
        key->k1 ^ 0x7465646279746573,
    };
    for (size_t i = 0; i + 8 <= data.n; i += 8)
        absorb(&s, cb_get64(data.p + i));
    absorb(&s, last_word(data));
    s.v2 ^= 0xFF;
    for (int i = 0; i < 3; i++)
        sip_round(&s);
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}
