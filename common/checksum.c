#include "common/checksum.h"
#include "common/bytes.h"

#define WORD 8         /* bytes */
#define ROUND 4 * WORD /* one word for each lane */

/* Reversible in each argument, so that no difference is ever lost. The multiplier is 2^64 divided
 * by the golden ratio: it carries differences up, and the rotation brings them down again. */
static inline uint64_t mix(uint64_t sum, uint64_t word)
{
    sum ^= word;
    return (sum << 29 | sum >> 35) * 0x9E3779B97F4A7C15;
}

uint64_t cb_checksum(struct cb_span data)
{
    /* Digits of pi, so that zeros do not sum up to zero. */
    uint64_t a = 0x243F6A8885A308D3, b = 0x13198A2E03707344;
    uint64_t c = 0xA4093822299F31D0, d = 0x082EFA98EC4E6C89;
    uint64_t last = data.n;
    const uint8_t *p = data.p;
    size_t left = data.n;
    for (; left >= ROUND; left -= ROUND, p += ROUND) {
        a = mix(a, cb_get64(p));
        b = mix(b, cb_get64(p + WORD));
        c = mix(c, cb_get64(p + 2 * WORD));
        d = mix(d, cb_get64(p + 3 * WORD));
    }
    for (; left >= WORD; left -= WORD, p += WORD)
        a = mix(a, cb_get64(p));
    for (; left > 0; left--, p++)
        last = last << 8 | *p;
    uint64_t sum = mix(mix(mix(mix(a, b), c), d), last);
    return sum ^ sum >> 32;
}
