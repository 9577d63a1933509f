/* SipHash-1-3 (Aumasson, Bernstein: "SipHash: a fast short-input PRF"), 64 bits.
 *
 * It places keys in the snapshot's indexes. Its own key is drawn anew for each snapshot, so that
 * nobody who can put certificates into a registry can make many of them fall on one index record.
 * Fixed keys (CB_SIP_STABLE) serve where a value must stay the same for ever and nobody gains by a
 * collision. */
#ifndef CB_COMMON_SIPHASH_H
#define CB_COMMON_SIPHASH_H

#include "common/span.h"

struct cb_sip_key {
    uint64_t k0, k1;
};

extern const struct cb_sip_key CB_SIP_STABLE;

uint64_t cb_siphash(const struct cb_sip_key *key, struct cb_span data);

#endif
