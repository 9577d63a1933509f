/* Vendor attributes of certbridge's PKCS#11 objects. All are text, UTF-8, without a terminating
 * zero.
 *
 * A certificate or passcode has all four. A further certificate of somebody's chain has none. */
#ifndef CERTBRIDGE_PKCS11_H
#define CERTBRIDGE_PKCS11_H

/* CKA_VENDOR_DEFINED | 0x0CB00000 | number */
#define CKA_CERTBRIDGE_STATE 0x8CB00001UL   /* as the registry spells it */
#define CKA_CERTBRIDGE_PATH 0x8CB00002UL    /* inside the source, segments percent-encoded */
#define CKA_CERTBRIDGE_URI 0x8CB00003UL     /* certbridge://SOURCE/PATH, for the OpenSSL provider */
#define CKA_CERTBRIDGE_DETAILS 0x8CB00004UL /* the registry's own object as compact JSON */

#endif
