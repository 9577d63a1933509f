/* The checksum of the snapshot's records: it finds damage, not forgery. Whoever can write a file
 * can write its checksums too.
 *
 * Every look-up checks a whole record, so this is what a look-up costs most: it reads words of
 * eight bytes in four lanes that do not wait for each other, at several times the speed of SipHash.
 * Any change inside one word changes the result; other damage passes once in 2^64. */
#ifndef CB_COMMON_CHECKSUM_H
#define CB_COMMON_CHECKSUM_H

#include "common/span.h"

uint64_t cb_checksum(struct cb_span data);

#endif
